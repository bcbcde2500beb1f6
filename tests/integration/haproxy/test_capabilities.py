"""What each HAProxy at hand says that it can do."""

from __future__ import annotations

import re
import subprocess

import pytest

from gen.proxies.haproxy.capabilities import PROBES, HaproxyProbe
from tests.support.binaries import BINARIES, asked, proxy_of

SINCE = {
    "httpclient": (2, 6),
    "pcre": (2, 6),
    "fcgi": (2, 6),
    "normalize_uri": (2, 6),
    "sync_reload": (2, 7),
    "hash_key": (3, 0),
    "guid": (3, 0),
    "retry_429": (3, 0),
    "virtual_maps": (3, 0),
    "json_log": (3, 0),
    "cookie_dynamic": (3, 0),
    "srv_wait": (3, 0),
    "init_state": (3, 1),
    "compress_min": (3, 2),
    "drop_trailers": (3, 2),
    "sni_auto": (3, 3),
    "max_payload": (3, 4),
    "add_backend": (3, 4),
}
"""The version in which each appeared, of those that no build leaves out."""
BINARY = pytest.mark.parametrize("name", [name for name in BINARIES if proxy_of(name) == "haproxy"])


@BINARY
def test_a_capability_is_found_from_its_version_on(name: str) -> None:
    told = subprocess.run([BINARIES[name], "-v"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"version (\d+)\.(\d+)", told)
    assert version is not None
    here = int(version[1]), int(version[2])
    found = asked(BINARIES[name], PROBES)
    assert found & SINCE.keys() == {capability for capability, since in SINCE.items() if since <= here}


@BINARY
def test_what_nobody_can_do_is_not_found(name: str) -> None:
    probes = [
        HaproxyProbe(name="global", globals="no-such-word"),
        HaproxyProbe(name="frontend", frontend="no-such-word"),
        HaproxyProbe(name="backend", backend="no-such-word"),
        HaproxyProbe(name="server", server="no-such-word"),
        HaproxyProbe(name="sections", sections="no-such-word"),
        HaproxyProbe(name="since", since="99.0"),
    ]
    assert asked(BINARIES[name], [*probes, HaproxyProbe(name="nothing")]) == {"nothing"}


def test_every_capability_has_a_name_of_its_own() -> None:
    assert len({probe.name for probe in PROBES}) == len(PROBES)
