"""Effects: a route, its policies and a question → what a client gets, as far as the model tells. Never a guess.

What counts (rates, connections), what a workload answers and whether a password is right is known to the running proxy
alone, and is said so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gen.build.merge import CHALLENGE
from gen.decide import Trace, host_name
from gen.explain.near import hint
from gen.explain.question import Question
from gen.model import Listener, Model, Policy, Route, StreamRoute, Upstream
from gen.policies import BasicAuth, IpAllow, Redirect
from gen.policies.redirect import is_to_https
from gen.settings import Settings

At = tuple[Listener, Settings]
_CLOSE: Final = 444
"""nginx's number for closing without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a client gets. `status` 0: that is the workload's word, or there is no HTTP; `location`: where to.
    `answers`: whether there is a route at all, whatever it answers. `hint`: what may have been meant."""

    what: str
    status: int = 0
    location: str = ""
    answers: bool = True
    hint: str = ""


def nobody(found: Trace, at: tuple[Listener, Model]) -> Outcome:
    """Why no route answers."""
    listener, model = at
    settings = model.settings
    if found.refused:
        return Outcome(what=f"{found.refused}: the request is refused", status=400, answers=False)
    if found.path is None:
        return Outcome(what="the path is malformed, and nobody is asked", status=400, answers=False)
    if found.winner is not None:
        return Outcome(what=f"the request is refused: {found.winner.refused}", status=400, answers=False)
    if any(step.is_host and step.host is not None for step in found.steps):
        return Outcome(what="the host is known, and no route of it matches", status=404, answers=False)
    what = f"no route is for the host {found.host or 'that is not said'}"
    meant = hint(model, found.host, listener)
    if settings.unknown_host == _CLOSE:
        return Outcome(what=f"{what}: the connection is closed (unknown_host)", answers=False, hint=meant)
    return Outcome(what=f"{what} (unknown_host)", status=settings.unknown_host, answers=False, hint=meant)


def webroot(found: Trace, at: At) -> Outcome | None:
    """What the operator's directory answers before any route, but one for a path below."""
    listener, settings = at
    below = found.path is not None and found.path.startswith(f"{CHALLENGE}/")
    if not settings.acme_webroot or settings.proxy != "nginx" or listener.tls or not below:
        return None
    if found.route is not None and len(found.route.match.path.text) > len(CHALLENGE):
        return None
    return Outcome(what=f"a file of {settings.acme_webroot} (acme_webroot)")


def outcome(route: Route, upstream: Upstream, asked: Question, at: At) -> Outcome:
    """What comes of a request that a route answers: the first policy that ends it, else the workload."""
    if route.withheld:
        return Outcome(what=f"the route is withheld: {route.withheld}", status=503)
    for policy in route.policies:
        ended = _ENDS.get(policy.name, _goes_on)(policy, asked, at) if is_met(policy, asked, at) else None
        if ended is not None:
            return ended
    return _pool(upstream)


def stream_outcome(
    route: StreamRoute | None, upstream: Upstream | None, asked: Question, listener: Listener
) -> Outcome:
    """What comes of a connection."""
    if route is None or upstream is None:
        what = f"no route takes connections of {listener.name}"
        if listener.protocol == "http":
            what = f"{listener.name} takes requests of HTTP; ask with {'https' if listener.tls else 'http'}://"
        return Outcome(what=what, answers=False)
    if route.withheld:
        return Outcome(what=f"the route is withheld, nobody is let in: {route.withheld}")
    for policy in route.policies:
        if isinstance(policy, IpAllow) and not _is_allowed(policy, asked):
            return Outcome(what=f"{policy.name} lets only others in: the connection is closed")
    found = _pool(upstream)
    return found if upstream.ready else Outcome(what=found.what.replace("503", "closed"))


def effect(policy: Policy, asked: Question, at: At) -> str:
    """What a policy does to this request; empty where that depends on what only the running proxy knows."""
    if isinstance(policy, IpAllow):
        who = "a stranger" if asked.is_stranger else asked.client
        return f"lets {who} in" if _is_allowed(policy, asked) else f"{who} gets 403"
    if isinstance(policy, BasicAuth):
        return "the password is not looked at here" if _has_credentials(asked) else "without a password: 401"
    if isinstance(policy, Redirect) and not is_met(policy, asked, at):
        return "not met: the request counts as https"
    if isinstance(policy, Redirect):
        return f"{policy.code} to {location(policy, asked, at)}"
    return ""


def _goes_on(policy: Policy, asked: Question, at: At) -> Outcome | None:
    return None


def _refuses(policy: Any, asked: Question, at: At) -> Outcome | None:
    if _is_allowed(policy, asked):
        return None
    who = "a client that nothing is known of (--from says more)" if asked.is_stranger else asked.client
    return Outcome(what=f"ip_allow does not let {who} in", status=403)


def _asks(policy: Any, asked: Question, at: At) -> Outcome | None:
    if _has_credentials(asked):
        return None
    return Outcome(what="basic_auth asks for a name and a password", status=401)


def _leads(policy: Any, asked: Question, at: At) -> Outcome | None:
    return Outcome(what="a redirect", status=int(policy.code), location=location(policy, asked, at))


_ENDS: Final[dict[str, Callable[[Any, Question, At], Outcome | None]]] = {
    "ip_allow": _refuses,
    "basic_auth": _asks,
    "redirect": _leads,
}


def _pool(upstream: Upstream) -> Outcome:
    ready = len(upstream.ready)
    if not ready:
        why = "none of its servers is ready" if upstream.servers else "it has no server"
        return Outcome(what=f"the route answers 503: {why}", status=503)
    what = "its server answers" if ready == 1 else f"one of {ready} servers answers ({upstream.balance})"
    return Outcome(what=what)


def _is_allowed(policy: IpAllow, asked: Question) -> bool:
    return any(network.contains(asked.client) for network in policy.from_)


def _has_credentials(asked: Question) -> bool:
    return any(name.lower() == "authorization" for name, _ in asked.headers)


def scheme(asked: Question, at: At) -> str:
    """The scheme by which the client came: the listener's own, or what a trusted proxy says in X-Forwarded-Proto."""
    listener, settings = at
    words = [value for name, value in asked.headers if name.lower() == "x-forwarded-proto"]
    is_trusted = any(network.contains(asked.peer or asked.client) for network in settings.trusted_proxies)
    if is_trusted and words in (["http"], ["https"]):
        return words[0]
    return "https" if listener.tls else "http"


def is_met(policy: Policy, asked: Question, at: At) -> bool:
    """Return False for a redirect to https where the request counts as https."""
    return not (is_to_https(policy) and scheme(asked, at) == "https")


def location(policy: Redirect, asked: Question, at: At) -> str:
    """Where a redirect leads, as both proxies write it: presets keep path and query as they were sent."""
    settings, proto = at[1], scheme(asked, at)
    host = host_name(asked.host)
    path, _, query = asked.target.partition("?")
    apex = host.removeprefix("www.") or host
    presets = {
        "https": f"https://{host}{settings.https_suffix}{asked.target}",
        "www": f"{proto}://www.{apex}{asked.target}",
        "apex": f"{proto}://{apex}{asked.target}",
    }
    parts = {"$host": host, "$path": path, "$query": query}
    return presets.get(policy.to.preset) or "".join(parts.get(part, part) for part in policy.to.parts)
