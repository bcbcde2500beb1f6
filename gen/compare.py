"""Two parsed nginx configurations → where they mean something else. Pure: directives in, differences out.

A block is known by what it is for: a server by its names and ports, a location by its match, an upstream by its name.
The order of directives counts where it counts for nginx: among those of the rewrite module, access rules, and locations
by regex; and the first server of a port answers for names that none has, unless another one is its `default_server`.
Comments, quotes, layout and files do not count. A default that only one of both writes down is a difference: which one
it is depends on the version.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["added", "removed", "changed", "moved"]
_IN_ORDER: Final = (
    frozenset({"if", "set", "rewrite", "return", "break"}),
    frozenset({"allow", "deny"}),
)
"""Groups within which the first that applies counts (ngx_http_rewrite_module, ngx_http_access_module)."""
_UNORDERED: Final = frozenset({"server_name", "index_types", "gzip_types", "ssl_protocols"})
"""Directives whose arguments are a set."""
Directives = Sequence[dict[str, Any]]
Where = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One of them. `where` are the blocks around it from the outside in; `before` and `after` are directives as they
    could be written, empty where there is none; one that moved has the place that it came from in `origin`."""

    kind: Kind
    where: tuple[str, ...]
    before: str = ""
    after: str = ""
    origin: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = " > ".join(self.where) or "main"
        match self.kind:
            case "added":
                return f"+ {where}: {self.after}"
            case "removed":
                return f"- {where}: {self.before}"
            case "changed":
                return f"~ {where}: {self.before} -> {self.after}"
        if self.origin == self.where:
            return f"> {where}: {self.after} stands elsewhere among its like"
        return f"> {where}: {self.after}, from {' > '.join(self.origin) or 'main'}"


@dataclass(frozen=True, slots=True)
class _Line:
    """A directive in its place. `like` tells which of another side it may be compared with."""

    where: tuple[str, ...]
    like: tuple[str, ...]
    text: str


def compare(before: Directives, after: Directives) -> tuple[Difference, ...]:
    """All differences, by place."""
    old, new = tuple(_lines(before, ())), tuple(_lines(after, ()))
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    changed = list(_changed(gone, come))
    moved = list(_moved(gone, come))
    rest = [Difference(kind="removed", where=one.where, before=one.text) for one in _whole(gone)]
    rest += [Difference(kind="added", where=one.where, after=one.text) for one in _whole(come)]
    found = (*changed, *moved, *rest, *_out_of_order(before, after), *_other_defaults(before, after))
    return tuple(sorted(found, key=lambda one: (one.where, one.before or one.after, one.after, one.kind)))


def _lines(directives: Directives, where: tuple[str, ...]) -> Iterator[_Line]:
    names = _named(directives)
    often = Counter(each["directive"] for each in directives)
    for each, name in zip(directives, names, strict=True):
        if "block" in each:
            yield _Line(where, ("block", name), f"{name} {{}}")
            yield from _lines(each["block"], (*where, name))
        else:
            several = often[each["directive"]] > 1 or each["directive"] in ("proxy_set_header", "add_header", "server")
            like = (each["directive"], *(each["args"][:1] if several else ()))
            yield _Line(where, like, _text(each))


def _named(directives: Directives) -> list[str]:
    """What each is called; of blocks that are called the same the later ones are counted."""
    seen: defaultdict[str, int] = defaultdict(int)
    found = []
    for each in directives:
        name = _server(each) if each["directive"] == "server" and "block" in each else _text(each)
        seen[name] += 1
        found.append(name if seen[name] == 1 or "block" not in each else f"{name} ({seen[name]})")
    return found


def _server(block: dict[str, Any]) -> str:
    """By its names and ports."""
    names = sorted({name for each in block["block"] if each["directive"] == "server_name" for name in each["args"]})
    ports = sorted({each["args"][0] for each in block["block"] if each["directive"] == "listen" and each["args"]})
    return f"server {' '.join(names) or '_'} on {', '.join(ports) or '80'}"


def _text(each: dict[str, Any]) -> str:
    arguments = sorted(each["args"]) if each["directive"] in _UNORDERED else each["args"]
    return " ".join((each["directive"], *map(_quoted, arguments)))


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
    """What went from one place and came to another, word by word, and is there once."""
    by_text: defaultdict[str, list[_Line]] = defaultdict(list)
    for line in come.elements():
        by_text[line.text].append(line)
    texts = Counter(line.text for line in gone.elements())
    for line in list(gone.elements()):
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
        listens = [line["args"] for line in each["block"] if line["directive"] == "listen" and line["args"]]
        for port, *words in listens or [["80"]]:
            first.setdefault(port, name)
            chosen |= {port} if "default_server" in words else set()
    return {port: name for port, name in first.items() if port not in chosen}, {name for _, name in servers}


def _sequences(
    directives: Directives, where: tuple[str, ...]
) -> Iterator[tuple[tuple[tuple[str, ...], int], list[str]]]:
    """In each place the directives of each group in which order counts."""
    for number, group in enumerate(_IN_ORDER):
        yield (where, number), [_text(each) for each in directives if each["directive"] in group]
    yield (where, len(_IN_ORDER)), [_text(each) for each in directives if _is_regex(each)]
    for each, name in zip(directives, _named(directives), strict=True):
        if "block" in each:
            yield from _sequences(each["block"], (*where, name))


def _is_regex(each: dict[str, Any]) -> bool:
    return each["directive"] == "location" and bool(each["args"]) and each["args"][0].startswith("~")
