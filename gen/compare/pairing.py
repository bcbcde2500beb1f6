"""Two configurations in one spelling → the same, with servers and upstreams called alike that are the same.

A server is known by its names and where it listens; else by its names and ports, else by its names, where only one of
each side is left. A server of several names that are several servers on the other side is as many servers. An upstream
goes by the name that the other side has for what the same location passes requests to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from gen.compare.meaning import Directive, Directives, listens, server_names

NAME: Final = "called"
"""The key under which a block has the name that both sides know it by."""
WAS: Final = "was"
"""That under which an upstream keeps its own."""
_PASSES: Final = tuple(f"{kind}_pass" for kind in ("proxy", "grpc", "fastcgi", "uwsgi", "scgi", "memcached"))
_TARGET: Final = re.compile(r"(?P<scheme>(?:[a-z]+://)?)(?P<name>[^/:]+)(?P<rest>.*)", re.DOTALL)
_BLOCKS: Final = ("http", "stream")


def paired(before: Directives, after: Directives) -> tuple[Directives, Directives]:
    """Both, with names."""
    old, new = list(before), list(after)
    for name in _BLOCKS:
        places = [
            next((place for place, each in enumerate(side) if _is_block(each, name)), None) for side in (old, new)
        ]
        if places[0] is None or places[1] is None:
            continue
        blocks = old[places[0]]["block"], new[places[1]]["block"]
        old[places[0]], new[places[1]] = (
            {"directive": name, "args": [], "block": block} for block in _renamed(*_servers(*blocks))
        )
    return old, new


def shown(block: Directive) -> str:
    """A server by its names and where it listens."""
    return f"server {' '.join(server_names(block)) or '_'} on {', '.join(listens(block)) or '80'}"


def pools(directives: Directives) -> dict[str, tuple[str, ...]]:
    """What stands behind the name of an upstream, or behind a variable that picks one of several addresses."""
    found = {}
    for each in directives:
        if _is_block(each, "upstream"):
            found[each["args"][0]] = tuple(one["args"][0] for one in each["block"] if one["directive"] == "server")
        elif _is_block(each, "split_clients"):
            found[each["args"][-1]] = tuple(one["args"][0] for one in each["block"] if one["args"])
    return found


def target(text: str) -> str:
    """The name in what a directive passes to: `shop` of `http://shop/x`."""
    found = _TARGET.fullmatch(text)
    return found["name"] if found else ""


def is_pass(each: Directive) -> bool:
    return each["directive"] in _PASSES and len(each["args"]) == 1


def _is_block(each: Directive, name: str) -> bool:
    return each["directive"] == name and "block" in each and (name in _BLOCKS or bool(each["args"]))


def _is_server(each: Directive) -> bool:
    return each["directive"] == "server" and "block" in each


def _servers(before: Directives, after: Directives) -> tuple[list[Directive], list[Directive]]:
    names: dict[int, str] = {}
    _pair(before, after, names)
    shared = _left_names(before, names) & _left_names(after, names)
    old, new = (list(_split(side, names, shared)) for side in (before, after))
    _pair(old, new, names)
    return tuple([_with_name(each, names) for each in side] for side in (old, new))  # type: ignore[return-value]


def _pair(before: Directives, after: Directives, names: dict[int, str]) -> None:
    """Gives both of a pair the name of the first, which `names` has by identity."""
    keys: tuple[Callable[[Directive], object], ...] = (shown, _by_ports, _real_names)
    for key in keys:
        old, new = (_only(side, key, names) for side in (before, after))
        for known in old.keys() & new.keys():
            name = shown(old[known])
            names[id(old[known])] = names[id(new[known])] = name


def _only(side: Directives, key: Callable[[Directive], object], names: dict[int, str]) -> dict[object, Directive]:
    """Servers without a name yet that are alone with their key."""
    found: defaultdict[object, list[Directive]] = defaultdict(list)
    for each in side:
        if _is_server(each) and id(each) not in names:
            found[key(each)].append(each)
    return {known: each[0] for known, each in found.items() if len(each) == 1}


def _by_ports(block: Directive) -> tuple[tuple[str, ...], frozenset[str]]:
    return _real_names(block), frozenset(one.rpartition(":")[2] for one in listens(block))


def _real_names(block: Directive) -> tuple[str, ...]:
    """`_` is nobody's name: who writes it means none."""
    return tuple(name for name in server_names(block) if name != "_")


def _left_names(side: Directives, names: dict[int, str]) -> set[str]:
    return {name for each in side if _is_server(each) and id(each) not in names for name in server_names(each)}


def _split(side: Directives, names: dict[int, str], shared: Iterable[str]) -> Iterator[Directive]:
    """One server for each name that the other side has as well, and one for those that it has not."""
    for each in side:
        own = server_names(each) if _is_server(each) and id(each) not in names else ()
        parts = [(name,) for name in own if name in shared]
        if len(own) < 2 or not parts:
            yield each
            continue
        rest = tuple(name for name in own if name not in shared)
        lines = [line for line in each["block"] if line["directive"] != "server_name"]
        for part in [*parts, rest] if rest else parts:
            yield {**each, "block": [*lines, {"directive": "server_name", "args": list(part)}]}


def _with_name(each: Directive, names: dict[int, str]) -> Directive:
    return {**each, NAME: names.get(id(each)) or shown(each)} if _is_server(each) else each


def _renamed(before: Directives, after: Directives) -> tuple[Directives, Directives]:
    """Upstreams of the other side by the name that this side has for them; that they are called otherwise is kept."""
    old, new = _upstreams(before), _upstreams(after)
    theirs: dict[str, str] = {}
    taken: set[str] = set()
    pairs = dict(_passed(after, ()))
    for place, name in _passed(before, ()):
        other = pairs.get(place, "")
        is_free = name not in taken and other not in theirs
        if is_free and name in old and other in new and name not in new and other not in old:
            theirs[other] = name
            taken.add(name)
    return before, [_with_upstreams(each, theirs) for each in after]


def _upstreams(side: Directives) -> set[str]:
    return {each["args"][0] for each in side if _is_block(each, "upstream")}


def _passed(directives: Directives, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """(place, name) of all that passes requests on."""
    for each in directives:
        if "block" in each:
            yield from _passed(each["block"], (*where, each.get(NAME) or " ".join((each["directive"], *each["args"]))))
        elif is_pass(each):
            yield where, target(each["args"][0])


def _with_upstreams(each: Directive, theirs: dict[str, str]) -> Directive:
    if "block" not in each:
        found = _TARGET.fullmatch(each["args"][0]) if is_pass(each) else None
        if found is None or found["name"] not in theirs:
            return each
        return {**each, "args": [f"{found['scheme']}{theirs[found['name']]}{found['rest']}"]}
    args = each["args"]
    if _is_block(each, "upstream") and args[0] in theirs:
        return {**each, "args": [theirs[args[0]]], WAS: args[0]}
    return {**each, "block": [_with_upstreams(one, theirs) for one in each["block"]]}
