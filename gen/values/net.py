"""Hosts, client networks, ports and resolvers."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Literal, Self

from gen.errors import BadValue
from gen.values.amounts import integer
from gen.values.regex import Regex

_LONGEST = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_OPEN_SUFFIXES = frozenset({"localhost", "test", "local", "lan", "internal", "example", "invalid", "home", "corp"})
_RESOLVER = re.compile(
    r"\[(?P<in_brackets>[0-9A-Fa-f:.]+)\](?::(?P<port_6>[0-9]{1,5}))?"
    r"|(?P<v4>[0-9.]+)(?::(?P<port_4>[0-9]{1,5}))?"
    r"|(?P<v6>[0-9A-Fa-f:.]+)"
)
_DNS_NAME = re.compile(r"(?:tasks\.)?[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_NO_NAME = re.compile(r"[0-9]+|0x[0-9a-f]*|[0-9a-f]{12}|[0-9a-f]{64}|localhost")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HOST_ORDER = {"exact": 0, "wildcard": 1, "subtree": 1, "regex": 2}
_HOST_MARKS = {"exact": "", "wildcard": "*.", "subtree": ".", "regex": "~"}
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_UNLIKELY = ("fairway-probe.invalid", "q7.xn--probe.example", "x")


def _domain(text: str, whole: str) -> str:
    """A domain name by RFC 1123 (underscores are let through), lower-case, at most 253 characters."""
    if not text.isascii():
        raise BadValue(whole, "a host", "shop.example.com", f"write {_written(text)} for it")
    name = text.lower()
    if len(name) > _LONGEST or not name or any(_LABEL.fullmatch(label) is None for label in name.split(".")):
        raise BadValue(whole, "a host", "shop.example.com", _why_no_domain(whole))
    return name


def _why_no_domain(text: str) -> str:
    """What people write around a host, with the place where it belongs."""
    reasons = {
        r"[a-z]+://.*": "a scheme is no part of it",
        r".*/.*": "a path is no part of it, and has an option of its own",
        r".*:[0-9]+": "a port is no part of it: listeners have ports",
        r".*\s.*": "no blanks are in it; commas stand between several",
        r".*[^*].*\*.*": "'*' stands at its beginning alone, before a dot; a regex begins with '~'",
    }
    return next((why for pattern, why in reasons.items() if re.fullmatch(pattern, text[:300], re.DOTALL)), "")


def _written(text: str) -> str:
    try:
        return punycode(text)
    except BadValue:
        return "its punycode form"


def punycode(text: str) -> str:
    """A name of any script as it is sent, in the way of browsers: IDNA 2008 after the mapping of UTS #46, so that
    `straße.de` is itself and not `strasse.de`."""
    import idna  # for few names, and not quick to load

    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise BadValue(text, "a host", "shop.example.com") from None


@dataclass(frozen=True, slots=True)
class Host:
    """Which names of the Host header: exact, `*.x` (all below, at any depth), `.x` (x and all below), `~regex`.

    Names are compared in lower case, without port and without one trailing dot (RFC 9110 §4.2.3, RFC 3986 §6.2.2.1).
    A regex is not found in names of more than 253 characters, which cannot be (RFC 1035), where it may take long.
    """

    kind: Literal["exact", "wildcard", "subtree", "regex"]
    text: str
    regex: Regex | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        if text.startswith("~"):
            return cls._regex(text)
        if text.startswith(("*.", ".")):
            suffix = _domain(text.partition(".")[2], text)
            if "." not in suffix and suffix not in _OPEN_SUFFIXES:
                raise BadValue(text, "a host", "*.example.com", "a whole top-level domain is too much")
            return cls("wildcard" if text.startswith("*") else "subtree", suffix)
        return cls("exact", _domain(text, text))

    @classmethod
    def _regex(cls, text: str) -> Self:
        own = text[1:].removeprefix("(?i)")
        regex = Regex.parse(f"(?i){own}" if own else own, shortest=_LONGEST)
        if regex.has_limit or regex.is_deep:
            regex = replace(regex, longest=_LONGEST)
        if any(regex.matches(name) for name in _UNLIKELY):
            raise BadValue(text, "a host", r"~^shop[0-9]+\.example\.com$", "it matches hosts that nobody named")
        return cls("regex", own, regex)

    def matches(self, name: str) -> bool:
        """Whether a normalised host name is one of these; a request without a host has none."""
        if self.regex is not None:
            return bool(name) and self.regex.matches(name)
        if self.kind == "exact":
            return name == self.text
        return name.endswith("." + self.text) or (self.kind == "subtree" and name == self.text)

    @property
    def pattern(self) -> str:
        """A regex as proxies get it; one that may take long is found in no name of more than 253 characters."""
        assert self.regex is not None
        return self.regex.within if self.regex.has_limit else self.regex.pcre

    @property
    def names(self) -> tuple[Host, ...]:
        """The exact and wildcard hosts that it stands for, as TLS knows names (SNI); none for a regex."""
        kinds: tuple[Literal["exact", "wildcard"], ...] = ("exact", "wildcard")
        return tuple(Host(kind, self.text) for kind in kinds if self.kind in (kind, "subtree"))

    @property
    def rank(self) -> tuple[int, int, str]:
        """Exact before the longest wildcard before regex."""
        order = _HOST_ORDER[self.kind]
        return (order, -len(self.text) if order == 1 else 0, str(self))

    def __str__(self) -> str:
        return _HOST_MARKS[self.kind] + self.text

    def __lt__(self, other: Host) -> bool:
        return self.rank < other.rank


class ServerName(Host):
    """The names by which TLS clients ask (SNI): exact, `*.x` (all below, at any depth) or `.x` (x and all below)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        if text.startswith("~"):
            raise BadValue(text, "a server name", "mqtt.example.com", "no regex: TLS names are looked up")
        found = Host.parse(text)
        return cls(found.kind, found.text)


