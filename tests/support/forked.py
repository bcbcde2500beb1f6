"""Runs commands as processes of their own without the start of an interpreter: one that has imported Fairway forks.

`python -m tests.support.forked` serves the socket on its standard input: an order with three descriptors in, the
process id and then the exit code out.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 1 << 20
"""Bytes of an order: mostly an environment."""
CLONE_NEWNET = 0x40000000


class Forks:
    """The client: starts the process that forks. Not for several threads at a time."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # What a message needs to fit at once.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST)
        with theirs:
            command = [sys.executable, "-m", "tests.support.forked"]
            self._process = subprocess.Popen(command, cwd=ROOT, stdin=theirs.fileno())

    def run(
        self,
        words: Iterable[str],
        *,
        cwd: Path,
        environment: dict[str, str],
        stdin: bytes = b"",
        namespace: str = "",
        timeout: float = 60,
    ) -> tuple[int, bytes, bytes]:
        """Exit code, output and errors of `fairway` with these words. `namespace`: the file of a network namespace.

        TimeoutError when it has not ended after `timeout` seconds.
        """
        order = json.dumps(
            {"words": [*words], "cwd": str(cwd), "environment": environment, "namespace": namespace}
        ).encode()
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            files[0].write(stdin)
            files[0].seek(0)
            socket.send_fds(self._socket, [order], [file.fileno() for file in files])
            pid = int(self._socket.recv(64))
            self._socket.settimeout(timeout)
            try:
                code = int(self._socket.recv(64))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._socket.settimeout(None)
                self._socket.recv(64)
                raise
            self._socket.settimeout(None)
            for file in files[1:]:
                file.seek(0)
            return code, files[1].read(), files[2].read()

    def close(self) -> None:
        """Ends the process that forks."""
        self._socket.close()
        self._process.wait(10)


@cache
def forks() -> Forks:
    """The one of this process."""
    one = Forks()
    atexit.register(one.close)
    return one


def serve(orders: socket.socket) -> None:
    """Forks for each order until the other end is closed."""
    while True:
        order, descriptors, _, _ = socket.recv_fds(orders, LONGEST, 3)
        if not order:
            return
        pid = os.fork()
        if pid == 0:
            orders.close()
            _become(json.loads(order), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        orders.send(b"%d" % pid)
        _, status = os.waitpid(pid, 0)
        orders.send(b"%d" % os.waitstatus_to_exitcode(status))


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
