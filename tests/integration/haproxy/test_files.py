"""Open files: HAProxy does not start with fewer than it needs, and its check does not say so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gen.apply import Applied, Applier, Refused
from gen.bundle import Bundle, File
from gen.control import Supervised
from gen.proxies.haproxy.audit import fewest_files
from tests.integration.haproxy.site import HAPROXIES, Site
from tests.support.proxy import free_port

CHECKED = 300
SERVERS = "".join(f"    server s{number} 127.0.0.1:9 check inter 60s\n" for number in range(CHECKED))
CONF = """defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend one
    bind unix@{place}/s.sock
    default_backend many
backend many
"""


class Few(Supervised):
    """A place where not many files may be open."""

    def most_files(self) -> int | None:
        return CHECKED


@pytest.mark.parametrize("name", HAPROXIES)
def test_haproxy_itself_needs_what_we_count_and_its_check_does_not_tell(name: str, tmp_path: Path) -> None:
    """Run without the right to raise limits, which root has elsewhere."""
    conf = tmp_path / "haproxy.cfg"
    conf.write_text(CONF.format(place=tmp_path) + SERVERS)
    needed = fewest_files(
        Bundle(main=conf.name, files=(File(name=conf.name, content=conf.read_bytes()),), digest="d" * 8)
    )
    limited = ["setpriv", "--bounding-set=-sys_resource", "sh", "-c", f'ulimit -n {needed}; exec "$@"', "sh"]
    command = [*limited, HAPROXIES[name], "-db", "-f", str(conf)]
    assert subprocess.run([*command, "-c"], check=False, capture_output=True, timeout=20).returncode == 0
    started = subprocess.run(command, check=False, capture_output=True, timeout=20)
    assert started.returncode == 1
    assert b"Cannot raise FD limit" in started.stderr


def test_a_release_that_could_not_start_is_refused_and_says_what_to_do(site: Site) -> None:
    control = Few(site.commands, Path(site.directory.layout.root), grace=5.0)
    applier = Applier(site.directory, control, site.commands)
    try:
        one = site.bundle(free_port(), "one")
        assert isinstance(applier.apply(one), Applied)
        many = site.bundle(free_port(), "two", frontend=f"default_backend many\nbackend many\n{SERVERS}")
        outcome = applier.apply(many)
        assert applier.confirmed() == one.digest
    finally:
        control.stop()
    assert isinstance(outcome, Refused)
    assert outcome.reason == (
        "haproxy needs at least 500 open files, one for each checked server included "
        "(it may have 300: raise the limit (ulimit -n, LimitNOFILE=, --ulimit nofile=), or check fewer)"
    )
