"""HAProxy's messages: what it wrote in, faults and hints out. Pure.

A message is a line `[LEVEL]    (PID) : text`, where the text may begin with `config : ` and name a place in one of a
few ways that differ between versions. Indented lines after it belong to it: the line of the configuration that is
meant, and a caret below a position in it. The same words come from a check, a start, and an answered reload.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gen.proxies.commands import Fault
from gen.proxies.listening import Trouble, cannot_listen

_LEVELS = {"ALERT": "emerg", "WARNING": "warn"}
_MESSAGE = re.compile(r"^\[(\w+)\]\s+\(\d+\)\s*:\s*(?:config\s*:\s*)?(.*(?:\n[ \t]+.*)*)", re.MULTILINE)
_PLACE = re.compile(r"(?:[Pp]arsing |Binding )?\[([^\]]+):(\d+)\]\s*:?\s*(?:for (?=\w+ \S+: ))?")
_DECLARED = re.compile(r"\b(?:declared )?at (/\S+?):(\d+)")
_SPEAKER = re.compile(r"\[\S+\.main\(\)\] ")

# What HAProxy says after it has said what is wrong.
_CONCLUSION = re.compile(
    r"Error\(s\) found in configuration file|Fatal errors found in configuration|"
    r"Some protocols failed to start their listeners|exit-on-failure"
)
# Alerts about servers, about workers that were, and about a predecessor that keeps its sockets: what was loaded runs.
_NO_END = re.compile(r"has no server available|[Ww]orker .*exited|Failed to get the sockets from the old process")
_BIND = re.compile(r"cannot bind socket \(([^)]*)\) for \[(\S+:\d+)\]")
_UNIX = re.compile(r"UNIX socket \(([^)]*)\) \[([^\]]+)\]")
_TROUBLES: dict[str, Trouble] = {
    "Address already in use": "in use",
    "Address in use": "in use",
    "Permission denied": "denied",
    "Cannot assign requested address": "not ours",
    "Address not available": "not ours",
}
"""As glibc and musl word them."""

_HINTS = (
    (
        re.compile(r"unknown keyword|unknown fetch method|unknown converter|unknown stats parameter"),
        "this haproxy does not know it: `haproxy -v` shows whether it is too old; else a template of yours is wrong",
    ),
    (
        re.compile(r"unable to (?:stat|open|load) .*'[^']*'|cannot open the file|failed to open pattern file"),
        "is the file there, and may the user who runs haproxy read it?",
    ),
    (
        re.compile(r"Cannot raise FD limit"),
        "raise the limit of open files for whoever starts haproxy (`ulimit -n`, LimitNOFILE=), or allow fewer "
        "connections",
    ),
    (
        re.compile(r"cannot find (?:user|group) id for"),
        "create it where haproxy runs, or name another one in the settings",
    ),
    (
        re.compile(r"Cannot set [ug]id|Cannot chroot"),
        "only root may do that: start haproxy as root, or leave the user out of the settings",
    ),
)


def faults(text: str) -> tuple[Fault, ...]:
    """Alerts and warnings in order, each once; without conclusions where something else tells the reason."""
    found = tuple(dict.fromkeys(_read(text)))
    reasons = tuple(fault for fault in found if not _CONCLUSION.search(fault.message))
    return reasons if any(fault.level == "emerg" for fault in reasons) else found


def explain(fault: Fault) -> Fault:
    """The same in words that help, with a hint where there is something to do."""
    if (bind := _BIND.search(fault.message)) and (trouble := _TROUBLES.get(bind[1])):
        return cannot_listen(fault, "haproxy", place=bind[2], trouble=trouble)
    if unix := _UNIX.search(fault.message):
        return replace(fault, hint=f"is the directory of {unix[2]} there, and does it belong to who runs haproxy?")
    hint = next((hint for pattern, hint in _HINTS if pattern.search(fault.message)), "")
    return replace(fault, hint=hint) if hint else fault


def _read(text: str) -> Iterator[Fault]:
    for level, said in _MESSAGE.findall(text):
        if level in _LEVELS:
            level = "WARNING" if _NO_END.search(said) else level
            yield _fault(_LEVELS[level], " ".join(_without_carets(said)))


def _without_carets(said: str) -> Iterator[str]:
    for line in said.splitlines():
        if (stripped := line.strip()) != "^":
            yield stripped


def _fault(level: str, said: str) -> Fault:
    if place := _PLACE.match(said):
        return Fault(level=level, message=said[place.end() :], file=place[1], line=int(place[2]))
    said = _SPEAKER.sub("", said, count=1)
    if declared := _DECLARED.search(said):
        return Fault(level=level, message=said, file=declared[1], line=int(declared[2]))
    return Fault(level=level, message=said)
