"""Several compose files → one project: included, extended, merged, nothing decided yet.

Comes in: paths, variables, the disk. Goes out: services and networks as merged trees, in one mapping each.
A file that cannot be read raises InputError, an included one as well: without it the project would lose services
that are running.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from gen.errors import InputError
from gen.sources.compose.extends import Scope, extended_service
from gen.sources.compose.files import FROM_AFAR, Files, below, is_remote
from gen.sources.compose.interpolation import interpolate
from gen.sources.compose.known import warn_file_keys
from gen.sources.compose.merge import merge_tables
from gen.sources.compose.report import Report
from gen.sources.compose.tree import (
    Entry,
    Node,
    Place,
    Scalar,
    Sequence,
    Table,
    empty,
    is_compose_file,
    is_null,
    kind,
    shown,
)
from gen.sources.compose.variables import with_env_files

_MAX_INCLUDES = 32
_SECTIONS = ("services", "networks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What holds while one set of files is loaded. `chain` is the files that include them.

    `loaded`: an include that was loaded before under the same circumstances is the same, and costs nothing.
    """

    directory: Path
    variables: Mapping[str, str]
    files: Files
    report: Report
    chain: tuple[Path, ...] = ()
    loaded: dict[object, Table] = field(default_factory=dict)
    is_stack: bool = False


def load_project(paths: tuple[Path, ...], context: Context) -> Table:
    """The mapping with `services` and `networks` that all files together make. Raises InputError."""
    merged = empty(Place(file=str(paths[0])))
    if not context.chain:
        _demand_services(paths, context.files)
    for path in paths:
        step = path.absolute()
        if step in context.chain:
            raise InputError(f"{path}: includes itself, through {' → '.join(map(str, context.chain))}")
        if len(context.chain) >= _MAX_INCLUDES:
            raise InputError(f"{path}: included through more than {_MAX_INCLUDES} files")
        documents = [document for document in context.files.documents(path) if not is_null(document)]
        for document in documents:
            within = replace(context, chain=(*context.chain, step))
            root = _table(document, "the file")
            if not is_compose_file(root):
                raise InputError(f"{path}: no key of it is one of compose files, so it is no compose file")
            merged = merge_tables(merged, _document(root, path, within))
    return merged


def _demand_services(paths: tuple[Path, ...], files: Files) -> None:
    """Raises InputError where no file has any: it is no compose file, and nobody should be served less for it."""
    keys: list[str] = []
    for document in (document for path in paths for document in files.documents(path) if isinstance(document, Table)):
        keys += document.entries
    if not any(not is_null(document) for path in paths for document in files.documents(path)):
        raise InputError(f"{Place(file=str(paths[0]))}: the file is empty; a compose file has a mapping of services")
    if keys and not {"services", "include"} & set(keys):
        near = get_close_matches("services", keys, n=1, cutoff=0.8)
        hint = f"did you mean services instead of {near[0]}?" if near else "services stand below the key `services`"
        raise InputError(f"{paths[-1]}: there are no services in it, so it is no compose file", hint=hint)


def _document(root: Table, path: Path, context: Context) -> Table:
    """One document with what it includes; faults of the whole are reported here."""
    for fault in root.faults:
        context.report.error(fault.place, fault.key, fault.message)
    warn_file_keys(root, context.report)
    included = _included(root.entries.get("include"), context)
    services = _services(root, path, included, context)
    networks = _networks(root, context)
    return Table(
        entries={
            "services": _section("services", services, included, context.report),
            "networks": _section("networks", networks, included, context.report),
        },
        place=root.place,
    )


def _services(root: Table, path: Path, included: Table, context: Context) -> Table:
    entry = root.entries.get("services")
    if entry is None or is_null(entry.value):
        return empty(root.place)
    if entry.value.tag == "reset":
        return replace(empty(root.place), tag="reset")
    written = _table(entry.value, "services")
    for fault in written.faults:
        context.report.about(fault.key).error(fault.place, "services", fault.message)
    scope = Scope(
        path=path,
        directory=context.directory,
        services=written,
        variables=context.variables,
        files=context.files,
        included=_finished(included),
    )
    entries: dict[str, Entry] = {}
    for name, service in written.entries.items():
        report = context.report.about(name)
        node = service.value if service.value.tag == "reset" else extended_service(name, scope, report)
        if node is not None:
            entries[name] = replace(service, value=node)
    return replace(written, entries=entries)


