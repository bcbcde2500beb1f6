"""The proxies that there are, by name: what rendering, checking and running each takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gen.proxies import Proxy, haproxy, nginx
from gen.proxies.commands import Commands, Probe
from gen.proxies.haproxy.capabilities import PROBES as HAPROXY_PROBES
from gen.proxies.haproxy.commands import HaproxyCommands
from gen.proxies.nginx.capabilities import PROBES as NGINX_PROBES
from gen.proxies.nginx.capabilities import STREAM
from gen.proxies.nginx.commands import NginxCommands


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of proxy. `commands` of a binary, `proxy` of its capabilities; `baseline`: what every supported
    version can do, `probes`: what tells the rest. `optional`: what depends on how the binary was built and
    what lies beside it, not on the version."""

    commands: Callable[[str], Commands]
    proxy: Callable[[frozenset[str]], Proxy]
    baseline: frozenset[str]
    probes: Sequence[Probe]
    optional: frozenset[str] = frozenset()

    def common(self, found: frozenset[str]) -> frozenset[str]:
        """What every supported version can do, of a binary that can do `found`."""
        return self.baseline - self.optional | found & self.optional


KINDS: Mapping[str, Kind] = {
    "nginx": Kind(
        commands=lambda binary: NginxCommands(binary=binary),
        proxy=nginx.Nginx,
        baseline=nginx.BASELINE,
        probes=NGINX_PROBES,
        optional=STREAM,
    ),
    "haproxy": Kind(
        commands=lambda binary: HaproxyCommands(binary=binary),
        proxy=haproxy.Haproxy,
        baseline=haproxy.BASELINE,
        probes=HAPROXY_PROBES,
    ),
}
