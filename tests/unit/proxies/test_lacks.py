"""What a proxy lacks is taken out of policies, and told; a guard is kept whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest

from gen.model import Policy, Protocol, Upstream
from gen.options import option
from gen.policies import Sticky, UpstreamTls
from gen.proxies.lacks import fit_upstream, without
from gen.settings import Settings
from gen.values import CookieName, Duration, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence(Policy):
    """A guard with an option that no proxy has."""

    name: ClassVar[str] = "fence"
    guards: ClassVar[bool] = True

    height: int = option(default=0, main=True, help="How high.", example="1")


SEAT = Sticky(cookie=CookieName("seat"), max_idle=Duration(60_000))


def test_what_is_not_lacked_stays_as_it_is() -> None:
    assert without((SEAT,), {"cache": "no"}) == ((SEAT,), ())


def test_a_policy_that_is_lacked_is_left_out() -> None:
    kept, lost = without((SEAT, Fence()), {"sticky": "no cookies here"})
    assert kept == (Fence(),)
    assert [(one.key, one.why, one.is_guard) for one in lost] == [("sticky", "no cookies here", False)]


def test_an_option_that_is_lacked_is_as_if_it_had_not_been_written() -> None:
    kept, lost = without((SEAT,), {"sticky.max_idle": "no clock here"})
    assert kept == (Sticky(cookie=CookieName("seat")),)
    assert [(one.key, one.why) for one in lost] == [("sticky.max_idle", "no clock here; max_idle is left out")]


def test_an_option_that_asks_for_nothing_is_not_lacked() -> None:
    assert without((UpstreamTls(verify=False),), {"upstream_tls.verify": "none"})[1] == ()


def test_a_guard_without_one_of_its_options_is_lost_as_a_whole() -> None:
    kept, lost = without((Fence(height=2),), {"fence.height": "too high"})
    assert kept == ()
    assert [one.is_guard for one in lost] == [True]


def lost_of(policy: UpstreamTls, protocol: Protocol, settings: Settings) -> list[str]:
    upstream = Upstream(id="u", protocol=protocol, policies=(policy,))
    found = fit_upstream(upstream, {}, settings)[1]
    assert all(one.is_guard for one in found)
    return [one.why for one in found]


@pytest.mark.parametrize("protocol", ["https", "grpcs"])
def test_servers_that_speak_tls_can_be_verified(protocol: Protocol) -> None:
    assert lost_of(UpstreamTls(), protocol, Settings()) == []


@pytest.mark.parametrize("protocol", ["http", "h2c", "grpc", "fastcgi", "uwsgi"])
def test_servers_without_tls_cannot_be_verified(protocol: Protocol) -> None:
    assert protocol in lost_of(UpstreamTls(), protocol, Settings())[0]


def test_nobody_is_trusted_where_the_operator_names_no_directory() -> None:
    settings = Settings(ca_files="")
    assert "ca_files" in lost_of(UpstreamTls(ca=Name("x.pem")), "https", settings)[0]
    assert lost_of(UpstreamTls(verify=False), "https", settings) == []
