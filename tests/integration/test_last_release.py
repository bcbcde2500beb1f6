"""A supervised proxy that is killed, whose files are spoiled or whose source is away, serves the last release."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gen.control.sockets import ask
from tests.support.cli import arguments, environment
from tests.support.http import http_get
from tests.support.process import LocalServer
from tests.support.proxy import free_port
from tests.support.wait import eventually

pytestmark = pytest.mark.parametrize("proxy", ["nginx", "haproxy"])


class Site:
    """A directory, a port and a file of routes; `watch` runs on them."""

    def __init__(self, path: Path, proxy: str) -> None:
        self.path, self.proxy, self.port = path, proxy, free_port()
        self.routes, self.log = path / "routes", path / "log"
        self.routes.mkdir()

    def declare(self, **servers: LocalServer) -> None:
        routes = {name: {"servers": f"127.0.0.1:{one.port}", "host": f"{name}.test"} for name, one in servers.items()}
        (self.routes / "all.yml").write_text(json.dumps({"routes": routes}))

    @contextmanager
    def watching(self, docker: str = "none") -> Iterator[subprocess.Popen[bytes]]:
        """Until the end of the block; it has to end with exit code 0."""
        settings = (f"listeners=web={self.port}", "access_log=off", f"route_files={self.routes}", "workers=1")
        flags = [f"--set={one}" for one in settings]
        words = ("watch", "--docker", docker, "--proxy", self.proxy, "--directory", str(self.path / "d"), *flags)
        with (
            self.log.open("ab") as stderr,
            subprocess.Popen(arguments(*words), cwd=self.path, env=environment(), stderr=stderr) as watch,
        ):
            try:
                yield watch
            finally:
                watch.send_signal(signal.SIGTERM)
                watch.wait(20)
        assert watch.returncode == 0

    def answer(self, name: str) -> int:
        try:
            return http_get(("127.0.0.1", self.port), host=f"{name}.test").status
        except OSError:
            return 0

    def serves(self, name: str) -> None:
        eventually(lambda: self.answer(name) == 200, timeout=30, message=f"200 of {name}.test")

    def health(self) -> dict[str, Any]:
        reply = ask(self.path / "d" / "run" / "status.sock", b"GET /healthz HTTP/1.0\r\n\r\n") or b""
        return dict(json.loads(reply.partition(b"\r\n\r\n")[2] or b"{}"))

    def is_in_sync(self) -> None:
        eventually(lambda: self.health().get("in_sync"), timeout=30, message="in sync")

    def kill(self) -> None:
        pid = int((self.path / "d" / "run" / f"{self.proxy}.pid").read_text())
        os.kill(pid, signal.SIGKILL)

    @property
    def main(self) -> Path:
        return self.path / "d" / "current" / {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}[self.proxy]


@pytest.fixture
def site(local_server: Callable[..., LocalServer], proxy: str) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="fw", dir="/tmp") as place:
        Path(place).chmod(0o755)
        found = Site(Path(place), proxy)
        found.declare(one=local_server(name="one"))
        yield found


def _edit(site: Site) -> None:
    site.main.write_text("no { such directive\n")


def _cut(site: Site) -> None:
    shutil.rmtree(site.path / "d" / "releases")


def _dangle(site: Site) -> None:
    link = site.path / "d" / "current"
    link.unlink()
    link.symlink_to("releases/none")


@pytest.mark.parametrize("spoil", [_edit, _cut, _dangle])
def test_a_killed_proxy_whose_files_were_spoiled_serves_again(site: Site, spoil: Callable[[Site], None]) -> None:
    with site.watching():
        site.serves("one")
        site.is_in_sync()
        served = site.main.read_bytes()
        spoil(site)
        site.kill()
        eventually(lambda: "the proxy does not serve: signal SIGKILL" in site.log.read_text(), message="what happened")
        eventually(lambda: site.main.is_file() and site.main.read_bytes() == served, timeout=30, message="its files")
        site.is_in_sync()
        site.serves("one")


def test_files_that_were_edited_are_written_again_also_by_a_watch_that_was_restarted(site: Site) -> None:
    with site.watching():
        site.serves("one")
        site.is_in_sync()
        served = site.main.read_bytes()
    with site.watching():
        site.is_in_sync()
        _edit(site)
        eventually(lambda: site.main.read_bytes() == served, timeout=30, message="the files of the release")
        assert site.answer("one") == 200
    assert "restored" in site.log.read_text()


def test_releases_that_were_removed_are_no_obstacle_to_the_next_one(
    site: Site, local_server: Callable[..., LocalServer]
) -> None:
    with site.watching():
        site.serves("one")
        for path in (site.path / "d" / "releases").iterdir():
            shutil.rmtree(path)
        site.declare(one=local_server(name="one"), two=local_server(name="two"))
        site.serves("two")
        site.serves("one")
    assert "rolled_back" not in site.log.read_text()


def test_without_an_answer_of_the_engine_the_last_release_is_served_and_called_old(site: Site) -> None:
    with site.watching():
        site.serves("one")
        site.is_in_sync()
    assert site.answer("one") == 0
    hung = site.path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(hung))
        listener.listen()
        with site.watching(docker=f"unix://{hung}"):
            site.serves("one")
            health = eventually(site.health)
            assert health["in_sync"] is False and health["release"]
            assert "an earlier run" in health["trouble"]
