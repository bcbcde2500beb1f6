"""Overrides: the setting `templates` → the operator's templates, each in place of a shipped one.

A file that would stand for nothing is an error, so that a misspelled name does not leave the shipped template in use.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

import jinja2

from gen.errors import SettingsError, TemplateError
from gen.render import Templates


def with_overrides(shipped: jinja2.BaseLoader, directory: str) -> Templates:
    """The shipped templates and those of a directory. Raises SettingsError, TemplateError, or OSError where a
    file cannot be read."""
    if not directory:
        return Templates(shipped)
    if not Path(directory).is_dir():
        raise SettingsError(f"templates: {directory!r} is not a directory")
    known = shipped.list_templates()
    own: dict[str, str] = {}
    for name in sorted(_files(Path(directory))):
        if name not in known:
            raise TemplateError(
                f"template {directory.rstrip('/')}/{name}: it overrides nothing; {_nearest(name, known)}",
                hint="files whose names begin with a dot are ignored",
            )
        own[name] = _text(Path(directory, name))
    return Templates(shipped, own, directory=directory)


def _files(directory: Path) -> Iterator[str]:
    """The files below a directory, by their paths in it, also through links; none with a dot in front."""
    seen: set[str] = set()
    for place, folders, names in os.walk(directory, onerror=_refuse, followlinks=True):
        real = os.path.realpath(place)
        folders[:] = [] if real in seen else [folder for folder in folders if not folder.startswith(".")]
        if real not in seen:
            yield from (
                Path(place, name).relative_to(directory).as_posix() for name in names if not name.startswith(".")
            )
        seen.add(real)


def _refuse(error: OSError) -> None:
    raise error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TemplateError(f"template {path}: it is not UTF-8") from error


def _nearest(name: str, known: Iterable[str]) -> str:
    """What a path was probably meant to be: the same file elsewhere, or a path like it."""
    every = [path for path in known if path.endswith(".j2")]
    same = [path for path in every if PurePosixPath(path).name == PurePosixPath(name).name]
    close = same or get_close_matches(name, every, n=1, cutoff=0.0)
    return f"the nearest shipped template is {' or '.join(close)}"
