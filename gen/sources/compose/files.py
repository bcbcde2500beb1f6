"""The disk, for one reading of the project: texts and trees of files, and what to watch afterwards.

Everything that was looked at is remembered with its signature as it was *before* it was read, absent files too,
so that a change between reading and watching is not lost.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gen.errors import InputError, Origin
from gen.sources.compose.reading import read_documents
from gen.sources.compose.tree import Node

Signature = tuple[int, int, int]

_MAX_BYTES = 16 * 1024 * 1024
_MOST_SHOWN = 5
_ENDINGS = (".yml", ".yaml")
_SAVE = "save it as UTF-8"


def signature(path: Path) -> Signature | None:
    """Modification time in nanoseconds, size in bytes and inode; None when there is no such file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


STDIN = "-"
_STREAM = re.compile(r"/dev/stdin|/(?:dev|proc/self)/fd/\d+")
FROM_AFAR = "nothing is read over the network; hand over the output of `docker compose config`"
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/")


def is_stream(path: Path) -> bool:
    """Whether a path is standard input or a pipe of the shell, such as `<(docker compose config)`."""
    return str(path) == STDIN or _STREAM.fullmatch(str(path)) is not None


def is_remote(name: str) -> bool:
    """Whether a path is an address elsewhere, such as oci://, https:// or git@."""
    return _REMOTE.match(name) is not None


def below(directory: Path, name: str) -> Path:
    """A path in a directory, said as shortly as it can be: `sites/../base.yml` is `base.yml`, unless a symlink makes it
    another file."""
    path = directory / name
    plain = Path(os.path.normpath(path))
    with suppress(OSError, ValueError):
        return plain if plain.samefile(path) else path
    return path


def _unreadable(path: Path, why: str, hint: str = "") -> InputError:
    return InputError(f"{path}: {why}", hint=hint, origin=Origin(source="input", file=str(path)))


class Files:
    """Reads each file once."""

    def __init__(self, streamed: dict[str, bytes] | None = None) -> None:
        """`streamed`: what was read of streams before, each of which gives its text once."""
        self._streamed: dict[str, bytes] = {} if streamed is None else streamed
        self._seen: dict[Path, Signature | None] = {}
        self._documents: dict[Path, tuple[Node, ...]] = {}

    @property
    def seen(self) -> Mapping[Path, Signature | None]:
        return self._seen

    def exists(self, path: Path) -> bool:
        return is_stream(path) or self._seen.setdefault(path, signature(path)) is not None

    def text(self, path: Path) -> str:
        """The text of a regular file of at most 16 MiB in UTF-8. Raises InputError."""
        try:
            data = self._data(path)
            if len(data) > _MAX_BYTES:
                raise _unreadable(path, f"larger than {_MAX_BYTES} bytes")
            if b"\0" in data:
                raise _unreadable(path, "not UTF-8 text: it has zero bytes, as UTF-16 has", _SAVE)
            return data.decode("utf-8-sig")
        except OSError as error:
            raise _unreadable(path, f"cannot be read: {error.strerror or error}", _beside(path)) from error
        except UnicodeDecodeError as error:
            raise _unreadable(path, f"not UTF-8 text: {error.reason} at byte {error.start}", _SAVE) from error
        except ValueError as error:
            raise InputError(f"{str(path)!r} is not the name of a file: {error}") from error

    def _data(self, path: Path) -> bytes:
        if is_stream(path):
            if str(path) not in self._streamed:
                with open(0 if str(path) == STDIN else path, "rb", closefd=str(path) != STDIN) as stream:
                    self._streamed[str(path)] = stream.read(_MAX_BYTES + 1)
            return self._streamed[str(path)]
        self._seen.setdefault(path, signature(path))
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unreadable(path, "not a regular file")
        with path.open("rb") as stream:
            return stream.read(_MAX_BYTES + 1)

    def documents(self, path: Path) -> tuple[Node, ...]:
        """The YAML documents of a file. Raises InputError."""
        if path not in self._documents:
            self._documents[path] = read_documents(self.text(path), str(path))
        return self._documents[path]


def _beside(path: Path) -> str:
    """For a file that is not there: which ones of its kind are; empty where none is."""
    try:
        if path.exists():
            return ""
        if not path.parent.is_dir():
            return f"there is no directory {path.parent}"
        found = [one.name for one in path.parent.iterdir() if one.suffix in _ENDINGS]
    except (OSError, ValueError):
        return ""
    found.sort(key=lambda name: ("compose" not in name, name))
    more = ", ..." if len(found) > _MOST_SHOWN else ""
    return f"there is {', '.join(found[:_MOST_SHOWN])}{more}" if found and path.suffix in _ENDINGS else ""
