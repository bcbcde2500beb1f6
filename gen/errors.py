"""Trouble, of two kinds: problems are returned, errors raised.

A `Problem` is one workload's fault: it carries its `Origin`, and everybody else is served.
An exception means that this run cannot go on; what runs keeps running. The tree, with exit codes
(sysexits.h where one fits, so that 1 and 2 stay free for what `check`, `plan` and `publish` found):

    FairwayError            70
    ├── SettingsError       78  fairway.yml, FAIRWAY_*, a flag
    ├── SourceError         69  an engine that does not answer
    │   ├── InputError      65  a compose file or a snapshot that cannot be read
    │   └── DoubtError      69  a world that lost so much that it is not believed yet
    ├── ClashError          65  two things came to the same name
    ├── TemplateError       65  a template that fails, or writes what it must not
    ├── ProxyError          69  the proxy's binary is missing or does not start
    ├── DirectoryError      73  a directory that cannot be written
    ├── LockedError         75  another `watch` works on this directory, or somebody else on this service
    ├── MovedError          76  a plan was made for another world, or for another installed release
    ├── PublishError         1  the proxies of a swarm do not serve the release
    └── RemovalsError       77  more would go than may without somebody's word

`BadValue` is the one that does not travel far: values raise it, the decoder turns it into a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_URL_PASSWORD = re.compile(r"(://[^\s/@:]{0,200}:)(?!\d+/)[^\s@]*@")
Severity = Literal["error", "warning"]


class FairwayError(Exception):
    """Something that ends this run. `hint` says what would help; the command prints both and exits with `exit_code`."""

    exit_code = 70

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(FairwayError):
    """Fairway's own settings are not usable."""

    exit_code = 78


class SourceError(FairwayError):
    """The world cannot be read."""

    exit_code = 69


class InputError(SourceError):
    """A file that describes the world is malformed as a whole."""

    exit_code = 65

    def __init__(self, message: str, *, hint: str = "", origin: Origin | None = None) -> None:
        """`origin`: the place that `message` begins with, where one is known."""
        super().__init__(message, hint=hint)
        self.origin = origin

    @property
    def problem(self) -> Problem:
        """The same as a problem, for what lists problems alone."""
        at = self.origin or Origin(source="input")
        return Problem(severity="error", origin=at, message=str(self).removeprefix(f"{at}: "), hint=self.hint)


class DoubtError(SourceError):
    """The world lost so much that it is asked again before it is believed."""


class ClashError(FairwayError):
    """Two things of a model have the same name, and nobody could tell them apart."""

    exit_code = 65


class TemplateError(FairwayError):
    """A template cannot be rendered, or an expression of it is not one whole word of the result."""

    exit_code = 65


class ProxyError(FairwayError):
    """The proxy is not there, or cannot be started or reached."""

    exit_code = 69


class DirectoryError(FairwayError):
    """A directory of ours cannot be read or written."""

    exit_code = 73


class LockedError(FairwayError):
    """Somebody else is applying to this directory, or changing this service."""

    exit_code = 75


class MovedError(FairwayError):
    """A plan is not what would be done now."""

    exit_code = 76


class RemovalsError(FairwayError):
    """A plan removes more than may go without somebody's word."""

    exit_code = 77


class PublishError(FairwayError):
    """A swarm refuses a release, or went back from it."""

    exit_code = 1


def without_passwords(text: str) -> str:
    """A text without the passwords of its URLs: `tcp://user:[redacted]@host`."""
    return _URL_PASSWORD.sub(r"\1[redacted]@", text) if "://" in text else text


class BadValue(ValueError):
    """Text that is not a value of the type asked for: `'often' is not a rate; write for example 10/s`."""

    def __init__(self, text: str, kind: str, example: str, why: str = "") -> None:
        self._rest = (kind, example, why)
        seen = without_passwords(text)
        shown = seen if len(seen) <= 60 else seen[:57] + "..."
        reason = f" ({why})" if why else ""
        super().__init__(f"{shown!r} is not {kind}{reason}; write for example {example}")

    def hidden(self) -> BadValue:
        """The same of a text that nobody is to see."""
        return BadValue("[redacted]", *self._rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who said so. `line` and `column` count from 1; 0 means that there is no file."""

    source: str
    workload: str = ""
    key: str = ""
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.file and self.line else self.file
        return ": ".join(part for part in (place, self.workload, self.key) if part) or self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Somebody's mistake, reported and survived. `str()` is the one line that people read."""

    severity: Severity
    origin: Origin
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}" + (f" ({self.hint})" if self.hint else "")

    def sort_key(self) -> tuple[str, str, int, int, str, str, str, str]:
        """By place first, so that one workload's problems stand together."""
        at = self.origin
        return (at.file, at.workload, at.line, at.column, at.key, self.message, self.hint, self.severity)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in order."""
    return tuple(sorted(set(problems), key=Problem.sort_key))
