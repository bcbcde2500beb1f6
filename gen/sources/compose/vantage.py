"""From where the proxy sees the project: the service labelled `fairway.proxy`, or everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from gen.sources.compose.report import Report
from gen.sources.compose.tree import Place
from gen.state import Vantage, Workload

PROXY_LABEL = "fairway.proxy"
_LOOPBACK = "127.0.0.1"


def find_vantage(workloads: Iterable[Workload], report: Report) -> Vantage:
    """The view of the first service, by name, that carries the label with any value.

    Without one every network counts as reachable. On the host's network names of services do not resolve:
    there only published ports and other services of that network can be reached.
    """
    proxies = [workload for workload in workloads if any(label.key == PROXY_LABEL for label in workload.labels)]
    if not proxies:
        return Vantage(kind="container")
    proxy = min(proxies, key=lambda workload: workload.name)
    for other in proxies:
        if other is not proxy:
            label = next(label for label in other.labels if label.key == PROXY_LABEL)
            place = Place(file=label.file, line=label.line, column=label.column)
            report.about(other.name).warning(place, PROXY_LABEL, f"{proxy.name} is the proxy already; this one is not")
    instances = proxy.instances
    if any(instance.host_network for instance in instances):
        return Vantage(kind="host", name=proxy.name, networks=(), published_at=_LOOPBACK, host_at=_LOOPBACK)
    networks = {address.network for instance in instances for address in instance.addresses}
    return Vantage(kind="container", name=proxy.name, networks=tuple(sorted(networks)))
