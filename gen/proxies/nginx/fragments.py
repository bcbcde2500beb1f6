"""Fragments: which server blocks of nginx have to refuse a target with `#` in it, and a host that is too long. Plots
in, plots out.

nginx compares the path before the `#` and passes the whole target on, so a server may resolve `/open#/../admin` to
another path than the one that was compared. Only an `if` in each server block answers 400, and nginx takes 7 kB for it
(measured with 1.22 and 1.30): of many hosts only those have one whose servers some route guards, and the blocks
for every other host, where a host that is too long arrives unless a wildcard takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gen.model import Route

if TYPE_CHECKING:
    from gen.proxies.nginx.sites import Plot

EVERYWHERE = 250
"""Up to so many server blocks, all of them refuse fragments."""
Workloads = frozenset[tuple[str, str]]
"""By source and name."""


def marked(plots: tuple[Plot, ...], routes: tuple[Route, ...]) -> tuple[Plot, ...]:
    """The plots of all server blocks, where there are many with a mark at those that need not refuse fragments."""
    if len(plots) <= EVERYWHERE:
        return plots
    workloads = _guarded(routes)
    is_kept = (not plot.hosts or _reaches(plot, workloads) for plot in plots)
    return tuple(
        plot if kept else plot._replace(refuses_fragments=False) for plot, kept in zip(plots, is_kept, strict=True)
    )


def _guarded(routes: tuple[Route, ...]) -> Workloads:
    """The workloads that some route guards."""
    found = (route for route in routes if route.withheld or any(policy.guards for policy in route.policies))
    return frozenset((origin.source, origin.workload) for route in found for origin in route.origins)


def _reaches(plot: Plot, workloads: Workloads) -> bool:
    """Whether a request of this server block may reach one of the workloads."""
    origins = (origin for body in plot.bodies for origin in body.route.origins)
    return any((origin.source, origin.workload) in workloads for origin in origins)
