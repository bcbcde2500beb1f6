"""Certificates of a directory, from the client's side."""

from __future__ import annotations

import signal
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.http import http_get
from tests.support.proxy import free_port
from tests.support.tls import make_certificate, shown
from tests.support.wait import eventually

pytestmark = [pytest.mark.docker, on_both]


def issue(directory: Path) -> int:
    """Writes a certificate for tls.test; its serial number."""
    paths = make_certificate(directory, "site", names=("tls.test",), now=datetime.now(UTC))
    return x509.load_pem_x509_certificate(paths.certificate.read_bytes()).serial_number


@pytest.mark.parametrize("hurry", [False, True])
def test_a_route_is_served_with_its_certificate_and_with_the_renewed_one(
    engine: Engine, new_fairway: Callable[..., Fairway], tmp_path: Path, hurry: bool, proxy: str
) -> None:
    first, plain, secure = issue(tmp_path), free_port(), free_port()
    listeners = f"web={plain},websecure={secure}/tls"
    fairway = new_fairway(listeners=listeners, certificates=tmp_path)
    engine.run("fw-tls", labels={"fairway.host": "tls.test", "fairway.tls": "required"})
    fairway.start()
    address = (fairway.address[0], secure)
    reply = eventually(lambda: http_get(address, host="tls.test", tls=True))
    assert reply.json()["instance"] == "fw-tls"
    assert ["x-forwarded-proto", "https"] in [[name.lower(), value] for name, value in reply.json()["headers"]]
    redirect = http_get((address[0], plain), host="tls.test", path="/a?b=c")
    assert (redirect.status // 100, redirect.header("Location").partition(":")[0]) == (3, "https")
    assert shown(address, "tls.test") == first
    with pytest.raises(ssl.SSLError):
        shown(address, "unknown.test")
    seen, second = fairway.mark, issue(tmp_path)
    if hurry:
        fairway.signal(signal.SIGHUP)
    eventually(lambda: shown(address, "tls.test") == second, timeout=3 if hurry else 20)
    how = {"nginx": "reload", "haproxy": "live"}
    assert fairway.wait("applied", after=seen)["how"] == how[proxy]
