"""The script that a task's health check runs, with each tool that images have, against a socket that answers."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.publish.pieces import HEALTH_CHECK

ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nabc123"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Path]:
    """A socket on which somebody says that it serves release abc123, to all who ask."""
    path = tmp_path / "confirm.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def answer() -> None:
            while True:
                try:
                    peer, _ = listening.accept()
                except OSError:
                    return
                with peer:
                    if b"GET /digest" in peer.recv(4096):
                        peer.sendall(ANSWER)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield path
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def asked(tool: str, place: Path, *arguments: str) -> tuple[int, str]:
    """Runs it where that tool alone is installed."""
    (place / "bin").mkdir(exist_ok=True)
    if tool:
        found = shutil.which(tool)
        if found is None:
            pytest.skip(f"{tool} is not here")
        (place / "bin" / tool).symlink_to(found)
    script = place / "health"
    script.write_text(HEALTH_CHECK)
    shell = shutil.which("sh") or "/bin/sh"
    done = subprocess.run(
        [shell, str(script), *arguments],
        env={"PATH": str(place / "bin")},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("tool", ["curl", "perl", "python3"])
def test_the_release_that_is_served_is_compared(tool: str, tmp_path: Path, proxy: Path) -> None:
    assert asked(tool, tmp_path, str(proxy), "abc123") == (0, "")
    shutil.rmtree(tmp_path / "bin")
    code, said = asked(tool, tmp_path, str(proxy), "def456")
    assert (code, said) == (1, f"the proxy on {proxy} serves 'abc123', wanted is 'def456'\n")


@pytest.mark.parametrize("tool", ["curl", "perl", "python3"])
def test_a_proxy_that_is_not_there_is_not_well(tool: str, tmp_path: Path) -> None:
    code, said = asked(tool, tmp_path, str(tmp_path / "none.sock"), "abc123")
    assert code == 1
    assert "serves 'nothing'" in said


def test_an_image_without_any_of_the_tools_says_so(tmp_path: Path, proxy: Path) -> None:
    code, said = asked("", tmp_path, str(proxy), "abc123")
    assert code == 1
    assert "no curl, perl or python3" in said
