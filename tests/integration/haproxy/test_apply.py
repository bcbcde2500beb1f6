"""Bundles brought to a real HAProxy, and what is served when one is not taken."""

from __future__ import annotations

import socket

from gen.apply import Applied, Refused, RolledBack, Unchanged
from tests.integration.haproxy.site import Site
from tests.integration.serving import page, until
from tests.support.proxy import free_port


def test_the_first_bundle_starts_haproxy(site: Site) -> None:
    port = free_port()
    bundle = site.bundle(port, "one")
    outcome = site.applier.apply(bundle)
    assert isinstance(outcome, Applied)
    assert (outcome.how, outcome.digest, outcome.warnings) == ("start", bundle.digest, ())
    assert page(port) == "one"
    assert site.applier.confirmed() == site.directory.current() == bundle.digest


def test_a_change_is_reloaded_and_confirmed_by_the_same_master(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    pid = site.control.pid
    for text in ("two", "three", "four"):
        outcome = site.applier.apply(site.bundle(port, text))
        assert isinstance(outcome, Applied)
        assert outcome.how == "reload"
        assert until(lambda text=text: page(port) == text)  # type: ignore[misc]
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


def test_a_bad_configuration_is_refused_while_the_old_one_serves(site: Site) -> None:
    port = free_port()
    good, bad = site.bundle(port, "one"), site.bundle(port, "two", frontend="bogus thing")
    site.applier.apply(good)
    outcome = site.applier.apply(bad)
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("haproxy.cfg:14: unknown keyword 'bogus' in 'frontend' section (this haproxy does")
    assert [(fault.file, fault.line, fault.level) for fault in outcome.faults] == [("haproxy.cfg", 14, "emerg")]
    assert page(port) == "one"
    assert not site.directory.holds(bad.digest)
    assert site.directory.current() == good.digest


def test_a_missing_file_is_named_as_the_bundle_names_it(site: Site) -> None:
    outcome = site.applier.apply(site.bundle(free_port(), "one", frontend=f"bind :{free_port()} ssl crt certs/a.pem"))
    assert isinstance(outcome, Refused)
    assert "'certs/a.pem'" in outcome.reason
    assert str(site.directory.path) not in outcome.reason
    assert "may the user who runs haproxy read it" in outcome.reason


def test_a_port_in_use_is_rolled_back_with_the_reason(site: Site) -> None:
    port = free_port()
    good = site.bundle(port, "one")
    site.applier.apply(good)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        other = taken.getsockname()[1]
        outcome = site.applier.apply(site.bundle(port, "two", frontend=f"bind 127.0.0.1:{other}"))
    assert isinstance(outcome, RolledBack)
    assert outcome.reason == f"port {other} on 127.0.0.1 is in use by another process"
    assert outcome.serving == good.digest == site.directory.current()
    assert page(port) == "one"


def test_after_a_rollback_the_next_change_applies(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    elsewhere = site.bundle(port, "two", frontend="bind 203.0.113.9:80")
    outcome = site.applier.apply(elsewhere)
    assert isinstance(outcome, RolledBack)
    assert outcome.reason == "203.0.113.9 is not an address of this host, haproxy cannot listen on its port 80"
    assert isinstance(site.applier.apply(site.bundle(port, "three")), Applied)
    assert until(lambda: page(port) == "three")


def test_a_first_start_on_a_port_in_use_leaves_nothing_running_and_says_so(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = site.applier.apply(site.bundle(port, "one"))
    assert isinstance(outcome, RolledBack)
    assert outcome.reason == f"port {port} on 127.0.0.1 is in use by another process"
    assert outcome.serving is None
    assert site.directory.current() is None
    assert not site.control.is_running()


def test_warnings_travel_with_a_success(site: Site) -> None:
    outcome = site.applier.apply(site.bundle(free_port(), "one", frontend="acl twice path"))
    assert isinstance(outcome, Applied)
    assert [fault.level for fault in outcome.warnings] == ["warn"]
    assert "so this ACL will never match" in outcome.warnings[0].message


def test_a_port_that_somebody_else_would_share_is_rolled_back_too(site: Site) -> None:
    """HAProxy listens beside whoever allows it, and each would get a part of the connections."""
    port, other = free_port(), free_port()
    site.applier.apply(site.bundle(port, "one"))
    with socket.create_server(("127.0.0.1", other), reuse_port=True):
        outcome = site.applier.apply(site.bundle(port, "two", frontend=f"bind 127.0.0.1:{other}"))
    assert isinstance(outcome, RolledBack)
    assert outcome.reason == f"port {other} on 127.0.0.1 is in use by another process"
    assert page(port) == "one"
    assert isinstance(site.applier.apply(site.bundle(port, "two", frontend=f"bind 127.0.0.1:{other}")), Applied)


def test_what_the_check_overlooks_is_refused(site: Site) -> None:
    port = free_port()
    outcome = site.applier.apply(site.bundle(port, "one", frontend=f"bind 127.0.0.1:{port}"))
    assert isinstance(outcome, Refused)
    assert outcome.reason == f"two listeners have the same place 127.0.0.1:{port}, and connections would go to either"
