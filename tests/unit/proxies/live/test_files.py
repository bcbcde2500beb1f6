"""Skeletons, backends, maps, certificates and other files → commands, or reasons."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

from gen.bundle import Bundle
from gen.proxies.haproxy.live import live
from gen.proxies.haproxy.live.maps import PAYLOAD_BYTES, chunks
from gen.proxies.live import Leftover
from tests.unit.proxies.live.files import CONFIG, ONE, TWO, bundle, lines, reasons, up

A = up("up_a", ONE)


def test_a_section_that_differs_is_named() -> None:
    other = CONFIG.replace("bind :80", "bind :81")
    assert reasons(bundle(A), bundle(A, config=other)) == ("frontend fe_web differs",)
    more = CONFIG + "userlist u\n    user x password y\n"
    assert reasons(bundle(A), bundle(A, config=more)) == ("userlist u is new",)
    assert reasons(bundle(A, config=more), bundle(A)) == ("userlist u is gone",)


def test_lines_of_a_backend_that_differ_are_named() -> None:
    old = bundle(up("up_a", "timeout server 1s", "option httpchk", ONE))
    new = bundle(up("up_a", "timeout server 2s", "option redispatch", ONE))
    assert reasons(old, new) == ("backend up_a: timeout server, option httpchk, option redispatch differs",)


def in_pieces(one: Bundle) -> Bundle:
    """As they are rendered: the backends are blocks, and what stands between them are pieces too."""
    pieces = re.split(r"(?m)(\n?^backend .*(?:\n .*)*)", one.file("haproxy.cfg").decode())
    return replace(one, pieces=tuple(pieces))


def test_pieces_are_compared_as_the_whole_text_is() -> None:
    c = up("up_c", ONE)
    all_of_them = [
        bundle(A, c),
        bundle(A, up("up_b", TWO), c),
        bundle(A, up("up_b", TWO, ONE), c),
        bundle(up("up_b", TWO), up("up_c", TWO)),
        bundle(A, c, config=CONFIG.replace(":80", ":81")),
        bundle(A, up("up_c", "option redispatch", ONE), config=CONFIG.replace("fe_web", "fe_other")),
    ]
    for old, new in permutations(all_of_them, 2):
        assert live(in_pieces(old), in_pieces(new)) == live(old, new) == live(old, in_pieces(new))


def test_a_new_backend_comes_with_its_servers_and_before_what_leads_to_it() -> None:
    new = bundle(A, up("up_b", TWO, header=" from d"), hosts=". -\nb.test up_b\n")
    old = bundle(A, hosts=". -\n")
    assert lines(old, new) == [
        "add backend up_b from d mode http",
        "add server up_b/s_2 10.0.0.2:80 id 2 weight 10",
        "set server up_b/s_2 state ready",
        "publish backend up_b",
        "add map maps/hosts.map b.test up_b",
    ]
    assert lines(new, old) == [
        "del map maps/hosts.map b.test",
        "set server up_b/s_2 state maint",
        "del server up_b/s_2",
        "unpublish backend up_b",
        "del backend up_b",
    ]
    assert reasons(old, new, frozenset()) == ("backend up_b is new (this HAProxy has no `add backend`)",)


def test_a_new_backend_with_lines_of_its_own_is_a_reload() -> None:
    new = bundle(A, up("up_b", "timeout server 1s", TWO, header=" from d"))
    assert reasons(bundle(A), new) == ("backend up_b is new and has more than its defaults: timeout server",)


def test_a_backend_that_is_gone_is_left_and_comes_back_only_as_it_was() -> None:
    found = live(bundle(A), bundle(), frozenset())
    assert found.leaves == (Leftover(kind="backend", name="up_a", text="backend up_a"),)
    back = live(bundle(), bundle(A), frozenset(), found.leaves)
    assert back.retakes == found.leaves
    other = live(bundle(), bundle(up("up_a", "option redispatch", ONE)), frozenset(), found.leaves)
    assert other.reasons == ("backend up_a is new (this HAProxy has no `add backend`)",)


def test_entries_come_before_the_hosts_that_lead_to_them_and_go_after() -> None:
    old = bundle(hosts=". -\na a\n", exact=". -\na#/ x\n")
    new = bundle(hosts=". -\nb b\n", exact=". -\nb#/ x\n")
    assert [line.split()[:3] for line in lines(old, new)] == [
        ["add", "map", "maps/exact.map"],
        ["add", "map", "maps/hosts.map"],
        ["del", "map", "maps/hosts.map"],
        ["del", "map", "maps/exact.map"],
    ]


def test_a_key_that_is_there_is_set_and_a_map_with_a_key_twice_is_exchanged() -> None:
    assert lines(bundle(hosts="a 1\nb 2\n"), bundle(hosts="a 3\nb 2\n")) == ["set map maps/hosts.map a 3"]
    assert lines(bundle(hosts="a 1\na 2\n"), bundle(hosts="a 1\n")) == [
        "prepare map maps/hosts.map",
        "add map @V maps/hosts.map <<\na 1",
        "show map @V maps/hosts.map",
        "commit map @V maps/hosts.map",
    ]


def test_payloads_are_small_and_have_no_empty_line() -> None:
    many = [f"host-{number}.test up_{number}" for number in range(2000)]
    found = chunks(many)
    assert "".join(found).splitlines() == many
    assert max(len(chunk) for chunk in found) <= PAYLOAD_BYTES
    assert not any("\n\n" in chunk for chunk in found)


def test_a_new_and_an_empty_map_are_reloads() -> None:
    assert reasons(bundle(), bundle(hosts="a 1\n")) == ("maps/hosts.map is new",)
    assert reasons(bundle(hosts="a 1\n"), bundle(hosts="")) == (
        "maps/hosts.map is empty, and could not be changed later",
    )


def test_a_certificate_that_is_none_or_too_large_is_a_reload() -> None:
    for content in ("nonsense", "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n" * 400):
        assert "is not what the runtime API can be given" in reasons(bundle(), bundle(**{"certs/a.pem": content}))[0]


def test_certificates_that_share_a_name_and_ones_without_names_are_reloads() -> None:
    old = bundle(web="certs/0.pem\ncerts/a.pem a.test\n")
    shared = bundle(web="certs/0.pem\ncerts/a.pem a.test\ncerts/b.pem a.test\n")
    assert reasons(old, shared) == ("certs/web.list: a.test is a name of two certificates",)
    bare = bundle(web="certs/0.pem\ncerts/a.pem a.test\ncerts/b.pem\n")
    assert reasons(old, bare) == ("certs/web.list: certs/b.pem is shown for whatever names it has itself",)


def test_any_other_file_is_a_reload() -> None:
    assert reasons(bundle(), bundle(**{"ca/x.pem": "x"})) == ("ca/x.pem differs",)
    assert lines(bundle(), bundle(**{"release.json": "{}"})) == []


def test_each_difference_says_which_way_it_goes() -> None:
    old, new = bundle(A, hosts="a 1\n"), bundle(up("up_a", TWO), hosts="a 2\n", config=CONFIG.replace(":80", ":81"))
    assert [str(way) for way in live(old, new).ways] == [
        "frontend fe_web differs (reload)",
        "server up_a/s_2 is new (live)",
        "server up_a/s_1 is gone (live)",
        "maps/hosts.map: a -> 2 (live)",
    ]
