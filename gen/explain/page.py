"""Page: the name of a policy, an option, a setting or a problem's rule → its page of the reference, from the fields
that decode it.

The README's tables are made of the same fields (gen/reference.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from gen.dialects import RouteOptions, TcpOptions, UdpOptions
from gen.model import Policy
from gen.options import Option, options_of
from gen.policies import BY_NAME, POLICIES
from gen.reference import PROXIES, default_of
from gen.report.rules import OTHER, WHOLE
from gen.settings import Settings

_LABEL: Final = "fairway."
_HTTP: Final = "fairway."
_STREAMS: Final = (("fairway.tcp.<name>.", TcpOptions), ("fairway.udp.<name>.", UdpOptions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One thing of the reference: a title, sentences, and facts by name."""

    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()


def page(name: str) -> tuple[Page, ...]:
    """All that goes by a name; a label may be written with or without `fairway.`, and with a route's name."""
    wanted = _plain(name)
    found = [page for key, page in _pages() if key == wanted]
    if wanted in BY_NAME:
        found += [page for key, page in _pages() if key.startswith(f"{wanted}.")]
    return tuple(found)


def written(name: str) -> str:
    """All that goes by a name as plain text, for others to show."""
    return "\n".join(map(_written, page(name)))


def _written(one: Page) -> str:
    lines = [one.title, "", *one.paragraphs, "", *(f"{key}: {text}" for key, text in one.facts)]
    return "\n".join(lines) + "\n"


def near(name: str) -> str:
    """What may have been meant."""
    known = list(dict.fromkeys(key for key, _ in _pages()))
    wanted = _plain(name)
    found = get_close_matches(wanted, known, n=3, cutoff=0.6)
    found = found or [key for key in known if wanted and wanted in key][:3]
    return f"did you mean {' or '.join(found)}?" if found else "`fairway explain rate_limit` is an example"


def _plain(name: str) -> str:
    """A name as pages have it: without `fairway.` and without a route's name."""
    parts = name.strip().removeprefix(_LABEL).split(".")
    if len(parts) > 2 and parts[0] in ("routes", "tcp", "udp"):
        parts = parts[2:]
    return ".".join(parts)


def _pages() -> Iterator[tuple[str, Page]]:
    for option in options_of(RouteOptions):
        yield option.name, _option(option, f"{_HTTP}{option.name}{_key(option)}", "an option of a route")
    for prefix, owner in _STREAMS:
        for option in options_of(owner):
            yield option.name, _option(option, f"{prefix}{option.name}", f"an option of a {prefix[8:11].upper()} route")
    for policy in POLICIES:
        yield policy.name, _policy(policy)
        for option in options_of(policy):
            title = f"{_LABEL}{policy.name}{_member(option)}"
            yield f"{policy.name}.{option.name}", _option(option, title, f"an option of the policy {policy.name}")
    for option in options_of(Settings):
        more = (("environment", f"FAIRWAY_{option.name.upper()}"), ("flag", f"--set {option.name}={option.example}"))
        yield option.name, _option(option, option.name, "a setting of Fairway's own", more)
    for name, text in WHOLE.items():
        yield (
            name,
            Page(title=f"{_LABEL}{name}", paragraphs=(text,), facts=(("is", "a label of a workload as a whole"),)),
        )
    for name, text in OTHER.items():
        yield name, Page(title=name, paragraphs=(text,), facts=(("is", "the rule of problems that are no option's"),))


def _key(option: Option) -> str:
    return ".<name>" if option.is_open else ""


def _member(option: Option) -> str:
    return ".<Name>" if option.is_open and option.is_main else f".{option.name}{_key(option)}"


def _option(option: Option, title: str, what: str, more: tuple[tuple[str, str], ...] = ()) -> Page:
    example = option.example if title == option.name or not option.is_open else f"{_LABEL}{option.example}"
    facts = (
        ("is", what),
        ("type", option.kind.replace("`", "")),
        ("default", default_of(option).strip("`") or "none"),
        ("example", example),
        *more,
    )
    return Page(title=title, paragraphs=(option.help if option.help.endswith(".") else f"{option.help}.",), facts=facts)


def _policy(policy: type[Policy]) -> Page:
    text = inspect.getdoc(policy) or ""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    main: Any = next((one for one in options_of(policy) if one.is_main and not one.is_open), None)
    if policy.guards:
        paragraphs.append("It guards: where it cannot be kept, the route answers 503.")
    if main is not None:
        short, long = f"{_LABEL}{policy.name}", f"{_LABEL}{policy.name}.{main.name}"
        paragraphs.append(f"{short}=… is short for {long}=….")
    facts = [("is", f"a policy, number {POLICIES.index(policy) + 1} of those that a request meets")]
    facts += [("routes", ", ".join(("HTTP", *(one.upper() for one in policy.transports))))]
    facts += [("needs", policy.needs)] * bool(policy.needs)
    facts += [(proxy.name, _kept(policy.name, proxy.lacks)) for proxy in PROXIES]
    return Page(title=f"{_LABEL}{policy.name}", paragraphs=tuple(paragraphs), facts=tuple(facts))


def _kept(name: str, lacks: Any) -> str:
    if name in lacks:
        return f"no: {lacks[name]}"
    left_out = [f"{key.partition('.')[2]} ({lacks[key]})" for key in sorted(lacks) if key.startswith(f"{name}.")]
    return f"yes, without {', '.join(left_out)}" if left_out else "yes"
