"""Lacks: what cannot be kept, taken out of policies. For every proxy; part of its `fit`.

A key of `lacks` is a policy's name, or `policy.option` where only that option is beyond the proxy; its value says why.
Policies go in; the kept ones come out, with what was lost. What no proxy could keep for this upstream is here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gen.errors import Problem
from gen.model import Policy, Route, StreamRoute, Upstream
from gen.options import Option, options_of
from gen.policies import UpstreamTls
from gen.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A policy or an option (`key`) that is left out, and why. `is_guard`: what it protected must not be served."""

    key: str
    why: str
    is_guard: bool


def without(policies: Iterable[Policy], lacks: Mapping[str, str]) -> tuple[tuple[Policy, ...], tuple[Loss, ...]]:
    """The policies without what the proxy lacks. A guard without one of its options is another guard: it is lost."""
    kept: list[Policy] = []
    lost: list[Loss] = []
    for policy in policies:
        asked = [option for option in options_of(type(policy)) if _is_asked(getattr(policy, option.field), option)]
        beyond = [option for option in asked if f"{policy.name}.{option.name}" in lacks]
        if policy.name in lacks:
            lost.append(Loss(key=policy.name, why=lacks[policy.name], is_guard=policy.guards))
            continue
        for option in beyond:
            key = f"{policy.name}.{option.name}"
            why = lacks[key] if policy.guards else f"{lacks[key]}; {option.name} is left out"
            lost.append(Loss(key=key, why=why, is_guard=policy.guards))
        if not (beyond and policy.guards):
            kept.append(replace(policy, **{option.field: option.default for option in beyond}))
    return tuple(kept), tuple(lost)


def _is_asked(value: object, option: Option) -> bool:
    """Whether an option asks for something: off, or nothing, is no wish that could be lacked."""
    return bool(value) and value != option.default


def fit_upstream(upstream: Upstream, lacks: Mapping[str, str], settings: Settings) -> tuple[Upstream, tuple[Loss, ...]]:
    """The upstream with the policies that can be kept. Where a guard is lost its routes must not be served."""
    kept, lost = without(upstream.policies, lacks)
    unmet = [
        Loss(key=policy.name, why=why, is_guard=True)
        for policy in kept
        if isinstance(policy, UpstreamTls) and (why := _unmet(policy, upstream, settings))
    ]
    return (upstream if kept == upstream.policies else replace(upstream, policies=kept)), (*lost, *unmet)


def _unmet(policy: UpstreamTls, upstream: Upstream, settings: Settings) -> str:
    """Why servers cannot be verified; empty when they can."""
    if upstream.protocol not in ("https", "grpcs"):
        return f"there is no TLS to verify with the protocol {upstream.protocol}; write protocol https or grpcs"
    if policy.verify and not settings.ca_files:
        return f"upstream_tls.ca {str(policy.ca)!r}: the operator's setting ca_files names no directory"
    return ""


def problem(of: Route | StreamRoute | Upstream, key: str, message: str) -> Problem:
    """A problem of a route or an upstream with one of its options, at the workload that declared the option."""
    origin = dict(of.said).get(key.partition(".")[0], of.origins[0])
    words = origin.key.split(".")
    prefix = ".".join(words[: 3 if words[1:2] in (["routes"], ["tcp"], ["udp"]) else 1])
    prefix = prefix if origin.key.startswith("fairway.") else "fairway"
    return Problem(severity="error", origin=replace(origin, key=f"{prefix}.{key}"), message=message)
