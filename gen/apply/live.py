"""Live changes: a bundle and what the proxy serves in; whether it took it over while running, or why not, out.

The proxy's own answers decide: that it serves what we think, each command's, and what is found afterwards. The first
that is not as expected ends the attempt; then only a reload brings the proxy into a known state again.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from gen.apply.directory import Directory
from gen.bundle import Bundle
from gen.control.runtime import Conversation
from gen.errors import ProxyError
from gen.proxies.commands import Commands
from gen.proxies.live import LEARNT, Command, Expectation, Leftover, Live

_SECONDS = 3.0
"""For any one answer; while we wait nothing else is done."""
_GONE = "No such"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of it. `reasons`: why it was not tried. `failure`: what went wrong once it had begun: the proxy serves
    something in between. `seconds` until the proxy had proved what it serves."""

    reasons: tuple[str, ...] = ()
    failure: str = ""
    seconds: float = 0.0

    @property
    def succeeded(self) -> bool:
        return not self.reasons and not self.failure


class _Unexpected(Exception):
    """The proxy did not answer as it should."""


class LiveChanges:
    """Changes one running proxy. Knows what it serves, what is left in it, and what was not yet checked."""

    def __init__(self, directory: Directory, commands: Commands, capabilities: frozenset[str]) -> None:
        self._directory = directory
        self._commands = commands
        self._capabilities = capabilities
        self._serves: Bundle | None = None
        self._leftovers: frozenset[Leftover] = frozenset()
        self.unchecked: Bundle | None = None

    @property
    def has_leftovers(self) -> bool:
        """Whether something is left that may be removed before the next reload."""
        return any(one.removal for one in self._leftovers)

    def attempt(self, bundle: Bundle, served: str | None) -> Attempt:
        """Let the proxy that serves the digest `served` go on with `bundle`."""
        begin = time.monotonic()
        old = self._known(served) if self._commands.changes_live or served is None else bundle
        if old is None:
            return Attempt(reasons=("it does not run",) if served is None else ("what it serves is not known here",))
        live = self._commands.live(old, bundle, self._capabilities, self._leftovers)
        if live.reasons:
            return Attempt(reasons=live.reasons)
        talk: _Talk | None = None
        try:
            with Conversation(Path(self._directory.layout.admin), timeout=_SECONDS) as conversation:
                talk = _Talk(conversation)
                refused = talk.follow(live)
        except (ProxyError, _Unexpected) as error:
            if talk is None or not talk.has_changed:
                return Attempt(reasons=(str(error),))
            self._serves = None
            return Attempt(failure=str(error))
        self._serves = self.unchecked = bundle
        self._leftovers = self._leftovers.difference(live.retakes).union(refused, live.leaves)
        return Attempt(seconds=time.monotonic() - begin)

    def loaded(self, bundle: Bundle | None) -> None:
        """The proxy has read its files anew: nothing is left of earlier ones."""
        self._serves = self._kept(bundle)
        self._leftovers = frozenset()
        self.unchecked = None

    def remains(self, bundle: Bundle) -> None:
        """The proxy was found to serve this, whoever brought it there."""
        if self._serves is None or self._serves.digest != bundle.digest:
            self._leftovers = frozenset()
        self._serves = self._kept(bundle)

    def _kept(self, bundle: Bundle | None) -> Bundle | None:
        """All its files would stay in memory; nobody asks for those of a proxy that cannot be changed live."""
        return bundle if self._commands.changes_live else None

    def clear(self) -> None:
        """Remove what is left and is used by nobody any more."""
        todo = sorted(
            (one for one in self._leftovers if one.removal), key=lambda one: (one.kind == "backend", one.name)
        )
        try:
            with Conversation(Path(self._directory.layout.admin), timeout=_SECONDS) as talk:
                for one in todo:
                    answer = talk.ask(one.removal)[-1]
                    if one.reply in answer or _GONE in answer:
                        self._leftovers -= {one}
        except ProxyError:
            return  # it does not run: with it went what was left

    def _known(self, digest: str | None) -> Bundle | None:
        if digest is None or (self._serves is not None and self._serves.digest == digest):
            return self._serves if digest else None
        self._leftovers = frozenset()
        return self._directory.bundle(digest, self._commands.main) if self._directory.holds(digest) else None


class _Talk:
    """One live change on one connection. Raises _Unexpected and ProxyError."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._learnt = ""
        self._undo: list[str] = []
        self.has_changed = False

    def follow(self, live: Live) -> list[Leftover]:
        """What was refused, and is left."""
        if live.begin is None or live.end is None:
            raise _Unexpected("there is nothing to begin with")
        self._run((live.begin,))
        self.has_changed = True
        try:
            refused = [left for phase in live.phases for left in self._run(phase)]
            self._verify(live.expectations)
            self._run((live.end,))
        except _Unexpected:
            self._conversation.ask(list(dict.fromkeys(reversed(self._undo))))
            raise
        return refused

    def _run(self, commands: tuple[Command, ...]) -> list[Leftover]:
        """All commands of a phase, as many at once as do not depend on each other."""
        refused: list[Leftover] = []
        held: list[Command] = []
        for command in commands:
            held.append(command)
            if command.is_awaited:
                refused += self._send(held)
                held = []
        return refused + self._send(held)

    def _send(self, commands: list[Command]) -> list[Leftover]:
        answers = self._conversation.ask([command.text(self._learnt) for command in commands])
        refused: list[Leftover] = []
        for command, answer in zip(commands, answers, strict=True):
            fault = command.fault(answer)
            if fault and command.leaves is None:
                raise _Unexpected(f"`{command.line.replace(LEARNT, self._learnt)}` was answered: {_short(fault)}")
            if fault and command.leaves:
                refused.append(command.leaves)
            self._note(command, answer)
        return refused

    def _note(self, command: Command, answer: str) -> None:
        if command.learns and (found := re.search(command.learns, answer)):
            self._learnt = found[1]
        if command.commits:
            self._undo.clear()
        elif command.undo:
            self._undo.append(command.undo.replace(LEARNT, self._learnt))

    def _verify(self, expectations: tuple[Expectation, ...]) -> None:
        answers = self._conversation.ask([one.question for one in expectations])
        for one, answer in zip(expectations, answers, strict=True):
            if unmet := one.unmet(answer):
                raise _Unexpected(f"found afterwards: {_short(unmet)}")


def _short(text: str) -> str:
    return " ".join(text.split())[:300]
