"""What every command is given: a source, a proxy, settings; and the options that say which."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gen import log
from gen.cli.common import OPTIONS
from gen.cli.show import has_color, hide
from gen.errors import SourceError
from gen.settings import FILE, NO_ENGINE, Settings, environment, load
from gen.sources import Source
from gen.sources.mask import mask_of
from gen.state import State
from gen.values import EngineAddress

if TYPE_CHECKING:
    from gen.control.attachments import Attachments
    from gen.sources.kept import KeptSource

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What every command is given: settings, and where to read the world from."""

    settings: Settings
    files: tuple[str, ...] = ()
    stack: tuple[str, ...] = ()
    compose: bool = False
    profiles: tuple[str, ...] = ()
    project: str = ""
    env_files: tuple[str, ...] = ()
    project_directory: str = ""
    snapshot: str = ""
    settings_file: str = ""

    def source(self, *, follows: bool = False) -> Source:
        """The source that was asked for, by a flag or by the setting `swarm`, Docker when none was; and beside it other
        engines, and the files that declare routes. `follows`: for a daemon, which goes on without those that are away.
        """
        has_files = bool(self.settings_file or self.settings.route_files or self.is_files_alone)
        if not has_files and not self.settings.engines:
            return self._main()
        from gen.sources.combined import CombinedSource
        from gen.sources.files import FileSource

        declared = FileSource(self.settings_file, self.settings.route_files)
        if self.is_files_alone and not self.settings.engines:
            return declared
        files = self._kept(declared, "file", follows=follows)
        engines = [(one, self._engine(one, follows=follows)) for one in self.settings.engines]
        if self.is_files_alone:
            return CombinedSource(files, engines=engines)
        main = self._main()
        of = f"{self.settings.docker} {self.settings.swarm}"
        kept = self._kept(main, main.name, file=("_main", of), follows=follows, required=True)
        return CombinedSource(kept, *[files] * has_files, engines=engines)

    def _engine(self, address: EngineAddress, *, follows: bool) -> KeptSource:
        from gen.sources.docker import DockerSource

        resync, doubt = self.settings.resync.seconds, self.settings.doubt.seconds
        source = DockerSource(address.url, environment(), resync=resync, doubt=doubt)
        return self._kept(source, f"engine {address.name}", file=(address.name, str(address)), follows=follows)

    def _kept(
        self,
        source: Source,
        label: str,
        *,
        file: tuple[str, str] = ("", ""),
        follows: bool = False,
        required: bool = False,
    ) -> KeptSource:
        from gen.sources.kept import KeptSource
        from gen.sources.remembered import Remembered

        place = Path(self.settings.directory) / "engines"
        memory = Remembered(place, file[0], of=file[1]) if file and (follows or not required) else None
        return KeptSource(source, label, memory=memory, follows=follows, required=required)

    @property
    def is_files_alone(self) -> bool:
        """Whether no engine, no compose file and no snapshot is read."""
        others = (self.reads_compose, self.snapshot, self.settings.swarm)
        return self.settings.docker == NO_ENGINE and not any(others)

    @property
    def reads_engine(self) -> bool:
        """Whether an engine is asked, or a swarm's manager."""
        return not (self.reads_compose or self.snapshot or self.is_files_alone)

    def _main(self) -> Source:
        if self.reads_compose:
            return self._compose()
        if self.snapshot:
            from gen.sources.snapshot import SnapshotSource

            return SnapshotSource(self.snapshot)
        proxy_container = self.settings.proxy_container.removeprefix("label=")
        if self.settings.swarm:
            from gen.sources.swarm import SwarmSource

            return SwarmSource(
                self.settings.manager or None,
                environment(),
                proxy_container=proxy_container,
                proxy_service=self.settings.proxy_service,
                beside="" if self.settings.docker == NO_ENGINE else self.settings.docker,
                resync=self.settings.resync.seconds,
                poll=self.settings.swarm_poll.seconds,
            )
        from gen.sources.docker import DockerSource

        return DockerSource(
            self.settings.docker or None,
            environment(),
            proxy_container=proxy_container,
            resync=self.settings.resync.seconds,
            doubt=self.settings.doubt.seconds,
        )

    @property
    def reads_compose(self) -> bool:
        """Whether compose files are read, or a stack file."""
        return bool(self.files or self.stack or self.compose)

    def _compose(self) -> Source:
        from gen.sources.compose import ComposeSource

        return ComposeSource(
            self.files or self.stack,
            environment(),
            profiles=self.profiles,
            project=self.project,
            env_files=self.env_files,
            project_directory=self.project_directory,
            is_stack=bool(self.stack),
        )

    def attachments(self) -> Attachments | None:
        """How the proxy's container gets onto networks; None where no engine is read."""
        if not self.reads_engine:
            return None
        from gen.control.attachments import Attachments
        from gen.deployment import engine_of

        return Attachments(lambda: engine_of(self.settings))

    def read(self) -> State:
        """The world now."""
        source = self.source()
        try:
            found = source.read()
        except SourceError as error:
            if self.reads_compose or self.snapshot or self.settings.docker or self.settings.swarm:
                raise
            other = f"-f COMPOSE, --compose, --snapshot FILE, --docker {NO_ENGINE}"
            hint = f"{error.hint}; or read something else: {other}".removeprefix("; ")
            raise type(error)(str(error), hint=hint) from error
        finally:
            source.close()
        hide(mask_of(found))
        return found


def world_options(command: F) -> F:
    """The options of every command: sources, proxy and settings."""

    @wraps(command)
    def wrapped(**options: Any) -> Any:
        return command(world=world_of(options), **options)

    for decorate in reversed(OPTIONS):
        wrapped = decorate(wrapped)
    return wrapped  # type: ignore[return-value]


def world_of(options: dict[str, Any]) -> World:
    """Takes the common options out of a command's own."""
    docker, swarm, engines = options.pop("docker"), options.pop("swarm"), options.pop("engines")
    given = {
        "-f": options["files"] or options["compose"],
        "--stack": options["stack"],
        "--snapshot": options["snapshot"],
        "--docker": docker,
        "--swarm": swarm,
    }
    if len(sources := [name for name, value in given.items() if value]) > 1:
        raise click.UsageError(f"one source at a time: {', '.join(sources)}")
    flags: list[tuple[str, str]] = []
    for text in options.pop("flags"):
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"--set {text!r}: write KEY=VALUE, for example --set listeners=web=8080")
        flags.append((name, value))
    named = {name: options.pop(name) for name in ("proxy", "directory", "certificates", "log_format")}
    flags += [(name, value) for name, value in named.items() if value]
    flags += [("engines", ", ".join(engines))] * bool(engines)
    flags += [("docker", docker)] * (docker not in ("", "default"))
    # A flag of another source counts more than the setting, as every flag does.
    flags += [("swarm", swarm)] * bool(swarm or docker)
    flags += [("log_level", "debug")] * bool(options.pop("verbose"))
    file = options.pop("file")
    settings = load(file=file, flags=flags)
    log.configure(settings.log_format, settings.log_level, color=has_color(sys.stderr))
    names = ("files", "stack", "compose", "profiles", "project", "env_files", "project_directory", "snapshot")
    taken = {name: options.pop(name) for name in names}
    return World(settings=settings, settings_file=file or (FILE if Path(FILE).exists() else ""), **taken)
