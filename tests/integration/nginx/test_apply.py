"""Bundles brought to a real nginx, and what is served when one is not taken."""

from __future__ import annotations

import socket

from gen.apply import Applied, Refused, RolledBack, Unchanged
from tests.integration.nginx.site import Site
from tests.integration.serving import page, until
from tests.support.proxy import free_port

LIMIT = "limit_req_zone {key} zone=z:64k rate=9r/s;"


def test_the_first_bundle_starts_nginx(site: Site) -> None:
    port = free_port()
    bundle = site.bundle(port, "one")
    outcome = site.applier.apply(bundle)
    assert isinstance(outcome, Applied)
    assert (outcome.how, outcome.digest) == ("start", bundle.digest)
    assert page(port) == "one"
    assert site.applier.confirmed() == site.directory.current() == bundle.digest


def test_a_change_is_reloaded_and_confirmed(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    pid = site.control.pid
    outcome = site.applier.apply(site.bundle(port, "two"))
    assert isinstance(outcome, Applied)
    assert outcome.how == "reload"
    assert until(lambda: page(port) == "two")
    assert site.control.pid == pid


def test_the_same_bundle_again_changes_nothing(site: Site) -> None:
    bundle = site.bundle(free_port(), "one")
    site.applier.apply(bundle)
    assert site.applier.apply(bundle) == Unchanged(digest=bundle.digest)


def test_old_workers_that_still_answer_do_not_make_it_change_again(site: Site) -> None:
    port = free_port()
    for text in ("one", "two", "three"):
        bundle = site.bundle(port, text)
        site.applier.apply(bundle)
        assert site.applier.apply(bundle) == Unchanged(digest=bundle.digest)


def test_an_installed_bundle_that_nobody_serves_is_not_unchanged(site: Site) -> None:
    bundle = site.bundle(free_port(), "one")
    site.applier.apply(bundle)
    site.control.stop()
    outcome = site.applier.apply(bundle)
    assert isinstance(outcome, Applied)
    assert outcome.how == "start"


def test_a_bad_configuration_is_refused_while_the_old_one_serves(site: Site) -> None:
    port = free_port()
    good, bad = site.bundle(port, "one"), site.bundle(port, "two", server="bogus;")
    site.applier.apply(good)
    outcome = site.applier.apply(bad)
    assert isinstance(outcome, Refused)
    assert outcome.reason == 'nginx.conf:8: unknown directive "bogus"'
    assert [(fault.file, fault.line) for fault in outcome.faults] == [("nginx.conf", 8)]
    assert page(port) == "one"
    assert not site.directory.holds(bad.digest)
    assert site.directory.current() == good.digest


def test_a_port_in_use_is_rolled_back_with_the_reason(site: Site) -> None:
    port = free_port()
    good = site.bundle(port, "one")
    site.applier.apply(good)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        other = taken.getsockname()[1]
        outcome = site.applier.apply(site.bundle(port, "two", server=f"listen 127.0.0.1:{other};"))
    assert isinstance(outcome, RolledBack)
    assert outcome.reason == f"port {other} on 127.0.0.1 is in use by another process"
    assert outcome.serving == good.digest == site.directory.current()
    assert page(port) == "one"


def test_a_first_start_on_a_port_in_use_leaves_nothing_running_and_says_so(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = site.applier.apply(site.bundle(port, "one"))
    assert isinstance(outcome, RolledBack)
    assert outcome.reason == f"port {port} on 127.0.0.1 is in use by another process"
    assert outcome.serving is None
    assert site.directory.current() is None
    assert not site.control.is_running()


def test_a_listen_address_that_becomes_a_wildcard_is_rolled_back_with_a_hint(site: Site) -> None:
    port, other = free_port(), free_port()
    good = site.bundle(port, "one", server=f"listen 127.0.0.1:{other};")
    site.applier.apply(good)
    outcome = site.applier.apply(site.bundle(port, "two", server=f"listen 0.0.0.0:{other};"))
    assert isinstance(outcome, RolledBack)
    assert outcome.serving == good.digest
    assert "restart it" in outcome.hint


def test_a_zone_with_another_key_is_rolled_back_with_nginxs_own_words(site: Site) -> None:
    port = free_port()
    good = site.bundle(port, "one", http_block=LIMIT.format(key="$binary_remote_addr"), server="limit_req zone=z;")
    site.applier.apply(good)
    changed = site.bundle(port, "two", http_block=LIMIT.format(key="$host"), server="limit_req zone=z;")
    outcome = site.applier.apply(changed)
    assert isinstance(outcome, RolledBack)
    assert outcome.reason.startswith('limit_req "z" uses the "$host" key while previously')
    assert "another name" in outcome.hint
    assert page(port) == "one"


def test_warnings_travel_with_a_success(site: Site) -> None:
    port = free_port()
    twin = f"server {{ listen 127.0.0.1:{port}; server_name a; }}"
    outcome = site.applier.apply(site.bundle(port, "one", http_block=twin, server="server_name a;"))
    assert isinstance(outcome, Applied)
    assert [fault.level for fault in outcome.warnings] == ["warn"]
    assert "conflicting server name" in outcome.warnings[0].message
