"""Directives as somebody wrote them → the same in one spelling, where nginx reads several as one.

`listen 80`, `listen *:80`, `listen 0.0.0.0:80` and none at all; names in several `server_name`, in any order and case;
`^~` where no location is by a regex; words that are a set; `1m` and `60s` of a timeout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

Directive: TypeAlias = dict[str, Any]
Directives: TypeAlias = Sequence[Directive]

_SETS: Final = frozenset({"gzip_types", "ssl_protocols", "limit_except"}) | {
    f"{kind}_{what}"
    for kind in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc")
    for what in ("next_upstream", "ignore_headers")
}
"""Directives whose arguments are a set."""
_ANY_ADDRESS: Final = ("*", "0.0.0.0", None)
_ADDRESS: Final = re.compile(r"(?:(?P<host>\[[^\]]*\]|[^\[\]:]*):)?(?P<port>\d+)")
_TIME: Final = re.compile(r"(\d+)(ms|s|m|h|d)?")
_MILLISECONDS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "": 1000}


def plain(directives: Directives, *around: str) -> list[Directive]:
    """The same in one spelling. `around`: the blocks around them."""
    found = [_plain(each, around) for each in directives]
    if around[-1:] == ("server",):
        found = _one_name_line(found)
        if around[-2:-1] == ("http",) and not any(each["directive"] == "listen" for each in found):
            found.append({"directive": "listen", "args": ["80"]})
    return found


def is_regex_location(each: Directive) -> bool:
    return each["directive"] == "location" and bool(each["args"]) and each["args"][0].startswith("~")


def server_names(block: Directive) -> tuple[str, ...]:
    """A server's names in order, none where it has none."""
    lines = (each["args"] for each in block["block"] if each["directive"] == "server_name")
    return tuple(sorted({name for names in lines for name in names}))


def listens(block: Directive) -> tuple[str, ...]:
    """Where a server listens, in order."""
    return tuple(sorted({each["args"][0] for each in block["block"] if each["directive"] == "listen" and each["args"]}))


def _plain(each: Directive, around: tuple[str, ...]) -> Directive:
    name, args = each["directive"], list(each["args"])
    if name == "listen" and args:
        args = [_address(args[0]), *sorted("default_server" if word == "default" else word for word in args[1:])]
    elif name == "server_name":
        args = [word if word.startswith("~") else word.lower() for word in args]
    elif name in _SETS:
        args = sorted(args)
    elif name.endswith("_timeout"):
        args = [_time(word) for word in args]
    found: Directive = {"directive": name, "args": args}
    if "block" in each:
        block = plain(each["block"], *around, name)
        has_regex = name != "server" or any(map(is_regex_location, _deep(block)))
        found["block"] = block if has_regex else _without_mark(block)
    return found


def _address(text: str) -> str:
    """Of `listen` or of a peer: any address of IPv4 is none, and 80 is the port where none is said."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        is_host = not text.startswith("unix:") and (text.endswith("]") or ":" not in text)
        return _address(f"{text}:80") if is_host else text
    return found["port"] if found["host"] in _ANY_ADDRESS else text.lower()


def _time(word: str) -> str:
    found = _TIME.fullmatch(word)
    if found is None:
        return word
    thousandths = int(found[1]) * _MILLISECONDS[found[2] or ""]
    return f"{thousandths}ms" if thousandths % 1000 else f"{thousandths // 1000}s"


def _one_name_line(directives: list[Directive]) -> list[Directive]:
    """All names of a server in one directive, as it does not matter how many there are."""
    names = server_names({"block": directives})
    rest = [each for each in directives if each["directive"] != "server_name"]
    return [*rest, {"directive": "server_name", "args": list(names)}] if names else rest


def _deep(directives: Directives) -> list[Directive]:
    return [one for each in directives for one in (each, *_deep(each.get("block", ())))]


def _without_mark(directives: list[Directive]) -> list[Directive]:
    """`^~` says that no regex is looked at, which says nothing where there is none."""
    found = []
    for each in directives:
        args = each["args"]
        is_marked = each["directive"] == "location" and args[:1] == ["^~"]
        block = {"block": _without_mark(each["block"])} if "block" in each else {}
        found.append({**each, "args": args[1:] if is_marked else args, **block})
    return found
