"""Places: directories that Fairway writes, that the proxy's workers have to enter, and that settings name.

nginx says nothing when its workers cannot enter the directory of its cache: every answer stays a MISS, for ever.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from gen.apply.directory import demand_short_socket_path
from gen.control.here import run_here
from gen.errors import DirectoryError, ProxyError
from gen.explain.finding import Finding
from gen.proxies.commands import Layout
from gen.proxies.kinds import KINDS
from gen.settings import Settings

_FOLDERS: Final = ("releases", "run", "cache", "temp", "tls")
_LEAST_ROOM: Final = 100 * 1024**2
_COMPILED: Final = re.compile(r"--user='?([^\s']+)")
_NAMED: Final = ("certificates", "user_files", "route_files", "templates", "acme_webroot")
"""Settings that name a directory of the operator's."""
_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """As whom workers run: a name, and the numbers of the user and its groups."""

    name: str
    user: int
    groups: frozenset[int]

    def may_enter(self, path: Path) -> bool:
        """Whether the mode of a directory lets it through (path_resolution(7)). Access lists are not looked at."""
        found = path.stat()
        if self.user == 0:
            return True
        if self.user == found.st_uid:
            return bool(found.st_mode & stat.S_IXUSR)
        return bool(found.st_mode & (stat.S_IXGRP if found.st_gid in self.groups else stat.S_IXOTH))


def _is_there(path: Path) -> bool:
    """Whether this user can see it: what lies in a directory that he may not enter is not there for him."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def places(settings: Settings) -> Iterator[Finding]:
    """All directories, the one that Fairway writes first."""
    directory = Path(settings.directory).absolute()
    yield _writable(directory)
    yield from _room(directory)
    yield from _socket(directory, settings)
    if settings.proxy == "nginx":
        yield from _workers(directory, settings)
    yield from _inner(directory, settings)
    for name in _NAMED:
        if path := getattr(settings, name):
            yield _readable(name, Path(path))


def _writable(directory: Path) -> Finding:
    """Whether we may write into it, or make it where it is not there."""
    about = "directory"
    if not _is_there(directory):
        above = next(one for one in directory.parents if _is_there(one))
        if os.access(above, os.W_OK | os.X_OK):
            return Finding(level="ok", about=about, found=f"{directory} is not there yet, and can be made in {above}")
        return Finding(
            level="fail", about=about, found=f"{directory} is not there, {_refused(above)}", hint=_elsewhere()
        )
    if not directory.is_dir():
        return Finding(level="fail", about=about, found=f"{directory} is no directory", hint=_elsewhere())
    for folder in (directory, *(directory / name for name in _FOLDERS)):
        if _is_there(folder) and not os.access(folder, os.W_OK | os.X_OK):
            return Finding(level="fail", about=about, found=_refused(folder), hint=_elsewhere())
    return Finding(level="ok", about=about, found=f"{directory} can be written")


def _refused(path: Path) -> str:
    try:
        found = path.stat()
        return f"{path} may not be written by user {os.geteuid()}: {stat.filemode(found.st_mode)}, user {found.st_uid}"
    except OSError as error:
        return f"{path} may not be written: {error.strerror}"


def _elsewhere() -> str:
    return "run as root, give the directory to this user, or choose another: --directory DIR"


def _room(directory: Path) -> Iterator[Finding]:
    above = next(one for one in (directory, *directory.parents) if _is_there(one))
    free = shutil.disk_usage(above).free
    if free < _LEAST_ROOM:
        found = f"{free // 1024**2} MB are free at {above}"
        yield Finding(level="warn", about="room", found=found, hint="releases, the cache and large bodies lie there")


def _socket(directory: Path, settings: Settings) -> Iterator[Finding]:
    try:
        longest = KINDS[settings.proxy].commands(settings.binary).longest_socket_path
        demand_short_socket_path(Layout(root=PurePosixPath(directory)), longest=longest)
    except DirectoryError as error:
        yield Finding(level="fail", about="directory", found=str(error), hint=error.hint)


def _workers(directory: Path, settings: Settings) -> Iterator[Finding]:
    """Whether nginx's workers may enter every directory above the cache."""
    worker = worker_of(settings)
    existing = [one for one in (directory / "cache", *(directory / "cache").parents) if _is_there(one)]
    if worker is None:
        found = "as whom nginx's workers run is not known here"
        hint = f"they have to be able to enter {directory}/cache, or every answer stays a MISS"
        if any(not one.stat().st_mode & stat.S_IXOTH for one in existing if one.name != "cache"):
            yield Finding(level="warn", about="cache", found=found, hint=hint)
        return
    for path in reversed(existing):
        if path.name != "cache" and not worker.may_enter(path):
            found = f"nginx's workers ({worker.name}) may not enter {path} ({stat.filemode(path.stat().st_mode)})"
            hint = f"chmod o+x {path}; until then nothing is cached, every answer is a MISS, and no log says so"
            yield Finding(level="fail", about="cache", found=found, hint=hint)
            return
    yield Finding(level="ok", about="cache", found=f"nginx's workers ({worker.name}) may enter {directory}")


