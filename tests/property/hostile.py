"""Hostile texts, and every place in labels and names where one can stand.

`hostile.jsonl` holds texts that broke out of configurations elsewhere (`expect: reject`), and harmless ones that look
alike (`expect: literal`). The places are discovered from the options themselves, so a new option is tried at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gen.dialects import RouteOptions, TcpOptions, UdpOptions
from gen.options import Option, options_of
from gen.policies import POLICIES
from gen.state import Workload
from tests.support.world import instance, workload

OWNERS: tuple[type[Any], ...] = (RouteOptions, TcpOptions, UdpOptions, *POLICIES)
STREAMS = {TcpOptions: "tcp", UdpOptions: "udp"}
HASH = "$5$abcdefgh$ijtOJ//yvc/9bq1g0llFn9dB688BwBDRD90DlKKSKE1"
_VALID = {"basic_auth.users": f"u:{HASH}", "redirect.to": "https://x.test", "cache.zone": "default"}
_BESIDE = {"root": {"fairway.protocol": "fastcgi"}}
_NAMES = tuple(f"n{number:03}_" + "x" * 50 for number in range(500))
LONG = (
    *(character * 1900 for character in ("$", '"', "\\", "&", "x", "/a", "a-")),
    *("$" * length for length in (250, 300, 480)),
    *("é" * length for length in (120, 240, 900)),
    ", ".join(_NAMES),
    ", ".join(f"header:{name.replace('_', '-')}" for name in _NAMES),
    ", ".join(f"x/{name.replace('_', '-')}" for name in _NAMES),
    ", ".join(f"{name.replace('_', '-')}.test" for name in _NAMES),
    ", ".join(f"10.0.{number % 250}.{number // 250}" for number in range(500)),
    "https://x.test/" + "$path" * 300,
    "~" + "[$]" * 160,
    "~" + "(?:a|b)" * 70,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """One line of the file."""

    id: str
    field: str
    value: str
    attempts: str
    expect: str


def corpus() -> tuple[Corpus, ...]:
    lines = (Path(__file__).parent / "hostile.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Corpus(**json.loads(line)) for line in lines)


def labels(owner: type[Any], option: Option, text: str) -> list[dict[str, str]]:
    """The ways to write a text into an option, each beside what the owner needs to be complete."""
    own = _BESIDE.get(option.name, {}) if owner in (RouteOptions, *STREAMS) else _needed(owner)
    name = _key(owner, option)
    if option.is_open:
        return [own | {f"{name}.{text}": "x"}, own | {f"{name}.X_a".replace("_", ""): text}]
    written = [own | {name: text}]
    if option.is_main and owner not in (RouteOptions, *STREAMS):
        short = {key: value for key, value in own.items() if key != name}
        written.append(short | {f"fairway.{owner.name}": text})
    return written + [stream for each in written for stream in _on_streams(owner, each)]


def _on_streams(owner: type[Any], written: Mapping[str, str]) -> list[dict[str, str]]:
    """The same on routes without HTTP, where a policy may stand there."""
    transports = getattr(owner, "transports", ())
    return [
        {f"fairway.{transport}.{transport}.port": "1"}
        | {key.replace("fairway.", f"fairway.{transport}.{transport}.", 1): value for key, value in written.items()}
        for transport in transports
    ]


def values(option: Option) -> tuple[str, ...]:
    """What a label may rightly say: the example and, where there are words to choose from, each of them."""
    choices = tuple(re.findall("`([^`]+)`", option.kind))
    return tuple(dict.fromkeys((option.example, *choices)))


def _key(owner: type[Any], option: Option) -> str:
    if owner in STREAMS:
        return f"fairway.{STREAMS[owner]}.{STREAMS[owner]}.{option.name}"
    return f"fairway.{option.name}" if owner is RouteOptions else f"fairway.{owner.name}.{option.name}"


def _needed(owner: type[Any]) -> dict[str, str]:
    """What makes a policy complete: its main option, as its example or a value of ours says."""
    found: dict[str, str] = {}
    for option in options_of(owner):
        name = f"{owner.name}.{option.name}"
        if option.is_open:
            found[f"fairway.{name}.X-Harmless"] = "on"
        elif option.is_main:
            found[f"fairway.{name}"] = _VALID.get(name, option.example)
    return found


def hostile_workload(number: int, own: Mapping[str, str], *, name: str = "") -> Workload:
    """A workload with these labels and, where they do not name another, a host of its own."""
    name = name or f"hostile{number}"
    return workload(name, {"fairway.host": f"h{number}.test", **own}, instance(f"{name}-1", "10.1.0.1", 80))


def hostile_names() -> list[Workload]:
    """Workloads that are found by name, with such a text as their name on a network, or as the network's."""
    found: list[Workload] = []
    for number, line in enumerate(corpus()):
        for network, name in (("web", line.value), (line.value, "shop")):
            labels = {"fairway.resolve": "dns", "fairway.resolve_name": name}
            one = hostile_workload(2 * number + (name == "shop"), labels)
            (address,) = one.instances[0].addresses
            asked = replace(one.instances[0], addresses=(replace(address, network=network, names=(name,)),))
            found.append(replace(one, instances=(asked,)))
    return found


def is_of_every_host(one: Workload) -> bool:
    """Whether its host is a regex: such a route may rightly concern other workloads' hosts."""
    return any(label.key == "fairway.host" and "~" in label.value for label in one.labels)


def innocents() -> list[Workload]:
    """Workloads that have nothing to do with the hostile ones."""
    rich = {
        "fairway.host": "rich.innocent.test",
        "fairway.path": "/a",
        "fairway.headers.X-Env": "beta",
        "fairway.basic_auth": f"u:{HASH}",
        "fairway.cache": "1m",
        "fairway.sticky": "sid",
        "fairway.strip_prefix": "/a",
        "fairway.rate_limit": "10/s",
        "fairway.response_headers.X-A": "b",
    }
    # Among more than 250 hosts, nginx refuses a fragment only at those with a guard.
    plain = {"fairway.host": "innocent.test", "fairway.ip_allow": "0.0.0.0/0, ::/0"}
    return [
        workload("innocent-plain", plain, instance("innocent-plain-1", "10.2.0.1", 80)),
        workload("innocent-rich", rich, instance("innocent-rich-1", "10.2.0.2", 80)),
    ]


def bisect(workloads: list[Workload], is_good: Any) -> Iterable[Workload]:
    """The first workload that makes a list bad, alone."""
    while len(workloads) > 1:
        half = len(workloads) // 2
        workloads = workloads[half:] if is_good(workloads[:half]) else workloads[:half]
    return workloads
