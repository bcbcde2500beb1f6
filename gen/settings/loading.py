"""Loading: a file, an environment and flags → Settings; rules across them. The only place that looks into the
environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gen.entries import entries_of
from gen.errors import Origin, SettingsError
from gen.options import Entry, decode, options_of
from gen.settings.fields import Settings
from gen.values import clash, twice

PREFIX = "FAIRWAY_"
FILE = "fairway.yml"


def environment() -> Mapping[str, str]:
    """The process's environment; nothing else in Fairway looks there."""
    return os.environ


def load(
    *, file: str | None, variables: Mapping[str, str] | None = None, flags: Iterable[tuple[str, str]] = ()
) -> Settings:
    """The settings of one run. `file` None: fairway.yml of the working directory where there is one.

    Raises SettingsError naming every setting that is wrong.
    """
    entries: dict[str, Entry] = {}
    entries.update(_of_file(Path(file or FILE)) if file or Path(FILE).exists() else {})
    entries.update(_of_variables(environment() if variables is None else variables))
    for name, value in flags:
        entries[name] = Entry(text=value, origin=Origin(source="flags", key=f"--set {name}"))
    decoded = decode(Settings, entries)
    problems = [str(problem) for problem in decoded.problems]
    if problems:
        raise SettingsError("; ".join(problems))
    settings = Settings(**{name: _absolute(name, value) for name, value in decoded.values.items()})
    if "directory" not in decoded.values:
        settings = replace(settings, directory=f"/var/lib/fairway/{settings.proxy}")
    settings = _with_challenges(settings)
    _check(settings)
    return settings


def _of_file(path: Path) -> dict[str, Entry]:
    """What a file says. Where none of its keys is nearly a setting, they are another file's, and are not shown."""
    found = entries_of(path)
    known = [option.name for option in options_of(Settings)]
    if found and not any(get_close_matches(key.partition(".")[0], known, n=1, cutoff=0.6) for key in found):
        hint = "write for example listeners: [web=80]"
        raise SettingsError(f"{path}: none of its keys is a setting, so it is no file of settings", hint=hint)
    return found


def _with_challenges(settings: Settings) -> Settings:
    """A directory of challenges is the proxy's own affair."""
    target = settings.acme_challenge
    if target is not None and settings.acme_webroot:
        raise SettingsError(
            "acme_challenge: acme_webroot says where challenges are answered already; write one of them"
        )
    return (
        replace(settings, acme_webroot=target.text) if target is not None and target.kind == "directory" else settings
    )


def _of_variables(variables: Mapping[str, str]) -> dict[str, Entry]:
    """What FAIRWAY_* says. Engines put names of their own there, so only one that is nearly ours counts as a typo."""
    known = [option.name for option in options_of(Settings)]
    found: dict[str, Entry] = {}
    for variable, value in sorted(variables.items()):
        name = variable.removeprefix(PREFIX).lower()
        near = get_close_matches(name, known, n=1, cutoff=0.85) if variable.startswith(PREFIX) else []
        if name in near:
            found[name] = Entry(text=value, origin=Origin(source="environment", key=variable))
        elif near:
            raise SettingsError(f"{variable}: there is no such setting (did you mean {PREFIX}{near[0].upper()}?)")
    return found


def _absolute(name: str, value: Any) -> Any:
    """Directories of this machine, however they are given, do not depend on where a command runs."""
    places = ("directory", "certificates", "templates", "user_files", "route_files", "acme_webroot")
    return str(Path(value).absolute()) if name in places and value else value


def _check(settings: Settings) -> None:
    """Rules across settings."""
    if wrong := clash(settings.listeners):
        raise SettingsError(f"listeners: {wrong}")
    if name := twice(settings.engines):
        raise SettingsError(f"engines: two are called {name!r}; a name is one engine's")
    for name, place in (("stats", settings.stats), ("metrics", settings.metrics)):
        if place is not None and settings.proxy != "haproxy":
            raise SettingsError(f"{name}: {settings.proxy} has none of its own; it is there with the proxy haproxy")
        if place is not None and any(listen.takes(place) for listen in settings.listeners):
            hint = "write for example 127.0.0.1:8404"
            raise SettingsError(f"{name}: a listener has the port {place.port} already; {hint}")
    if settings.swarm_poll.milliseconds < 100:
        raise SettingsError(f"swarm_poll: {settings.swarm_poll} would never let a manager rest; write for example 1s")
    _check_service(settings)
    if settings.http3 and settings.proxy != "haproxy":
        raise SettingsError(f"http3: Fairway has it with the proxy haproxy only, not with {settings.proxy}")
    if settings.http3 and not any(listen.tls and listen.protocol == "http" for listen in settings.listeners):
        raise SettingsError("http3: no listener has TLS for it; write for example listeners websecure=443/tls")
    if (proxied := [listen for listen in settings.listeners if listen.proxy]) and not settings.trusted_proxies:
        message = f"who may speak for clients on {proxied[0]}? Name them in trusted_proxies, for example 10.0.0.0/8"
        raise SettingsError(f"listeners: {message}")
    if not Path(settings.proxy_directory).is_absolute():
        raise SettingsError(f"directory_inside: {settings.proxy_directory!r} is not absolute; write for example /srv")


def _check_service(settings: Settings) -> None:
    """The proxies of a service are where the swarm puts them."""
    if settings.proxy_service and settings.proxy_container:
        raise SettingsError("proxy_service: proxy_container names one container; say one of the two")
    if settings.proxy_service and settings.join:
        hint = f"docker service update --network-add NETWORK {settings.proxy_service}"
        raise SettingsError(f"join: a service is joined to networks by its own description; write {hint}")
