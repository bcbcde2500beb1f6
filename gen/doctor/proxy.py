"""Proxy: its binary and version, what that can do, which release runs and is installed, how many files it may open."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from gen.apply.confirm import serving
from gen.apply.directory import Directory
from gen.control.limits import most_files
from gen.control.version import version_of
from gen.deployment import installed_capabilities
from gen.errors import FairwayError
from gen.explain.finding import Finding
from gen.proxies.commands import Commands, Layout
from gen.proxies.kinds import KINDS
from gen.settings import Settings

_OLDEST: Final = {"nginx": (1, 22), "haproxy": (2, 6)}
_SECONDS: Final = 10.0
_FEW_FILES: Final = 4096


def proxy(settings: Settings) -> Iterator[Finding]:
    """The binary first: without it nothing else is of use."""
    commands = KINDS[settings.proxy].commands(settings.binary)
    if settings.control == "none":
        yield Finding(level="ok", about="proxy", found="control is none: no proxy is run or asked")
        return
    if settings.runs_in_container:
        yield from _container(settings)
    else:
        yield from _binary(settings, commands)
    yield from _files(settings, commands)
    yield from _release(settings, commands)


def masters(settings: Settings) -> frozenset[int]:
    """The process id of our own proxy, by the pid file that it writes; none where it does not run here."""
    layout = Layout(root=PurePosixPath(settings.directory))
    commands = KINDS[settings.proxy].commands(settings.binary)
    try:
        text = Path(settings.proxy_pid or commands.pid_file(layout)).read_text().strip()
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset({int(text)}) if text.isdecimal() else frozenset()


def _binary(settings: Settings, commands: Commands) -> Iterator[Finding]:
    about = "binary"
    path = shutil.which(commands.binary)
    if path is None:
        found = f"{commands.binary} is not here"
        yield Finding(level="fail", about=about, found=found, hint=commands.install_hint)
        return
    try:
        version = version_of(path, seconds=_SECONDS)
        known = installed_capabilities(settings)
    except FairwayError as error:
        yield Finding(level="fail", about=about, found=str(error), hint=error.hint)
        return
    if not version:
        found = f"{path} does not say that it is {settings.proxy}"
        yield Finding(level="warn", about=about, found=found, hint="is proxy_binary the right one?")
    elif tuple(map(int, version.split(".")[:2])) < _OLDEST[settings.proxy]:
        oldest = ".".join(map(str, _OLDEST[settings.proxy]))
        found = f"{path} is {settings.proxy} {version}, which is too old"
        yield Finding(level="fail", about=about, found=found, hint=f"{settings.proxy} {oldest} or later is needed")
    else:
        found = f"{path} is {settings.proxy} {version}"
        yield Finding(level="ok", about=about, found=found)
    yield _capabilities(settings, known)


def _capabilities(settings: Settings, known: frozenset[str]) -> Finding:
    kind = KINDS[settings.proxy]
    missing = sorted(kind.baseline - kind.optional - known)
    if kind.optional and not kind.optional & known:
        missing.append("TCP and UDP routes")
    can = f"it can {', '.join(sorted(known)) or 'nothing beside the basics'}"
    if missing:
        hint = "what needs them is left out, with a problem that says so"
        return Finding(level="warn", about="capabilities", found=f"{can}; it lacks {', '.join(missing)}", hint=hint)
    return Finding(level="ok", about="capabilities", found=can)


def _container(settings: Settings) -> Iterator[Finding]:
    from gen.deployment import control_of

    try:
        control = control_of(settings, KINDS[settings.proxy].commands(settings.binary))
        is_running = control.is_running()
    except FairwayError as error:
        yield Finding(level="fail", about="proxy", found=str(error), hint=error.hint)
        return
    if is_running:
        yield Finding(level="ok", about="proxy", found=f"its container {settings.proxy_container} runs")
    else:
        found = f"its container {settings.proxy_container} does not run"
        yield Finding(level="warn", about="proxy", found=found, hint="`fairway watch` starts it")


def _files(settings: Settings, commands: Commands) -> Iterator[Finding]:
    """How many files it may open: each connection takes two."""
    running = next(iter(masters(settings)), None)
    most = None if settings.runs_in_container else most_files(running)
    if most is None:
        return
    if most < _FEW_FILES:
        found = f"{commands.name} may open {most} files, and each request takes two"
        yield Finding(
            level="warn", about="files", found=found, hint="raise it: ulimit -n, LimitNOFILE=, --ulimit nofile="
        )
    else:
        yield Finding(level="ok", about="files", found=f"{commands.name} may open {most} files")


def _release(settings: Settings, commands: Commands) -> Iterator[Finding]:
    """What is installed, and whether the running proxy says that it serves just that."""
    about = "release"
    installed = Directory(Path(settings.directory)).current()
    served = serving(commands, Layout(root=PurePosixPath(settings.directory)))
    if served is None:
        found = f"no {commands.name} answers in {settings.directory}"
        found += f"; installed is {installed[:12]}" if installed else ", and nothing is installed"
        hint = "is `fairway watch` running, with this --directory, and may this user ask it?"
        yield Finding(level="warn", about=about, found=found, hint=hint)
    elif served != installed:
        found = f"it serves {served[:12]}, and installed is {(installed or 'nothing')[:12]}"
        yield Finding(level="fail", about=about, found=found, hint="see the log of `fairway watch`")
    else:
        yield Finding(level="ok", about=about, found=f"it serves {served[:12]}, which is installed")
