"""Deployment: from settings to the proxy at hand: its directory, its control, its capabilities, its applier."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

import jinja2

from gen.apply import Applier, Directory, capabilities, remembered
from gen.bundle import Bundle
from gen.certificate import Certificate
from gen.control import Control, Dry, Local, Supervised
from gen.errors import Problem, SettingsError
from gen.overrides import with_overrides
from gen.pipeline import Pipeline
from gen.plan import ways_between
from gen.proxies.commands import Commands
from gen.proxies.kinds import KINDS
from gen.proxies.live import Way
from gen.render import Templates
from gen.settings import Settings, environment
from gen.workers import inner_group, worker_group

if TYPE_CHECKING:
    from docker import APIClient

    from gen.sources.certificates import CertificateDirectory


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A proxy that can be checked and changed. `can_check` is False where there is no binary to ask."""

    settings: Settings
    directory: Directory
    control: Control
    applier: Applier
    pipeline: Pipeline
    can_check: bool

    def verdict(self, bundle: Bundle) -> str:
        """What the proxy's own check says against a bundle; empty when nothing."""
        result = self.applier.check(bundle)
        return "" if result.ok else str(next(fault for fault in result.faults if fault.level != "warn"))


def deployment(settings: Settings) -> Deployment:
    """The proxy that the settings describe. Raises ProxyError, DirectoryError or SettingsError."""
    commands = KINDS[settings.proxy].commands(settings.binary)
    control = control_of(settings, commands)
    group = worker_group(control, commands, user=settings.proxy_user)
    inner = inner_group(control, commands, user=settings.proxy_user, group=group)
    directory = Directory(Path(settings.directory), group=group, inner_group=inner)
    directory.prepare()
    known = _capabilities(settings, directory, control, commands)
    applier = Applier(
        directory,
        control,
        commands,
        keep=settings.keep_releases,
        check_timeout=settings.check_timeout.seconds,
        capabilities=known or frozenset(),
    )
    return Deployment(
        settings=settings,
        directory=directory,
        control=control,
        applier=applier,
        pipeline=pipeline(settings, known if known is not None else KINDS[settings.proxy].baseline),
        can_check=known is not None,
    )


def control_of(settings: Settings, commands: Commands) -> Control:
    """How the proxy runs: the settings' word, or `auto`'s choice."""
    directory = Path(settings.directory)
    way = settings.control
    if way == "auto":
        way = "container" if settings.runs_in_container else "local" if settings.runs_apart else "supervise"
    if way == "none":
        return Dry(directory)
    if way == "local":
        return Local(commands, directory, pid_file=Path(settings.proxy_pid) if settings.proxy_pid else None)
    if way == "container":
        return _container(settings)
    return Supervised(commands, directory)


def _container(settings: Settings) -> Control:
    if not settings.proxy_container:
        raise SettingsError(
            f"control=container needs proxy_container: a name, an id, or label=fairway.proxy={settings.proxy}"
        )
    from gen.control.container import Container

    which = settings.proxy_container.removeprefix("label=")
    inside = PurePosixPath(settings.proxy_directory)
    return Container(engine_of(settings), which, directory_inside=inside)


def engine_of(settings: Settings) -> APIClient:
    """The engine on which the proxy's container runs. Raises SourceError."""
    from gen.sources.docker_endpoint import find_endpoint
    from gen.sources.docker_engine import connect

    return cast("APIClient", connect(find_endpoint(settings.engine or None, environment())))


def _capabilities(
    settings: Settings, directory: Directory, control: Control, commands: Commands
) -> frozenset[str] | None:
    """What the binary can do; None where it cannot be asked."""
    kind = KINDS[settings.proxy]
    modules = settings.nginx_modules if settings.proxy == "nginx" else ()
    found = capabilities(directory, control, commands, probes=kind.probes, modules=modules)
    return None if found is None else _wanted(found, settings)


