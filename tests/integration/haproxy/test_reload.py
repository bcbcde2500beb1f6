"""Orders to reload at moments at which HAProxy does not hear them, and a HAProxy that takes none."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gen.apply import Applied, Applier, RolledBack
from gen.control import Local
from gen.control.sockets import ask
from gen.errors import ProxyError
from tests.integration.haproxy.site import Site
from tests.integration.serving import page, until
from tests.support.proxy import free_port


def test_a_reload_right_after_the_start_is_not_lost(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    assert isinstance(site.applier.apply(site.bundle(port, "two")), Applied)
    assert until(lambda: page(port) == "two")


def test_a_change_during_somebody_elses_reload_waits_for_its_end(site: Site) -> None:
    """A port in use keeps the first reload busy for two seconds."""
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    orders = site.commands.reload(site.directory.layout)
    assert until(lambda: bool(ask(Path(orders.count.socket), orders.count.send)))
    log = Path(site.directory.layout.error_log)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        site.install(site.bundle(port, "two", frontend=f"bind 127.0.0.1:{taken.getsockname()[1]}"))
        somebody = threading.Thread(target=ask, args=(Path(orders.order.socket), orders.order.send))
        somebody.start()
        assert until(lambda: "Paused frontend" in log.read_text())
        outcome = site.applier.apply(site.bundle(port, "three"))
        somebody.join()
    assert isinstance(outcome, Applied)
    assert outcome.how == "reload"
    assert until(lambda: page(port) == "three")


@contextmanager
def without_orders(site: Site) -> Iterator[Local]:
    """A HAProxy that somebody started without a master socket."""
    layout = site.directory.layout
    pid_file = site.directory.path / "own.pid"
    argv = (site.commands.binary, "-W", "-p", str(pid_file), "-f", str(layout.current / "haproxy.cfg"))
    with subprocess.Popen(argv, start_new_session=True) as started:
        try:
            assert until(lambda: site.applier.confirmed() == site.directory.current())
            yield Local(site.commands, site.directory.path, pid_file=pid_file)
        finally:
            os.killpg(started.pid, signal.SIGKILL)


def test_one_that_somebody_else_started_is_reloaded_by_its_own_pid_file(site: Site) -> None:
    port = free_port()
    site.install(site.bundle(port, "one"))
    with without_orders(site) as local:
        applier = Applier(site.directory, local, site.commands)
        outcome = applier.apply(site.bundle(port, "two"))
        assert isinstance(outcome, Applied)
        assert outcome.how == "reload"
        assert until(lambda: page(port) == "two")


def test_one_that_is_started_as_the_hint_says_takes_orders_and_tells_why_it_refuses(site: Site) -> None:
    port = free_port()
    good = site.bundle(port, "one")
    site.applier.apply(good)
    applier = Applier(site.directory, Local(site.commands, site.directory.path), site.commands)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        outcome = applier.apply(site.bundle(port, "two", frontend=f"bind 127.0.0.1:{busy}"))
    assert isinstance(outcome, RolledBack)
    assert outcome.reason == f"port {busy} on 127.0.0.1 is in use by another process"
    assert outcome.serving == good.digest
    assert isinstance(applier.apply(site.bundle(port, "three")), Applied)


def test_without_a_running_haproxy_the_release_is_in_place_and_the_error_says_how_to_start(site: Site) -> None:
    bundle = site.bundle(free_port(), "one")
    local = Local(site.commands, site.directory.path)
    with pytest.raises(ProxyError, match=r"haproxy is not running: its pid file .*haproxy.pid: No such file") as caught:
        Applier(site.directory, local, site.commands).apply(bundle)
    assert f"-f {site.directory.layout.current}/haproxy.cfg" in caught.value.hint
    assert site.directory.current() == bundle.digest
