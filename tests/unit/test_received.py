"""What a request comes to before anything decides: client, fields, refusals."""

from __future__ import annotations

import pytest

from gen.model import Listener, Model
from gen.received import Received, Request, received
from gen.settings import Settings
from gen.values import Cidr

TRUSTED = tuple(map(Cidr.parse, ("10.0.0.0/8", "2001:db8:1::/48")))
MODEL = Model(
    settings=Settings(trusted_proxies=TRUSTED),
    listeners=(Listener(name="web", port=80), Listener(name="websecure", port=443, tls=True)),
)


def found(*headers: tuple[str, str], client: str = "10.0.0.9", host: str = "a.test", listener: str = "web") -> Received:
    return received(MODEL, Request(listener=listener, host=host, headers=headers, client=client))


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.1:80, [2001:db8:1::1]", "203.0.113.7"),
        ("203.0.113.7:443", "203.0.113.7"),
        ("10.0.0.5, [2001:db8::1]:80", "2001:db8::1"),
        ("203.0.113.7, unknown", "10.0.0.9"),
        ("203.0.113.7, unknown, 10.0.0.5", "10.0.0.5"),
        ("203.0.113.7/8", "10.0.0.9"),
        ("203.0.113.7:99999", "10.0.0.9"),
        ("1:2:3", "10.0.0.9"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("", "10.0.0.9"),
    ],
)
def test_the_client_is_the_first_address_from_the_end_that_is_no_trusted_proxys(said: str, client: str) -> None:
    assert found(("X-Forwarded-For", said)).client == client
    assert found(("X-Forwarded-For", said), client="192.0.2.1").client == "192.0.2.1"


def test_fields_of_one_name_are_one() -> None:
    fields = found(("X-A", "1"), ("x-a", ""), ("Cookie", "a=1"), ("X-A", "2"), ("cookie", "b=2")).fields
    assert (fields["x-a"], fields["cookie"]) == ("1, , 2", "a=1; b=2")


@pytest.mark.parametrize(
    ("host", "listener", "port"),
    [
        ("a.test", "web", "80"),
        ("a.test", "websecure", "443"),
        ("A.test:8080", "web", "8080"),
        ("[::1]:81", "web", "81"),
    ],
)
def test_the_port_is_the_hosts_or_the_schemes(host: str, listener: str, port: str) -> None:
    fields = found(host=host, listener=listener, client="192.0.2.1").fields
    assert (fields["x-forwarded-port"], fields["x-forwarded-host"]) == (port, host)


def test_a_trusted_peers_scheme_is_believed() -> None:
    said = ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/p")
    assert {found(*said).fields[f"x-forwarded-{name}"] for name in ("proto", "port", "prefix")} == {
        "https",
        "443",
        "/p",
    }
    fields = found(*said, client="192.0.2.1").fields
    assert {fields[f"x-forwarded-{name}"] for name in ("proto", "port", "prefix")} == {"http", "80", ""}
    assert found(*said, said[0]).fields["x-forwarded-proto"] == "http"


@pytest.mark.parametrize(
    "host", ["a.test:x", "a.test:65536", "a..test", ".a.test", "a b", "a/b", "[::1", "a@b", "a:1:2"]
)
def test_a_malformed_host_is_refused(host: str) -> None:
    assert found(host=host).refused == "the Host field is malformed"


@pytest.mark.parametrize(
    "said", ["1.2.3.4,,5.6.7.8", "1.2.3.4 5.6.7.8", "01.2.3.4", "[1.2.3.4]", ", ".join(["::1"] * 11)]
)
def test_what_proxies_read_differently_is_refused_of_trusted_peers_alone(said: str) -> None:
    assert "odd elements" in found(("X-Forwarded-For", said)).refused
    assert found(("X-Forwarded-For", said), client="192.0.2.1").refused == ""


@pytest.mark.parametrize("around", ["{}", "{}.", "{}:65535", "{}.:80"])
def test_a_host_is_as_long_as_dns_allows(around: str) -> None:
    name = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    assert found(host=around.format(name)).refused == ""
    assert found(host=around.format(f"x{name}")).refused == "the host has more than 253 characters"


def test_two_hosts_are_refused() -> None:
    assert found(("Host", "b.test")).refused == "there are several Host fields"


@pytest.mark.parametrize(
    ("text", "written", "parts"),
    [("::ffff:10.0.0.0/104", "10.0.0.0/8", 1), ("::/0", "::/0", 96), ("2001:db8::/32", "2001:db8::/32", 1)],
)
def test_networks_of_ipv6_have_no_ipv4_addresses(text: str, written: str, parts: int) -> None:
    network = Cidr.parse(text)
    assert str(network) == written and len(network.in_ipv6) == parts
    assert not any(part.contains("192.0.2.1") for part in network.in_ipv6 if ":ffff:" not in str(part))
