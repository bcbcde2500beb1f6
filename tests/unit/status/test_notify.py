"""systemd is told what the daemon does, and nothing where it did not ask."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.apply import Refused
from gen.errors import SourceError
from gen.status.notify import Notify
from tests.unit.status.passes import APPLIED, a_pass, made


@pytest.fixture(params=["path", "abstract"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    path = str(tmp_path / "notify")
    name = path if request.param == "path" else f"@fairway-test-{tmp_path.name}-{id(request)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind(name.replace("@", "\0", 1))
        found.settimeout(5)
        yield found, name


def test_ready_comes_once_with_the_first_release_and_again_after_a_reload(
    listener: tuple[socket.socket, str], tmp_path: Path
) -> None:
    heard, name = listener
    notify = Notify({"NOTIFY_SOCKET": name})
    one = made(tmp_path)

    def said() -> str:
        return heard.recv(4096).decode()

    notify.turned()
    assert said() == "WATCHDOG=1"
    notify.passed(a_pass(one, Refused(reason="line one\nREADY=1")))
    assert said() == "STATUS=not served: line one READY=1"
    notify.passed(a_pass(one, APPLIED))
    assert said() == "READY=1\nSTATUS=release 0123456789ab, 0 routes"
    notify.passed(a_pass(one, APPLIED))
    assert said() == "STATUS=release 0123456789ab, 0 routes"
    notify.resyncing()
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", said())
    notify.passed(a_pass(one, APPLIED))
    assert said().startswith("READY=1\n")
    notify.failed(SourceError("away\nSTOPPING=1"))
    assert said() == "STATUS=away STOPPING=1"
    notify.stopping()
    assert said() == "STOPPING=1"


def test_without_systemd_nothing_is_told_and_a_socket_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    for variables in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        Notify(variables).turned()
