"""Ways around a guard that take more than a file can say."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import Serve
from tests.support.client import Ask, ask
from tests.support.servers import Servers
from tests.support.world import instance, workload


@pytest.mark.parametrize("length", [1000, 5000, 5600, 7000, 14000])
def test_no_length_of_an_odd_path_leads_around_a_guard(serve: Serve, servers: Servers, port: int, length: int) -> None:
    there = instance("a-1", "127.0.0.1", servers.open("a-1").port)
    labels = {
        "fairway.host": "a.test",
        "fairway.routes.admin.host": "a.test",
        "fairway.routes.admin.path": "/admin",
        "fairway.routes.admin.ip_allow": "10.0.0.1",
    }
    serve(workload("a", labels, there))
    deep = "/x" * 30 + "/.." * 30 + "/admin/"
    for start in ("/%61dmin/", "//admin/", "/x/../admin/", "/./%61dmin/", deep):
        for filler in ("@", "a", "%41", "/"):
            target = start + filler * (length // len(filler))
            assert ask(port, Ask(target=target, host="a.test")).status in (400, 403, 414), target[:40]
    assert not servers.seen()
    assert ask(port, Ask(target="/other/", host="a.test")).status == 200


@pytest.mark.parametrize("times", [1, 255, 1023, 1024, 1025, 4000, 15000])
def test_nothing_repeated_before_a_path_leads_around_its_guard(
    serve: Serve, servers: Servers, port: int, times: int
) -> None:
    there = instance("a-1", "127.0.0.1", servers.open("a-1").port)
    labels = {
        "fairway.host": "a.test",
        "fairway.routes.admin.host": "a.test",
        "fairway.routes.admin.path": "/admin",
        "fairway.routes.admin.ip_allow": "10.0.0.1",
        "fairway.routes.index.host": "a.test",
        "fairway.routes.index.path": "=/index.html",
        "fairway.routes.index.ip_allow": "10.0.0.1",
    }
    serve(workload("a", labels, there))
    for filler in ("/", "/.", "/./", "//.", "/%2e", "/%2E/", "%2f", "/x/..", "/x/%2e%2e", "/%2e%2f"):
        before = filler * (times // len(filler) + 1)
        before = before if before.startswith("/") else f"/{before}"
        for path in ("/admin/x", "/%61dmin", "/index.html"):
            assert ask(port, Ask(target=before + path, host="a.test")).status in (400, 403), (filler, path)
    assert not servers.seen()
