"""Two configurations in one spelling, in which who is the same is called alike → all differences.

A block is known by what it is for: a server by its names and ports, a location by its match, an upstream by its name.
The order of directives counts where it counts for nginx: among those of the rewrite module, access rules, and
locations, servers and entries of a map by regex; and the first server of a port answers for names that none has, unless
another one is its `default_server`. Comments, quotes, layout and files do not count. A default that only one of both
writes down is a difference: which one it is depends on the version.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from gen.compare.meaning import Directive, Directives, is_regex_location, server_names
from gen.compare.pairing import NAME, WAS, is_pass, pools, target

Kind = Literal["added", "removed", "changed", "moved"]
_IN_ORDER: Final = (
    frozenset({"if", "set", "rewrite", "return", "break"}),
    frozenset({"allow", "deny"}),
)
"""Groups within which the first that applies counts (ngx_http_rewrite_module, ngx_http_access_module)."""
_SEVERAL: Final = ("proxy_set_header", "add_header", "server", "listen")
"""Directives that stand several times in a place, each known by its first word."""
_MAPS: Final = ("map", "geo")
_FIRST: Final = ("server", "upstream", "split_clients")
Where = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One of them. `where` are the blocks around it from the outside in; `before` and `after` are directives as they
    could be written, empty where there is none; one that moved has the place that it came from in `origin`. What passes
    requests to a pool has the pool's servers beside it."""

    kind: Kind
    where: tuple[str, ...]
    before: str = ""
    after: str = ""
    origin: tuple[str, ...] = ()
    before_servers: tuple[str, ...] = ()
    after_servers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.mark} {self.place}: {self.what}"

    @property
    def mark(self) -> str:
        return {"added": "+", "removed": "-", "changed": "~", "moved": ">"}[self.kind]

    @property
    def place(self) -> str:
        return " > ".join(self.where) or "main"

    @property
    def what(self) -> str:
        """The directive, or both; and from where it moved."""
        before, after = _with(self.before, self.before_servers), _with(self.after, self.after_servers)
        if self.kind != "moved":
            return " -> ".join(filter(None, (before, after)))
        if self.origin == self.where:
            return f"{after} stands elsewhere among its like"
        return f"{after}, from {' > '.join(self.origin) or 'main'}"


def _with(text: str, servers: tuple[str, ...]) -> str:
    return f"{text} [{', '.join(servers) or 'no server'}]" if servers else text


@dataclass(frozen=True, slots=True)
class _Line:
    """A directive in its place. `like` tells which of another side it may be compared with."""

    where: tuple[str, ...]
    like: tuple[str, ...]
    text: str


def differences(before: Directives, after: Directives) -> tuple[Difference, ...]:
    """All differences: those of servers first, then of pools, then of the rest, by place."""
    old, new = tuple(_lines(before, ())), tuple(_lines(after, ()))
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    changed = [_with_pools(one, pools_of(before), pools_of(after)) for one in _changed(gone, come)]
    changed += _called_otherwise(after, ())
    moved = list(_moved(gone, come))
    rest = [Difference(kind="removed", where=one.where, before=one.text) for one in _whole(gone)]
    rest += [Difference(kind="added", where=one.where, after=one.text) for one in _whole(come)]
    found = (*changed, *moved, *rest, *_out_of_order(before, after), *_other_defaults(before, after))
    return tuple(sorted(found, key=lambda one: (_turn(one), one.where, one.before or one.after, one.after, one.kind)))


def _turn(one: Difference) -> int:
    """The place in line of a difference: what people look for first is which host is served how."""
    path = (*one.where, one.before or one.after)
    inside = path[1] if len(path) > 1 and path[0] in ("http", "stream") else ""
    kind = inside.split(" ", 1)[0]
    is_block = len(one.where) > 1 or inside.endswith("{}") or one.kind == "moved"
    return _FIRST.index(kind) if kind in _FIRST and is_block else len(_FIRST)


def pools_of(directives: Directives) -> dict[str, tuple[str, ...]]:
    """All pools, of HTTP and of streams."""
    blocks = (each["block"] for each in directives if each["directive"] in ("http", "stream") and "block" in each)
    return {name: servers for block in blocks for name, servers in pools(block).items()}


