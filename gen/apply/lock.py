"""One applier per directory: a lock that the kernel releases however we end."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from gen.apply.directory import reporting
from gen.errors import LockedError


class DirectoryLock:
    """Held inside `with`. The file names the holder. Raises LockedError, naming the holder, or DirectoryError."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = -1

    def __enter__(self) -> DirectoryLock:
        path = self._directory / "run" / "lock"
        with reporting(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise LockedError(
                f"process {holder} already applies to {self._directory}",
                hint="stop it, or give this one a directory of its own",
            ) from error
        os.truncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._file)
