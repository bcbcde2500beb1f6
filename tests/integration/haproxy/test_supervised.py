"""A child that is killed, stopped, or found in the way."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from gen.apply import Applied
from gen.control import Supervised
from gen.errors import ProxyError
from tests.integration.haproxy.site import Site
from tests.integration.serving import children, end, is_gone, page, until
from tests.support.proxy import free_port


def test_a_killed_master_comes_back_and_its_workers_do_not_stay(site: Site) -> None:
    port = free_port()
    bundle = site.bundle(port, "one")
    site.applier.apply(bundle)
    killed = site.control.pid
    workers = children(killed)
    assert workers
    end(killed, signal.SIGKILL)
    assert until(lambda: site.control.pid not in (0, killed))
    assert until(lambda: site.applier.confirmed() == bundle.digest)
    assert until(lambda: all(is_gone(worker) for worker in workers))
    assert until(lambda: page(port) == "one")


def test_a_killed_worker_takes_its_master_along_and_both_come_back(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    master = site.control.pid
    end(children(master)[0], signal.SIGKILL)
    assert until(lambda: site.control.pid not in (0, master))
    assert until(lambda: page(port) == "one")


def test_a_change_right_after_a_kill_still_applies(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    end(site.control.pid, signal.SIGKILL)
    changed = site.bundle(port, "two")
    assert isinstance(site.applier.apply(changed), Applied)
    assert site.applier.confirmed() == changed.digest
    assert until(lambda: page(port) == "two")


def test_stop_lets_requests_finish_and_ends_master_and_workers(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    master = site.control.pid
    workers = children(master)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.0\r\n")
        assert page(port) == "one"
        client.sendall(b"\r\n")
        site.control.stop()
        assert client.makefile("rb").read().endswith(b"\r\n\r\none")
    assert all(is_gone(pid) for pid in (master, *workers))
    assert page(port) == ""
    assert not site.control.is_running()


def test_what_it_says_while_it_serves_is_kept_where_it_is_looked_for(site: Site) -> None:
    site.applier.apply(site.bundle(free_port(), "one"))
    log = Path(site.directory.layout.error_log)
    assert until(lambda: log.is_file() and f"({site.control.pid})" in log.read_text())


def test_a_haproxy_of_somebody_else_in_the_same_directory_is_an_error(site: Site) -> None:
    site.applier.apply(site.bundle(free_port(), "one"))
    Path(site.commands.pid_file(site.directory.layout)).unlink()
    second = Supervised(site.commands, site.directory.path)
    with pytest.raises(ProxyError, match="already serves"):
        second.start()
    assert site.control.is_running()