@dataclass(frozen=True, slots=True, order=True)
class Cidr:
    """A network of client addresses, IPv4 or IPv6; a single address is a network of one. Host bits must be zero. An
    IPv4-mapped network (`::ffff:10.0.0.0/104`) is the IPv4 one; a wider one of IPv6 has no IPv4 addresses in it."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        if "%" in text:
            raise BadValue(text, "a network", "10.0.0.0/8", "a zone is no part of a client's address")
        try:
            return cls(str(_unmapped(ipaddress.ip_network(text))))
        except ValueError as error:
            why = "host bits are set" if "host bits" in str(error) else ""
            raise BadValue(text, "a network", "10.0.0.0/8", why) from None

    def contains(self, address: str) -> bool:
        """Whether an address, as text, is in it; an IPv4-mapped IPv6 address counts as the IPv4 one."""
        ip = ipaddress.ip_address(address)
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        return ip in ipaddress.ip_network(self.text)

    @property
    def in_ipv6(self) -> tuple[Cidr, ...]:
        """The same addresses as networks of IPv6, IPv4 ones in their mapped form (RFC 4291 §2.5.5.2), longest last: for
        what takes `::/0` to hold IPv4 too, and `2002:a00:1::` (6to4) for 10.0.0.1."""
        network = ipaddress.ip_network(self.text)
        if isinstance(network, ipaddress.IPv4Network):
            return (Cidr(f"::ffff:{network.network_address}/{network.prefixlen + 96}"),)
        if not network.overlaps(_MAPPED):
            return (self,)
        rest = sorted(network.address_exclude(_MAPPED), key=lambda part: part.prefixlen)
        return tuple(Cidr(str(part)) for part in rest)

    def __str__(self) -> str:
        return self.text


def _unmapped(network: _Network) -> _Network:
    if not isinstance(network, ipaddress.IPv6Network) or not network.subnet_of(_MAPPED):
        return network
    return ipaddress.ip_network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))


@dataclass(frozen=True, slots=True)
class PortRef:
    """A port of the workload: a number from 1 to 65535, or the name that a compose file gave it."""

    number: int
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,62}", text):
            return cls(0, text)
        try:
            return cls(integer(text, least=1, most=65535))
        except BadValue:
            raise BadValue(text, "a port", "8080") from None

    def __str__(self) -> str:
        return self.name or str(self.number)


class DnsName(str):
    """A name that a container has on a network: one label in lower case, or `tasks.` and a swarm's service. With more
    dots it could be a name elsewhere, as number or as a container's id somebody else's."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        name = text.lower()
        if _DNS_NAME.fullmatch(name) is None or _NO_NAME.fullmatch(name) is not None:
            raise BadValue(text, "a container's name on a network", "shop")
        return cls(name)

    @classmethod
    def refusal(cls, text: str) -> str:
        """Why a container's name must not stand alone as a server; empty where it may. A name of several labels can be
        that of another machine, and an address in any notation (RFC 6943 §3.1.1) is not a name."""
        name = text.lower()
        if name == "localhost":
            return "it is the proxy's own machine"
        if ":" in name or all(map(_NUMBER.fullmatch, name.removesuffix(".").split("."))):
            return "it is an address"
        if "." in name:
            return "it has a dot, so it can be the name of another machine"
        return "" if _DNS_NAME.fullmatch(name) and not _NO_NAME.fullmatch(name) else "DNS is not asked for such a name"

    @classmethod
    def within(cls, name: str, network: str) -> str:
        """As Docker's own DNS server is asked for a name on one network and on no other; empty where it cannot be: a
        network's name with capitals or dots, or one that lets the whole look like an address."""
        if _LABEL.fullmatch(network) is None or _NO_NAME.fullmatch(network) is not None:
            return ""
        return f"{name}.{network}"


@dataclass(frozen=True, slots=True)
class Resolver:
    """A DNS server: an address, with a port where it is not 53: `127.0.0.11`, `10.0.0.2:5353`, `[fd00::53]:53`."""

    address: str
    port: int = 53

    @classmethod
    def parse(cls, text: str) -> Self:
        found = _RESOLVER.fullmatch(text)
        try:
            address = str(ipaddress.ip_address(found["in_brackets"] or found["v4"] or found["v6"] if found else ""))
            port = found["port_6"] or found["port_4"] if found else None
            return cls(address, integer(port or "53", least=1, most=65535))
        except ValueError:
            raise BadValue(text, "a DNS server's address", "127.0.0.11") from None

    def __str__(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return address if self.port == 53 else f"{address}:{self.port}"
