"""The directory on the disk: releases, and the symlink that says which of them counts.

A release is written under another name, flushed, and renamed when it is whole, so that a directory with a digest for
a name holds that digest's files. `current` is switched by one rename, so that a tree of files changes at once.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from gen.bundle import Bundle, File
from gen.errors import DirectoryError
from gen.proxies.commands import LONGEST_SOCKET_PATH, Layout

_FOLDERS = ("releases", "run", "cache", "temp")
RELEASE = "release.json"
_RELEASE = re.compile(r"[0-9a-f]{8,64}")


@contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Turn what the system says about a path into a DirectoryError that says what to do."""
    try:
        yield
    except OSError as error:
        raise DirectoryError(
            f"{path} cannot be written: {error.strerror or error}",
            hint=f"give it to user {os.geteuid()}, or set `directory` to another place",
        ) from error


def demand_short_socket_path(layout: Layout, *, longest: int = LONGEST_SOCKET_PATH) -> None:
    """Raises DirectoryError when the socket could not be bound."""
    length = len(os.fsencode(layout.socket))
    if length > longest:
        room = longest - length + len(os.fsencode(layout.root))
        raise DirectoryError(
            f"{layout.socket}: {length} bytes are too long for a unix socket, {longest} is the most",
            hint=f"set `directory` to a path of at most {room} bytes, for example /var/lib/fairway",
        )


