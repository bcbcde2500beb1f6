"""Maps: two versions of a map file → commands. Bytes in, commands for single entries or one transaction out.

`add map` on a key that is there makes a second entry without a word, and a payload that is too large may empty a map:
so only keys that are new are added, payloads are small, and all is counted before and after it counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from gen.bundle import Bundle
from gen.proxies.haproxy.live.change import Change, Phase
from gen.proxies.haproxy.live.expect import Counts, Entry
from gen.proxies.haproxy.live.words import is_writable, spelled
from gen.proxies.live import LEARNT, Command

FOLDER = "maps/"
RELEASE = "maps/release.map"
HOSTS = "maps/hosts.map"
PAYLOAD_BYTES = 8000
"""HAProxy 2.6 loses what is longer than its buffer of 16 KiB, and reads the rest as commands."""
MOST_SINGLE = 200
"""So many entries are changed one by one; more are exchanged at once."""

Map = dict[str, str]


def compare(old: Bundle, new: Bundle, change: Change) -> None:
    """All maps but the one that holds the digest."""
    before, after = _files(old), _files(new)
    counts: list[tuple[str, int]] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            change.reload(f"{name} is {'new' if name not in before else 'gone'}")
        elif before[name] != after[name]:
            counts.append((name, _compare(name, before[name].decode(), after[name].decode(), change)))
    if counts:
        change.expectations.append(Counts(counts=tuple(counts)))


def _files(bundle: Bundle) -> dict[str, bytes]:
    return {file.name: file.content for file in bundle.files if file.name.startswith(FOLDER) and file.name != RELEASE}


def _compare(name: str, old: str, new: str, change: Change) -> int:
    """How many entries there are to be."""
    old_lines, new_lines = _lines(old), _lines(new)
    known = set(old_lines).intersection(new_lines)
    gone = _entries(line for line in old_lines if line not in known)
    come = _entries(line for line in new_lines if line not in known)
    touched = gone.keys() | come.keys()
    has_duplicates = _count(old_lines) != len(old_lines) or _count(new_lines) != len(new_lines)
    if not new_lines:
        change.reload(f"{name} is empty, and could not be changed later")
    elif has_duplicates or len(touched) > MOST_SINGLE or not _are_writable(gone, come):
        change.live(f"{name}: all of its {len(new_lines)} entries are exchanged")
        change.do(Phase.ADD_HOSTS if name == HOSTS else Phase.ADD_TARGETS, *exchange(name, new_lines))
    else:
        _change_entries(name, gone, come, change)
    return len(new_lines)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _entries(lines: Iterable[str]) -> Map:
    return dict(_entry(line) for line in lines)


def _entry(line: str) -> tuple[str, str]:
    key, _, value = line.partition(" ")
    return key, value.strip()


def _count(lines: list[str]) -> int:
    return len({line.split(" ", 1)[0] for line in lines})


def _are_writable(*sides: Map) -> bool:
    return all(is_writable(key) and is_writable(value) for side in sides for key, value in side.items())


def _change_entries(name: str, gone: Map, come: Map, change: Change) -> None:
    adding, removing = (
        (Phase.ADD_HOSTS, Phase.REMOVE_HOSTS) if name == HOSTS else (Phase.ADD_TARGETS, Phase.REMOVE_TARGETS)
    )
    for key, value in come.items():
        verb = "set" if key in gone else "add"
        change.live(f"{name}: {key} -> {value}")
        change.do(adding, Command(line=f"{verb} map {name} {spelled(key)} {spelled(value)}"))
    for key in gone.keys() - come.keys():
        change.live(f"{name}: {key} is gone")
        change.do(removing, Command(line=f"del map {name} {spelled(key)}"))
    for key in (*come, *sorted(gone.keys() - come.keys())):
        question = f"get map {name} {spelled(key)}"
        change.expectations.append(Entry(map=name, key=key, value=come.get(key), question=question))


def exchange(name: str, lines: list[str]) -> tuple[Command, ...]:
    """A map as a transaction: what was there is served until all that is new has been counted."""
    return (
        Command(line=f"prepare map {name}", learns=r"New version created: (\d+)"),
        *(
            Command(line=f"add map @{LEARNT} {name} <<", payload=chunk, undo=f"clear map @{LEARNT} {name}")
            for chunk in chunks(lines)
        ),
        Command(line=f"show map @{LEARNT} {name}", entries=len(lines)),
        Command(line=f"commit map @{LEARNT} {name}", commits=True),
    )


def chunks(lines: list[str]) -> list[str]:
    """The lines in payloads of at most PAYLOAD_BYTES. No line is empty: an empty one ends a payload."""
    found: list[str] = []
    held: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode()) + 1
        if held and size + length > PAYLOAD_BYTES:
            found.append("".join(held))
            held, size = [], 0
        held.append(f"{line}\n")
        size += length
    return [*found, "".join(held)] if held else found
