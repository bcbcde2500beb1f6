"""Hosts, client networks, ports and resolvers."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import Cidr, DnsName, Host, PortRef, Resolver


@pytest.mark.parametrize(
    "text",
    ["shop.example.com", "localhost", "*.shop.test", ".shop.test", "x_y.test", r"~^shop[0-9]+\.test$", "*.test"],
)
def test_a_host_is_written_as_it_was_read(text: str) -> None:
    assert str(Host.parse(text)) == text
    assert Host.parse(str(Host.parse(text))) == Host.parse(text)


def test_a_host_is_lower_case() -> None:
    assert str(Host.parse("Shop.TEST")) == "shop.test"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a host"),
        ("*", "is not a host"),
        ("a..test", "is not a host"),
        ("-a.test", "is not a host"),
        ("a.test.", "is not a host"),
        ("a.test:80", "is not a host"),
        ("a;b.test", "is not a host"),
        ("x" * 64 + ".test", "is not a host"),
        (".".join(["a" * 60] * 5), "is not a host"),
        ("*.com", "a whole top-level domain is too much"),
        (".com", "a whole top-level domain is too much"),
        ("ünder.test", "write xn--nder-zra.test for it"),
        ("*.straße.test", "write xn--strae-oqa.test for it"),
        ("a\u2028b.test", "write its punycode form for it"),
        ("~.", "it matches hosts that nobody named"),
        (r"~^.*\.example$", "it matches hosts that nobody named"),
        ("~(", "a regular expression we can run"),
    ],
)
def test_what_is_no_host_is_told_why(text: str, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        Host.parse(text)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("a.test", ["a.test"], ["b.a.test", "xa.test"]),
        ("*.a.test", ["b.a.test", "c.b.a.test"], ["a.test", "xa.test"]),
        (".a.test", ["a.test", "b.a.test"], ["xa.test"]),
        (r"~^a[0-9]\.test$", ["a1.test"], ["a1.test\n", "xa1.test"]),
    ],
)
def test_which_names_a_host_matches(pattern: str, yes: list[str], no: list[str]) -> None:
    host = Host.parse(pattern)
    assert [host.matches(name) for name in yes + no] == [True] * len(yes) + [False] * len(no)


def test_hosts_rank_exact_then_longest_wildcard_then_regex() -> None:
    texts = [r"~^b\.test$", ".test", "*.eu.test", "b.test", "*.test", "a.test", ".b.eu.test"]
    ranked = [str(host) for host in sorted(map(Host.parse, texts))]
    assert ranked == ["a.test", "b.test", ".b.eu.test", "*.eu.test", "*.test", ".test", r"~^b\.test$"]


@pytest.mark.parametrize(
    ("text", "written"),
    [("10.0.0.0/8", "10.0.0.0/8"), ("192.0.2.1", "192.0.2.1/32"), ("2001:DB8::/32", "2001:db8::/32")],
)
def test_a_network_is_written_in_one_form(text: str, written: str) -> None:
    assert str(Cidr.parse(text)) == written


@pytest.mark.parametrize("text", ["", "office", "10.0.0.0/33", "10.0.0.300", "010.0.0.1", "::/129", "fe80::1%a;b"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"is not a network.*; write for example 10\.0\.0\.0/8"):
        Cidr.parse(text)


def test_host_bits_are_refused_with_the_reason() -> None:
    with pytest.raises(BadValue, match=r"'10.0.0.1/8' is not a network \(host bits are set\)"):
        Cidr.parse("10.0.0.1/8")


def test_an_ipv4_address_in_ipv6_clothes_counts_as_ipv4() -> None:
    network = Cidr.parse("10.0.0.0/8")
    assert network.contains("::ffff:10.1.2.3")
    assert not network.contains("11.0.0.1")
    assert not network.contains("2001:db8::1")


@pytest.mark.parametrize(("text", "number", "name"), [("8080", 8080, ""), ("web", 0, "web"), ("web-1", 0, "web-1")])
def test_a_port_is_a_number_or_a_name(text: str, number: int, name: str) -> None:
    port = PortRef.parse(text)
    assert (port.number, port.name, str(port)) == (number, name, text)


@pytest.mark.parametrize("text", ["", "0", "65536", "80/tcp", "8080:80", "a b"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not a port; write for example 8080"):
        PortRef.parse(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("127.0.0.11", "127.0.0.11"),
        ("10.0.0.2:5353", "10.0.0.2:5353"),
        ("10.0.0.2:53", "10.0.0.2"),
        ("fd00::53", "[fd00::53]"),
        ("[fd00::53]:5353", "[fd00::53]:5353"),
    ],
)
def test_a_resolver_is_an_address_with_a_port(text: str, written: str) -> None:
    assert str(Resolver.parse(text)) == written
    assert Resolver.parse(written) == Resolver.parse(text)


@pytest.mark.parametrize(
    "text", ["", "dns", "10.0.0.2:0", "10.0.0:53", "[10.0.0.1]:53x", "fe80::1%a;b", "10.0.0.2:99999"]
)
def test_what_is_no_resolver_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not a DNS server's address"):
        Resolver.parse(text)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("api", ""),
        ("api_2-x", ""),
        ("127.0.0.1", "it is an address"),
        ("127.1", "it is an address"),
        ("2130706433", "it is an address"),
        ("0x7F000001", "it is an address"),
        ("0x7f.0.0.1", "it is an address"),
        ("017700000001", "it is an address"),
        ("127.0.0.1.", "it is an address"),
        ("::1", "it is an address"),
        ("localhost", "it is the proxy's own machine"),
        ("LocalHost", "it is the proxy's own machine"),
        ("metadata.google.internal", "it has a dot, so it can be the name of another machine"),
        ("host.docker.internal", "it has a dot, so it can be the name of another machine"),
        ("api.", "it has a dot, so it can be the name of another machine"),
        ("-api", "DNS is not asked for such a name"),
    ],
)
def test_a_containers_name_stands_alone_only_where_it_can_lead_nowhere_else(name: str, why: str) -> None:
    assert DnsName.refusal(name) == why