class Directory:
    """`group`: the numeric group of the proxy's workers, which read a release; `inner_group`: the one whose members
    connect to the sockets between the proxy's own servers. Both are set where this process is root. The files of a
    release are readable by their owner and that group alone: each may hold what a label keeps secret.

    Every method raises DirectoryError when the disk refuses.
    """

    def __init__(self, path: Path, *, group: int | None = None, inner_group: int | None = None) -> None:
        self.path = path.absolute()
        self.layout = Layout(root=PurePosixPath(self.path))
        self._group = group
        self._inner_group = inner_group
        self._releases = self.path / "releases"
        self._link = self.path / "current"
        self._described = b""
        self._seen: tuple[object, ...] = ()

    def prepare(self) -> None:
        """Make what is missing."""
        demand_short_socket_path(self.layout)
        with reporting(self.path):
            for name in _FOLDERS:
                (self.path / name).mkdir(parents=True, exist_ok=True)
            if not (tls := self.path / "tls").exists():
                tls.mkdir()
                _restrict(tls, 0o750, self._group)
            inner = Path(self.layout.inner)
            if not inner.exists():
                inner.mkdir()
                _restrict(inner, 0o750, self._inner_group)
            elif os.geteuid() == 0 and self._inner_group not in (None, inner.stat().st_gid):
                _restrict(inner, 0o750, self._inner_group)
            self._close_releases()
            for folder in (self.path, self._releases, self.path / "run"):
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def holds(self, digest: str) -> bool:
        """Whether there is a release with this digest."""
        return (self._releases / digest).is_dir()

    def current(self) -> str | None:
        """The digest of the release that counts."""
        try:
            digest = self._link.readlink().name
        except OSError:
            return None
        return digest if self.holds(digest) else None

    def bundle(self, digest: str, main: str) -> Bundle | None:
        """The release with this digest as it lies there; None where it is not whole."""
        release = self._releases / digest
        try:
            paths = sorted((str(path.relative_to(release)), path) for path in release.rglob("*") if path.is_file())
            files = tuple(File(name=name, content=path.read_bytes()) for name, path in paths)
            return Bundle(main=main, files=files, digest=digest)
        except (OSError, ValueError):
            return None

    def write(self, bundle: Bundle) -> None:
        """Put a bundle into its release. One that lies there whole is left alone."""
        release = self._releases / bundle.digest
        draft = self._releases / f".{bundle.digest}.new"
        with reporting(release):
            if _has(release, bundle):
                os.utime(release)
                return
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            draft.chmod(0o755)
            for file in bundle.files:
                self._write_file(draft, file)
            for folder in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
                _flush(folder)
            shutil.rmtree(release, ignore_errors=True)
            draft.rename(release)
            _flush(self._releases)

    def description(self) -> bytes:
        """The `release.json` of the release that counts; empty where there is none."""
        try:
            return (self._link / RELEASE).read_bytes()
        except OSError:
            return b""

    def describe(self, bundle: Bundle) -> None:
        """Renew the `release.json` of the release that counts, where the bundle of the same digest has another one:
        owners may change while the proxy's files stay the same."""
        file = next((one for one in bundle.files if one.name == RELEASE), None)
        if file is None or file.content == self._described or self.current() != bundle.digest:
            return
        release = self._releases / bundle.digest
        if file.content != self.description():
            draft = replace(file, name=f".{RELEASE}.new")
            with reporting(release):
                (release / draft.name).unlink(missing_ok=True)
                self._write_file(release, draft)
                (release / draft.name).replace(release / RELEASE)
                _flush(release)
            self._seen = self._look()
        self._described = file.content

    def is_altered(self) -> bool:
        """Whether the link or a file of the release that counts is another one than after the last `switch`. Cheap."""
        return bool(self._seen) and self._look() != self._seen

    def _look(self) -> tuple[object, ...]:
        """What changes when the release that counts is edited, removed or replaced."""
        found: list[object] = []
        try:
            found.append(self._link.readlink())
            for path in sorted(self._link.resolve().rglob("*")):
                seen = path.lstat()
                found.append((str(path), seen.st_ino, seen.st_size, seen.st_mtime_ns))
        except OSError as error:
            found.append(str(error))
        return tuple(found)

    def remove(self, digest: str) -> None:
        shutil.rmtree(self._releases / digest, ignore_errors=True)

    def switch(self, digest: str | None) -> None:
        """Let another release count, or none."""
        with reporting(self._link):
            if digest is None:
                self._link.unlink(missing_ok=True)
            else:
                draft = self.path / ".current.new"
                draft.unlink(missing_ok=True)
                draft.symlink_to(f"releases/{digest}")
                draft.replace(self._link)
            _flush(self.path)
        self._seen = self._look() if digest else ()

    def prune(self, keep: int) -> None:
        """Remove all releases but the `keep` last ones and the one that counts, and drafts of a run that broke off."""
        with reporting(self._releases):
            found = [path for path in self._releases.iterdir() if _RELEASE.fullmatch(path.name)]
            drafts = [path for path in self._releases.iterdir() if path.name.endswith(".new")]
            found.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        current = self.current()
        for path in (*drafts, *(path for path in found[keep:] if path.name != current)):
            shutil.rmtree(path, ignore_errors=True)

    def _write_file(self, draft: Path, file: File) -> None:
        path = draft / file.name
        for folder in reversed(path.relative_to(draft).parents[:-1]):
            (draft / folder).mkdir(exist_ok=True)
            (draft / folder).chmod(0o755)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(file.content)
            _restrict(path, 0o640, self._group)
            out.flush()
            os.fsync(out.fileno())

    def _close_releases(self) -> None:
        """Take from other users what an earlier version of Fairway left readable for them."""
        for path in self._releases.rglob("*"):
            with suppress(FileNotFoundError, PermissionError):
                if path.is_file() and path.stat().st_mode & 0o007:
                    _restrict(path, 0o640, self._group)


def _has(release: Path, bundle: Bundle) -> bool:
    """Whether a release holds exactly a bundle's files."""
    if not release.is_dir():
        return False
    there = {str(path.relative_to(release)) for path in release.rglob("*") if path.is_file()}
    return there == {file.name for file in bundle.files} and all(
        (release / file.name).read_bytes() == file.content for file in bundle.files
    )


def _flush(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _restrict(path: Path, mode: int, group: int | None) -> None:
    """Give a path to its owner and one group alone."""
    if group is not None and os.geteuid() == 0:
        os.chown(path, -1, group)
    path.chmod(mode)
