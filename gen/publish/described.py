"""Publish, step three: how a service is described, and the pieces → how it should be described. Pure.

What belongs to the operator stays as it is: image, networks, ports, placement, limits, mounts, files of theirs, a
health check or a command of theirs. Ours are the files of the release, the command that reads them, places to write
to, a health check that wants the release confirmed, and that Swarm goes back when a new task fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final

from gen.proxies.commands import Commands, Layout
from gen.publish.pieces import HEALTH, Piece
from gen.sources.docker_read import Json, sequence, table, text

RELEASE_LABEL: Final = "fairway-release"
"""Not one of those that declare routes: these begin with `fairway.`."""
PROXY_LABEL: Final = "fairway.proxy"
SECOND: Final = 10**9
_HEALTH: Final = {"Interval": 5 * SECOND, "Timeout": 5 * SECOND, "Retries": 3, "StartPeriod": 30 * SECOND}
_UPDATE: Final = {"Parallelism": 1, "Monitor": 10 * SECOND}
_MEMORY, _DISK = "tmpfs", "volume"
_SHELL: Final = ["sh", "-c"]
_UNPACKING: Final = "fairway-unpacks"
"""The name of the shell that does it, by which it is known again."""
_FOLDERS: Final = {
    "nginx": {"run": _MEMORY, "run/inner": _MEMORY, "temp": _DISK, "cache": _DISK},
    "haproxy": {"run": _MEMORY, "run/inner": _MEMORY},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The release that a service's tasks should serve. `ids`: those of its pieces by name, as far as they are known."""

    digest: str
    pieces: tuple[Piece, ...]
    commands: Commands
    layout: Layout
    ids: Mapping[str, str]


def unfit(found: Json, proxy: str) -> tuple[str, str]:
    """Why releases cannot be published to this service, and what would help; nothing where they can."""
    spec = table(found, "Spec")
    template = table(spec, "TaskTemplate")
    name = text(spec, "Name")
    if not table(template, "ContainerSpec"):
        return "its tasks are no containers", "publish to a service of containers"
    if not {"Replicated", "Global"} & table(spec, "Mode").keys():
        return "it is a job, which ends", "publish to a replicated or a global service"
    if not _networks(spec):
        return "it is on no network, so its proxies reach nobody", f"docker service update --network-add edge {name}"
    said = {**table(table(template, "ContainerSpec"), "Labels"), **table(spec, "Labels")}.get(PROXY_LABEL)
    if said != proxy:
        label = f"docker service update --label-add {PROXY_LABEL}={proxy} {name}"
        has = f"it has the label {PROXY_LABEL}={said}" if said else f"it has no label {PROXY_LABEL}"
        return f"{has}, so it may not be a {proxy}", f"if it is one, say so: {label}"
    return "", ""


def release_of(spec: Json) -> str:
    """The digest that was published last, empty where none was."""
    return text(table(spec, "Labels"), RELEASE_LABEL)


def unpublished(spec: Json, ports: Iterable[int]) -> tuple[int, ...]:
    """Those of the listeners' ports that the service does not publish, where it publishes any."""
    there = {one.get("TargetPort") for one in _ports(spec) if isinstance(one, dict)}
    return tuple(port for port in ports if there and port not in there)


def has_root(spec: Json) -> bool:
    """Whether the tasks begin as root. An image may say another user, so it has to be said here."""
    user = text(table(table(spec, "TaskTemplate"), "ContainerSpec"), "User").partition(":")[0]
    return user in ("root", "0")


def described(spec: Json, wanted: Wanted, ours: Collection[str]) -> dict[str, Any]:
    """The description with that release. `ours`: names of pieces that earlier releases brought."""
    template = table(spec, "TaskTemplate")
    order = "stop-first" if _holds_ports(spec) else "start-first"
    container = _container(table(template, "ContainerSpec"), wanted, ours)
    update = {**_UPDATE, **_said(table(spec, "UpdateConfig")), "FailureAction": "rollback", "Order": order}
    back = {**_UPDATE, **_said(table(spec, "RollbackConfig")), "Order": order}
    return {
        **spec,
        "Labels": {**table(spec, "Labels"), RELEASE_LABEL: wanted.digest},
        "TaskTemplate": {**template, "ContainerSpec": container, "Networks": _networks(spec)},
        "UpdateConfig": update,
        "RollbackConfig": back,
    }


