"""A world of routes in a file, and a proxy of this machine that serves what `apply` brings it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Ran
from tests.support.http import http_get
from tests.support.proxy import free_port
from tests.support.wait import eventually

both = pytest.mark.parametrize("proxy", ["nginx", "haproxy"])


class Site:
    """One directory, one port; commands run beside `world.json`."""

    def __init__(self, path: Path, run: Callable[..., Ran], proxy: str) -> None:
        self.path, self.run, self.port, self.proxy = path, run, free_port(), proxy
        self.directory = path / "d"
        self.flags = [f"--set=listeners=web={self.port}", f"--proxy={proxy}", f"--directory={self.directory}"]
        self.flags += ["--snapshot=world.json"]

    def has(self, *hosts: str, **labels: str) -> None:
        """Workloads whose routes redirect, so that they need no servers."""
        self._write(_workload(host, {"fairway.redirect.to": f"https://{host}.example", **labels}, ()) for host in hosts)

    def has_servers(self, network: str, **counts: int) -> None:
        """Workloads by name with so many instances, at addresses of `network` (`10.0.0`)."""
        places = {host: [f"{network}.{at * 20 + n + 1}" for n in range(counts[host])] for at, host in enumerate(counts)}
        self._write(_workload(host, {}, addresses) for host, addresses in places.items())

    def has_places(self, host: str, *ports: int) -> None:
        """One workload with an instance at each of these ports of this machine."""
        self._write([_workload(host, {}, [f"127.0.0.1:{port}" for port in ports])])

    def _write(self, workloads: Iterable[dict[str, Any]]) -> None:
        networks = [{"id": "n", "name": "bridge", "driver": "bridge"}]
        state = {"source": "docker", "workloads": list(workloads), "networks": networks}
        (self.path / "world.json").write_text(json.dumps({"version": 1, "state": state}), encoding="utf-8")

    def does(self, *words: str, control: str = "local", stdin: str = "") -> Ran:
        return self.run(*words, *self.flags, FAIRWAY_CONTROL=control, stdin=stdin)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """The proxy, started as the first apply says."""
        command = re.findall("`(.+?)`", self.does("apply", "--auto").err)[-1]
        with subprocess.Popen(shlex.split(command), cwd=self.path, start_new_session=True) as process:
            try:
                eventually(lambda: (self.directory / "run" / f"{self.proxy}.pid").is_file())
                eventually(lambda: self.does("health").code == 0)
                yield process
            finally:
                process.terminate()

    def leads_to(self, host: str) -> str:
        reply = http_get(("127.0.0.1", self.port), host=f"{host}.test")
        return reply.header("location") or str(reply.status)

    def comes_to(self, host: str, what: str) -> None:
        """Waits for it: after a reload old workers take connections for a moment."""
        eventually(lambda: self.leads_to(host) == what, message=f"{host} leads to {what}")


def _workload(host: str, labels: dict[str, str], addresses: Iterable[str]) -> dict[str, Any]:
    written = [{"key": key, "value": value} for key, value in {"fairway.host": f"{host}.test", **labels}.items()]
    instances = [
        {
            "id": f"{host}-{address}",
            "name": f"{host}-{address}",
            "addresses": [{"network": "bridge", "host": address.partition(":")[0]}],
            "ports": [{"number": int(address.partition(":")[2] or 80)}],
        }
        for address in addresses
    ]
    return {"id": host, "name": host, "labels": written, "instances": instances}
