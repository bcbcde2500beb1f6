"""Answer: a Question and a pass → who answers, and why: every rule that was tried, the policies in order, the servers,
and the lines of the configuration. The decision is `gen.decide`'s, with which running proxies are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gen import table
from gen.decide import Trace, names, trace
from gen.errors import Problem
from gen.explain.basis import Basis
from gen.explain.effects import Outcome, effect, nobody, outcome, stream_outcome, webroot
from gen.explain.lines import Line, lines
from gen.explain.pool import Pooled, pooled
from gen.explain.question import Question, server_name
from gen.explain.share import Said, Share, shares, who_said
from gen.explain.shown import Shown, certificate_for, judged
from gen.model import Listener, Policy, Route, StreamRoute, Upstream
from gen.policies import POLICIES
from gen.policies.redirect import https_first
from gen.received import received
from gen.sources.redaction import redacted_value
from gen.values.text import REDACTED

_ORDER = {policy.name: place for place, policy in enumerate(POLICIES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A rule that was tried for the host, or for any. `verdict`: `answers`, `lost` or `missed`, with the reason."""

    rule: str
    verdict: str
    reason: str
    origins: tuple[str, ...]
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A policy in the order in which a request meets them: what it does to this one, where that can be said, and the
    labels that it comes from."""

    name: str
    options: str
    effect: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The route that answers, with all that it is made of."""

    rule: str
    owner: str
    upstream: str
    withheld: str
    policies: tuple[Met, ...]
    servers: tuple[Pooled, ...]
    shares: tuple[Share, ...]
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes of a question at one listener. `takes_proxy`: there clients speak the PROXY protocol first. `path` is
    None where it is malformed, `elsewhere` counts the rules that are for other hosts."""

    listener: str
    port: int
    takes_proxy: bool
    host: str
    path: str | None
    certificate: Shown | None
    outcome: Outcome
    tried: tuple[Tried, ...]
    elsewhere: int
    route: Chosen | None


def answer(asked: Question, listener: Listener, basis: Basis) -> Answer:
    """Connections first, as proxies do: a route without HTTP takes them before anybody reads a request."""
    taken = names(basis.model, listener.name)
    name = server_name(asked)
    first = next((route for host, route in taken if host is None or host.matches(name)), None)
    if first is not None or listener.protocol != "http" or not asked.is_http:
        return _connected(first, taken, asked, (listener, basis))
    request = asked.on(listener)
    found = trace(basis.model, request)
    client = received(basis.model, request).client
    asked = replace(asked, client=client, peer=asked.client, is_stranger=asked.is_stranger and client == asked.client)
    return Answer(
        listener=listener.name,
        port=listener.port,
        takes_proxy=listener.takes_proxy,
        host=found.host,
        path=None if found.path is None else _readable(found.path),
        certificate=certificate_for(name, listener, basis),
        outcome=_outcome(found, asked, listener, basis),
        tried=tuple(_tried(found, asked)),
        elsewhere=sum(not step.is_host for step in found.steps),
        route=_chosen(found.route, asked, listener, basis) if found.route else None,
    )


def _readable(path: str) -> str:
    """Bytes that stand as latin-1, as the text that they are."""
    return path.encode("latin-1").decode("utf-8", "backslashreplace")


def _tried(found: Trace, asked: Question) -> Iterator[Tried]:
    secrets = [value for name, value in asked.headers if value and redacted_value(f"headers.{name}", value) != value]
    hidden = [shown for value in secrets for shown in (value, repr(value)[1:-1])]
    for step in found.steps:
        if step.is_host:
            verdict = "missed" if step.missed or step.refused else "lost" if step.lost else "answers"
            shown = table.conditions(step.route)
            rule = f"{step.host or '*'}{step.route.match.path}" + (f" [{'; '.join(shown)}]" if shown else "")
            reason = step.missed or step.lost or step.refused
            for value in hidden:
                reason = reason.replace(value, REDACTED)
            yield Tried(rule=rule, verdict=verdict, reason=reason, origins=_origins(step.route), owner=step.route.owner)


def _origins(route: Route | StreamRoute) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table.origin(one) for one in route.origins))


def _outcome(found: Trace, asked: Question, listener: Listener, basis: Basis) -> Outcome:
    if files := webroot(found, (listener, basis.model.settings)):
        return files
    if found.route is not None:
        return outcome(found.route, _upstream(found.route, basis), asked, (listener, basis.model.settings))
    return nobody(found, (listener, basis.model))


def _connected(
    route: StreamRoute | None,
    taken: Sequence[tuple[object, StreamRoute | None]],
    asked: Question,
    at: tuple[Listener, Basis],
) -> Answer:
    listener, basis = at
    name = server_name(asked)
    shown = None
    if route is not None and route.tls == "terminate":
        shown = judged(route.certificate, name, basis)
    return Answer(
        listener=listener.name,
        port=listener.port,
        takes_proxy=listener.takes_proxy,
        host=name,
        path=None,
        certificate=shown,
        outcome=stream_outcome(route, _upstream(route, basis) if route else None, asked, listener),
        tried=tuple(_named(taken, route, name)),
        elsewhere=0,
        route=_chosen(route, asked, listener, basis) if route else None,
    )


def _named(
    taken: Sequence[tuple[object, StreamRoute | None]], winner: StreamRoute | None, name: str
) -> Iterator[Tried]:
    """The names of TLS clients that a listener knows, in order, up to the one that is for all others."""
    is_open = True
    for host, route in taken:
        if route is None:
            continue
        is_for = host is None or host.matches(name)  # type: ignore[attr-defined]
        verdict = "missed" if not is_for else "answers" if is_open and route is winner else "lost"
        is_open = is_open and not is_for
        reason = {"missed": f"the name is {name or 'not said'}", "lost": "a better name comes before it"}
        rule = f"{route.protocol} {host or '*'} on {', '.join(route.listeners)}"
        yield Tried(
            rule=rule,
            verdict=verdict,
            reason=reason.get(verdict, ""),
            origins=_origins(route),
            owner=route.owner,
        )


def _upstream(route: Route | StreamRoute, basis: Basis) -> Upstream:
    return next(one for one in basis.model.upstreams if one.id == route.upstream)


def _chosen(route: Route | StreamRoute, asked: Question, listener: Listener, basis: Basis) -> Chosen:
    upstream = _upstream(route, basis)
    found = shares(route, basis.declarations, basis.state, basis.model.settings)
    every = https_first(sorted((*route.policies, *upstream.policies), key=lambda policy: _ORDER[policy.name]))
    workloads = {one.workload for one in found}
    return Chosen(
        rule=_rule(route),
        owner=route.owner,
        upstream=f"{upstream.id} ({upstream.protocol}, {upstream.balance})",
        withheld=route.withheld,
        policies=tuple(_behind(_met(policy, asked, found, (listener, basis)) for policy in every)),
        servers=pooled(route, upstream, basis),
        shares=found,
        lines=lines(route, basis.model, basis.bundle, basis.render),
        problems=tuple(one for one in basis.model.problems if one.origin.workload in workloads),
    )


def _rule(route: Route | StreamRoute) -> str:
    if isinstance(route, StreamRoute):
        return f"{route.protocol} {', '.join(map(str, route.hosts)) or '*'} on {', '.join(route.listeners)}"
    shown = table.conditions(route)
    hosts = ", ".join(f"{host}{route.match.path}" for host in route.match.hosts or ("*",))
    return hosts + (f" [{'; '.join(shown)}]" if shown else "")


def _behind(found: Iterable[Met]) -> Iterator[Met]:
    """Policies up to a redirect; behind it there is nothing to meet."""
    is_over = False
    for one in found:
        yield replace(one, effect="not met: the redirect comes first") if is_over else one
        is_over = is_over or (one.name == "redirect" and not one.effect.startswith("not met"))


def _met(policy: Policy, asked: Question, found: Sequence[Share], at: tuple[Listener, Basis]) -> Met:
    name, _, options = table.policy(policy).partition("(")
    return Met(
        name=name,
        options=options.removesuffix(")"),
        effect=effect(policy, asked, (at[0], at[1].model.settings)),
        said=who_said(policy, found),
    )
