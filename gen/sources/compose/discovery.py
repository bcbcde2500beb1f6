"""Which compose files make the project: those named, those of COMPOSE_FILE, or the usual names in a directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gen.errors import InputError
from gen.sources.compose.files import Files
from gen.sources.compose.report import Report
from gen.sources.compose.variables import with_env_files

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_OVERRIDES = (
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yaml",
    "docker-compose.override.yml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files in the order of merging; `directory` is the project's, where its relative paths begin."""

    paths: tuple[Path, ...]
    directory: Path
    variables: Mapping[str, str]


def find_files(
    named: tuple[str, ...], environment: Mapping[str, str], files: Files, report: Report, *, directory: Path
) -> Found:
    """The project directory is that of the first file; its `.env` is below the environment.

    Raises InputError when no file is named and none of the usual names exists.
    """
    if not named:
        variables = with_env_files(environment, (directory / ".env",), files, report)
        named = _from_variable(variables)
    paths = tuple(directory / name for name in named) or _usual(directory, files)
    project_directory = paths[0].parent
    variables = with_env_files(environment, (project_directory / ".env",), files, report)
    return Found(paths=paths, directory=project_directory, variables=variables)


def _from_variable(variables: Mapping[str, str]) -> tuple[str, ...]:
    separator = variables.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
    return tuple(name for name in variables.get("COMPOSE_FILE", "").split(separator) if name)


def _usual(directory: Path, files: Files) -> tuple[Path, ...]:
    """The first of the usual names and of the usual overrides; all are looked at, so that all are watched."""
    found = [path for name in _NAMES if files.exists(path := directory / name)]
    overrides = [path for name in _OVERRIDES if files.exists(path := directory / name)]
    if not found:
        raise InputError(f"{directory}: there is no compose file; looked for {', '.join(_NAMES)}")
    return tuple(found[:1] + overrides[:1])
