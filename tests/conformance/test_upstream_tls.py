"""Servers that speak TLS: who is verified, and that nothing reaches who is not what he should be."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conformance.conftest import Serve
from tests.support.client import Ask, ask
from tests.support.servers import Servers
from tests.support.tls import Authority, make_authority, make_certificate
from tests.support.world import instance, workload


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority(now=datetime.now(UTC))


@pytest.fixture
def trusted(tmp_path: Path, authority: Authority) -> str:
    """The operator's directory with an authority that is trusted, and one that signed nothing here."""
    (tmp_path / "ours.pem").write_bytes(authority.pem)
    (tmp_path / "others.pem").write_bytes(make_authority("Others", now=datetime.now(UTC)).pem)
    tmp_path.chmod(0o755)
    return str(tmp_path)


class Shop:
    """A server with a certificate for shop.internal, behind the proxy."""

    def __init__(self, serve: Serve, servers: Servers, port: int, directory: str, authority: Authority) -> None:
        self.serve, self.servers, self.port, self.directory = serve, servers, port, directory
        paths = make_certificate(Path(directory), "shop", names=("shop.internal",), ca=authority, now=datetime.now(UTC))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(paths.certificate, paths.key)
        self.there = servers.open("shop-1", tls=context).port

    def status(self, host: str, **labels: str) -> int:
        """What a client gets with these `upstream_tls` options, and that only a good server was asked."""
        own = {f"fairway.upstream_tls.{name}": value for name, value in labels.items()}
        shop = workload(
            "shop", {"fairway.host": host, "fairway.protocol": "https"} | own, instance("a", "127.0.0.1", self.there)
        )
        self.serve(shop, ca_files=self.directory)
        status = ask(self.port, Ask(host=host)).status
        assert len(self.servers.seen()) == (status == 200)
        return status


@pytest.fixture
def shop(serve: Serve, servers: Servers, port: int, trusted: str, authority: Authority) -> Shop:
    return Shop(serve, servers, port, trusted, authority)


def test_a_server_with_a_trusted_certificate_for_the_name_is_asked(shop: Shop) -> None:
    assert shop.status("a.test", ca="ours.pem", name="shop.internal") == 200


def test_the_name_is_the_requests_host_where_none_is_named(shop: Shop) -> None:
    assert shop.status("shop.internal", ca="ours.pem") == 200
    assert shop.status("a.test", ca="ours.pem") in (502, 503)


def test_a_server_that_somebody_else_signed_is_not_asked(shop: Shop) -> None:
    assert shop.status("a.test", ca="others.pem", name="shop.internal") in (502, 503)


def test_a_server_with_another_name_is_not_asked(shop: Shop) -> None:
    assert shop.status("a.test", ca="ours.pem", name="other.internal") in (502, 503)


def test_without_verification_any_server_is_asked(shop: Shop) -> None:
    assert shop.status("a.test") == 200
    assert shop.status("a.test", verify="off", ca="others.pem", name="other.internal") == 200
