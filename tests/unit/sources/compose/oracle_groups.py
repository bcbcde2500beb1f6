"""Files for the comparison with Docker Compose: several small cases share one project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VARIABLES = {"SET": "set", "EMPTY": "", "NUMBER": "8080", "DOLLAR": "a$b", "NAME_1": "one"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Files of one project. `named`: those that are handed over, in order."""

    name: str
    files: Mapping[str, str]
    named: tuple[str, ...] = ("compose.yml",)
    profiles: tuple[str, ...] = ()
    cases: int = 1


def services(name: str, bodies: tuple[str, ...], rest: str = "", profiles: tuple[str, ...] = ()) -> Group:
    """One file with a service for each body."""
    lines = "".join(f"  s{at}: {{image: x, {body}}}\n" for at, body in enumerate(bodies))
    return Group(name=name, files={"compose.yml": f"services:\n{lines}{rest}"}, profiles=profiles, cases=len(bodies))


def merged(name: str, pairs: tuple[tuple[str, str], ...], rest: str = "") -> Group:
    """Two files; each pair is one service, in the first and in the second."""
    first = "".join(f"  s{at}: {{image: x, {below}}}\n" for at, (below, _) in enumerate(pairs))
    second = "".join(f"  s{at}: {{{over}}}\n" for at, (_, over) in enumerate(pairs))
    files = {"one.yml": f"services:\n{first}{rest}", "two.yml": f"services:\n{second}"}
    return Group(name=name, files=files, named=("one.yml", "two.yml"), cases=len(pairs))
