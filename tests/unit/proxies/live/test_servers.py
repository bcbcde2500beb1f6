"""Two server lists → commands, or reasons."""

from __future__ import annotations

import pytest

from gen.proxies.haproxy.live import live
from gen.proxies.live import Leftover
from tests.unit.proxies.live.files import ALL, CONFIG, ONE, TWO, bundle, lines, reasons, up

OLD = bundle(up("b", "balance roundrobin", ONE))
BOTH = ((ONE,), (ONE, TWO))
LEFT = Leftover(kind="server", name="b/s_2")


def new(*servers: str, balance: str = "balance roundrobin") -> list[str]:
    return lines(OLD, bundle(up("b", balance, *servers)))


def test_nothing_but_the_digest_changes_between_equals() -> None:
    assert lines(OLD, OLD) == []


def test_a_server_is_added_before_another_one_goes() -> None:
    assert new(TWO) == [
        "add server b/s_2 10.0.0.2:80 id 2 weight 10",
        "set server b/s_2 state ready",
        "set server b/s_1 state maint",
        "del server b/s_1",
    ]


def test_checks_and_agents_are_switched_on() -> None:
    assert new(ONE, f"{TWO} maxconn 5 check inter 2000ms agent-check agent-port 9") == [
        "add server b/s_2 10.0.0.2:80 id 2 check inter 2000ms agent-check agent-port 9 weight 10 maxconn 5",
        "set server b/s_2 state ready",
        "enable health b/s_2",
        "enable agent b/s_2",
    ]


def test_words_in_quotes_are_spelled_as_the_runtime_api_reads_them() -> None:
    [addition, _] = new(ONE, f"{TWO} sni 'str(\"a b;c\")'")
    assert addition == 'add server b/s_2 10.0.0.2:80 id 2 sni str("a\\ b\\;c") weight 10'


def test_weight_and_maxconn_change_in_place() -> None:
    assert new(ONE.replace("10", "0", 1).replace("weight 10", "weight 0").replace("0.0.0.1", "10.0.0.1")) == [
        "set server b/s_1 weight 0"
    ]
    assert new(f"{ONE} maxconn 7") == ["set maxconn server b/s_1 7"]


def test_what_is_left_of_a_server_is_taken_again() -> None:
    after = bundle(up("b", "balance roundrobin", ONE, f"{TWO} check"))
    assert lines(OLD, after, ALL, LEFT) == [
        "set server b/s_2 weight 10",
        "set maxconn server b/s_2 0",
        "set server b/s_2 state ready",
        "enable health b/s_2",
    ]
    assert live(OLD, after, ALL, [LEFT]).retakes == (LEFT,)


def test_a_server_that_cannot_be_deleted_yet_is_left_and_waited_for_where_that_is_possible() -> None:
    after = bundle(up("b", "balance roundrobin"))
    [*_, with_wait, _] = live(OLD, after, ALL).commands
    [*_, without, _] = live(OLD, after).commands
    assert with_wait.leaves and with_wait.leaves.removal == ("wait 50ms srv-removable b/s_1", "del server b/s_1")
    assert without.leaves and without.leaves.removal == ("del server b/s_1",)


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (f"{TWO} resolvers dns", "server b/s_2 is new and this HAProxy adds none with `resolvers`"),
        (f"{TWO} track b/s_1", "backend b: its servers track one another"),
        (
            TWO.replace("id 2 ", ""),
            "server b/s_2 is new and has no id, without which HAProxy before 3.0 balances wrongly",
        ),
        (TWO.replace("10.0.0.2", "web.test"), "server b/s_2 is new and has no address with a port"),
        (f'{TWO} sni "str(a)"', "server b/s_2 is new and is not written as we do it"),
        (f"{TWO} sni 'a<<'", "server b/s_2 is new and has words that the runtime API cannot be given"),
    ],
)
def test_a_server_that_cannot_be_added_is_a_reload(server: str, why: str) -> None:
    assert reasons(OLD, bundle(up("b", "balance roundrobin", ONE, server))) == (why,)


def test_a_cookie_is_a_reload_before_3_0() -> None:
    after = bundle(up("b", "balance roundrobin", ONE, f"{TWO} cookie c"))
    assert reasons(OLD, after) == ()
    assert reasons(OLD, after, frozenset()) == ("server b/s_2 is new and this HAProxy adds none with `cookie`",)


@pytest.mark.parametrize(
    "line",
    [
        "balance source",
        "balance static-rr",
        "balance hash req.hdr(x)",
        "use-server s_1 if TRUE",
        "default-server check",
    ],
)
def test_a_backend_whose_servers_are_fixed_is_a_reload(line: str) -> None:
    assert len(reasons(bundle(up("b", line, ONE)), bundle(up("b", line, ONE, TWO)))) == 1
    assert reasons(bundle(up("b", line, ONE)), bundle(up("b", line, f"{ONE} maxconn 5"))) == ()


def test_a_hash_is_live_where_it_is_consistent() -> None:
    backend = ("balance hash req.hdr(x)", "hash-type consistent sdbm avalanche")
    assert reasons(bundle(up("b", *backend, ONE)), bundle(up("b", *backend, ONE, TWO))) == ()
    config = f"defaults d\n    hash-type consistent\n\ndefaults e from d\n    option redispatch\n\n{CONFIG}"
    old, after = (bundle(up("b", backend[0], *all_of_them, header=" from e"), config=config) for all_of_them in BOTH)
    assert reasons(old, after) == ()


def test_another_order_of_servers_is_a_reload() -> None:
    old, after = bundle(up("b", "balance first", ONE, TWO)), bundle(up("b", "balance first", TWO, ONE))
    assert reasons(old, after) == ("backend b: its servers stand in another order",)


def test_a_moved_server_under_the_same_name_is_a_reload() -> None:
    after = bundle(up("b", "balance roundrobin", ONE.replace("10.0.0.1", "10.0.0.9")))
    assert reasons(OLD, after) == ("server b/s_1 has other words under the same name",)