def is_equal(one: object, other: object) -> bool:
    """Whether two descriptions say the same; a manager leaves out what is empty."""
    if isinstance(one or other, Mapping):
        one, other = one or {}, other or {}
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(is_equal(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return one == other or (not one and not other)


def named_pieces(spec: Json) -> frozenset[str]:
    """The names of all configs and secrets that a description refers to."""
    container = table(table(spec, "TaskTemplate"), "ContainerSpec")
    kinds = (("Configs", "ConfigName"), ("Secrets", "SecretName"))
    return frozenset(text(one, key) for kind, key in kinds for one in sequence(container, kind))


def _said(config: Json) -> dict[str, Any]:
    return {key: value for key, value in config.items() if value}


def _container(before: Json, wanted: Wanted, ours: Collection[str]) -> dict[str, Any]:
    now = {
        **before,
        **_command(before, wanted),
        "Labels": {**table(before, "Labels"), RELEASE_LABEL: wanted.digest},
        "Mounts": [*sequence(before, "Mounts"), *_mounts(before, wanted)],
        "Configs": [*_others(before, "Config", ours), *_files(wanted, "Config")],
        "Secrets": [*_others(before, "Secret", ours), *_files(wanted, "Secret")],
        "StopSignal": text(before, "StopSignal") or f"SIG{wanted.commands.stop_signal}",
    }
    test = sequence(table(before, "Healthcheck"), "Test")
    script = f"{wanted.layout.root}/{HEALTH}"
    if not test or script in test:
        asked = wanted.commands.question(wanted.layout).socket
        now["Healthcheck"] = {**_HEALTH, **table(before, "Healthcheck")}
        now["Healthcheck"]["Test"] = ["CMD", "sh", script, str(asked), wanted.digest]
    return now


def _command(before: Json, wanted: Wanted) -> dict[str, Any]:
    """One that reads the release is the operator's, or ours already; any other would not serve it. In front of it
    stands what unpacks files, where some are packed; that takes a command that does not come from the image."""
    own, arguments = sequence(before, "Command"), sequence(before, "Args")
    if own[:2] == _SHELL and own[3:4] == [_UNPACKING]:
        own = own[4:]
    packed = [piece for piece in wanted.pieces if piece.unpacked]
    reads = any(str(wanted.layout.current) in str(word) for word in (*own, *arguments))
    if not reads or (packed and not own):
        own, arguments = list(wanted.commands.start(wanted.layout)), []
    if packed:
        steps = " && ".join(_unpacking(piece) for piece in packed)
        own = [*_SHELL, f'{steps} && exec "$@"', _UNPACKING, *own]
    return {"Command": own, "Args": arguments}


def _unpacking(piece: Piece) -> str:
    """A secret is readable for no more users than before; a subshell keeps its mask to itself."""
    mask = oct(0o777 & ~piece.mode & ~0o200)[2:]
    return f"(umask {mask}; gzip -dc {quote(piece.path)} >{quote(piece.unpacked)})"


def _mounts(before: Json, wanted: Wanted) -> Iterator[dict[str, str]]:
    """Places to write to, where the operator mounted none. A cache in memory would not fit, and what is unpacked may be
    a secret, which belongs on no disk."""
    there = {text(one, "Target").rstrip("/") for one in sequence(before, "Mounts")}
    packed = {"current": _MEMORY} if any(piece.unpacked for piece in wanted.pieces) else {}
    for folder, kind in (_FOLDERS[wanted.commands.name] | packed).items():
        target = f"{wanted.layout.root}/{folder}"
        if target not in there:
            yield {"Type": kind, "Target": target}


def _others(before: Json, kind: str, ours: Collection[str]) -> Iterator[object]:
    """The operator's own files."""
    return (one for one in sequence(before, f"{kind}s") if text(one, f"{kind}Name") not in ours)


def _files(wanted: Wanted, kind: str) -> Iterator[dict[str, Any]]:
    for piece in wanted.pieces:
        if piece.is_secret == (kind == "Secret"):
            file = {"Name": piece.path, "UID": "0", "GID": "0", "Mode": piece.mode}
            yield {"File": file, f"{kind}ID": wanted.ids.get(piece.name, ""), f"{kind}Name": piece.name}


def _holds_ports(spec: Json) -> bool:
    """Whether a task holds a port of its node, so that the next one cannot start before it has ended."""
    is_published = any(text(one, "PublishMode") == "host" for one in _ports(spec))
    return is_published or any(text(one, "Target") == "host" for one in _networks(spec))


def _networks(spec: Json) -> list[Any]:
    """Older clients wrote them beside the template, where an update would lose them."""
    return sequence(table(spec, "TaskTemplate"), "Networks") or sequence(spec, "Networks")


def _ports(spec: Json) -> list[Any]:
    return sequence(table(spec, "EndpointSpec"), "Ports")
