"""Live: two configurations as the commands that lead a running proxy from one to the other, or why only a reload can.

Pure: a proxy's package compares and says the words, `control` speaks them, `apply` says when and looks at the answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, Protocol

How = Literal["live", "reload"]
LEARNT = "\0"
"""In a line or a question: what the command before it that `learns` has learnt. Commands hold no control characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One difference in words, and how a running proxy gets it."""

    what: str
    how: How

    def __str__(self) -> str:
        return f"{self.what} ({self.how})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """What the running proxy still has though the configuration that it serves does not name it: a server with
    requests in flight, a section that cannot be taken out. A reload takes it away; `removal`, lines of which the last
    one decides, may do so earlier and then answers `reply`. `text` is what it was written as, where that counts."""

    kind: Literal["server", "backend", "certificate"]
    name: str
    text: str = ""
    removal: tuple[str, ...] = ()
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One line to a running proxy, with the lines of its `payload` below it.

    It succeeded if the last line of the answer holds `reply` (those before may be messages that belong to an earlier
    one), or if there is no answer where that is empty. `entries`: so many lines the answer has to have instead.
    `learns`: a pattern that it has to match instead, whose group is put for LEARNT from then on. `undo`: the line that
    takes it back when one fails before another `commits`. One that is refused and `leaves` something has not failed:
    that is left.
    """

    line: str
    payload: str = field(default="", repr=False)
    reply: str = ""
    entries: int | None = None
    learns: str = ""
    undo: str = ""
    commits: bool = False
    leaves: Leftover | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether what follows depends on its answer, or must not be sent when it fails."""
        return bool(self.payload or self.learns) or self.entries is not None

    def text(self, learnt: str) -> str:
        """What to send."""
        return f"{self.line}\n{self.payload}".rstrip("\n").replace(LEARNT, learnt)

    def fault(self, answer: str) -> str:
        """What an answer says against it, in words; empty when it succeeded."""
        if self.entries is not None:
            found = len(answer.splitlines())
            return "" if found == self.entries else f"{found} entries, not {self.entries}"
        last = answer.splitlines()[-1] if answer else ""
        good = re.search(self.learns, answer) if self.learns else self.reply in last if self.reply else not answer
        return "" if good else answer or "no answer"


class Expectation(Protocol):
    """What has to be found in the running proxy afterwards. `question`: the line to send."""

    @property
    def question(self) -> str: ...

    def unmet(self, reply: str) -> str:
        """What the answer shows instead, in words; empty when it is as expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """How a running proxy gets from one bundle to another.

    Without `reasons`: `begin` proves that it serves the old one, `phases` change it, each to be sent when the one
    before succeeded, `expectations` are looked at, and `end` says that it serves the new one. `retakes`: leftovers
    that count again then; `leaves`: what will be left whatever the answers are.
    """

    ways: tuple[Way, ...] = ()
    reasons: tuple[str, ...] = ()
    begin: Command | None = None
    phases: tuple[tuple[Command, ...], ...] = ()
    expectations: tuple[Expectation, ...] = ()
    end: Command | None = None
    retakes: tuple[Leftover, ...] = ()
    leaves: tuple[Leftover, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        """All that changes something, in order."""
        return tuple(command for phase in self.phases for command in phase) + ((self.end,) if self.end else ())