def _inner(directory: Path, settings: Settings) -> Iterator[Finding]:
    """Whether workers enter the directory of the sockets by which they hand on TLS connections."""
    inner = Path(Layout(root=PurePosixPath(directory)).inner)
    worker = worker_of(settings)
    if worker is None or not _is_there(inner):
        return
    closed = [one for one in (*reversed(inner.parents), inner) if not worker.may_enter(one)]
    if closed:
        mode = stat.filemode(closed[0].stat().st_mode)
        yield Finding(
            level="fail",
            about="inner sockets",
            found=f"{settings.proxy}'s workers ({worker.name}) may not enter {closed[0]} ({mode})",
            hint=f"let their group enter: chgrp GROUP {closed[0]} && chmod g+x {closed[0]}; until then a listener that "
            "passes TLS through for one name answers no other",
        )
    else:
        yield Finding(level="ok", about="inner sockets", found=f"workers ({worker.name}) may enter {inner}")


def worker_of(settings: Settings) -> Worker | None:
    """As whom the proxy's workers run here; None where that is another machine's or container's affair."""
    if settings.runs_in_container or settings.control == "none":
        return None
    if os.geteuid() != 0 and not settings.runs_apart:
        groups = frozenset({os.getegid(), *os.getgroups()})
        return Worker(name=f"user {os.geteuid()}", user=os.geteuid(), groups=groups)
    try:
        is_haproxy = settings.proxy == "haproxy"
        name = settings.proxy_user or ("haproxy" if is_haproxy else _compiled(settings.binary))
        account = pwd.getpwnam(name)
    except (KeyError, ProxyError):
        return None
    if is_haproxy and settings.proxy_user:
        return Worker(name=name, user=account.pw_uid, groups=frozenset({os.getegid()}))
    groups = frozenset({account.pw_gid, *(one.gr_gid for one in grp.getgrall() if name in one.gr_mem)})
    return Worker(name=name, user=account.pw_uid, groups=groups)


def _compiled(binary: str) -> str:
    """The user that nginx was built for; nobody's where none was named, as its own `auto/unix` decides."""
    found = _COMPILED.search(run_here((binary, "-V"), timeout=_SECONDS).stderr)
    return found[1] if found else "nobody"


def _readable(name: str, path: Path) -> Finding:
    if not path.is_dir():
        hint = "make it, or correct the setting"
        return Finding(level="fail", about=name, found=f"{path} is not there, or is no directory", hint=hint)
    if not os.access(path, os.R_OK | os.X_OK):
        hint = f"chmod, or give it to user {os.geteuid()}"
        return Finding(level="fail", about=name, found=f"{path} may not be read by user {os.geteuid()}", hint=hint)
    return Finding(level="ok", about=name, found=f"{path} can be read")
