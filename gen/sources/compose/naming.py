"""The name of the project: it prefixes networks and ids. Comes in: what discovery found. Goes out: one word."""

from __future__ import annotations

import re

from gen.sources.compose.discovery import Found
from gen.sources.compose.files import Files
from gen.sources.compose.interpolation import Malformed, Missing, substitute
from gen.sources.compose.report import Report
from gen.sources.compose.tree import Place, Scalar, Table

PROJECT_NAME = "COMPOSE_PROJECT_NAME"


def project_name(asked: str, found: Found, files: Files, report: Report) -> str:
    """The name asked for, else COMPOSE_PROJECT_NAME, else the last top-level `name:`, else the directory's.

    Normalised as Docker Compose does: lower case, only letters, digits, `_` and `-`, beginning with one of the first.
    Raises InputError when a file cannot be read.
    """
    raw = asked or found.variables.get(PROJECT_NAME, "") or _written(found, files, report)
    name = _normalised(raw)
    if raw and not name:
        place = Place(file=str(found.paths[0]))
        report.warning(place, "name", f"{raw!r} is not the name of a project; write for example shop")
    return name or _normalised(found.directory.absolute().name) or "default"


def _written(found: Found, files: Files, report: Report) -> str:
    name = ""
    for path in found.paths:
        for document in files.documents(path):
            node = document.find("name") if isinstance(document, Table) else None
            if isinstance(node, Scalar):
                try:
                    name = substitute(node.text, found.variables, lambda _: None) or name
                except (Malformed, Missing) as error:
                    report.error(node.place, "name", str(error))
    return name


def _normalised(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")
