"""`extends`: one service of a file → the service with what it extends below it.

Each service is interpolated and brought in shape on the way, so only what is used is judged. Whatever fails on the
way up (a cycle, a missing service, a file that cannot be read) is an error of the service that extends. `!reset` and
`!override` work on what is extended and then on what earlier files say of the service; they are not inherited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gen.errors import InputError
from gen.sources.compose.files import FROM_AFAR, Files, below, is_remote
from gen.sources.compose.interpolation import interpolate
from gen.sources.compose.merge import merge_tables, settled
from gen.sources.compose.report import Report
from gen.sources.compose.shapes import shaped
from gen.sources.compose.tree import Node, Place, Scalar, Table, empty, is_null, shown

_MAX_CHAIN = 64
Chain = tuple[tuple[Path, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The services that one file knows. `directory` is where its relative paths begin; `included` are finished."""

    path: Path
    directory: Path
    services: Table
    variables: Mapping[str, str]
    files: Files
    included: Mapping[str, Table] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    service: str
    file: str
    place: Place


def extended_service(name: str, scope: Scope, report: Report, chain: Chain = ()) -> Table | None:
    """The service with everything it extends merged in; None where that is not possible, then with an error."""
    entry = scope.services.entries.get(name)
    if entry is None:
        return scope.included.get(name)
    service = _as_service(entry.value, name, scope, report)
    if service is None:
        return None
    target = _target(service, scope.variables, report)
    if target is None:
        return None if service.find("extends") else service
    base = _base(target, scope, report, (*chain, (scope.path.absolute(), name)))
    if base is None:
        return None
    return merge_tables(settled(base), service.without("extends"), ("services", name), keep_tags=True)


def _as_service(node: Node, name: str, scope: Scope, report: Report) -> Table | None:
    if is_null(node):
        return empty(node.place)
    if not isinstance(node, Table):
        report.error(node.place, "", f"service {name} is {shown(node)}; write a mapping")
        return None
    interpolated = interpolate(node, scope.variables, report)
    return shaped(interpolated, scope.directory, report) if isinstance(interpolated, Table) else None


def _target(service: Table, variables: Mapping[str, str], report: Report) -> _Target | None:
    extends = service.find("extends")
    match extends:
        case None:
            return None
        case Scalar():
            return _Target(service=extends.text, file="", place=extends.place)
        case Table():
            name, file = extends.find("service"), extends.find("file")
            if isinstance(name, Scalar) and (file is None or isinstance(file, Scalar)):
                return _Target(service=name.text, file=file.text if file else "", place=extends.place)
    report.error(extends.place, "extends", f"found {shown(extends)}; write service: NAME, with file: PATH if elsewhere")
    return None


def _base(target: _Target, scope: Scope, report: Report, chain: Chain) -> Table | None:
    elsewhere = _elsewhere(target, scope, report) if target.file else scope
    if elsewhere is None:
        return None
    step = (elsewhere.path.absolute(), target.service)
    if step in chain or len(chain) > _MAX_CHAIN:
        why = "extends itself" if step in chain else f"extends through more than {_MAX_CHAIN} services"
        path = " → ".join(name for _, name in (*chain[-4:], step))
        report.error(target.place, "extends", f"the service {why}: {path}")
        return None
    if target.service not in elsewhere.services.entries and target.service not in elsewhere.included:
        report.error(target.place, "extends", f"there is no service {target.service!r} in {elsewhere.path}")
        return None
    return extended_service(target.service, elsewhere, report, chain)


def _elsewhere(target: _Target, scope: Scope, report: Report) -> Scope | None:
    """The scope of another file. Of several documents the first with services counts."""
    if is_remote(target.file):
        what = f"{target.file!r} is not on this machine, so the service is left out"
        report.error(target.place, "extends.file", what, hint=FROM_AFAR)
        return None
    path = below(scope.directory, target.file)
    try:
        documents = scope.files.documents(path)
    except InputError as error:
        report.error(target.place, "extends", str(error))
        return None
    found = [document.find("services") for document in documents if isinstance(document, Table)]
    services = next((node for node in found if isinstance(node, Table)), None)
    if services is None:
        report.error(target.place, "extends", f"{path} has no mapping of services")
        return None
    return Scope(path=path, directory=path.parent, services=services, variables=scope.variables, files=scope.files)
