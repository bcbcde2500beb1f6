"""Reference: options → Markdown. Pure; it stands after proxies, and only the pages of `explain` stand on it.

The label tables, the settings table, the exit codes and what each proxy lacks come from the same fields, docstrings and
lists that decode labels, raise errors and fit models. `replaced` puts them between the markers of a document;
scripts/docs writes it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gen import errors, values
from gen.dialects import RouteOptions, TcpOptions, UdpOptions
from gen.errors import FairwayError
from gen.model import Policy
from gen.options import Option, options_of
from gen.policies import BY_NAME, POLICIES
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.settings import Settings
from gen.values import CacheZone, Listen

_OWN_CODES = (
    (0, "Fine."),
    (
        1,
        "`check` found errors, or with `--strict` warnings; `doctor` a failure; `explain` nobody who answers; the "
        "proxy did not take what `apply` brought.",
    ),
    (2, "`plan` found that something would change."),
    (64, "Wrong usage: an unknown command or flag, or two sources at once."),
)
PROXIES: tuple[Proxy, ...] = (Nginx(), Haproxy())
"""With what every supported version of each can do."""
_HEAD = ("`fairway.…`", "Type", "Default", "Meaning")
_MARKED = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def replaced(document: str) -> str:
    """The document with every generated part written anew. Raises KeyError for a marker that names no part."""
    return _MARKED.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", document)


def labels() -> str:
    """The options of a route and its servers."""
    enable = ("`enable`", "yes or no", "yes", "Whether a workload that has labels takes part at all. Example: `no`")
    return _table(_HEAD, (enable, *map(_row, options_of(RouteOptions))))


def streams() -> str:
    """The options of TCP and UDP routes, and the policies that they may have."""
    udp = {option.name for option in options_of(UdpOptions)}
    head = ("`fairway.tcp.<name>.…`", "`udp`", *_HEAD[1:])
    options = [_row(option) for option in options_of(TcpOptions)]
    rows = [(name, "yes" if name.strip("`") in udp else "no", *rest) for name, *rest in options]
    kinds = [kind for kind in POLICIES if kind.transports]
    names = ", ".join(f"`{kind.name}`" + " (TCP)" * ("udp" not in kind.transports) for kind in kinds)
    return f"{_table(head, rows)}\nPolicies of such routes: {names}.\n"


def policies() -> str:
    """Every policy in the order in which a request meets them."""
    return "\n".join(map(_policy, POLICIES))


def support() -> str:
    """Which proxy keeps which policy, and why not: from what the proxies say that they lack."""
    others = sorted({key.partition(".")[0] for proxy in PROXIES for key in proxy.lacks} - set(BY_NAME))
    names = [(policy.name, policy.needs) for policy in POLICIES] + [(name, "") for name in others]
    rows = [(f"`{name}`", needs, *(_kept(name, proxy.lacks) for proxy in PROXIES)) for name, needs in names]
    return _table(("Policy", "Needs", *(proxy.name for proxy in PROXIES)), rows)


def settings() -> str:
    """Fairway's own settings."""
    return _table(("Setting", "Type", "Default", "Meaning"), map(_row, options_of(Settings)))


def types() -> str:
    """How the values of labels and settings are written."""
    known = {_kind(value): value for value in (*map(vars(values).get, values.__all__), Listen, CacheZone)}
    every: tuple[type[Any], ...] = (RouteOptions, TcpOptions, *POLICIES, Settings)
    used = {option.kind.removeprefix("list of ") for owner in every for option in options_of(owner)}
    rows = [(name, _cell(_first_paragraph(known[name]))) for name in sorted(known) if name in used]
    rows += [("yes or no", _cell("`true`, `yes`, `on`, `1`, or `false`, `no`, `off`, `0`; in any case."))]
    rows += [("list of …", _cell("Separated by commas; an item with a comma is quoted as in CSV."))]
    return _table(("Type", "How it is written"), rows)


def exit_codes() -> str:
    """Every exit code with what it means."""
    found = dict(_OWN_CODES)
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, FairwayError) and kind is not FairwayError:
            meaning = _first_paragraph(kind)
            found[kind.exit_code] = f"{found[kind.exit_code]} {meaning}" if kind.exit_code in found else meaning
    found[FairwayError.exit_code] = "Anything else that ends a run; the message says what."
    found[130] = "Interrupted."
    return _table(("Code", "Meaning"), [(str(code), _cell(found[code])) for code in sorted(found)])


PARTS = {
    "labels": labels,
    "streams": streams,
    "policies": policies,
    "support": support,
    "settings": settings,
    "types": types,
    "exit-codes": exit_codes,
}
"""The generated parts by the names that markers give them."""


def _kept(name: str, lacks: Mapping[str, str]) -> str:
    """A tick, with what is left out of it, or why there is none."""
    if name in lacks:
        return _cell(f"no: {lacks[name]}")
    left_out = [f"`{key.partition('.')[2]}` ({lacks[key]})" for key in sorted(lacks) if key.startswith(f"{name}.")]
    return _cell(f"✓ without {', '.join(left_out)}" if left_out else "✓")


def _row(option: Option, *, owner: str = "") -> tuple[str, ...]:
    """One option as a row. An open main option is written without its own name: `request_headers.<Name>`."""
    key = "<Name>" if option.is_open and option.is_main else option.name + ".<name>" * option.is_open
    return (f"`{owner}{key}`", _cell(option.kind), default_of(option), f"{_sentence(option.help)} {_example(option)}")


def _policy(policy: type[Policy]) -> str:
    main = next((option for option in options_of(policy) if option.is_main and not option.is_open), None)
    notes = [_first_paragraph(policy, whole=True)]
    notes += ["It guards: where it cannot be kept, the route answers 503."] * policy.guards
    if main:
        notes.append(f"`fairway.{policy.name}=…` is short for `fairway.{policy.name}.{main.name}=…`.")
    rows = [_row(option, owner=f"{policy.name}.") for option in options_of(policy)]
    return f"#### {policy.name}\n\n{' '.join(notes)}\n\n{_table(_HEAD, rows)}"


def _example(option: Option) -> str:
    return f"Example: {_code(f'fairway.{option.example}' if option.is_open else option.example)}"


def default_of(option: Option) -> str:
    """A default as one would write it, as code."""
    if option.is_required:
        return "must be given"
    if isinstance(option.default, bool):
        return "yes" if option.default else "no"
    shown = ", ".join(map(_text, option.default)) if isinstance(option.default, tuple) else _text(option.default)
    return _code(shown) if shown else ""


def _text(value: Any) -> str:
    """A default as one would write it."""
    if isinstance(value, CacheZone):
        return f"{value.name}={value.size}/{value.inactive}"
    return "" if value is None else str(value)


def _kind(value: Any) -> str:
    name = getattr(value, "__name__", "")
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip() if inspect.isclass(value) else ""


def _first_paragraph(thing: Any, *, whole: bool = False) -> str:
    text = inspect.getdoc(thing) or ""
    return " ".join((text if whole else text.split("\n\n")[0]).split())


def _sentence(text: str) -> str:
    return _cell(text if text.endswith(".") else f"{text}.")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
