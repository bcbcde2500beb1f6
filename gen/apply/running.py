"""Running: the proxy that runs now → what it serves, whether it is lost, and how it is started with what it had."""

from __future__ import annotations

from pathlib import Path

from gen.apply.confirm import ErrorLog, await_digest, serving
from gen.control.protocol import Control
from gen.control.sockets import remove_stale_sockets
from gen.errors import ProxyError
from gen.proxies.commands import Commands, Layout

_STARTING = 1.0
"""Seconds that a proxy which is being started may take until it answers."""


class Running:
    """One proxy, below one layout."""

    def __init__(self, layout: Layout, control: Control, commands: Commands) -> None:
        self._layout = layout
        self._control = control
        self._commands = commands

    def confirmed(self) -> str | None:
        """The digest that the running proxy says it serves."""
        return serving(self._commands, self._layout)

    def is_here(self) -> bool:
        """Whether a proxy runs; not where its container is away, or its engine."""
        try:
            return self._control.is_running()
        except ProxyError:
            return False

    def is_lost(self, digest: str) -> bool:
        """Whether a proxy runs and yet does not serve `digest`, which was brought to it: it was started with something
        else, hangs, or cannot take its sockets. Cheap while all is well.

        A child that does not run is lost. Any other that does not run is left alone: its owner stopped it, or is about
        to start it. What a killed one left of its socket is removed, since not every proxy could bind it.
        """
        if self.confirmed() == digest:
            return False
        is_child = self._control.is_parent
        if (is_child or self.is_here()) and self._comes_up(digest, _STARTING):
            return False
        # It may have ended while it was asked.
        if is_child or self.is_here():
            return True
        remove_stale_sockets(self._layout)
        return False

    def resume(self, digest: str, *, timeout: float) -> str:
        """Start a child with `digest`, which is current. The digest; empty where a proxy answers already, where none is
        a child, or where it did not confirm it within `timeout` seconds. Raises ProxyError."""
        if not self._control.is_parent or self.confirmed() is not None:
            return ""
        self._control.start()
        if self._comes_up(digest, timeout):
            return digest
        self._control.stop()
        return ""

    def log(self) -> ErrorLog:
        """What the proxy logs from now on."""
        path = Path(self._layout.error_log)
        return ErrorLog(path) if self._commands.writes_error_log else ErrorLog(path, self._control.said)

    def _comes_up(self, digest: str, timeout: float) -> bool:
        return await_digest(digest, self._commands, self._layout, log=self.log(), timeout=timeout).confirmed
