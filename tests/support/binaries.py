"""The proxies' binaries that tests run: the system's, and newer ones that `scripts/newer-proxies` unpacked."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path, PurePosixPath

from gen.deployment import installed_capabilities
from gen.proxies.commands import Probe
from gen.proxies.kinds import KINDS
from gen.settings import load

CACHE = Path(__file__).parents[2] / ".cache"
_NEWER = sorted(path for proxy in KINDS for path in CACHE.glob(f"{proxy}-*/{proxy}"))
BINARIES = {proxy: proxy for proxy in KINDS} | {path.parent.name: str(path) for path in _NEWER}
"""By the name that a test's id shows: the proxy and, where it is not the system's, the suite."""

_BY_AGE = ("-experimental", "-sid", "-trixie", "")


def newest(proxy: str) -> str:
    """The binary of the newest version at hand."""
    return next(BINARIES[name] for suite in _BY_AGE if (name := f"{proxy}{suite}") in BINARIES)


def proxy_of(name: str) -> str:
    return name.partition("-")[0]


def modules(name: str) -> str:
    """What the setting `nginx_modules` has to say for a binary that lies with its modules in a place of its own."""
    found = sorted(Path(BINARIES[name]).parent.glob("root/usr/lib/nginx/modules/ngx_stream_module.so"))
    return ", ".join(map(str, found)) if "/" in BINARIES[name] else ""


@cache
def capabilities(name: str) -> frozenset[str]:
    """What the system's binary is asked to do is what every version can; the newer ones show all that they can."""
    found = installed_capabilities(load(file="/dev/null", variables={}, flags=_flags(name)))
    return KINDS[name].common(found) if name in KINDS else found


def _flags(name: str) -> tuple[tuple[str, str], ...]:
    return ("proxy", proxy_of(name)), ("proxy_binary", BINARIES[name]), ("nginx_modules", modules(name))


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
