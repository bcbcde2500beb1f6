"""Container: one workload by whatever people call it → the steps from its labels to the running proxy."""

from __future__ import annotations

import json
import shlex
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any, Final

from gen.control.runtime import Conversation
from gen.errors import ProxyError, SourceError
from gen.explain.basis import Basis
from gen.explain.finding import Finding
from gen.explain.journey import claimed, journey
from gen.explain.pool import Pooled, pooled
from gen.model import Route, StreamRoute
from gen.plan import RELEASE
from gen.proxies.commands import Layout
from gen.settings import Settings, environment
from gen.sources.redaction import redacted_value
from gen.state import State, Workload

_SERVICE: Final = "com.docker.compose.service"
_PROJECT: Final = "com.docker.compose.project"
_KINDS: Final = {
    "container": "a container",
    "service": "a service of a swarm",
    "compose": "a service of a compose file",
    "file": "of a file of routes",
}
_SHORTEST_ID: Final = 4
_NEAREST: Final = 3
_LISTED: Final = 10
_SECONDS: Final = 3.0
_OPERATIONAL: Final = {"0": "down", "1": "starting", "2": "up", "3": "stopping"}
"""HAProxy's management guide, `show servers state`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What came of a name: the workload, and what is to be said of the finding itself."""

    workload: Workload | None
    findings: tuple[Finding, ...]


def sought(name: str, state: State, settings: Settings, *, asks: bool) -> Sought:
    """A workload by name, id or compose service. `asks`: the engine knows containers without labels too."""
    for workload in _by_name(name, state):
        more = tuple(_environment(workload.id, settings)) if asks else ()
        found = f"{workload.name}, {_KINDS[workload.kind]}" + (f", id {workload.id[:12]}" if asks else "")
        return Sought(workload=workload, findings=(Finding(level="ok", about="found", found=found), *more))
    try:
        return _left_out(name, state) or (_asked(name, state, settings) if asks else _nowhere(name, _names(state)))
    except SourceError as error:
        told = Finding(level="fail", about="found", found=str(error), hint=error.hint)
        return Sought(workload=None, findings=(told,))


def _by_name(name: str, state: State) -> Iterator[Workload]:
    """By name, then by id, by an instance, and by the service of a compose project."""
    wanted = name.removeprefix("/")
    yield from (one for one in state.workloads if one.name == wanted)
    if len(wanted) >= _SHORTEST_ID:
        yield from (one for one in state.workloads if one.id.startswith(wanted))
    instances = ((one, each) for one in state.workloads for each in one.instances)
    yield from (one for one, each in instances if wanted in (each.name, each.id[:12]))
    for one in state.workloads:
        labels = {label.key: label.value for label in one.labels}
        service, project = labels.get(_SERVICE, ""), labels.get(_PROJECT, "")
        if service and wanted in (service, f"{project}/{service}", f"{project}_{service}", f"{project}-{service}"):
            yield one


def _left_out(name: str, state: State) -> Sought | None:
    """A service that the source itself left out, with the first reason."""
    wrong = [one for one in state.problems if one.origin.workload == name and one.severity == "error"]
    if not wrong:
        return None
    found = f"{name} is left out: {replace(wrong[0], hint='')}"
    return Sought(workload=None, findings=(Finding(level="fail", about="found", found=found, hint=wrong[0].hint),))


def _names(state: State) -> list[str]:
    """All that workloads may be called by."""
    services = {label.value for one in state.workloads for label in one.labels if label.key == _SERVICE}
    return sorted(services.union(one.name for one in state.workloads))


def _nowhere(name: str, names: list[str]) -> Sought:
    lower = {one.lower(): one for one in names}
    near = [lower[one] for one in get_close_matches(name.lower(), lower, n=_NEAREST, cutoff=0.5)]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names[:_LISTED]) or 'none'}{more}"
    if "." in name and not near:
        hint = f"is it a host? `fairway explain {shlex.quote(name)}/` says who answers there; {hint}"
    told = Finding(level="fail", about="found", found=f"there is no {name}", hint=hint)
    return Sought(workload=None, findings=(told,))


def _asked(name: str, state: State, settings: Settings) -> Sought:
    """What the engine itself says of a container that no label of ours brought into the state."""
    from gen.sources.docker_engine import Engine
    from gen.sources.docker_read import facts, table, text
    from gen.sources.docker_read import workload as workload_of

    engine = Engine(_endpoint(settings))
    try:
        entries = engine.containers()
        named = [text(one, "Id") for one in entries if table(one, "Labels").get(_SERVICE) == name]
        inspected = engine.inspect(name) or (engine.inspect(named[0]) if named else None)
    finally:
        engine.drop()
    if inspected is None:
        names = [str(one).removeprefix("/") for entry in entries for one in entry.get("Names") or ()]
        return _nowhere(name, sorted({*names, *_names(state)}))
    known = facts(inspected)
    workload = workload_of(known, None, stopping=False)
    status = text(table(inspected, "State"), "Status") or "unknown"
    told = [Finding(level="ok", about="found", found=f"{workload.name}, a container, id {workload.id[:12]}")]
    if not known.is_present:
        hint = f"docker start {shlex.quote(workload.name)}"
        told = [
            Finding(level="fail", about="found", found=f"{workload.name} is {status}: it is not looked at", hint=hint)
        ]
    return Sought(workload=workload, findings=(*told, *_variables(inspected)))


