"""A proxy whose Fairway was killed: it serves until the next one takes over."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gen.apply import Applied, Unchanged
from gen.control.orphans import orphans
from gen.proxies.nginx.commands import NginxCommands
from tests.integration.nginx.site import Site
from tests.integration.serving import end, is_gone, page, until
from tests.support.proxy import free_port

STARTER = """
import sys, time; from pathlib import Path; from gen.control import Supervised
from gen.proxies.nginx.commands import NginxCommands
Supervised(NginxCommands(), Path(sys.argv[1])).start(); print(flush=True); time.sleep(60)
"""


@contextmanager
def orphaned(site: Site, port: int) -> Iterator[int]:
    """The pid of a master that another process started, which was then killed."""
    bundle = site.bundle(port, "one")
    site.directory.prepare()
    site.directory.write(bundle)
    site.directory.switch(bundle.digest)
    command = [sys.executable, "-c", STARTER, str(site.directory.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert until(lambda: site.applier.confirmed() == bundle.digest)
        parent.kill()
    master = int(Path(NginxCommands().pid_file(site.directory.layout)).read_text())
    try:
        yield master
    finally:
        for pid in orphans(NginxCommands(), site.directory.layout).processes:
            if os.getpgid(pid) == master:
                end(pid, signal.SIGKILL)


def test_it_serves_on_and_is_replaced_even_when_nothing_changed(site: Site) -> None:
    port = free_port()
    with orphaned(site, port) as left:
        assert page(port) == "one"
        outcome = site.applier.apply(site.bundle(port, "one"))
        assert isinstance(outcome, Applied)
        assert outcome.how == "start"
        assert until(lambda: is_gone(left))
        assert page(port) == "one"
        assert site.control.pid == int(Path(NginxCommands().pid_file(site.directory.layout)).read_text())
        assert isinstance(site.applier.apply(site.bundle(port, "one")), Unchanged)


def test_its_request_in_flight_is_finished(site: Site) -> None:
    port = free_port()
    with orphaned(site, port), socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.0\r\n")
        assert page(port) == "one"
        assert isinstance(site.applier.apply(site.bundle(port, "two")), Applied)
        client.sendall(b"\r\n")
        assert client.makefile("rb").read().endswith(b"\r\n\r\none")
        assert until(lambda: page(port) == "two")


def test_workers_whose_master_was_killed_too_are_let_go(site: Site) -> None:
    port = free_port()
    with orphaned(site, port) as left:
        workers = [pid for pid in orphans(NginxCommands(), site.directory.layout).processes if pid != left]
        assert workers
        end(left, signal.SIGKILL)
        assert until(lambda: is_gone(left))
        assert isinstance(site.applier.apply(site.bundle(port, "two")), Applied)
        assert until(lambda: all(is_gone(worker) for worker in workers))


@pytest.mark.parametrize("content", ["", "x", "1", str(2**22)])
def test_a_pid_file_that_means_nobody_of_ours_ends_nobody(site: Site, content: str) -> None:
    site.directory.prepare()
    Path(site.directory.layout.error_log).touch()
    Path(NginxCommands().pid_file(site.directory.layout)).write_text(content)
    assert orphans(NginxCommands(), site.directory.layout).processes == ()


def test_our_own_group_is_not_the_proxys(site: Site) -> None:
    site.directory.prepare()
    Path(site.directory.layout.error_log).touch()
    Path(NginxCommands().pid_file(site.directory.layout)).write_text(str(os.getpgrp()))
    assert orphans(NginxCommands(), site.directory.layout).processes == ()