def _wanted(found: frozenset[str], settings: Settings) -> frozenset[str]:
    """What may be used of what a binary can do."""
    return KINDS[settings.proxy].common(found) if settings.proxy_features == "baseline" else found


def pipeline(settings: Settings, known: frozenset[str]) -> Pipeline:
    """A pipeline for a proxy with these capabilities."""
    return Pipeline(settings, KINDS[settings.proxy].proxy(known), loader(settings), certificates=Certificates(settings))


def loader(settings: Settings) -> Templates:
    """The shipped templates, in the wheel or beside an editable install, and the operator's in place of some. Raises
    SettingsError or TemplateError."""
    own = Path(__file__).parent
    places = [own / "templates", own.parent / "templates"]
    shipped = jinja2.FileSystemLoader([str(place) for place in places if place.is_dir()])
    return with_overrides(shipped, settings.templates)


class Certificates:
    """The settings' certificates and the generated default, read anew at each call; cheap where nothing changed. What
    understands certificates is imported where there may be some: that takes longer than a small render."""

    def __init__(self, settings: Settings) -> None:
        self._tls = Path(settings.directory) / "tls"
        self._inside = f"{settings.proxy_directory}/tls"
        self._directory = _certificate_directory(settings.certificates) if settings.certificates else None

    def __call__(self) -> tuple[tuple[Certificate, ...], tuple[Problem, ...]]:
        now = time.time()
        found, problems = self._directory.read(now) if self._directory else ((), ())
        return (*found, self._default(now)), problems

    def _default(self, now: float) -> Certificate:
        """The generated one where our directory is ours to write; elsewhere its name and place alone."""
        if os.access(self._tls, os.W_OK | os.X_OK) and self._tls.is_dir():
            from gen.sources.default_certificate import ensure_default

            return ensure_default(str(self._tls), inside=self._inside, now=now)
        return Certificate(
            name="default",
            names=("fairway.invalid",),
            certificate_file=f"{self._inside}/default.crt",
            key_file=f"{self._inside}/default.key",
            not_before=0.0,
            not_after=0.0,
            fingerprint="",
            is_default=True,
        )


def _certificate_directory(path: str) -> CertificateDirectory:
    from gen.sources.certificates import CertificateDirectory

    return CertificateDirectory(path)


def ways_to(installed: Mapping[str, bytes], bundle: Bundle, settings: Settings) -> tuple[Way, ...]:
    """How a proxy that serves what is installed would get each difference to a bundle: live, or by a reload."""
    commands = KINDS[settings.proxy].commands(settings.binary)
    return ways_between(installed, bundle, commands, installed_capabilities(settings))


@contextmanager
def rehearsal(settings: Settings) -> Iterator[Deployment]:
    """A deployment in a directory that vanishes: the proxy's own check without touching what runs or is installed."""
    with tempfile.TemporaryDirectory(prefix="fairway-") as place:
        Path(place, "tls").mkdir()
        trial = replace(settings, directory=place, directory_inside="", proxy_container="", proxy_pid="", proxy_user="")
        if trial.control != "none":
            trial = replace(trial, control="supervise" if shutil.which(settings.binary) else "none")
        yield deployment(trial)


def installed_capabilities(settings: Settings) -> frozenset[str]:
    """What the binary at hand can do, asked in a directory that vanishes; the baseline where there is none. Of a proxy
    in another container: what `watch` found there, since the binary at hand is another one."""
    kind = KINDS[settings.proxy]
    if settings.runs_in_container:
        known = remembered(Directory(Path(settings.directory)))
        return kind.baseline if known is None else _wanted(known, settings)
    if settings.control == "none" or not shutil.which(settings.binary):
        return kind.baseline
    with tempfile.TemporaryDirectory(prefix="fairway-") as place:
        commands = kind.commands(settings.binary)
        path = Path(place)
        directory, control = Directory(path), Supervised(commands, path)
        found = _capabilities(settings, directory, control, commands)
    return found if found is not None else kind.baseline
