"""Certificates that are renewed, that come and that go."""

from __future__ import annotations

import hashlib
import socket
import ssl
from pathlib import Path

import pytest

from tests.integration.live.site import Config, Site
from tests.support.proxy import free_port
from tests.support.tls import make_certificate

LIST = "certs/web.list"


def pem(folder: Path, name: str) -> bytes:
    """A new certificate for a name each time, with a blank line in it as some issuers write it."""
    made = make_certificate(folder, name, names=(name,), days=4000)
    return made.certificate.read_bytes() + b"\n" + made.key.read_bytes()


def shown(site: Site, port: int, name: str) -> str:
    """The fingerprint of what is shown for a name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return hashlib.sha1(secure.getpeercert(binary_form=True) or b"").hexdigest()


def fingerprint(content: bytes) -> str:
    first = content.partition(b"-----END CERTIFICATE-----")[0] + b"-----END CERTIFICATE-----\n"
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(first.decode())).hexdigest()


@pytest.fixture
def config(site: Site, tmp_path: Path) -> Config:
    """Serves TLS with a default certificate and one for a.test."""
    config = Config(run=site.config.run, port=site.config.port, tls=free_port())
    config = config.file("certs/0.pem", pem(tmp_path, "default.invalid")).file("certs/a.pem", pem(tmp_path, "a.test"))
    config = config.file(LIST, b"certs/0.pem\ncerts/a.pem a.test\n")
    assert site.apply(config).how == "start"
    return config


def test_a_renewed_certificate_is_shown_at_once(site: Site, config: Config, tmp_path: Path) -> None:
    for _ in range(2):
        new = pem(tmp_path, "a.test")
        site.live(config.file("certs/a.pem", new))
        assert shown(site, config.tls, "a.test") == fingerprint(new)


def test_a_new_certificate_comes_with_its_names_and_goes_again(site: Site, config: Config, tmp_path: Path) -> None:
    default = fingerprint(config.files["certs/0.pem"])
    for _ in range(2):
        new = pem(tmp_path, "b.test")
        added = config.file("certs/b.pem", new)
        site.live(added.file(LIST, b"certs/0.pem\ncerts/a.pem a.test\ncerts/b.pem b.test *.b.test\n"))
        assert shown(site, config.tls, "b.test") == shown(site, config.tls, "x.b.test") == fingerprint(new)
        site.live(config)
        assert shown(site, config.tls, "b.test") == default
    assert "certs/b.pem" not in site.ask("show ssl cert")[0]


def test_another_name_for_a_known_certificate_is_live(site: Site, config: Config) -> None:
    known = fingerprint(config.files["certs/a.pem"])
    for names in (b"a.test more.test", b"a.test", b"a.test other.test *.other.test"):
        site.live(config.file(LIST, b"certs/0.pem\ncerts/a.pem " + names + b"\n"))
        for name in names.decode().split():
            assert shown(site, config.tls, name.replace("*", "x")) == known
    assert shown(site, config.tls, "more.test") == fingerprint(config.files["certs/0.pem"])


def test_another_default_certificate_is_a_reload(site: Site, config: Config) -> None:
    outcome = site.apply(config.file(LIST, b"certs/a.pem a.test\ncerts/0.pem\n"))
    assert outcome.reasons == ("certs/web.list: another certificate comes first, for names that nobody has",)


def test_a_key_that_does_not_fit_is_refused_and_the_old_certificate_is_shown(
    site: Site, config: Config, tmp_path: Path
) -> None:
    old = fingerprint(config.files["certs/a.pem"])
    broken = config.files["certs/a.pem"].partition(b"-----BEGIN PRIVATE")[0] + pem(tmp_path, "c").partition(b"\n\n")[2]
    outcome = site.applier.apply(config.file("certs/a.pem", broken).bundle())
    assert type(outcome).__name__ == "Refused"
    assert shown(site, config.tls, "a.test") == old
    assert site.applier.confirmed() == site.directory.current() == config.bundle().digest
