"""Where the steps of the compose source write down problems: one list, seen from one workload at a time.

The rule for severities: an error means that the service is left out, because what is wrong could decide where
traffic goes or who may come in; a warning means that the value is ignored and the service stays.
"""

from __future__ import annotations

from collections.abc import Container

from gen.errors import Origin, Problem
from gen.sources.compose.tree import Place

SOURCE = "compose"


class Report:
    """Collects problems about one workload; about the project as a whole where `workload` is empty."""

    def __init__(self, workload: str = "", found: dict[Problem, None] | None = None) -> None:
        self.workload = workload
        self._found: dict[Problem, None] = {} if found is None else found

    def about(self, workload: str) -> Report:
        """A report on another workload that fills the same list."""
        return Report(workload, self._found)

    def error(self, place: Place, key: str, message: str, *, hint: str = "") -> None:
        self._add(Problem(severity="error", origin=self._origin(place, key), message=message, hint=hint))

    def warning(self, place: Place, key: str, message: str, *, hint: str = "") -> None:
        self._add(Problem(severity="warning", origin=self._origin(place, key), message=message, hint=hint))

    def refused(self) -> frozenset[str]:
        """The workloads with an error, which are left out."""
        return frozenset(problem.origin.workload for problem in self._found if problem.severity == "error")

    def problems(self, *, hidden: Container[str] = ()) -> tuple[Problem, ...]:
        """Everything found, by place, except about the workloads in `hidden`."""
        kept = (problem for problem in self._found if problem.origin.workload not in hidden)
        return tuple(sorted(kept, key=Problem.sort_key))

    def _origin(self, place: Place, key: str) -> Origin:
        return Origin(
            source=SOURCE, workload=self.workload, key=key, file=place.file, line=place.line, column=place.column
        )

    def _add(self, problem: Problem) -> None:
        self._found[problem] = None
