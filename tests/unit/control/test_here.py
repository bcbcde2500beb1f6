"""Commands on this machine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gen.control import Dry, Local, Supervised
from gen.control.here import binary_identity, find_binary, run_here, sandbox
from gen.control.sockets import ask, remove_stale_socket
from gen.control.supervised import LONGEST_PAUSE, next_pause
from gen.errors import ProxyError
from gen.proxies.nginx.commands import NginxCommands


def test_a_command_brings_back_what_it_wrote() -> None:
    completed = run_here(("sh", "-c", "echo out; echo err >&2; exit 3"), timeout=10)
    assert (completed.returncode, completed.stdout, completed.stderr) == (3, "out\n", "err\n")
    assert not completed.timed_out


def test_a_command_without_end_is_ended_with_all_that_it_started() -> None:
    completed = run_here(("sh", "-c", "sleep 60 & wait"), timeout=0.05)
    assert completed.timed_out
    assert completed.returncode == -9


def test_an_isolated_command_sees_no_interface_of_the_host() -> None:
    """Where isolation is possible; elsewhere it runs as any other."""
    interfaces = run_here(("cat", "/proc/net/dev"), timeout=10, isolated=True).stdout
    names = {line.split(":")[0].strip() for line in interfaces.splitlines() if ":" in line}
    assert "lo" in names
    assert names == {"lo"} or not sandbox()


def test_an_isolated_command_is_the_same_user() -> None:
    plain = run_here(("id", "-u"), timeout=10)
    assert run_here(("id", "-u"), timeout=10, isolated=True).stdout == plain.stdout


@pytest.mark.parametrize(
    ("name", "why"), [("no-such-proxy", "is not on the PATH"), ("/no/proxy", "does not exist or is not executable")]
)
def test_a_missing_binary_is_an_error_with_a_hint(name: str, why: str) -> None:
    with pytest.raises(ProxyError, match=f"{name}: the binary {why}") as caught:
        find_binary(name, hint="install it")
    assert caught.value.hint == "install it"
    assert binary_identity(name) == ""


@pytest.mark.parametrize("kind", [Supervised, Local])
def test_every_control_of_this_machine_says_how_to_install_the_proxy(
    kind: type[Supervised] | type[Local], tmp_path: Path
) -> None:
    commands = NginxCommands(binary="no-such-proxy")
    with pytest.raises(ProxyError) as caught:
        kind(commands, tmp_path).run(("no-such-proxy", "-t"), timeout=1)
    assert "apt-get install nginx" in caught.value.hint


def test_a_binary_that_is_no_program_is_an_error(tmp_path: Path) -> None:
    binary = tmp_path / "nginx"
    binary.write_bytes(b"\x7fELF and nothing more")
    binary.chmod(0o755)
    with pytest.raises(ProxyError, match="cannot be run: Exec format error"):
        run_here((str(binary), "-t"), timeout=1)
    with pytest.raises(ProxyError, match="cannot be started: Exec format error"):
        Supervised(NginxCommands(binary=str(binary)), tmp_path).start()


def test_a_supervised_proxy_without_a_binary_does_not_start(tmp_path: Path) -> None:
    control = Supervised(NginxCommands(binary="no-such-proxy"), tmp_path)
    with pytest.raises(ProxyError, match="no-such-proxy"):
        control.start()
    assert not control.is_running()


def test_the_identity_of_a_binary_changes_with_the_binary(tmp_path: Path) -> None:
    binary = tmp_path / "proxy"
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    before = binary_identity(str(binary))
    binary.write_text("#!/bin/sh\ntrue\n")
    assert binary_identity(str(binary)) != before


def test_a_socket_on_which_nobody_listens_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert remove_stale_socket(path)
    assert not path.exists()
    assert remove_stale_socket(path)
    assert ask(path, b"?") is None


def test_a_socket_on_which_somebody_listens_stays(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as busy:
        busy.bind(str(path))
        busy.listen()
        assert not remove_stale_socket(path)
    assert path.exists()


def test_the_pause_doubles_up_to_its_limit_and_starts_anew_after_a_long_life() -> None:
    pauses = [pause := 0.0]
    for _ in range(9):
        pauses.append(pause := next_pause(pause, lived=0.0))
    assert pauses == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, LONGEST_PAUSE, LONGEST_PAUSE]
    assert next_pause(LONGEST_PAUSE, lived=60.0) == 0.1


def test_nothing_runs_dry(tmp_path: Path) -> None:
    dry = Dry(tmp_path)
    assert dry.run(("true",), timeout=1) is None
    assert not dry.is_running()
    with pytest.raises(ProxyError, match="nothing to reload"):
        dry.signal("HUP")
