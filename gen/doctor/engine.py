"""Engine: does it answer, may we ask it, what does it say of itself, and where does the proxy stand in it."""

from __future__ import annotations

import grp
import os
import pwd
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gen.errors import SourceError
from gen.explain.finding import Finding
from gen.settings import Settings, environment
from gen.state import State, Vantage

if TYPE_CHECKING:
    from gen.sources.docker_read import Facts

_ABOUT: Final = "engine"
_MOST_APART: Final = 5.0
"""Seconds by which two clocks may differ."""


def engine(settings: Settings) -> Iterator[Finding]:
    """Whether the engine that is read answers, and with which version."""
    from gen.sources.docker_endpoint import find_endpoint
    from gen.sources.docker_engine import FAILURES, connect, explain

    try:
        endpoint = find_endpoint(settings.engine or None, environment())
    except SourceError as error:
        yield Finding(level="fail", about=_ABOUT, found=str(error), hint=error.hint)
        return
    begin = time.time()
    try:
        client: Any = connect(endpoint)
        with closing(client):
            version, info = client.version(), client.info()
    except FAILURES as error:
        told = explain(endpoint, error)
        found = f"{told}{_owner(endpoint.url)}"
        yield Finding(level="fail", about=_ABOUT, found=found, hint=told.hint)
        return
    name = next((one.get("Name") for one in version.get("Components") or () if one.get("Name")), "Engine")
    found = f"{name} {version.get('Version', '?')} (API {version.get('ApiVersion', '?')}) answers at {endpoint}"
    yield Finding(level="ok", about=_ABOUT, found=found)
    yield from _clock(info.get("SystemTime"), (begin + time.time()) / 2)


def _owner(url: str) -> str:
    """Whose a socket is that we may not use, and who we are: what people need to see at once."""
    path = url.removeprefix("unix://")
    try:
        found = Path(path).stat()
    except OSError:
        return ""
    if path == url or os.access(path, os.R_OK | os.W_OK):
        return ""
    mode = stat.filemode(found.st_mode)
    who = f"; {path} is {mode} {_user(found.st_uid)}:{_group(found.st_gid)}, and this is {_user(os.geteuid())}"
    return f"{who} of {', '.join(_group(one) for one in sorted({os.getegid(), *os.getgroups()}))}"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _clock(said: object, now: float) -> Iterator[Finding]:
    """Whether this machine's clock and the engine's agree: certificates and orders of events depend on them."""
    from gen.sources.docker_read import nanoseconds

    theirs = nanoseconds(said) / 1e9 if isinstance(said, str) else 0.0
    if not theirs:
        return
    apart = abs(theirs - now)
    if apart > _MOST_APART:
        found = f"the engine's clock and this one are {apart:.0f} s apart"
        yield Finding(level="warn", about="clock", found=found, hint="let NTP set both: certificates go by the clock")
    else:
        yield Finding(level="ok", about="clock", found=f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(now))} UTC")


def world(read: Callable[[], State]) -> tuple[State | None, list[Finding]]:
    """What is read, and from where the proxy sees it."""
    try:
        state = read()
    except SourceError as error:
        return None, [Finding(level="fail", about="source", found=str(error), hint=error.hint)]
    many = len(state.workloads)
    found = f"{many} workload{'' if many == 1 else 's'} with labels of ours ({state.source})"
    hint = "label a container, for example fairway.host=shop.example.com" if not many else ""
    findings = [Finding(level="ok" if many else "warn", about="source", found=found, hint=hint)]
    findings += [
        Finding(level="fail" if one.severity == "error" else "warn", about="source", found=str(one))
        for one in state.problems
    ]
    return state, findings


def own(settings: Settings, vantage: Vantage) -> Facts | None:
    """The proxy's own container, where it is one and can be looked at."""
    from gen.sources.docker_endpoint import find_endpoint
    from gen.sources.docker_engine import Engine
    from gen.sources.docker_read import facts

    if vantage.kind != "container" or not vantage.name:
        return None
    try:
        asked = Engine(find_endpoint(settings.engine or None, environment()))
        try:
            inspected = asked.inspect(vantage.name)
        finally:
            asked.drop()
    except SourceError:
        return None
    return facts(inspected) if inspected else None


def standpoint(vantage: Vantage) -> Finding:
    """The proxy's own container or host, and its networks."""
    from gen.sources.docker_vantage import own_container_id

    reached = "every network" if vantage.networks is None else ", ".join(vantage.networks) or "no network"
    if vantage.kind == "container":
        found = f"the proxy is the container {vantage.name}, on {reached}"
        if vantage.networks == ():
            hint = f"docker network connect NETWORK {vantage.name}"
            return Finding(level="fail", about="networks", found=found, hint=hint)
        return Finding(level="ok", about="networks", found=found)
    where = f"on the machine {vantage.name}, which is not this one" if vantage.kind == "remote" else "on this host"
    found = f"the proxy is {where}, and reaches {reached}" + (", beside published ports" * bool(vantage.published_at))
    if (own := own_container_id()) and vantage.networks is not None:
        hint = "mount the socket of the engine that runs it, or name it in proxy_container"
        found = f"Fairway runs in the container {own[:12]}, which this engine does not know; {found}"
        return Finding(level="warn", about="networks", found=found, hint=hint)
    return Finding(level="ok", about="networks", found=found)
