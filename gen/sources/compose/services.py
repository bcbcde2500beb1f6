"""Merged services → Workloads: the last step of the compose source.

Only what a State holds is read: labels, ports, networks, replicas. Values of `environment`, of secrets and configs
are never kept. `deploy.labels` are labels of a Swarm service and not of its containers, so they play no part.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from gen.errors import InputError
from gen.sources.compose.dotenv import read_assignments
from gen.sources.compose.files import Files
from gen.sources.compose.labels import PREFIX, read_labels, warn_labels_elsewhere, with_stack_labels
from gen.sources.compose.networks import Attachment
from gen.sources.compose.ports import read_ports
from gen.sources.compose.project import Context
from gen.sources.compose.report import Report
from gen.sources.compose.tree import Scalar, Sequence, Table, shown
from gen.state import Instance, Label, Workload

_NAME = re.compile(r"[a-zA-Z0-9._-]+")
_COUNT = re.compile(r"\d{1,6}", re.ASCII)
_ANY_PROFILE = "*"


def usable_services(services: Table, report: Report) -> Mapping[str, Table]:
    """The services that are mappings under a name that DNS can answer to; each other one is an error."""
    usable: dict[str, Table] = {}
    for name, entry in services.entries.items():
        service = entry.value
        about = report.about(name)
        if not isinstance(service, Table):
            about.error(service.place, "", f"service {name} is {shown(service)}; write a mapping")
        elif not service.entries:
            about.error(service.place, "", "the service says nothing; it needs an image at least")
        elif not _NAME.fullmatch(name):
            what = f"{name!r} is not the name of a service; write letters, digits, '.', '_' and '-'"
            about.error(entry.key.place, "", what)
        else:
            usable[name] = service
    return usable


def is_active(service: Table, profiles: Collection[str]) -> bool:
    """Whether it has no profile or an active one; `*` among `profiles` activates every service."""
    own = profiles_of(service)
    return not own or _ANY_PROFILE in profiles or any(profile in profiles for profile in own)


def profiles_of(service: Table) -> tuple[str, ...]:
    """The profiles of a service."""
    node = service.find("profiles")
    items = node.items if isinstance(node, Sequence) else ()
    return tuple(item.text for item in items if isinstance(item, Scalar))


def first_label(service: Table) -> Scalar | None:
    """The first label of Fairway that the service carries itself."""
    keys = (entry.key for entry in service.section("labels").entries.values())
    return next((key for key in keys if key.text.startswith(PREFIX)), None)


def is_provided(service: Table, report: Report) -> bool:
    """Whether a `provider` runs the service, which then has no container; its labels route nothing."""
    provider = service.find("provider")
    if provider is not None and (label := first_label(service)):
        what = f"{label.text} is not read: a provider runs the service, so it has no container"
        report.warning(label.place, "provider", what, hint="put the labels on a service with an image")
    return provider is not None


def container_names(services: Mapping[str, Table]) -> Mapping[str, str]:
    """Names of services by the names of their containers, where they are given."""
    names: dict[str, str] = {}
    for service, table in sorted(services.items()):
        node = table.find("container_name")
        if isinstance(node, Scalar):
            names.setdefault(node.text, service)
    return names


def read_workload(name: str, service: Table, attachment: Attachment, *, project: str, context: Context) -> Workload:
    """One service as a workload with one instance: its DNS name stands for all replicas.

    No replicas means that the instance is not running. `created` is unknown, so that names decide between equals.
    """
    about = context.report.about(name)
    labels = _labels(service, context.files, about)
    if context.is_stack:
        labels = with_stack_labels(labels, service, about)
    warn_labels_elsewhere(service, {label.key for label in labels}, about, is_stack=context.is_stack)
    instance = Instance(
        id=f"{project}/{name}",
        name=name,
        running=_replicas(service, about) > 0,
        host_network=attachment.host,
        addresses=attachment.addresses,
        ports=read_ports(service, about),
    )
    return Workload(
        id=f"{project}/{name}",
        name=name,
        kind="compose",
        labels=labels,
        instances=(instance,),
    )


def _replicas(service: Table, report: Report) -> int:
    """`scale`, else `deploy.replicas`, else 1."""
    deploy = service.find("deploy")
    if deploy is not None and not isinstance(deploy, Table):
        report.warning(deploy.place, "deploy", f"found {shown(deploy)}; write a mapping")
    scale = _count(service, "scale", "scale", report)
    replicas = _count(deploy, "replicas", "deploy.replicas", report) if isinstance(deploy, Table) else None
    if scale is not None and replicas is not None and scale != replicas:
        report.warning(service.place, "scale", f"scale is {scale} and deploy.replicas {replicas}; scale is used")
    return next((count for count in (scale, replicas) if count is not None), 1)


def _count(table: Table, field: str, key: str, report: Report) -> int | None:
    node = table.find(field)
    if node is None:
        return None
    if isinstance(node, Scalar) and _COUNT.fullmatch(node.text):
        return int(node.text)
    report.warning(node.place, key, f"found {shown(node)}; write a number of copies such as 2; 1 is used")
    return None


def _labels(service: Table, files: Files, report: Report) -> tuple[Label, ...]:
    """Labels of label files, later files over earlier ones, below those of the service itself; by key."""
    labels = _labels_of_files(service, files, report)
    labels |= read_labels(service.find("labels"), report)
    return tuple(labels[key] for key in sorted(labels))


def _labels_of_files(service: Table, files: Files, report: Report) -> dict[str, Label]:
    labels: dict[str, Label] = {}
    node = service.find("label_file")
    for item in node.items if isinstance(node, Sequence) else ():
        if not isinstance(item, Scalar):
            continue
        try:
            text = files.text(Path(item.text))
        except InputError as error:
            report.error(item.place, "label_file", str(error))
            continue
        for found in read_assignments(text, item.text, {}, report):
            place = found.place
            labels[found.key] = Label(
                key=found.key,
                value=found.value,
                file=place.file,
                line=place.line,
                column=place.column,
                hollow=found.hollow,
            )
    return labels
