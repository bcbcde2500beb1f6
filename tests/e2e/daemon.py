"""A Docker daemon of the tests' own: its own socket, data, network namespace and addresses; nothing is left of it.

The namespace is what protects others: a second daemon removes the docker0 of the first when it is told to use another
bridge or none, and flushes the packet filter chains that both use. In there it sees neither. A veth pair and one route
let this machine reach the containers; published ports answer at `Daemon.published_at`.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

from tests.support.wait import eventually


class Daemon:
    """Starts `dockerd` when made; `stop` removes everything. RuntimeError, with its log, when it does not answer."""

    def __init__(self, *, live_restore: bool = False) -> None:
        self.live_restore = live_restore
        self.directory = Path(tempfile.mkdtemp(prefix="fairway-engine-"))
        self.namespace = f"fw{uuid.uuid4().hex[:10]}"
        self.pool = _free_range()
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.ExitStack() as undo:
            undo.callback(self.remove)
            self._make_namespace()
            self.start()
            undo.pop_all()

    @property
    def url(self) -> str:
        return f"unix://{self.directory}/docker.sock"

    @property
    def published_at(self) -> str:
        """The address at which published ports answer."""
        return str(self.pool[254 * 256 + 2])

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the daemon and returns when it answers, within 30 s."""
        command = ["nsenter", f"--net=/run/netns/{self.namespace}", *self.command()]
        # A task of a swarm would ask a registry first, and there is none.
        variables = {**os.environ, "DOCKER_SERVICE_PREFER_OFFLINE_IMAGE": "1"}
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=variables)
        try:
            eventually(self._answers, timeout=30, message="the answer of a private dockerd")
        except AssertionError as trouble:
            raise RuntimeError(f"{trouble}\n{self.log()[-2000:]}") from trouble

    def stop(self) -> None:
        """Ends the daemon by its own process id: SIGTERM, then SIGKILL after 30 s. Its data stays."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """The daemon takes connections and answers nothing, until `thaw`."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """The end of `freeze`; harmless without."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT)

    def remove(self) -> None:
        """Ends the daemon and removes its directory, mounts and network namespace."""
        self.stop()
        for mount in _mounts_below(self.directory):
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
        _ip("link", "delete", self.namespace, check=False)
        _ip("netns", "delete", self.namespace, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")

    def command(self) -> list[str]:
        """What runs in the namespace."""
        return [_dockerd(), *self._options()]

    def _options(self) -> list[str]:
        directory = self.directory
        pool = next(iter(self.pool.subnets(new_prefix=17)))
        options = {
            "--host": self.url,
            "--data-root": directory / "data",
            "--exec-root": directory / "exec",
            "--pidfile": directory / "pid",
            "--bip": f"{self.pool[255 * 256 + 1]}/24",
            "--default-address-pool": f"base={pool},size=24",
            "--iptables": "false",
            "--ip-masq": "false",
            "--live-restore": str(self.live_restore).lower(),
        }
        return [f"{key}={value}" for key, value in options.items()]

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"dockerd ended with {self._process.returncode}\n{self.log()[-2000:]}")
        return answers_at(self.directory / "docker.sock")

    def _make_namespace(self) -> None:
        """The host's end of the veth pair is named like the namespace."""
        name, ours, theirs = self.namespace, str(self.pool[254 * 256 + 1]), self.published_at
        _ip("netns", "add", name)
        _ip("link", "add", name, "type", "veth", "peer", "name", "uplink", "netns", name)
        _ip("address", "add", f"{ours}/24", "dev", name)
        _ip("link", "set", name, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", name, "address", "add", f"{theirs}/24", "dev", "uplink")
        _ip("-n", name, "link", "set", "uplink", "up")
        _ip("-n", name, "route", "add", "default", "via", ours)
        _ip("route", "add", str(self.pool), "via", theirs)


def answers_at(path: Path) -> bool:
    """Whether an engine answers on that Unix socket. OSError where nobody listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return b" 200 " in connection.recv(64)


def can_run() -> bool:
    """Whether a private daemon can be started here at all: root, dockerd, iproute2 and util-linux."""
    return os.geteuid() == 0 and all(shutil.which(tool, path=_search_path()) for tool in ("dockerd", "ip", "nsenter"))


def _dockerd() -> str:
    return shutil.which("dockerd", path=_search_path()) or "dockerd"


def _search_path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _free_range() -> ipaddress.IPv4Network:
    """A /16 that no route of this machine leads to: the lower half for networks, .254 the veth, .255 docker0."""
    rows = (line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:])
    routes = [(_little_endian(row[1]), _little_endian(row[7])) for row in rows]
    taken = [ipaddress.IPv4Network((at, mask.bit_count())) for at, mask in routes if mask]
    free = [ipaddress.IPv4Network(f"10.{second}.0.0/16") for second in range(100, 250)]
    return random.choice([net for net in free if not any(net.overlaps(other) for other in taken)])


def _little_endian(text: str) -> int:
    return int.from_bytes(bytes.fromhex(text), "little")


def _ip(*arguments: str, check: bool = True) -> None:
    tool = shutil.which("ip", path=_search_path()) or "ip"
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _mounts_below(directory: Path) -> list[str]:
    """Deepest first."""
    mounts = (line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines())
    return sorted((mount for mount in mounts if mount.startswith(f"{directory}/")), key=len, reverse=True)
