"""ComposeSource: compose files on disk → State, and a hint whenever one of them changes.

`read` runs the steps from first to last and keeps nothing but what to watch, so the same files give an equal State.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock

from gen.errors import InputError
from gen.sources import Change
from gen.sources.compose.discovery import Wanted, find_files
from gen.sources.compose.files import Files, Signature, signature
from gen.sources.compose.known import warn_network_keys, warn_services
from gen.sources.compose.naming import PROJECT_NAME, project_name
from gen.sources.compose.networks import Attachments, read_networks
from gen.sources.compose.project import Context, load_project
from gen.sources.compose.report import SOURCE, Report
from gen.sources.compose.services import (
    container_names,
    first_label,
    is_active,
    is_provided,
    profiles_of,
    read_workload,
    usable_services,
)
from gen.sources.compose.tree import Table
from gen.sources.compose.vantage import find_vantage
from gen.state import Network, State, Workload

_PROFILES = "COMPOSE_PROFILES"


class ComposeSource:
    """Reads one project from one or several compose files.

    `files` are merged in order; without any, COMPOSE_FILE or the usual names in `directory` are taken.
    `environment` is what `$VARIABLE` means, over the project's `.env`. `profiles` and `project` win over
    COMPOSE_PROFILES and COMPOSE_PROJECT_NAME, `env_files` over COMPOSE_ENV_FILES. `is_stack`: the labels of a service
    are those of `deploy`, as `docker stack deploy` reads them. `poll_seconds`: how often `changes` looks at the files.
    """

    name = SOURCE

    def __init__(
        self,
        files: tuple[str, ...],
        environment: Mapping[str, str],
        *,
        profiles: tuple[str, ...] = (),
        project: str = "",
        env_files: tuple[str, ...] = (),
        project_directory: str = "",
        is_stack: bool = False,
        directory: str = ".",
        poll_seconds: float = 1.0,
    ) -> None:
        self._wanted = Wanted(files=files, env_files=env_files, project_directory=project_directory)
        self._is_stack = is_stack
        self._streamed: dict[str, bytes] = {}
        self._environment = dict(environment)
        self._profiles = profiles
        self._project = project
        self._directory = Path(directory)
        self._poll_seconds = poll_seconds
        self._seen: dict[Path, Signature | None] = {}
        self._lock = Lock()
        self._closed = Event()

    def read(self) -> State:
        """The project as it is written now. Raises InputError when a file cannot be read as a whole."""
        files = Files(self._streamed)
        try:
            return self._read(files)
        finally:
            with self._lock:
                self._seen = dict(files.seen)

    def changes(self) -> Iterator[Change]:
        """One hint whenever files that were read changed, came or went; ends soon after `close`."""
        if not self._seen:
            with suppress(InputError):
                self.read()
        while not self._closed.wait(self._poll_seconds):
            changed = self._changed()
            if changed:
                yield Change(reason=f"changed: {', '.join(changed)}", is_event=True)

    def resync(self) -> None:
        """Nothing to do: every read reads everything."""

    def close(self) -> None:
        self._closed.set()

    def _changed(self) -> tuple[str, ...]:
        """The files that differ from when they were last looked at, which is now."""
        with self._lock:
            watched = dict(self._seen)
        now = {path: signature(path) for path in watched}
        changed = sorted(str(path) for path in watched if now[path] != watched[path])
        with self._lock:
            for path in watched:
                if self._seen.get(path, watched[path]) == watched[path]:
                    self._seen[path] = now[path]
        return tuple(changed)

    def _read(self, files: Files) -> State:
        report = Report()
        found = find_files(self._wanted, self._environment, files, report, directory=self._directory)
        project = project_name(self._project, found, files, report)
        variables = {**found.variables, PROJECT_NAME: project}
        context = Context(directory=found.directory, variables=variables, files=files, report=report)
        merged = load_project(found.paths, context)
        profiles = self._profiles or tuple(part.strip() for part in variables.get(_PROFILES, "").split(","))
        return _state(merged, project, profiles, replace(context, is_stack=self._is_stack))


def _state(merged: Table, project: str, profiles: tuple[str, ...], context: Context) -> State:
    """Merged trees → State. A service with an error is left out, an inactive one with all that is said about it."""
    report = context.report
    usable = usable_services(merged.section("services"), report)
    active = {name: service for name, service in usable.items() if is_active(service, profiles)}
    warn_services(usable, active.keys(), report)
    warn_network_keys(merged.section("networks"), report)
    _say_inactive(usable, active, report)
    inactive = usable.keys() - active.keys()
    active = {name: service for name, service in active.items() if not is_provided(service, report.about(name))}
    networks = read_networks(merged.section("networks"), project, report)
    attachments = Attachments(
        services=active, networks=networks, report=report, containers=container_names(active), project=project
    )
    read = [
        read_workload(name, service, attachments.of(name), project=project, context=context)
        for name, service in active.items()
    ]
    refused = report.refused()
    workloads = tuple(sorted((w for w in read if w.name not in refused), key=lambda workload: workload.name))
    vantage = find_vantage(workloads, report)
    return State(
        source=SOURCE,
        workloads=workloads,
        networks=_used(networks.values(), workloads),
        vantage=vantage,
        problems=report.problems(hidden=inactive),
    )


def _say_inactive(usable: Mapping[str, Table], active: Collection[str], report: Report) -> None:
    """Warn, once for the project, where all services with labels have profiles that are off. Where others are on, a
    profile that is off is a choice."""
    if any(first_label(service) for name, service in usable.items() if name in active):
        return
    off = {name: key for name in sorted(usable) if name not in active and (key := first_label(usable[name]))}
    if off:
        name, key = next(iter(off.items()))
        more = f", and labels of {len(off) - 1} more," if len(off) > 1 else ""
        what = f"{key.text} of service {name}{more} is not read: no profile of the service is active"
        wanted = next(iter(profiles_of(usable[name])), "NAME")
        report.warning(key.place, "profiles", what, hint=f"--profile {wanted} switches it on, --profile '*' all")


def _used(networks: Iterable[Network], workloads: tuple[Workload, ...]) -> tuple[Network, ...]:
    """The networks that the engine makes: those with a service on them. By name, the first key of each name."""
    names = {address.network for workload in workloads for i in workload.instances for address in i.addresses}
    by_name = {network.name: network for network in sorted(networks, key=lambda n: n.id, reverse=True)}
    return tuple(by_name[name] for name in sorted(names & by_name.keys()))
