"""Bundle: all files of one configuration, as render hands them to plan and apply.

A value: names and bytes, nothing on a disk yet. Names are relative, because a bundle is checked where it lies
and served through a symlink: a file that spoke of its own place would be wrong in one of the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_DIGEST = re.compile(r"[0-9a-f]{8,64}")


PLACEHOLDER = "0" * 64
"""Stands in a file where the digest of everything goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file. `name` is relative to the bundle; a swarm keeps a `private` one as a secret, others as configs.

    Raises ValueError for a name that is empty, absolute, not normal, or leads out of the bundle.
    """

    name: str
    content: bytes
    private: bool = False

    def __post_init__(self) -> None:
        path = PurePosixPath(self.name)
        normal = bool(path.parts) and str(path) == self.name and ".." not in path.parts
        if path.is_absolute() or not normal or not self.name.isprintable():
            raise ValueError(f"{self.name!r} is not a file name inside a bundle; write for example conf.d/shop.conf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """All files, sorted by name. `main` is the one the proxy reads first; `digest` (lower-case hex) is what the
    running proxy answers when it is asked which configuration it serves. `pieces` are the main file's text, cut where
    blocks begin and end, or nothing: blocks that did not change are the same objects in the next bundle.

    Raises ValueError when the files do not fit together.
    """

    main: str
    files: tuple[File, ...]
    digest: str
    pieces: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        names = [file.name for file in self.files]
        if names != sorted(set(names)):
            raise ValueError(f"the files of a bundle are unique and sorted by name, found {', '.join(names)}")
        if self.main not in names:
            raise ValueError(f"{self.main!r} is none of the bundle's files: {', '.join(names)}")
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"{self.digest!r} is not a digest; write 8 to 64 lower-case hex digits")

    def file(self, name: str) -> bytes:
        """The content of a file. Raises KeyError when there is none with that name."""
        for file in self.files:
            if file.name == name:
                return file.content
        raise KeyError(name)
