"""The merged project → warnings for what Docker Compose refuses and this source passes over: unknown keys, services
without an image, dependencies that are not there. A misspelled key hides what it holds, labels too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from gen.sources.compose.report import Report
from gen.sources.compose.tree import SECTIONS, Node, Scalar, Sequence, Table

_FREE = "x-"
_SERVICE = frozenset(
    """
    annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name
    cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset
    credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname
    entrypoint env_file environment expose extends external_links extra_hosts gpus group_add healthcheck
    hostname image init ipc isolation label_file labels links logging mac_address mem_limit mem_reservation
    mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit
    platform ports post_start pre_stop privileged profiles provider pull_policy pull_refresh_after read_only
    restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt
    sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir
    """.split()  # noqa: SIM905 - one word a key reads best
)
_NETWORK = frozenset(
    """
    attachable driver driver_opts enable_ipv4 enable_ipv6 external internal ipam labels name
    """.split()  # noqa: SIM905 - one word a key reads best
)


def warn_file_keys(root: Table, report: Report) -> None:
    """Warn about the keys of a file that no compose file has."""
    _unknown(root, SECTIONS, "a compose file", report)


def warn_network_keys(networks: Table, report: Report) -> None:
    """Warn about the keys of each network that no network has."""
    for name, entry in networks.entries.items():
        if isinstance(entry.value, Table):
            _unknown(entry.value, _NETWORK, "a network", report, below=f"networks.{name}.")


def warn_services(services: Mapping[str, Table], active: Collection[str], report: Report) -> None:
    """Warn about each active service that Docker Compose would refuse."""
    for name in active:
        service, about = services[name], report.about(name)
        _unknown(service, _SERVICE, "a service", about)
        if not any(service.find(key) for key in ("image", "build", "provider")):
            what = "there is neither image nor build; Docker Compose refuses the project"
            about.warning(service.place, "image", what, hint="write for example image: nginx")
        for other, node in _dependencies(service.find("depends_on")):
            if other not in active:
                state = "has a profile that is not active" if other in services else "does not exist"
                what = f"service {other!r} {state}; Docker Compose refuses the project"
                hint = "name a service of the project, or write required: false below it"
                about.warning(node.place, "depends_on", what, hint=hint)


def _unknown(table: Table, known: Collection[str], of: str, report: Report, *, below: str = "") -> None:
    for key, entry in table.entries.items():
        if key not in known and not key.startswith(_FREE):
            near = get_close_matches(key, sorted(known), n=1, cutoff=0.7)
            hint = f"did you mean {near[0]}?" if near else f"a key of your own begins with {_FREE}"
            what = f"{key!r} is not a key of {of}; what it holds is not read, and Docker Compose refuses it"
            report.warning(entry.key.place, f"{below}{key}", what, hint=hint)


def _dependencies(node: Node | None) -> list[tuple[str, Node]]:
    """The services that must be there, each with its place."""
    if isinstance(node, Sequence):
        return [(item.text, item) for item in node.items if isinstance(item, Scalar)]
    if not isinstance(node, Table):
        return []
    return [(key, entry.key) for key, entry in node.entries.items() if not _is_optional(entry.value)]


def _is_optional(node: Node) -> bool:
    required = node.find("required") if isinstance(node, Table) else None
    return isinstance(required, Scalar) and required.text.lower() == "false"
