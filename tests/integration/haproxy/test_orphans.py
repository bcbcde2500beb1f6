"""A HAProxy whose Fairway was killed: it serves until the next one has taken its place."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gen.apply import Applied, RolledBack, Unchanged
from gen.control.orphans import orphans
from tests.integration.haproxy.site import Site
from tests.integration.serving import end, is_gone, page, until
from tests.support.proxy import free_port

STARTER = """
import sys, time; from pathlib import Path; from gen.control import Supervised
from gen.proxies.haproxy.commands import HaproxyCommands
Supervised(HaproxyCommands(binary=sys.argv[2]), Path(sys.argv[1])).start(); print(flush=True); time.sleep(60)
"""


@contextmanager
def orphaned(site: Site, port: int) -> Iterator[int]:
    """The pid of a master that another process started, which was then killed."""
    bundle = site.bundle(port, "one")
    site.install(bundle)
    command = [sys.executable, "-c", STARTER, str(site.directory.path), site.commands.binary]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert until(lambda: site.applier.confirmed() == bundle.digest)
        parent.kill()
    master = int(Path(site.commands.pid_file(site.directory.layout)).read_text())
    try:
        yield master
    finally:
        for pid in orphans(site.commands, site.directory.layout).processes:
            if os.getpgid(pid) == master:
                end(pid, signal.SIGKILL)
        assert until(lambda: is_gone(master))


def test_it_serves_on_and_is_replaced_even_when_nothing_changed(site: Site) -> None:
    port = free_port()
    with orphaned(site, port) as left:
        assert page(port) == "one"
        outcome = site.applier.apply(site.bundle(port, "one"))
        assert isinstance(outcome, Applied)
        assert outcome.how == "start"
        assert until(lambda: is_gone(left))
        assert page(port) == "one"
        pid_file = Path(site.commands.pid_file(site.directory.layout))
        assert site.control.pid == int(pid_file.read_text())
        assert isinstance(site.applier.apply(site.bundle(port, "one")), Unchanged)


def test_no_request_is_lost_while_it_is_replaced(site: Site) -> None:
    port = free_port()
    answers: list[str] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            answers.append(page(port))

    with orphaned(site, port) as left:
        asking = threading.Thread(target=ask)
        asking.start()
        try:
            assert isinstance(site.applier.apply(site.bundle(port, "two")), Applied)
            assert until(lambda: is_gone(left))
            assert until(lambda: answers[-1] == "two")
        finally:
            is_over.set()
            asking.join()
    assert set(answers) == {"one", "two"}


def test_its_request_in_flight_is_finished(site: Site) -> None:
    port = free_port()
    with orphaned(site, port), socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.0\r\n")
        assert page(port) == "one"
        assert isinstance(site.applier.apply(site.bundle(port, "two")), Applied)
        client.sendall(b"\r\n")
        assert client.makefile("rb").read().endswith(b"\r\n\r\none")
        assert until(lambda: page(port) == "two")


def test_a_successor_that_cannot_start_leaves_it_serving(site: Site) -> None:
    port = free_port()
    with orphaned(site, port) as left, socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        outcome = site.applier.apply(site.bundle(port, "two", frontend=f"bind 127.0.0.1:{busy}"))
        assert isinstance(outcome, RolledBack)
        assert outcome.reason == f"port {busy} on 127.0.0.1 is in use by another process"
        assert page(port) == "one"
        assert until(lambda: is_gone(left))
        assert until(lambda: page(port) == "one")
        assert site.control.is_running()


def test_a_pid_file_that_means_a_process_of_somebody_else_ends_nobody(site: Site) -> None:
    site.install(site.bundle(free_port(), "one"))
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        Path(site.commands.pid_file(site.directory.layout)).write_text(str(other.pid))
        assert orphans(site.commands, site.directory.layout).processes == ()
        other.kill()
