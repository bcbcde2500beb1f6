"""The proxies' binaries that tests run: the system's, and newer ones that `scripts/newer-proxies` unpacked."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gen.deployment import installed_capabilities
from gen.proxies.nginx import BASELINE
from gen.settings import Settings

CACHE = Path(__file__).parents[2] / ".cache"
BINARIES = {"nginx": "nginx"} | {path.parent.name: str(path) for path in sorted(CACHE.glob("nginx-*/nginx"))}
"""By the name that a test's id shows."""


@cache
def capabilities(name: str) -> frozenset[str]:
    """What the system's binary is asked to do is what every version can; the newer ones show all that they can."""
    return BASELINE if name == "nginx" else installed_capabilities(Settings(proxy_binary=BINARIES[name]))
