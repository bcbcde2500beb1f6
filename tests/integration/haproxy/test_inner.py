"""TLS passed through for one name beside HTTPS: workers hand connections on, as the user that they become."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gen.apply import Applied, RolledBack, remembered
from gen.certificate import Certificate
from gen.control import Supervised
from gen.deployment import Deployment, deployment
from gen.doctor.places import places
from gen.state import Workload
from gen.values import Secret
from tests.integration.haproxy.site import HAPROXIES
from tests.support.client import Ask, ask
from tests.support.proxy import free_port
from tests.support.servers import Servers
from tests.support.tls import NOW, make_certificate
from tests.support.world import Maker, instance, model_of, settings, workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A HAProxy as `watch` starts it, with one TLS port."""

    deployed: Deployment
    maker: Maker
    port: int
    certificate: Certificate

    def apply(self, *workloads: Workload) -> object:
        model = model_of(workloads, self.deployed.settings, certificates=(self.certificate,), now=NOW)
        return self.deployed.applier.apply(self.maker.bundle(model))

    @property
    def inner(self) -> Path:
        return Path(self.deployed.settings.directory, "run", "inner")


@pytest.fixture(params=HAPROXIES)
def edge(request: pytest.FixtureRequest) -> Iterator[Edge]:
    root, port = Path(tempfile.mkdtemp(prefix="fw", dir="/tmp")), free_port()
    root.chmod(0o755)
    chosen = settings(root, proxy="haproxy", proxy_binary=HAPROXIES[request.param], listeners=f"websecure={port}/tls")
    deployed = deployment(replace(chosen, workers=2))
    paths = make_certificate(root, "test", names=("a.test",))
    certificate = Certificate(
        name="test",
        names=("a.test",),
        certificate_file=str(paths.certificate),
        key_file=str(paths.key),
        not_before=NOW - 86400,
        not_after=NOW + 86400,
        fingerprint="test",
        pem=Secret(paths.combined().decode()),
    )
    try:
        yield Edge(
            deployed=deployed,
            maker=Maker(request.param, capabilities=remembered(deployed.directory)),
            port=port,
            certificate=certificate,
        )
    finally:
        assert isinstance(deployed.control, Supervised)
        deployed.control.stop()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def shop() -> Iterator[Workload]:
    with Servers() as servers:
        yield workload("a", {"fairway.host": "a.test"}, instance("a-1", "127.0.0.1", servers.open("a-1").port))


VAULT = {"listeners": "websecure", "port": "9", "host": "vault.test", "tls": "passthrough"}


@pytest.fixture
def vault() -> Workload:
    labels = {f"fairway.tcp.vault.{name}": value for name, value in VAULT.items()}
    return workload("vault", labels, instance("vault-1", "127.0.0.1", 9))


def test_https_goes_on_beside_a_name_that_is_passed_through(edge: Edge, shop: Workload, vault: Workload) -> None:
    assert isinstance(edge.apply(shop), Applied)
    assert ask(edge.port, Ask(host="a.test", sni="a.test")).echo["server"] == "a-1"
    assert isinstance(edge.apply(shop, vault), Applied)
    assert ask(edge.port, Ask(host="a.test", sni="a.test")).echo["server"] == "a-1"
    assert edge.inner.stat().st_mode & 0o777 == 0o750
    judged = {one.about: one.level for one in places(edge.deployed.settings)}
    assert judged["inner sockets"] == "ok"


def test_a_directory_that_workers_cannot_enter_is_found_and_rolled_back(
    edge: Edge, shop: Workload, vault: Workload
) -> None:
    assert isinstance(edge.apply(shop), Applied)
    edge.inner.chmod(0o700 if os.geteuid() == 0 else 0o600)
    assert isinstance(edge.apply(shop, vault), RolledBack)
    assert ask(edge.port, Ask(host="a.test", sni="a.test")).echo["server"] == "a-1"
    found = next(one for one in places(edge.deployed.settings) if one.about == "inner sockets")
    assert (found.level, str(edge.inner) in found.found) == ("fail", True)


def test_a_directory_of_an_earlier_version_is_given_to_the_workers(edge: Edge, shop: Workload, vault: Workload) -> None:
    os.chown(edge.inner, -1, os.getgid())
    assert isinstance(edge.apply(shop, vault), Applied)
    assert ask(edge.port, Ask(host="a.test", sni="a.test")).echo["server"] == "a-1"
