"""The proxies that there are, by name: what rendering, checking and running each takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gen.proxies import Proxy
from gen.proxies.commands import Commands, Probe


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


@cache
def _nginx() -> Kind:
    from gen.proxies import nginx
    from gen.proxies.nginx.capabilities import PROBES, STREAM
    from gen.proxies.nginx.commands import NginxCommands

    return Kind(
        commands=lambda binary: NginxCommands(binary=binary),
        proxy=nginx.Nginx,
        baseline=nginx.BASELINE,
        probes=PROBES,
        optional=STREAM,
    )


@cache
def _haproxy() -> Kind:
    from gen.proxies import haproxy
    from gen.proxies.haproxy.capabilities import BUILT, PROBES
    from gen.proxies.haproxy.commands import HaproxyCommands

    return Kind(
        commands=lambda binary: HaproxyCommands(binary=binary),
        proxy=haproxy.Haproxy,
        baseline=haproxy.BASELINE,
        probes=PROBES,
        optional=BUILT,
    )


class _Kinds(Mapping[str, Kind]):
    """A proxy's package is imported when its kind is asked for: nobody runs two."""

    _made: Mapping[str, Callable[[], Kind]] = {"nginx": _nginx, "haproxy": _haproxy}

    def __getitem__(self, name: str) -> Kind:
        return self._made[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


KINDS: Mapping[str, Kind] = _Kinds()
