"""Certificates that cannot be served: the message names the file, and the others are served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run
from tests.support.tls import make_certificate

NOW = datetime.now(UTC)
pytestmark = pytest.mark.usefixtures("without_proxy")


@pytest.fixture
def tls(tmp_path: Path) -> Path:
    """A directory with a certificate that can be served."""
    make_certificate(tmp_path / "tls", "good", names=("good.example",), now=NOW)
    return tmp_path / "tls"


def listed(run: Run) -> tuple[str, str]:
    """What `routes` prints; the good neighbour is served over TLS whatever else there is."""
    ran = run("routes", "-f", "compose.yml", "--certificates", "tls")
    assert ran.code == 0
    assert "good.example/  on web, websecure" in ran.out
    return ran.out, ran.err


def test_a_certificate_without_its_key_is_named(run: Run, compose: Callable[..., None], tls: Path) -> None:
    compose(shop={"fairway.host": "shop.example"})
    make_certificate(tls, "shop", names=("shop.example",), now=NOW).key.unlink()
    out, err = listed(run)
    assert f"error: {tls}/shop.crt: " in err
    assert "key" in err
    assert "shop.example/  on web\n" in out


def test_an_expired_certificate_is_named_with_its_day(run: Run, compose: Callable[..., None], tls: Path) -> None:
    compose(shop={"fairway.host": "shop.example"})
    make_certificate(tls, "shop", names=("shop.example",), now=NOW, not_before_days=-90, days=-3)
    out, err = listed(run)
    assert f"error: {tls}/shop.crt: the certificate expired on " in err
    assert "shop.example/  on web\n" in out


def test_a_key_of_another_certificate_is_named(run: Run, compose: Callable[..., None], tls: Path) -> None:
    compose(shop={"fairway.host": "shop.example"})
    own = make_certificate(tls, "shop", names=("shop.example",), now=NOW)
    other = make_certificate(tls.parent / "other", "shop", names=("shop.example",), now=NOW)
    own.key.write_bytes(other.key.read_bytes())
    out, err = listed(run)
    assert "error: " in err
    assert str(tls / "shop.") in err
    assert "shop.example/  on web\n" in out


def test_tls_that_is_required_without_a_certificate_is_told(run: Run, compose: Callable[..., None], tls: Path) -> None:
    compose(shop={"fairway.host": "shop.example", "fairway.tls": "required"})
    out, err = listed(run)
    assert "no certificate covers shop.example; it shows the self-signed default" in err
    assert "shop.example/  on websecure" in out
