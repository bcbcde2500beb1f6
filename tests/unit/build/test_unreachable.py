"""Who cannot be reached is told why, and a way that works for that driver."""

from __future__ import annotations

from typing import Any

import pytest

from gen.state import Address, Instance, Network, Port, Vantage
from tests.support.labelled import SETTINGS, built, messages, workload

HOST = Vantage(kind="host", networks=("bridge",), published_at="127.0.0.1", host_at="127.0.0.1")
BOTH = (Address(network="dual", host="10.7.0.2"), Address(network="dual", host="fd00:7::2"))


def model_of(vantage: Vantage, driver: str = "bridge", **parts: Any) -> Any:
    instance = Instance(id="s", name="s", ports=(Port(number=80),), **parts)
    networks = (Network(id="1", name="far", driver=driver),)
    return built(
        workload("s", {"fairway.host": "a.test"}, instance), vantage=vantage, settings=SETTINGS, networks=networks
    )


@pytest.mark.parametrize(
    ("only_ipv4", "only_ipv6", "host"),
    [((), (), "10.7.0.2"), (("dual",), (), "10.7.0.2"), ((), ("dual",), "fd00:7::2")],
)
def test_ipv4_is_used_unless_the_proxy_has_only_ipv6(
    only_ipv4: tuple[str, ...], only_ipv6: tuple[str, ...], host: str
) -> None:
    vantage = Vantage(kind="host", networks=("dual",), only_ipv4=only_ipv4, only_ipv6=only_ipv6)
    [server] = model_of(vantage, addresses=BOTH).upstreams[0].servers
    assert server.host == host


@pytest.mark.parametrize("driver", ["macvlan", "ipvlan", "overlay"])
def test_the_host_is_in_no_such_network_and_a_bridge_helps(driver: str) -> None:
    model = model_of(HOST, driver, addresses=(Address(network="far", host="10.9.0.2"),))
    assert messages(model) == [
        "s: fairway.host: s is on far; the proxy's host reaches bridge (docker network connect bridge s)"
    ]


def test_the_network_none_has_to_be_left_first() -> None:
    assert messages(model_of(HOST, addresses=(Address(network="none", host=""),))) == [
        "s: fairway.host: s is on no network; the proxy's host reaches bridge "
        "(docker network disconnect none s && docker network connect bridge s)"
    ]


def test_who_lost_its_network_has_to_be_restarted() -> None:
    assert messages(model_of(HOST, lost_lender="vpn")) == [
        "s: fairway.host: s uses the network of vpn, which has ended or was started again since; the proxy's host "
        "reaches bridge (docker restart s; if vpn was made anew, s has to be made anew too)"
    ]


def test_a_rootless_engine_is_named_as_the_reason() -> None:
    vantage = Vantage(kind="host", networks=(), rootless=True, published_at="127.0.0.1")
    [told] = messages(model_of(vantage, addresses=(Address(network="far", host="10.9.0.2"),)))
    assert "the proxy's host reaches no network of the engine, which is rootless (publish the port" in told