def _finished(included: Table) -> Mapping[str, Table]:
    entries = included.section("services").entries
    return {name: entry.value for name, entry in entries.items() if isinstance(entry.value, Table)}


def _networks(root: Table, context: Context) -> Table:
    node = root.find("networks")
    if node is None:
        return empty(root.place)
    if not isinstance(node, Table):
        context.report.error(node.place, "networks", f"found {shown(node)}; write a mapping of networks")
        return empty(node.place)
    networks = interpolate(node, context.variables, context.report, "networks")
    return networks if isinstance(networks, Table) else empty(node.place)


def _section(name: str, own: Table, included: Table, report: Report) -> Entry:
    """What a file says itself over what it includes. The same name with another meaning in both is an error."""
    brought = included.section(name)
    for key in own.entries.keys() & brought.entries.keys():
        mine, other = own.entries[key], brought.entries[key]
        if mine.value != other.value:
            about = report.about(key) if name == "services" else report
            about.error(mine.key.place, name, f"{key} is also in the included {other.key.place}; rename one of them")
    key_of_section = Scalar(text=name, place=own.place)
    return Entry(key=key_of_section, value=replace(own, entries={**brought.entries, **own.entries}))


def _included(entry: Entry | None, context: Context) -> Table:
    """Everything that `include` brings, merged in order."""
    if entry is None or is_null(entry.value):
        return empty(Place(file=""))
    node = interpolate(entry.value, context.variables, context.report, "include")
    if not isinstance(node, Sequence):
        raise InputError(f"{node.place}: include: found {shown(node)}; write a list of files")
    brought = empty(node.place)
    for item in node.items:
        if far := _from_afar(item):
            context.report.error(
                item.place, "include", f"{far!r} is not on this machine; it is left out", hint=FROM_AFAR
            )
            continue
        part = _include(item, context)
        sections = {name: _section(name, part.section(name), brought, context.report) for name in _SECTIONS}
        brought = replace(brought, entries=sections)
    return brought


def _from_afar(item: Node) -> str:
    """The path of an include that is an address elsewhere; empty where none is."""
    node = item if isinstance(item, Scalar) else _field(item, "path")
    items = node.items if isinstance(node, Sequence) else (node,)
    return next((one.text for one in items if isinstance(one, Scalar) and is_remote(one.text)), "")


def _include(item: Node, context: Context) -> Table:
    paths = _paths(item if isinstance(item, Scalar) else _field(item, "path"), context.directory)
    if not paths:
        raise InputError(f"{item.place}: include: found {shown(item)} without a path; write for example ./other.yaml")
    directory = next(iter(_paths(_field(item, "project_directory"), context.directory)), paths[0].parent)
    env_files = _paths(_field(item, "env_file"), context.directory) or (directory / ".env",)
    variables = with_env_files(context.variables, env_files, context.files, context.report)
    circumstances = (paths, directory, frozenset(variables.items()))
    if circumstances not in context.loaded:
        within = replace(context, directory=directory, variables=variables)
        context.loaded[circumstances] = load_project(paths, within)
    return context.loaded[circumstances]


def _field(item: Node, key: str) -> Node | None:
    return item.find(key) if isinstance(item, Table) else None


def _paths(node: Node | None, directory: Path) -> tuple[Path, ...]:
    """One path or a list of them, below `directory`."""
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(below(directory, item.text) for item in items if isinstance(item, Scalar) and item.text)


def _table(node: Node, what: str) -> Table:
    if isinstance(node, Table):
        return node
    raise InputError(f"{node.place}: {what} must be a mapping; found {kind(node)}")
