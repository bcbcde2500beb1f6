"""Two access facts → which guards of the first the second does not keep, and which clients it adds.

The rules per guard: ip_allow is loosened by a network with addresses that were not covered before. basic_auth is
loosened by a user name that was not there, another file, or a file instead of names and vice versa; another password
or realm does not loosen it. A redirect to https is loosened by an answer in plain. Each other guard is loosened by
any change of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gen.access import OPEN, Access, Gate
from gen.plan.overlap import EVERYONE, uncovered, within
from gen.values import Cidr

DISABLED = "disabled (503)"
Over = Literal["http", "https", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loosening:
    """One guard that lets more clients through, with its values as text."""

    guard: str
    before: str
    after: str


def loosened(before: Access, after: Access, *, over: Over) -> tuple[Loosening, ...]:
    """What `after` does not keep of the guards of `before`, for requests that match both. `over`: how such requests
    come; `both` where a trusted proxy may say that one came over https."""
    old, new = before.gate, after.gate
    if new.disabled or answers_itself(new, over=over):
        return ()
    if old.disabled:
        return (Loosening(guard="", before=DISABLED, after=f"served, guards: {shown(new)}"),)
    return (*_redirect(old, new, over=over), *_networks(before, after), *_users(old, new), *_others(old, new))


def answers_itself(gate: Gate, *, over: Over) -> bool:
    """Whether the proxy answers every request with a redirect, so that none reaches a server."""
    return bool(gate.redirect) or (gate.https and over == "http")


def guarded(gate: Gate) -> bool:
    """Whether a route keeps any client or request out."""
    return gate is not OPEN and gate != OPEN


def _redirect(old: Gate, new: Gate, *, over: Over) -> Iterator[Loosening]:
    if old.https and not new.https and over != "https":
        yield Loosening(guard="tls", before="redirect to https", after="served")
    if old.redirect and not new.redirect:
        yield Loosening(guard="redirect", before=f"redirect to {old.redirect}", after="served")


def _networks(before: Access, after: Access) -> Iterator[Loosening]:
    if before.gate.allow is None:
        return
    clients: Sequence[Cidr] = after.gate.allow if after.gate.allow is not None else EVERYONE
    for condition in (before.clients, after.clients):
        clients = within(clients, condition) if condition else clients
    if uncovered(clients, before.gate.allow):
        after_text = _texts(after.gate.allow) if after.gate.allow is not None else "none"
        yield Loosening(guard="ip_allow", before=_texts(before.gate.allow), after=after_text)


def _users(old: Gate, new: Gate) -> Iterator[Loosening]:
    if old.users is None:
        return
    is_kept = new.users is not None and old.file == new.file and set(new.users) <= set(old.users)
    if not is_kept:
        yield Loosening(guard="basic_auth", before=_who(old), after=_who(new))


def _others(old: Gate, new: Gate) -> Iterator[Loosening]:
    now = {one.partition("(")[0]: one for one in new.others}
    for one in old.others:
        name = one.partition("(")[0]
        if now.get(name) != one:
            yield Loosening(guard=name, before=one, after=now.get(name, "none"))


def shown(gate: Gate) -> str:
    """The guards of a gate in words; `none` without one."""
    if gate.disabled:
        return DISABLED
    found = [f"ip_allow {_texts(gate.allow)}"] * (gate.allow is not None)
    found += [f"basic_auth {_who(gate)}"] * (gate.users is not None) + list(gate.others)
    found += ["redirect to https"] * gate.https + [f"redirect to {gate.redirect}"] * bool(gate.redirect)
    return "; ".join(found) or "none"


def _who(gate: Gate) -> str:
    if gate.users is None:
        return "none"
    return f"file {gate.file}" if gate.file else f"users {', '.join(gate.users)}"


def _texts(networks: Sequence[Cidr] | None) -> str:
    return ", ".join(map(str, networks or ())) or "none"
