"""A child that is killed, stopped, or found in the way."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from gen.apply import Applied
from gen.control import Supervised
from gen.errors import ProxyError
from gen.proxies.nginx.commands import NginxCommands
from tests.integration.nginx.site import Site
from tests.integration.serving import children, end, is_gone, page, until
from tests.support.proxy import free_port


def test_a_killed_child_comes_back_and_its_workers_do_not_stay(site: Site) -> None:
    port = free_port()
    bundle = site.bundle(port, "one")
    site.applier.apply(bundle)
    killed = site.control.pid
    workers = children(killed)
    end(killed, signal.SIGKILL)
    assert until(lambda: site.control.pid not in (0, killed))
    assert until(lambda: site.applier.confirmed() == bundle.digest)
    assert until(lambda: all(is_gone(worker) for worker in workers))
    assert until(lambda: page(port) == "one")


def test_a_request_in_flight_survives_the_death_of_the_master(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    killed = site.control.pid
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.0\r\n")
        assert page(port) == "one"
        end(killed, signal.SIGKILL)
        assert until(lambda: site.control.pid not in (0, killed))
        client.sendall(b"\r\n")
        assert client.makefile("rb").read().endswith(b"\r\n\r\none")


def test_a_child_that_ends_by_itself_comes_back(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    ended = site.control.pid
    end(ended, signal.SIGTERM)
    assert until(lambda: site.control.pid not in (0, ended))
    assert until(lambda: page(port) == "one")


def test_a_child_that_a_signal_without_a_name_ended_is_reported_and_comes_back(site: Site) -> None:
    port, heard = free_port(), list[str]()
    site.control.on_end(heard.append)
    site.applier.apply(site.bundle(port, "one"))
    ended = site.control.pid
    os.kill(ended, signal.SIGRTMIN + 6)
    assert until(lambda: site.control.pid not in (0, ended))
    assert until(lambda: page(port) == "one")
    assert heard == [f"signal {signal.SIGRTMIN + 6}"]


def test_a_change_right_after_a_kill_still_applies(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    end(site.control.pid, signal.SIGKILL)
    changed = site.bundle(port, "two")
    outcome = site.applier.apply(changed)
    assert isinstance(outcome, Applied)
    assert site.applier.confirmed() == changed.digest
    assert until(lambda: page(port) == "two")


def test_stop_ends_the_child_its_workers_and_its_socket(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    master = site.control.pid
    workers = children(master)
    site.control.stop()
    assert all(is_gone(pid) for pid in (master, *workers))
    assert page(port) == ""
    assert not Path(site.directory.layout.socket).exists()
    assert not site.control.is_running()


def test_its_access_log_goes_to_a_socket_too_as_a_service_of_systemd_has_it(site: Site) -> None:
    ours, theirs = socket.socketpair()
    port = free_port()
    bundle = site.bundle(port, "one", server="access_log /dev/stdout;")
    site.directory.prepare()
    site.directory.write(bundle)
    site.directory.switch(bundle.digest)
    control = Supervised(NginxCommands(), site.directory.path, output=theirs.fileno())
    with ours, theirs:
        control.start()
        try:
            assert until(lambda: page(port) == "one")
            ours.settimeout(10)
            assert b'"GET / HTTP/1.1" 200' in ours.recv(4096)
        finally:
            control.stop()


def test_a_proxy_of_somebody_else_in_the_same_directory_is_an_error(site: Site) -> None:
    site.applier.apply(site.bundle(free_port(), "one"))
    Path(NginxCommands().pid_file(site.directory.layout)).unlink()
    second = Supervised(NginxCommands(), site.directory.path)
    with pytest.raises(ProxyError, match="already serves"):
        second.start()
    assert site.control.is_running()
