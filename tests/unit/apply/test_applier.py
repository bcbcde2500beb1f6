"""The order of steps, forth and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.apply import Applied, Applier, Directory, Refused, RolledBack, Unchanged
from gen.errors import ProxyError
from tests.unit.apply.fake import FakeProxy, bundle, completed

ONE, TWO = bundle("11111111"), bundle("22222222")


def test_a_first_bundle_is_checked_then_started(applier: Applier, proxy: FakeProxy) -> None:
    outcome = applier.apply(ONE)
    assert isinstance(outcome, Applied)
    assert (outcome.how, outcome.check_seconds) == ("start", 0.01)
    assert proxy.log == ["check", "start"]


def test_the_next_bundle_is_checked_then_reloaded(applier: Applier, proxy: FakeProxy) -> None:
    applier.apply(ONE)
    proxy.log.clear()
    applier.apply(TWO)
    assert proxy.log == ["check", "HUP"]
    assert proxy.serving == TWO.digest


def test_what_is_installed_and_confirmed_is_not_even_checked(applier: Applier, proxy: FakeProxy) -> None:
    applier.apply(ONE)
    proxy.log.clear()
    assert applier.apply(ONE) == Unchanged(digest=ONE.digest)
    assert proxy.log == []


def test_an_installed_bundle_that_the_proxy_did_not_load_is_applied_again(applier: Applier, proxy: FakeProxy) -> None:
    applier.apply(ONE)
    proxy.serving = "00000000"
    assert isinstance(applier.apply(ONE), Applied)


def test_without_confirmation_the_old_release_is_switched_back_and_loaded(
    applier: Applier, proxy: FakeProxy, directory: Directory
) -> None:
    applier.apply(ONE)
    proxy.log.clear()
    proxy.deaf_to = (TWO.digest,)
    outcome = applier.apply(TWO)
    assert isinstance(outcome, RolledBack)
    assert outcome.serving == ONE.digest == directory.current()
    assert proxy.log == ["check", "HUP", "HUP"]
    assert "did not answer with 22222222" in outcome.reason


def test_the_way_back_leads_to_what_is_served_not_to_what_a_crash_left_installed(
    applier: Applier, proxy: FakeProxy, directory: Directory
) -> None:
    applier.apply(ONE)
    directory.write(TWO)
    directory.switch(TWO.digest)
    proxy.deaf_to = (TWO.digest,)
    outcome = applier.apply(TWO)
    assert isinstance(outcome, RolledBack)
    assert directory.current() == ONE.digest


def test_a_first_start_without_confirmation_is_stopped_and_nothing_is_current(
    applier: Applier, proxy: FakeProxy, directory: Directory
) -> None:
    proxy.deaf_to = (ONE.digest,)
    outcome = applier.apply(ONE)
    assert isinstance(outcome, RolledBack)
    assert outcome.serving is None
    assert directory.current() is None
    assert proxy.log == ["check", "start", "stop"]


def test_a_failed_start_is_followed_by_a_start_with_the_old_release(applier: Applier, proxy: FakeProxy) -> None:
    applier.apply(ONE)
    proxy.stop()
    proxy.log.clear()
    proxy.deaf_to = (TWO.digest,)
    outcome = applier.apply(TWO)
    assert isinstance(outcome, RolledBack)
    assert outcome.serving == ONE.digest
    assert proxy.log == ["check", "start", "stop", "start"]


def test_a_proxy_that_is_gone_when_it_is_signalled_leaves_the_old_release_current(
    applier: Applier, proxy: FakeProxy, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    applier.apply(ONE)

    def refuse(self: FakeProxy, name: str) -> None:
        raise ProxyError("not running")

    monkeypatch.setattr(FakeProxy, "signal", refuse)
    with pytest.raises(ProxyError, match="not running"):
        applier.apply(TWO)
    assert directory.current() == ONE.digest


def test_nothing_changes_when_the_check_fails(applier: Applier, proxy: FakeProxy, directory: Directory) -> None:
    applier.apply(ONE)
    release = f"{directory.path}/releases/{TWO.digest}"
    proxy.checks = [completed(1, f"nginx: [emerg] no such thing in {release}/nginx.conf:3")]
    outcome = applier.apply(TWO)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "nginx.conf:3: no such thing"
    assert not directory.holds(TWO.digest)
    assert applier.confirmed() == directory.current() == ONE.digest


def test_a_refusal_without_a_message_shows_what_was_written(applier: Applier, proxy: FakeProxy) -> None:
    proxy.checks = [completed(139, "")]
    outcome = applier.apply(ONE)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "nginx refuses it: exit code 139"


def test_a_check_without_end_is_a_refusal_that_names_the_limit(applier: Applier, proxy: FakeProxy) -> None:
    proxy.checks = [completed(-9, timed_out=True)]
    outcome = applier.apply(ONE)
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("nginx did not finish checking within 30 s")


def test_a_name_that_the_isolated_check_could_not_look_up_is_checked_with_network(
    applier: Applier, proxy: FakeProxy
) -> None:
    proxy.checks = [completed(1, "nginx: [emerg] host not found in upstream"), completed()]
    assert applier.check(ONE).ok
    assert proxy.log == ["check", "check with network"]


def test_where_nothing_can_be_run_the_result_says_that_nothing_was_checked(applier: Applier, proxy: FakeProxy) -> None:
    proxy.checks = [None]
    result = applier.check(ONE)
    assert (result.ok, result.checked) == (True, False)


def test_where_nothing_can_be_started_the_checked_release_is_in_place(
    applier: Applier, proxy: FakeProxy, directory: Directory
) -> None:
    proxy.starts = False
    with pytest.raises(ProxyError, match="cannot start"):
        applier.apply(ONE)
    assert directory.current() == ONE.digest


def test_only_the_last_releases_stay(applier: Applier, directory: Directory) -> None:
    for digit in "12345":
        applier.apply(bundle(digit * 8))
    assert [directory.holds(digit * 8) for digit in "12345"] == [False, False, False, True, True]


def test_a_proxy_that_serves_what_was_brought_is_not_lost(applier: Applier, proxy: FakeProxy) -> None:
    applier.apply(ONE)
    assert not applier.is_lost(ONE.digest)


def test_a_proxy_that_came_back_with_something_else_is_lost(applier: Applier, proxy: FakeProxy) -> None:
    applier.apply(ONE)
    proxy.serving = "00000000"
    assert applier.is_lost(ONE.digest)


def test_a_proxy_that_is_away_is_left_alone_and_its_socket_is_out_of_the_way(
    applier: Applier, proxy: FakeProxy, directory: Directory
) -> None:
    applier.apply(ONE)
    proxy.stop()
    assert Path(directory.layout.socket).exists()
    assert not applier.is_lost(ONE.digest)
    assert not Path(directory.layout.socket).exists()
