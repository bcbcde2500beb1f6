"""By name: what is no name of a workload's own, or leads to somebody else, is not asked for; why, and what helps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.errors import BadValue
from gen.model import Model
from gen.state import Address, Instance, Port, Vantage, Workload
from gen.values import DnsName, Resolver
from tests.support.labelled import SETTINGS, built, instance, messages, workload

INSIDE = Vantage(kind="container", name="proxy", networks=("bridge", "edge", "web"))
ON_HOST = Vantage(kind="host", networks=("web",), published_at="127.0.0.1", host_at="127.0.0.1")
DNS = {"fairway.host": "a.test", "fairway.resolve": "dns"}


def named(name: str, *others: str, host: str = "10.0.0.1", network: str = "web", **labels: str) -> Workload:
    its = instance(name, host, names=tuple(sorted((name, *others))), network=network)
    return workload(name, DNS | {f"fairway.{key}": value for key, value in labels.items()}, its)


def places(found: Model) -> list[str]:
    return [f"{server.host}:{server.port}" for upstream in found.upstreams for server in upstream.servers]


ELSEWHERE = ("169.254.169.254", "metadata.google.internal", "db.corp", "localhost", "2130706433", "0x7f000001")
NOWHERE = ("74517a85eb93", "f" * 64, "a" * 64, "a b", "-a", "a-", "tasks.", "tasks.a.b", "", "é", "a;b", "shop.")


@pytest.mark.parametrize("text", [*ELSEWHERE, *NOWHERE])
def test_what_could_be_somebody_elses_is_no_name(text: str) -> None:
    with pytest.raises(BadValue, match="write for example shop"):
        DnsName.parse(text)
    found = built(named("c1", text), vantage=INSIDE, settings=SETTINGS)
    assert (places(found), messages(found)) == (["c1.web:80"], [])


@pytest.mark.parametrize("said", ["db", "c2"])
def test_a_label_may_name_its_own_names_only(said: str) -> None:
    other = workload("c2", {"fairway.host": "b.test"}, instance("c2", "10.0.0.2", names=("c2", "db")))
    found = built(named("c1", "shop", resolve_name=said), other, vantage=INSIDE, settings=SETTINGS)
    assert places(found) == ["shop.web:80", "10.0.0.2:80"]
    told = f"c1: fairway.resolve_name: c1 does not have the name {said} on web; shop is used (it has shop, c1)"
    assert (messages(found), found.problems[0].severity) == ([told], "error")


def test_a_label_that_is_no_name_at_all_is_told_and_the_rule_holds() -> None:
    found = built(named("c1", "shop", resolve_name="169.254.169.254"), vantage=INSIDE, settings=SETTINGS)
    assert places(found) == ["shop.web:80"]
    assert "c1: fairway.resolve_name: '169.254.169.254' is not a container's name on a network" in messages(found)[0]


@pytest.mark.parametrize(
    "neighbour",
    [
        workload("db", {"fairway.host": "db.test"}, instance("db", "10.0.0.9", names=("db", "shop"))),
        workload("db", {"fairway.proxy": "edge"}, instance("db", "10.0.0.9", names=("db", "shop"))),
        named("db", "Shop", host="10.0.0.9", port="81"),
        named("db", "shop", host="10.0.0.9", basic_auth="nonsense"),
    ],
    ids=["of-another-route", "without-a-route", "on-another-port", "withheld"],
)
def test_a_name_that_leads_to_others_too_is_not_asked_for(neighbour: Workload) -> None:
    found = built(named("c1", "shop"), neighbour, vantage=INSIDE, settings=SETTINGS)
    assert "c1.web:80" in places(found)
    assert not any(place.startswith("shop.") for place in places(found))
    told = "c1: the name shop on web is that of db too, which is no server of this pool on port 80; c1 is used"
    assert any(told in text for text in messages(found))


def test_a_neighbour_of_the_same_name_on_another_network_is_none() -> None:
    other = workload("db", {"fairway.host": "db.test"}, instance("db", "10.1.0.9", names=("shop",), network="edge"))
    found = built(named("c1", "shop"), other, vantage=INSIDE, settings=SETTINGS)
    assert (places(found), messages(found)) == (["shop.web:80", "10.1.0.9:80"], [])


def test_who_is_called_all_of_it_on_another_network_has_the_name_too() -> None:
    thief = workload("db", {"fairway.enable": "no"}, instance("db", "10.1.0.9", names=("Shop.web",), network="edge"))
    found = built(named("c1", "shop"), thief, vantage=INSIDE, settings=SETTINGS)
    assert places(found) == ["c1.web:80"]
    assert "the name shop on web is that of db too" in messages(found)[0]


def test_who_does_not_run_is_nobodys_neighbour() -> None:
    ended = replace(instance("db", "10.0.0.9", names=("shop",)), running=False)
    found = built(named("c1", "shop"), workload("db", {"fairway.host": "db.test"}, ended), vantage=INSIDE)
    assert places(found) == ["shop.web:80"]


def test_who_uses_a_servers_network_stack_is_at_the_same_address() -> None:
    lent = Address(network="web", host="10.0.0.1", names=("vpn",))
    user = Instance(id="c1", name="c1", addresses=(lent,), ports=(Port(number=80),))
    owner = workload("vpn", {"fairway.enable": "no"}, Instance(id="vpn", name="vpn", addresses=(lent,)))
    assert places(built(workload("c1", DNS, user), owner, vantage=INSIDE)) == ["vpn.web:80"]


def test_a_name_of_somebody_else_alone_leaves_the_address() -> None:
    taken = workload("db", {"fairway.host": "db.test"}, instance("db", "10.0.0.9", names=("c1",)))
    found = built(named("c1"), taken, vantage=INSIDE, settings=SETTINGS)
    assert places(found) == ["10.0.0.1:80", "10.0.0.9:80"]
    assert "that of db too, which is no server of this pool on port 80; its address is used" in messages(found)[0]


@pytest.mark.parametrize(
    ("where", "told"),
    [
        (Address(network="bridge", host="10.0.0.1"), "c1 is on Docker's default bridge, where names do not resolve"),
        (Address(network="web", host="fd00::1", names=("c1",)), "c1 has no IPv4 address on web"),
        (Address(network="web", host="10.0.0.1", names=("1.2.3.4",)), "c1 has no name on web"),
        (Address(network="Web", host="10.0.0.1", names=("c1",)), "Web is no name that DNS could be asked for"),
        (Address(network="com.x", host="10.0.0.1", names=("c1",)), "com.x is no name that DNS could be asked for"),
        (Address(network="254", host="10.0.0.1", names=("c1",)), "254 is no name that DNS could be asked for"),
    ],
)
def test_where_no_name_leads_the_address_is_used(where: Address, told: str) -> None:
    its = Instance(id="c1", name="c1", addresses=(where,), ports=(Port(number=80),))
    vantage = replace(INSIDE, networks=(where.network,))
    found = built(workload("c1", DNS, its), vantage=vantage, settings=SETTINGS)
    assert [server.is_name for server in found.upstreams[0].servers] == [False]
    [problem] = found.problems
    assert (told in problem.message, problem.severity, problem.origin.key) == (True, "warning", "fairway.resolve")


def test_on_the_host_nobody_answers_unless_the_operator_names_somebody() -> None:
    found = built(named("c1"), named("c2", host="10.0.0.2"), vantage=ON_HOST, settings=SETTINGS)
    assert places(found) == ["10.0.0.1:80", "10.0.0.2:80"]
    [told] = messages(found)
    assert "the proxy is in no container, and Docker's DNS server (127.0.0.11) answers only there" in told
    asked = replace(SETTINGS, resolvers=(Resolver("10.0.0.53"),))
    assert places(built(named("c1"), vantage=ON_HOST, settings=asked)) == ["c1.web:80"]


def test_where_the_setting_wants_names_and_nobody_answers_that_is_the_settings_problem() -> None:
    plain = workload("c1", {"fairway.host": "a.test"}, instance("c1", names=("c1",)))
    found = built(plain, vantage=ON_HOST, settings=replace(SETTINGS, resolve="dns"))
    assert places(found) == ["10.0.0.1:80"]
    [problem] = found.problems
    assert (problem.origin.source, problem.origin.key, problem.severity) == ("settings", "resolve", "error")


def test_a_published_port_has_no_name() -> None:
    ports = (Port(number=80, host_port=8000),)
    its = Instance(id="c1", name="c1", addresses=(Address(network="far", host="10.9.0.1", names=("c1",)),), ports=ports)
    asked = replace(SETTINGS, resolvers=(Resolver("10.0.0.53"),))
    found = built(workload("c1", DNS, its), vantage=ON_HOST, settings=asked)
    assert places(found) == ["127.0.0.1:8000"]
    assert "c1 is reached over no network that it shares with the proxy" in messages(found)[0]
