"""What `$VARIABLE` means in a project: the environment over `.env` and its like, as one mapping for interpolation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gen.errors import InputError
from gen.sources.compose.dotenv import read_assignments
from gen.sources.compose.files import Files
from gen.sources.compose.report import Report
from gen.sources.compose.tree import Place


def with_env_files(
    environment: Mapping[str, str], paths: Iterable[Path], files: Files, report: Report
) -> Mapping[str, str]:
    """The environment over the assignments of the files, later files over earlier ones; absent files are empty."""
    assigned: dict[str, str] = {}
    for path in paths:
        if not files.exists(path):
            continue
        try:
            text = files.text(path)
        except InputError as error:
            report.error(Place(file=str(path)), "", str(error))
            continue
        lookup = {**assigned, **environment}
        assigned |= {found.key: found.value for found in read_assignments(text, str(path), lookup, report)}
    return {**assigned, **environment}
