"""Two hosts, paths or sets of networks → whether a request can match both, and whether one covers the other.

`…_meet` is True wherever a common request cannot be excluded; `…_covers` is True only where it is certain.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from gen.values import Cidr, Host, Path

EVERYONE: Final = (Cidr("0.0.0.0/0"), Cidr("::/0"))
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def hosts_meet(one: Host | None, other: Host | None) -> bool:
    """Whether a name can match both. None stands for every host."""
    if one is None or other is None or one == other:
        return True
    for exact, rest in ((one, other), (other, one)):
        if exact.kind == "exact":
            return rest.matches(exact.text)
    if one.kind == "regex" or other.kind == "regex":
        return True
    return _is_within(one.text, other.text) or _is_within(other.text, one.text)


def host_covers(one: Host | None, other: Host | None) -> bool:
    """Whether `one` matches all names that `other` matches."""
    if one is None or one == other:
        return True
    if other is None or other.kind == "regex" or one.kind == "regex":
        return other is not None and other.kind == "exact" and one.matches(other.text)
    if other.kind == "exact":
        return one.matches(other.text)
    if one.kind == "exact":
        return False
    return other.text.endswith(f".{one.text}") or (one.text == other.text and one.kind == "subtree")


def _is_within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def paths_meet(one: Path, other: Path) -> bool:
    """Whether a request path can match both."""
    if one == other:
        return True
    for exact, rest in ((one, other), (other, one)):
        if exact.kind == "exact":
            return rest.matches(_wire(exact))
    if one.kind == "regex" or other.kind == "regex":
        return True
    return one.matches(_wire(other) or "/") or other.matches(_wire(one) or "/")


def path_covers(one: Path, other: Path) -> bool:
    """Whether `one` matches all paths that `other` matches."""
    if one == other or (one.kind == "prefix" and not one.text):
        return True
    if other.kind == "exact":
        return one.matches(_wire(other))
    return one.kind == "prefix" and other.kind == "prefix" and one.matches(_wire(other) or "/")


def _wire(path: Path) -> str:
    """The text of a path as requests carry it: bytes as latin-1."""
    return path.text.encode().decode("latin-1")


def networks_meet(some: Iterable[Cidr], others: Iterable[Cidr]) -> bool:
    """Whether an address belongs to both."""
    return bool(within(some, others))


def within(some: Iterable[Cidr], others: Iterable[Cidr]) -> tuple[Cidr, ...]:
    """The networks that both have in common."""
    theirs = tuple(map(_network, others))
    found = (smaller for one in map(_network, some) for other in theirs for smaller in _common(one, other))
    return tuple(dict.fromkeys(Cidr(str(one)) for one in found))


def uncovered(some: Iterable[Cidr], known: Iterable[Cidr]) -> tuple[Cidr, ...]:
    """Those of `some` that have addresses outside of `known`."""
    every = tuple(map(_network, known))
    merged: list[Network] = list(ipaddress.collapse_addresses(one for one in every if one.version == 4))
    merged += list(ipaddress.collapse_addresses(one for one in every if one.version == 6))
    return tuple(one for one in some if not any(_is_subnet(_network(one), other) for other in merged))


def _common(one: Network, other: Network) -> tuple[Network, ...]:
    if _is_subnet(one, other):
        return (one,)
    return (other,) if _is_subnet(other, one) else ()


def _is_subnet(one: Network, other: Network) -> bool:
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and one.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)


@lru_cache(maxsize=4096)
def _network(one: Cidr) -> Network:
    return ipaddress.ip_network(one.text)
