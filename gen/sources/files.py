"""Observe: the files that declare routes → State. The source `file`; `declared` reads one of them.

Files are looked at every second, because that costs nothing and holds for every file system, mounted ones too. One that
cannot be read keeps what it said last, and its trouble is a problem.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import yaml

from gen.entries import yaml_fault
from gen.errors import Origin, Problem, in_order
from gen.sources import Change
from gen.sources.declared import Declared, read
from gen.state import State, Workload

_EVERY: Final = 1.0
_ENDINGS: Final = (".yml", ".yaml")
_Print = tuple[int, int, int]
"""What changes when a file does: its inode, time and size."""
_UNKNOWN: Final = (-1, -1, -1)


class FileSource:
    """`settings_file`: the one that has other settings beside its routes; `directory`: of files that have none. Either
    may be empty, or not there."""

    def __init__(self, settings_file: str, directory: str) -> None:
        self._settings_file = Path(settings_file) if settings_file else None
        self._directory = Path(directory) if directory else None
        self._known: dict[Path, tuple[_Print, Declared]] = {}
        self._seen: dict[Path, _Print] = {}
        self._is_closed = threading.Event()

    @property
    def name(self) -> str:
        """`file`."""
        return "file"

    def read(self) -> State:
        """What all files say now. Raises nothing: each file's trouble is its own."""
        self._seen, trouble = self._prints()
        problems = list(_missing(self._directory, trouble, kept=bool(self._seen.keys() - {self._settings_file})))
        workloads: dict[str, Workload] = {}
        self._known = {path: self._one(path, mark) for path, mark in self._seen.items()}
        for path, (_, declared) in self._known.items():
            problems += declared.problems
            for workload in declared.workloads:
                if workloads.setdefault(workload.name, workload) is not workload:
                    other = workloads[workload.name].labels
                    where = f" in {other[0].file}" if other else ""
                    problems.append(_problem(path, f"{workload.name} is declared{where} too; that one counts"))
        ordered = tuple(workloads[name] for name in sorted(workloads))
        return State(source=self.name, workloads=ordered, problems=in_order(problems))

    def changes(self) -> Iterator[Change]:
        """A hint whenever a file came, went or changed since it was read last, until `close`."""
        while not self._is_closed.wait(_EVERY):
            now, _ = self._prints()
            if now != self._seen:
                differing = sorted(
                    path for path in now.keys() | self._seen.keys() if now.get(path) != self._seen.get(path)
                )
                self._seen = now
                yield Change(reason=f"file {', '.join(path.name for path in differing[:3])}", is_event=True)

    def resync(self) -> None:
        """The next read reads every file."""
        self._known = {path: ((0, 0, 0), declared) for path, (_, declared) in self._known.items()}

    def close(self) -> None:
        """Ends `changes`."""
        self._is_closed.set()

    def _one(self, path: Path, mark: _Print) -> tuple[_Print, Declared]:
        known = self._known.get(path)
        if known is not None and known[0] == mark:
            return known
        try:
            found = read(path.read_text(encoding="utf-8"), str(path), whole=path != self._settings_file)
            return mark, found if found.is_usable else _kept(path, found, known[1] if known else Declared())
        except (OSError, UnicodeError, yaml.YAMLError, RecursionError) as error:
            last = known[1] if known else Declared()
            kept = "; what it said last counts" if last.workloads else ""
            return mark, Declared(workloads=last.workloads, problems=(_problem(path, f"{_why(error)}{kept}", error),))

    def _prints(self) -> tuple[dict[Path, _Print], OSError | None]:
        """All files that are there, sorted, the settings' own first; and why the directory cannot be looked into."""
        paths, trouble = self._listed()
        found: dict[Path, _Print] = {}
        for path in (*((self._settings_file,) if self._settings_file is not None else ()), *paths):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            except OSError:  # it is read all the same, and the trouble told
                found[path] = _UNKNOWN
                continue
            found[path] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        return found, trouble

    def _listed(self) -> tuple[list[Path], OSError | None]:
        """The directory's files; those that were there where it cannot be looked into."""
        if self._directory is None:
            return [], None
        try:
            return sorted(path for path in self._directory.iterdir() if path.suffix in _ENDINGS), None
        except (FileNotFoundError, NotADirectoryError) as error:
            return [], error
        except OSError as error:
            return [path for path in self._known if path != self._settings_file], error


def _missing(directory: Path | None, trouble: OSError | None, *, kept: bool) -> Iterator[Problem]:
    if directory is None or trouble is None:
        return
    if isinstance(trouble, (FileNotFoundError, NotADirectoryError)):
        yield _problem(directory, "there is no such directory of routes; make it, or change route_files")
    else:
        yield _problem(directory, _why(trouble) + "; what its files said last counts" * kept)


def _kept(path: Path, found: Declared, last: Declared) -> Declared:
    """What a file said before it became none of routes; an empty one is none only where it said something."""
    if not last.workloads:
        return found
    told = (*found.problems, _problem(path, "it is no file of routes now; what it said last counts"))
    return replace(last, problems=told)


def _problem(path: Path, message: str, error: Exception | None = None) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    origin = Origin(source="file", file=str(path), line=line, column=column)
    return Problem(severity="error", origin=origin, message=message)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"it cannot be read: {error.strerror or error}"
    if isinstance(error, RecursionError):
        return "it refers to itself"
    if isinstance(error, UnicodeError):
        return "it is not UTF-8 text; save it as UTF-8"
    return yaml_fault(error)
