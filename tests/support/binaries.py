"""The proxies' binaries that tests run: the system's, and newer ones that `scripts/newer-proxies` unpacked."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path, PurePosixPath

from gen.deployment import installed_capabilities
from gen.proxies import Proxy, haproxy, nginx
from gen.proxies.commands import Probe
from gen.proxies.haproxy.capabilities import PROBES
from gen.settings import Settings

CACHE = Path(__file__).parents[2] / ".cache"
PROXIES: dict[str, Callable[[frozenset[str]], Proxy]] = {"nginx": nginx.Nginx, "haproxy": haproxy.Haproxy}
_NEWER = sorted(path for proxy in PROXIES for path in CACHE.glob(f"{proxy}-*/{proxy}"))
BINARIES = {proxy: proxy for proxy in PROXIES} | {path.parent.name: str(path) for path in _NEWER}
"""By the name that a test's id shows: the proxy and, where it is not the system's, the suite."""


def proxy_of(name: str) -> str:
    return name.partition("-")[0]


@cache
def capabilities(name: str) -> frozenset[str]:
    """What the system's binary is asked to do is what every version can; the newer ones show all that they can."""
    if name == "nginx":
        return nginx.BASELINE
    if name == "haproxy":
        return haproxy.BASELINE
    binary = BINARIES[name]
    return installed_capabilities(Settings(proxy_binary=binary)) if proxy_of(name) == "nginx" else asked(binary, PROBES)


def asked(binary: str, probes: Iterable[Probe]) -> frozenset[str]:
    """The probes that a HAProxy's own check takes."""
    with tempfile.TemporaryDirectory(prefix="fw") as place:
        conf = Path(place) / "probe.cfg"
        found = set()
        for probe in probes:
            conf.write_text(probe.config(PurePosixPath(place) / "probe.sock"))
            done = subprocess.run([binary, "-c", "-f", str(conf)], capture_output=True, text=True, check=False)
            if probe.is_supported(done.returncode, done.stderr):
                found.add(probe.name)
    return frozenset(found)
