"""Orders that are heard, refused, lost, or cannot be given."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import cast

import pytest

from gen.apply.reload import reload
from gen.control import Control
from gen.proxies.commands import Commands, Layout, Verdict
from gen.proxies.haproxy.commands import HaproxyCommands
from gen.proxies.nginx.commands import NginxCommands

OLD, NEW, FAILED = (f"9 master {counts} 0d00h00m00s 2.6\n".encode() for counts in ("0", "1", "1 [failed: 1]"))


@dataclass(slots=True)
class Signalled:
    signals: list[str] = field(default_factory=list)

    def signal(self, name: str) -> None:
        self.signals.append(name)


@dataclass(slots=True)
class Master:
    """Answers with `replies` in turn, one for each connection; None is a reset."""

    layout: Layout
    replies: list[bytes | None]
    heard: list[str] = field(default_factory=list)

    def serve(self, server: socket.socket) -> None:
        for reply in self.replies:
            connection, _ = server.accept()
            with connection:
                if reply is not None:
                    self.heard.append(connection.recv(100).decode().partition(";")[0])
                    connection.sendall(reply)

    def told(self) -> tuple[Verdict, list[str]]:
        control = Signalled()
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(self.layout.run / "master.sock"))
            server.listen()
            serving = threading.Thread(target=self.serve, args=(server,))
            serving.start()
            verdict = reload(HaproxyCommands(), cast(Control, control), self.layout, timeout=10)
            serving.join()
        return verdict, control.signals


@pytest.fixture
def layout() -> Iterator[Layout]:
    """On a short path: a unix socket has room for little more than a hundred bytes."""
    path = Path(tempfile.mkdtemp(prefix="fairway-"))
    (path / "run").mkdir()
    yield Layout(root=PurePosixPath(path))
    shutil.rmtree(path)


def test_an_answered_order_is_given_once(layout: Layout) -> None:
    master = Master(layout, [OLD, b"Success=1\n--\n"])
    assert master.told() == (Verdict(accepted=True), [])
    assert master.heard == ["show proc", "reload"]


def test_a_refusal_comes_with_the_reasons(layout: Layout) -> None:
    said = b"Success=0\n--\n[NOTICE]   (1) : x\n[ALERT]    (1) : config : parsing [/d/haproxy.cfg:3] : unknown y\n"
    verdict, _ = Master(layout, [OLD, said]).told()
    assert verdict.accepted is False
    assert [(fault.message, fault.line) for fault in verdict.faults] == [("unknown y", 3)]


@pytest.mark.parametrize(("counted", "accepted"), [(NEW, True), (FAILED, False)])
def test_an_order_without_an_answer_is_counted(layout: Layout, counted: bytes, accepted: bool) -> None:
    master = Master(layout, [OLD, b"", None, counted])
    assert master.told() == (Verdict(accepted=accepted), [])
    assert master.heard == ["show proc", "reload", "show proc"]


@pytest.mark.parametrize("lost", [None, b"Success=0\n--\nAnother reload is still in progress.\n"])
def test_a_lost_order_is_given_again(layout: Layout, lost: bytes | None) -> None:
    master = Master(layout, [OLD, lost, OLD, b"Success=1\n--\n"])
    assert master.told() == (Verdict(accepted=True), [])
    assert master.heard.count("reload") == (1 if lost is None else 2)


def test_one_that_resets_is_asked_until_it_can_hear(layout: Layout) -> None:
    assert Master(layout, [None, None, OLD, b"Success=1\n--\n"]).told() == (Verdict(accepted=True), [])


@pytest.mark.parametrize(("commands", "signal"), [(HaproxyCommands(), "USR2"), (NginxCommands(), "HUP")])
def test_without_a_socket_for_orders_a_signal_is_sent(layout: Layout, commands: Commands, signal: str) -> None:
    control = Signalled()
    assert reload(commands, cast(Control, control), layout, timeout=10) == Verdict()
    assert control.signals == [signal]