def _with_pools(one: Difference, old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> Difference:
    name, _, passed = one.before.partition(" ")
    if not is_pass({"directive": name, "args": [passed]}):
        return one
    before, after = old.get(target(passed), ()), new.get(target(one.after.partition(" ")[2]), ())
    return replace(one, before_servers=before, after_servers=after)


def _called_otherwise(directives: Directives, where: Where) -> Iterator[Difference]:
    """Upstreams that have another name there: logs have it, and requests too where no Host is set."""
    for each in directives:
        if was := each.get(WAS):
            before, after = f"upstream {_quoted(each['args'][0])} {{}}", f"upstream {_quoted(was)} {{}}"
            yield Difference(kind="changed", where=where, before=before, after=after)
        elif each["directive"] in ("http", "stream") and "block" in each:
            yield from _called_otherwise(each["block"], (*where, each["directive"]))


def _lines(directives: Directives, where: tuple[str, ...]) -> Iterator[_Line]:
    names = _named(directives)
    often = Counter(each["directive"] for each in directives)
    for each, name in zip(directives, names, strict=True):
        if "block" in each:
            yield _Line(where, ("block", name), f"{name} {{}}")
            yield from _lines(each["block"], (*where, name))
        else:
            several = often[each["directive"]] > 1 or each["directive"] in _SEVERAL
            like = (each["directive"], *(each["args"][:1] if several else ()))
            yield _Line(where, like, _text(each))


def _named(directives: Directives) -> list[str]:
    """What each is called; of blocks that are called the same the later ones are counted."""
    seen: defaultdict[str, int] = defaultdict(int)
    found = []
    for each in directives:
        name = each.get(NAME) or _text(each)
        seen[name] += 1
        found.append(name if seen[name] == 1 or "block" not in each else f"{name} ({seen[name]})")
    return found


def _text(each: Directive) -> str:
    words = " ".join(map(_quoted, each["args"]))
    # The parser leaves out the parentheses of a condition.
    return f"if ({words})" if each["directive"] == "if" else " ".join(filter(None, (each["directive"], words)))


def _quoted(argument: str) -> str:
    plain = argument and not any(character in argument for character in " \t\r\n;{}\"'")
    return argument if plain else '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _changed(gone: Counter[_Line], come: Counter[_Line]) -> Iterator[Difference]:
    """One of each side that is alone with its like in a place."""
    sides: list[defaultdict[tuple[tuple[str, ...], tuple[str, ...]], list[_Line]]]
    sides = [defaultdict(list), defaultdict(list)]
    for side, lines in zip(sides, (gone, come), strict=True):
        for line in lines.elements():
            side[line.where, line.like].append(line)
    for place, before in list(sides[0].items()):
        after = sides[1].get(place, [])
        if len(before) == len(after) == 1 and place[1][0] != "block":
            gone.subtract(before)
            come.subtract(after)
            yield Difference(kind="changed", where=place[0], before=before[0].text, after=after[0].text)
    for lines in (gone, come):
        for line in [line for line, times in lines.items() if times <= 0]:
            del lines[line]


def _moved(gone: Counter[_Line], come: Counter[_Line]) -> Iterator[Difference]:
    """What went from one place and came to another, word by word, and is there once. In a block that only one side has
    nothing moved: all of it came or went."""
    by_text: defaultdict[str, list[_Line]] = defaultdict(list)
    for line in _whole(come):
        by_text[line.text].append(line)
    left = list(_whole(gone))
    texts = Counter(line.text for line in left)
    for line in left:
        there = by_text[line.text]
        if texts[line.text] == len(there) == 1 and line.like[0] != "block":
            del gone[line], come[there[0]]
            yield Difference(kind="moved", where=there[0].where, before=line.text, after=line.text, origin=line.where)


def _whole(lines: Counter[_Line]) -> Iterator[_Line]:
    """Of a block that one side does not have at all, the block alone stands for what is in it."""
    blocks = {(*line.where, line.like[1]) for line in lines if line.like[0] == "block"}
    for line in lines.elements():
        if not any(line.where[:depth] in blocks for depth in range(1, len(line.where) + 1)):
            yield line


def _out_of_order(before: Directives, after: Directives) -> Iterator[Difference]:
    """What both have and its like stands in another order."""
    places = dict(_sequences(after, ()))
    for where, old in _sequences(before, ()):
        new = places.get(where, [])
        common = [text for text in new if text in old]
        kept = [text for text in old if text in new]
        first = next((text for text, other in zip(common, kept, strict=False) if text != other), None)
        if first is not None and sorted(common) == sorted(kept):
            yield Difference(kind="moved", where=where[0], before=first, after=first, origin=where[0])


def _other_defaults(before: Directives, after: Directives) -> Iterator[Difference]:
    """A server that both have and that is first on its port on one side alone."""
    sides = [
        {each["directive"]: _firsts(each["block"]) for each in side if each["directive"] == "http" and "block" in each}
        for side in (before, after)
    ]
    for block in sides[0].keys() & sides[1].keys():
        (old, old_all), (new, new_all) = sides[0][block], sides[1][block]
        moved = {new[port] for port in old.keys() & new.keys() if old[port] != new[port]}
        for name in sorted(moved & old_all & new_all):
            yield Difference(kind="moved", where=(block,), before=name, after=name, origin=(block,))


def _firsts(directives: Directives) -> tuple[dict[str, str], set[str]]:
    """The first server of each port that has no `default_server`, and all servers."""
    first: dict[str, str] = {}
    chosen: set[str] = set()
    servers = [(each, name) for each, name in zip(directives, _named(directives), strict=True) if "block" in each]
    servers = [(each, name) for each, name in servers if each["directive"] == "server"]
    for each, name in servers:
        lines = [line["args"] for line in each["block"] if line["directive"] == "listen" and line["args"]]
        for port, *words in lines:
            first.setdefault(port, name)
            chosen |= {port} if "default_server" in words else set()
    return {port: name for port, name in first.items() if port not in chosen}, {name for _, name in servers}


def _sequences(
    directives: Directives, where: tuple[str, ...]
) -> Iterator[tuple[tuple[tuple[str, ...], int], list[str]]]:
    """In each place the directives of each group in which order counts."""
    for number, group in enumerate(_IN_ORDER):
        yield (where, number), [_text(each) for each in directives if each["directive"] in group]
    yield (where, len(_IN_ORDER)), [_text(each) for each in directives if is_regex_location(each)]
    servers = [(each, name) for each, name in zip(directives, _named(directives), strict=True) if NAME in each]
    by_regex = [name for each, name in servers if any(one.startswith("~") for one in server_names(each))]
    yield (where, len(_IN_ORDER) + 1), by_regex
    if where and where[-1].split(" ", 1)[0] in _MAPS:
        yield (where, len(_IN_ORDER) + 2), [_text(each) for each in directives if each["directive"].startswith("~")]
    for each, name in zip(directives, _named(directives), strict=True):
        if "block" in each:
            yield from _sequences(each["block"], (*where, name))
