"""What a check must not do to the nginx that serves, and to the host."""

from __future__ import annotations

from pathlib import Path

from gen.apply import capabilities
from gen.control.here import sandbox
from gen.proxies.nginx.capabilities import PROBES
from gen.proxies.nginx.commands import NginxCommands
from tests.integration.nginx.site import Site
from tests.integration.serving import page
from tests.support.proxy import free_port


def test_the_socket_and_the_pid_file_of_a_serving_nginx_survive_checks(site: Site) -> None:
    port = free_port()
    serving = site.bundle(port, "one")
    site.applier.apply(serving)
    socket = Path(site.directory.layout.socket)
    pid_file = Path(NginxCommands().pid_file(site.directory.layout))
    before = (socket.stat().st_ino, pid_file.read_text())
    for candidate in (serving, site.bundle(port, "two"), site.bundle(port, "three", server="bogus;")):
        site.applier.check(candidate)
        argv = NginxCommands().check(site.directory.layout.current / "nginx.conf", site.directory.layout)
        site.control.run(argv, timeout=10, isolated=False)
    assert (socket.stat().st_ino, pid_file.read_text()) == before
    assert site.applier.confirmed() == serving.digest
    assert page(port) == "one"


def test_a_check_before_the_first_start_leaves_no_socket(site: Site) -> None:
    assert site.applier.check(site.bundle(free_port(), "one")).ok
    assert not Path(site.directory.layout.socket).exists()


def test_an_isolated_check_binds_no_address_of_the_host(site: Site) -> None:
    """Where isolation is possible every address can be bound; elsewhere this one is refused, in plain words."""
    candidate = site.bundle(free_port(), "one", server="listen 203.0.113.1:80;")
    result = site.applier.check(candidate)
    assert result.ok == bool(sandbox())
    assert all("is not an address of this host" in fault.message for fault in result.faults)


def test_a_checked_bundle_is_not_kept(site: Site) -> None:
    bundle = site.bundle(free_port(), "one")
    site.applier.check(bundle)
    assert not site.directory.holds(bundle.digest)


def test_the_binary_tells_what_it_can_do_and_is_asked_once(site: Site) -> None:
    commands = NginxCommands()
    found = capabilities(site.directory, site.control, commands, probes=PROBES)
    assert found is not None
    assert "grpc" in found
    assert found <= {probe.name for probe in PROBES}
    memory = Path(site.directory.layout.run / "capabilities.json")
    written = memory.stat().st_mtime_ns
    assert capabilities(site.directory, site.control, commands, probes=PROBES) == found
    assert memory.stat().st_mtime_ns == written
    assert not list(memory.parent.glob("probe-*"))
