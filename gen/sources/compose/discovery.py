"""Which compose files make the project: those named, those of COMPOSE_FILE, or the usual names in a directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gen.errors import InputError
from gen.sources.compose.files import Files, is_stream
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line says of the project: files, where relative paths begin, and files of variables in place of
    `.env`. Empty: as the variables COMPOSE_FILE and COMPOSE_ENV_FILES say."""

    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    project_directory: str = ""


def find_files(
    wanted: Wanted, environment: Mapping[str, str], files: Files, report: Report, *, directory: Path
) -> Found:
    """The project directory is the one wanted, else that of the first file; its `.env` is below the environment.

    Raises InputError when no file is named and none of the usual names exists, and for a file of variables that is
    named and not there.
    """
    env_files = tuple(directory / name for name in wanted.env_files or _listed(environment, "COMPOSE_ENV_FILES", ","))
    for path in env_files:
        if not files.exists(path):
            raise InputError(
                f"{path}: there is no such file of variables", hint="--env-file and COMPOSE_ENV_FILES name it"
            )
    own = directory / wanted.project_directory if wanted.project_directory else None
    variables = with_env_files(environment, env_files or ((own or directory) / ".env",), files, report)
    separator = variables.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
    named = wanted.files or _listed(variables, "COMPOSE_FILE", separator)
    paths = tuple(_path(directory, name) for name in named) or _usual(own or directory, files)
    own = own or (directory if is_stream(paths[0]) else paths[0].parent)
    variables = with_env_files(environment, env_files or (own / ".env",), files, report)
    return Found(paths=paths, directory=own, variables=variables)


def _path(directory: Path, name: str) -> Path:
    return Path(name) if is_stream(Path(name)) else directory / name


def _listed(variables: Mapping[str, str], name: str, separator: str) -> tuple[str, ...]:
    return tuple(part for part in variables.get(name, "").split(separator) if part)


def _usual(directory: Path, files: Files) -> tuple[Path, ...]:
    """The first of the usual names and of the usual overrides; all are looked at, so that all are watched."""
    found = [path for name in _NAMES if files.exists(path := directory / name)]
    overrides = [path for name in _OVERRIDES if files.exists(path := directory / name)]
    if not found:
        raise InputError(f"{directory}: there is no compose file; looked for {', '.join(_NAMES)}")
    return tuple(found[:1] + overrides[:1])
