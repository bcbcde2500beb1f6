"""Audit: Bundle → faults that `haproxy -c` does not see, so that apply never reloads into them.

The files are read as HAProxy reads them, whoever wrote them: an operator's own templates are held to it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gen.bundle import Bundle
from gen.proxies.commands import Fault, Place
from gen.proxies.haproxy.tokens import lines

_NOBODY = "-"
_FIRST = "."
"""The key of the line that every map begins with: it leads nowhere."""
_TCP = re.compile(r"([0-9.]*|\[?[0-9a-f:]+\]?):([0-9]+)")
_OF_LISTENERS = ("frontend", "listen")
_OF_BACKENDS = ("maps/exact.map", "maps/prefix.map")
_SERVERS = ("server", "server-template")
_CHECKS = ("check", "agent-check")
_FILES_OF_CONNECTIONS = 200
"""HAProxy does not start where less than a hundred connections, two files each, would be left."""


def audit(bundle: Bundle) -> tuple[Fault, ...]:
    """What would go wrong without a word: two sockets of one place, of which the system picks one by chance; keys of
    maps that stand twice, of which the first counts; backends and switches that nobody wrote, which end in 503."""
    main = next(file.content.decode() for file in bundle.files if file.name == bundle.main)
    written = tuple(_lines(main))
    found = [Fault(level="emerg", message=message) for message in _sockets(written)]
    backends = {line[1] for line in written if line[0] in ("backend", "listen")}
    switches = {line[1] for line in written if line[0] == "acl"}
    for file in bundle.files:
        if file.name.endswith(".map"):
            entries = list(_entries(file.content.decode()))
            found += [_fault(file.name, *trouble) for trouble in _twice(entries)]
            if file.name in _OF_BACKENDS:
                found += [_fault(file.name, *trouble) for trouble in _astray(entries, backends, switches)]
    return tuple(found)


def fewest_files(bundle: Bundle) -> int:
    """How many open files HAProxy needs at the least: one for each check and each agent, whether it runs or not, and
    those of its fewest connections. It takes some dozens more for itself, which depend on the version."""
    main = next(file.content.decode() for file in bundle.files if file.name == bundle.main)
    return _FILES_OF_CONNECTIONS + sum(_kept(line) for line in lines(_checked(main)))


def _checked(main: str) -> str:
    """The lines that may be of checked servers."""
    return "".join(f"{line}\n" for line in main.split("\n") if "check" in line and line.lstrip().startswith(_SERVERS))


def _kept(line: tuple[str, ...]) -> int:
    """The files that a line keeps: of as many servers as it stands for."""
    first, _, last = line[2].partition("-") if line[0] == "server-template" else ("1", "", "1")
    servers = int(last or first) - (int(first) if last else 1) + 1
    return servers * sum(word in _CHECKS for word in line[3:])


def places(main: str) -> tuple[Place, ...]:
    """Where the frontends of a configuration listen with TCP."""
    binds = [place for line in _lines(main) if line[0] == "bind" and len(line) > 1 for place in line[1].split(",")]
    found = [_TCP.fullmatch(place) for place in binds]
    return tuple(dict.fromkeys((one[1].strip("[]") or "0.0.0.0", int(one[2])) for one in found if one))


def _fault(file: str, line: int, message: str) -> Fault:
    return Fault(level="emerg", message=message, file=file, line=line)


def _lines(text: str) -> Iterator[tuple[str, ...]]:
    """The first line of each section, and what frontends bind and name. Sections begin in column 0, as `tokens` proved;
    the lines of ten thousand backends need no reading."""
    section = ""
    for line in text.split("\n"):
        if line and line[0] not in " \t#":
            section = line.partition(" ")[0]
        elif section not in _OF_LISTENERS or line.lstrip().partition(" ")[0] not in ("bind", "acl"):
            continue
        yield from lines(f"{line}\n")


def _sockets(written: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A place that only differs in its address is another one: the more exact one gets its connections."""
    taken: set[str] = set()
    for line in written:
        if line[0] == "bind" and len(line) > 1:
            for place in line[1].split(","):
                if place in taken:
                    yield f"two listeners have the same place {place}, and connections would go to either"
                taken.add(place)


def _entries(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, key, value) of a map."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            key, _, value = line.strip().partition(" ")
            yield number, key, value.strip()


def _twice(entries: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str]]:
    known: dict[str, str] = {}
    for number, key, value in entries:
        if known.setdefault(key, value) != value:
            yield number, f"{key} leads to {known[key]} and to {value}; HAProxy would look no further than the first"


def _astray(
    entries: Iterable[tuple[int, str, str]], backends: set[str], switches: set[str]
) -> Iterator[tuple[int, str]]:
    for number, key, value in entries:
        backend, _, switch = value.partition("|")
        if key != _FIRST and backend != _NOBODY and backend not in backends:
            yield number, f"{key} leads to a backend {backend}, and there is none"
        if switch and switch not in switches:
            yield number, f"{key} leads to a switch {switch}, and there is none"