def _endpoint(settings: Settings) -> Any:
    from gen.sources.docker_endpoint import find_endpoint

    return find_endpoint(settings.engine or None, environment())


def _environment(identity: str, settings: Settings) -> Iterator[Finding]:
    from gen.sources.docker_engine import Engine

    engine = Engine(_endpoint(settings))
    try:
        yield from _variables(engine.inspect(identity) or {})
    except SourceError:
        return
    finally:
        engine.drop()


def _variables(inspected: Any) -> Iterator[Finding]:
    """nginx-proxy's variables, which were meant for somebody else, or for us."""
    variables = (inspected.get("Config") or {}).get("Env") or ()
    for variable in variables if isinstance(variables, list) else ():
        key, _, value = str(variable).partition("=")
        if key in ("VIRTUAL_HOST", "VIRTUAL_HOST_MULTIPORTS"):
            shown = redacted_value("fairway.host", value) if key == "VIRTUAL_HOST" else "shop.example.com"
            found = f"the variable {key} is nginx-proxy's: Fairway reads labels alone"
            yield Finding(level="warn", about="labels", found=found, hint=f"add the label fairway.host={shown}")


def container(workload: Workload, basis: Basis, settings: Settings, *, connect: bool) -> Iterator[Finding]:
    """All steps: those that the pass knows, then what is installed, what runs, and, where wanted, who listens."""
    yield from journey(workload, basis)
    names = {one.name for one in workload.instances}
    seen: set[str] = set()
    for route in claimed(workload, basis):
        upstream = next(one for one in basis.model.upstreams if one.id == route.upstream)
        for server in pooled(route, upstream, basis):
            if not names.isdisjoint(server.instances) and server.address not in seen:
                seen.add(server.address)
                yield _installed(server, settings)
                yield from _running(server, settings)
                if connect:
                    yield from _listens(server, route, basis, settings)


def _installed(server: Pooled, settings: Settings) -> Finding:
    """Whether the release that counts has the server."""
    release = Path(settings.directory) / "current" / RELEASE
    about = "installed"
    try:
        rows = json.loads(release.read_bytes())["rows"]
        stated = [row["is"] for key, row in rows.items() if key.startswith(f"server {server.address} of ")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"no release can be read in {settings.directory}: {getattr(error, 'strerror', None) or error}"
        return Finding(
            level="warn", about=about, found=found, hint="is `fairway watch` running, with this --directory?"
        )
    if not stated:
        found = f"{server.address} does not stand in the installed release"
        return Finding(
            level="fail", about=about, found=found, hint="`fairway plan` says what would change, its log why not"
        )
    return Finding(level="ok", about=about, found=f"{server.address} stands in the installed release: {stated[0]}")


def _running(server: Pooled, settings: Settings) -> Iterator[Finding]:
    """What a running HAProxy says of the server; nginx cannot be asked."""
    admin = Path(Layout(root=PurePosixPath(settings.directory)).admin)
    if settings.proxy != "haproxy" or not admin.exists():
        return
    try:
        with Conversation(admin, timeout=_SECONDS) as talk:
            said = talk.ask(["show servers state"])[0]
    except ProxyError as error:
        yield Finding(level="warn", about="running", found=str(error))
        return
    host, _, port = server.address.rpartition(":")
    for line in said.splitlines():
        fields = line.split()
        if len(fields) > 18 and fields[4] == host.strip("[]") and fields[18] == port:
            state = _OPERATIONAL.get(fields[5], fields[5])
            is_up = state == "up" and fields[6] == "0"
            rest = "" if fields[6] == "0" else ", taken out of service"
            found = f"HAProxy has {server.address} as {state}{rest}"
            yield Finding(level="ok" if is_up else "warn", about="running", found=found)
            return
    found = f"the running HAProxy has no server {server.address}"
    yield Finding(level="fail", about="running", found=found, hint="see the log of `fairway watch`")


def _listens(server: Pooled, route: Route | StreamRoute, basis: Basis, settings: Settings) -> Iterator[Finding]:
    """Whether somebody takes a connection there, as the proxy would make one; nothing is sent."""
    about = "listens"
    if isinstance(route, StreamRoute) and route.protocol == "udp":
        return
    if settings.runs_in_container or basis.state.vantage.kind == "remote":
        found = "the proxy stands elsewhere, so that a connection from here would prove nothing"
        yield Finding(level="ok", about=about, found=found)
        return
    host, _, port = server.address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS).close()
    except ConnectionRefusedError:
        hint = "does it listen on 0.0.0.0, and not on 127.0.0.1 alone, and on this port? fairway.port says another"
        yield Finding(level="fail", about=about, found=f"nobody listens at {server.address}", hint=hint)
    except OSError as error:
        found = f"{server.address} takes no connection: {error.strerror or error}"
        yield Finding(
            level="fail", about=about, found=found, hint="is a firewall between, or is the name not known here?"
        )
    else:
        yield Finding(level="ok", about=about, found=f"{server.address} takes connections")
