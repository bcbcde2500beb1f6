"""A release for all proxies of a swarm: published, served on each node, replaced, taken back when its tasks fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from docker.models.networks import Network

from tests.e2e import daemon
from tests.e2e.conftest import NO_ENGINE
from tests.e2e.engine import Engine
from tests.e2e.fairway import fairway_on, on_both, on_haproxy
from tests.e2e.published import PORT, SECURE, Site, labels
from tests.e2e.swarm import Cable, Swarm, scale, states, two_nodes
from tests.e2e.traffic import steady
from tests.support.http import http_get
from tests.support.tls import make_certificate, shown
from tests.support.wait import eventually

# Together, so that their swarm is made once.
pytestmark = [pytest.mark.docker, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def cabled() -> Iterator[tuple[Swarm, Engine, Cable]]:
    if not daemon.can_run():
        pytest.skip(NO_ENGINE)
    with two_nodes() as found:
        yield found


@pytest.fixture
def nodes(cabled: tuple[Swarm, Engine, Cable]) -> tuple[Swarm, Engine]:
    return cabled[0], cabled[1]


@pytest.fixture
def cable(cabled: tuple[Swarm, Engine, Cable]) -> Cable:
    return cabled[2]


@pytest.fixture
def swarm(nodes: tuple[Swarm, Engine], cable: Cable) -> Iterator[Swarm]:
    try:
        yield nodes[0]
    finally:
        cable.mend()
        eventually(lambda: states(nodes[0]) == ["ready", "ready"], timeout=30, message="both nodes")
        nodes[0].clear()
        for kept in (*nodes[0].client.configs.list(), *nodes[0].client.secrets.list()):
            kept.remove()


@pytest.fixture
def edge(swarm: Swarm) -> Network:
    return swarm.overlay("fw-edge")


@pytest.fixture
def site(nodes: tuple[Swarm, Engine], swarm: Swarm, edge: Network, proxy: str, tmp_path: Path) -> Iterator[Site]:
    with fairway_on(
        swarm.engine,
        proxy=proxy,
        swarm=swarm.engine.url,
        proxy_service="edge",
        proxy_user="root",
        listeners=f"web={PORT},websecure={SECURE}/tls",
        certificates=tmp_path,
    ) as fairway:
        yield Site(nodes, edge, fairway)


@on_both
def test_each_release_is_served_on_all_nodes_and_the_next_one_loses_no_request(
    swarm: Swarm, edge: Network, site: Site
) -> None:
    swarm.service("web", labels=labels("web.test"), network=edge, replicas=2)
    site.await_servers(2)
    assert site.kept() == set()
    code, out, err = site.publish()
    assert (code, "2 tasks serve release" in out, "+ route web.test/" in err) == (0, True, True), err
    assert site.everywhere("web.test") == {200}
    before = site.version()
    code, out, err = site.publish()
    assert (code, "as before" in out, site.version()) == (0, True, before), err
    first = site.kept()
    swarm.service("blog", labels=labels("blog.test"), network=edge)
    site.await_servers(1)
    with steady(lambda: site.anywhere("web.test")) as traffic:
        eventually(lambda: traffic.total > 10, timeout=60)
        code, out, err = site.publish()
        assert code == 0, err
        seen = traffic.total
        eventually(lambda: traffic.total > seen + 10, timeout=60)
    assert traffic.failed == []
    assert (site.everywhere("web.test"), site.everywhere("blog.test")) == ({200}, {200})
    assert first < site.kept(), "the first release is what Swarm would go back to"


@on_haproxy
def test_by_name_tasks_come_and_go_without_another_release(swarm: Swarm, edge: Network, site: Site) -> None:
    service = swarm.service("web", labels=labels("web.test", resolve="dns"), network=edge)
    site.await_servers(1)
    code, _, err = site.publish()
    assert (code, "publish again" in err) == (0, False), err
    before = site.version()
    service.reload()
    scale(service, 3)

    def instances(address: str) -> set[str]:
        replies = [http_get((address, PORT), host="web.test") for _ in range(12)]
        return {str(reply.json()["instance"]) for reply in replies if reply.status == 200}

    three = "answers of three tasks on both nodes"
    eventually(lambda: {len(instances(one)) for one in site.addresses} == {3}, timeout=90, message=three)
    assert site.publish()[0] == 0
    assert site.version() == before


def test_a_release_whose_tasks_fail_is_taken_back(swarm: Swarm, edge: Network, site: Site) -> None:
    swarm.service("web", labels=labels("web.test"), network=edge)
    site.await_servers(1)
    assert site.publish()[0] == 0
    kept = site.kept()
    # The check here has another user database than the image has.
    code, out, err = site.publish("--set=proxy_user=www-data")
    assert (code, out) == (1, ""), err
    assert "was rolled back" in err
    assert "task: non-zero exit (1)" in err
    assert "docker service logs" in err
    assert site.everywhere("web.test") == {200}
    assert site.kept() == kept
    code, out, err = site.publish()
    assert (code, "as before" in out) == (0, True), err


def test_a_configuration_that_is_too_large_for_a_swarm_is_packed(
    swarm: Swarm, edge: Network, site: Site, tmp_path: Path
) -> None:
    routes = [f"  r{number}: {{servers: 127.0.0.1:9, host: r{number}.test}}" for number in range(4000)]
    (tmp_path / "many.yml").write_text("\n".join(["routes:", *routes, ""]))
    swarm.service("web", labels=labels("web.test"), network=edge)
    many = f"--set=route_files={tmp_path}"
    site.await_servers(1)
    code, _, err = site.publish(many)
    assert code == 0, err
    spec = swarm.client.services.get("edge").attrs["Spec"]["TaskTemplate"]["ContainerSpec"]
    names = [one["File"]["Name"] for one in (*spec["Configs"], *spec.get("Secrets", []))]
    main = {"nginx": "nginx.conf.gz", "haproxy": "haproxy.cfg.gz"}[site.fairway.proxy]
    assert f"{site.fairway.directory}/current/{main}" in names
    assert site.everywhere("web.test") == {200}
    assert site.everywhere("r3999.test") == {"nginx": {502}, "haproxy": {503}}[site.fairway.proxy]
    code, _, err = site.publish()
    assert code == 0, err
    assert site.everywhere("r3999.test") == {404}


@on_haproxy
def test_keys_and_passwords_come_as_secrets(swarm: Swarm, edge: Network, site: Site, tmp_path: Path) -> None:
    paths = make_certificate(tmp_path, "web", names=("web.test",), now=datetime.now(UTC))
    serial = x509.load_pem_x509_certificate(paths.certificate.read_bytes()).serial_number
    guarded = labels("web.test", basic_auth="alice:$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/d3UOTZaAu5vsTM6")
    swarm.service("web", labels=guarded, network=edge)
    site.await_servers(1)
    code, out, err = site.publish()
    assert code == 0, err
    assert site.everywhere("web.test", tls=True) == {401}
    assert [shown((address, SECURE), "web.test") for address in site.addresses] == [serial] * 2
    configs = b"".join(one.attrs["Spec"]["Data"].encode() for one in swarm.client.configs.list())
    key = paths.key.read_text().splitlines()[1]
    assert key.encode() not in configs
    assert key not in out + err
    before = site.version()
    assert site.publish()[0] == 0
    assert site.version() == before, "a generated certificate is kept while it is of use"


def test_a_node_that_is_cut_off_gets_the_release_when_it_is_back(
    swarm: Swarm, edge: Network, site: Site, cable: Cable
) -> None:
    near: Any = {"network": edge, "constraints": ["node.role==manager"]}
    swarm.service("web", labels=labels("web.test"), **near)
    site.await_servers(1)
    assert site.publish()[0] == 0
    cable.cut()
    eventually(lambda: "down" in states(swarm), timeout=60, message="a node that is down")
    swarm.service("blog", labels=labels("blog.test"), **near)
    site.await_servers(1)
    code, out, err = site.publish()
    assert (code, "edge: 1 task serves release" in out) == (0, True), err
    cable.mend()
    eventually(lambda: site.everywhere("blog.test") == {200}, timeout=120, message="the release on both nodes")
