"""Runs commands as processes of their own without the start of an interpreter: one that has imported Fairway forks.

`python -m tests.support.forked` serves the socket on its standard input: an order with three descriptors in, the
process id out, and later the same with its exit code.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).parents[2]
LONGEST = 1 << 20
"""Bytes of an order: mostly an environment."""
CLONE_NEWNET = 0x40000000
Result = tuple[int, bytes, bytes]


class Forked:
    """A command that runs: as much of `subprocess.Popen` as tests need. `errors`: its standard error."""

    def __init__(self, parent: Forks, pid: int, errors: TextIO) -> None:
        self._parent = parent
        self.pid = pid
        self.errors = errors

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self._parent.code(self.pid)

    def wait(self, timeout: float = 60) -> int:
        """The exit code. TimeoutError after `timeout` seconds."""
        return self._parent.wait(self.pid, timeout)

    def kill(self) -> None:
        """SIGKILL, where it still runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Forks:
    """The client: starts the process that forks. Not for several threads at a time."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # What a message needs to fit at once.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST)
        self._codes: dict[int, int] = {}
        with theirs:
            command = [sys.executable, "-m", "tests.support.forked"]
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=theirs.fileno())

    def run(self, words: Iterable[str], *, stdin: bytes = b"", timeout: float = 60, **place: Any) -> Result:
        """Exit code, output and errors of `fairway` with these words; `place` as for `order`.

        TimeoutError when it has not ended after `timeout` seconds.
        """
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            files[0].write(stdin)
            files[0].seek(0)
            pid = self.order(words, [file.fileno() for file in files], **place)
            try:
                code = self.wait(pid, timeout)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise
            for file in files[1:]:
                file.seek(0)
            return code, files[1].read(), files[2].read()

    def start(self, words: Iterable[str], **place: Any) -> Forked:
        """A command that runs on, without input and output; `place` as for `order`."""
        reading, writing = os.pipe()
        with open(os.devnull, "r+b") as nothing:  # noqa: PTH123
            pid = self.order(words, [nothing.fileno(), nothing.fileno(), writing], **place)
        os.close(writing)
        return Forked(self, pid, os.fdopen(reading, encoding="utf-8", errors="replace"))

    def order(
        self,
        words: Iterable[str],
        descriptors: list[int],
        *,
        cwd: Path,
        environment: dict[str, str],
        namespace: str = "",
    ) -> int:
        """Starts a command with these standard streams, to its process id. `namespace`: the file of a network
        namespace, empty for this one."""
        asked = {"words": [*words], "cwd": str(cwd), "environment": environment, "namespace": namespace}
        socket.send_fds(self._socket, [json.dumps(asked).encode()], descriptors)
        while (pid := self._receive(None)) is None:
            pass
        return pid

    def code(self, pid: int) -> int | None:
        """The exit code of a command, None while it runs."""
        with contextlib.suppress(BlockingIOError, TimeoutError):
            while pid not in self._codes:
                self._receive(0)
        return self._codes.get(pid)

    def wait(self, pid: int, timeout: float) -> int:
        """The exit code of a command. TimeoutError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while pid not in self._codes:
            self._receive(max(0.001, deadline - time.monotonic()))
        return self._codes[pid]

    def close(self) -> None:
        """Ends the process that forks."""
        self._socket.close()
        self._process.wait(10)

    def _receive(self, timeout: float | None) -> int | None:
        """One message: the id of a process that began, or None for one that ended."""
        self._socket.settimeout(timeout)
        pid, *code = map(int, self._socket.recv(64).split())
        if not code:
            self._codes.pop(pid, None)  # of an earlier process with the same number
            return pid
        self._codes[pid] = code[0]
        return None


@cache
def forks() -> Forks:
    """The one of this process."""
    one = Forks()
    atexit.register(one.close)
    return one


def serve(orders: socket.socket) -> None:
    """Forks for each order, and tells the end of each child, until the other end is closed."""
    ends, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([orders.fileno(), ends], [], [])
        if ends in ready:
            os.read(ends, 4096)
            _reap(orders)
        if orders.fileno() in ready:
            order, descriptors, _, _ = socket.recv_fds(orders, LONGEST, 3)
            if not order:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for number in (orders.fileno(), ends, told):
                    os.close(number)
                _become(json.loads(order), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            orders.send(b"%d" % pid)


def _reap(orders: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError, BrokenPipeError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            orders.send(b"%d %d" % (ended[0], os.waitstatus_to_exitcode(ended[1])))


def _become(order: dict[str, object], descriptors: list[int]) -> None:
    """What a new interpreter would find: its streams, directory, environment and words. Never returns."""
    code = 70
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdin, sys.stdout, sys.stderr = (
            open(0, closefd=False, encoding="utf-8"),  # noqa: SIM115
            open(1, "w", closefd=False, encoding="utf-8"),  # noqa: SIM115
            open(2, "w", closefd=False, encoding="utf-8", errors="backslashreplace", buffering=1),  # noqa: SIM115
        )
        if order["namespace"]:
            with Path(str(order["namespace"])).open("rb") as namespace:
                assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) == 0
        os.chdir(str(order["cwd"]))
        os.environ.clear()
        environment, words = order["environment"], order["words"]
        assert isinstance(environment, dict) and isinstance(words, list)
        os.environ.update(environment)
        sys.argv = ["fairway", *words]
        from gen.cli import main

        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    finally:
        os._exit(code)


def prepare() -> None:
    """Imports all of Fairway, and reads the templates of both proxies."""
    import gen
    from gen.cli.group import fairway

    for module in pkgutil.walk_packages(gen.__path__, "gen."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(None):
        world = Path(scratch, "compose.yml")
        world.write_text("services: {web: {image: web, expose: ['80'], labels: {fairway.host: web.test}}}\n")
        for proxy in ("nginx", "haproxy"):
            words = ["render", "-f", str(world), "--proxy", proxy, "-o", f"{scratch}/{proxy}"]
            with contextlib.suppress(Exception):
                fairway.main(words, prog_name="fairway", standalone_mode=False)


if __name__ == "__main__":
    with socket.socket(fileno=os.dup(0)) as here:
        prepare()
        serve(here)
