"""TLS: which certificate is shown, who is led to https, and what stays open for the authority."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509

from gen.certificate import Certificate
from gen.values import Secret
from tests.conformance.conftest import Serve
from tests.support.client import Ask, Client, ask, trusting
from tests.support.proxy import Runner, free_port
from tests.support.servers import Servers
from tests.support.tls import NOW, make_certificate
from tests.support.world import Maker, instance, workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The TLS port and the certificates of a test, and workloads with one server each."""

    port: int
    plain: int
    certificates: tuple[Certificate, ...]
    serve: Serve
    servers: Servers

    def run(self, *labels: dict[str, str], **named: str) -> None:
        found = [
            workload(name, own, instance(f"{name}-1", "127.0.0.1", self.servers.open(f"{name}-1").port))
            for name, own in zip("abcdef", labels, strict=False)
        ]
        listeners = f"web={self.plain}, websecure={self.port}/tls"
        self.serve(*found, **({"listeners": listeners} | named), certificates=self.certificates, now=NOW)

    def shown(self, sni: str) -> tuple[str, ...]:
        """The names of the certificate that is shown."""
        with Client(self.port, tls=trusting(), sni=sni) as client:
            assert isinstance(client.socket, ssl.SSLSocket)
            found = x509.load_der_x509_certificate(client.socket.getpeercert(True) or b"")
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return tuple(names.get_values_for_type(x509.DNSName))


def certificate(directory: Path, name: str, *names: str, is_default: bool = False) -> Certificate:
    paths = make_certificate(directory, name, names=names)
    both = paths.certificate.read_text() + paths.key.read_text()
    paths.certificate.with_suffix(".both").write_text(both)
    return Certificate(
        name=name,
        names=tuple(sorted(names)),
        certificate_file=str(paths.certificate),
        key_file=str(paths.key),
        not_before=NOW - 86400,
        not_after=NOW + 86400,
        fingerprint=name,
        is_default=is_default,
        pem=Secret(both),
    )


@pytest.fixture
def site(serve: Serve, servers: Servers, port: int, runner: Runner) -> Site:
    own = runner.directory
    certificates = (
        certificate(own, "default", "default.test", is_default=True),
        certificate(own, "exact", "a.test"),
        certificate(own, "wild", "*.w.test", "w.test"),
    )
    return Site(port=free_port(), plain=port, certificates=certificates, serve=serve, servers=servers)


def test_each_host_shows_its_own_certificate_and_unknown_names_are_refused(site: Site) -> None:
    site.run({"fairway.host": "a.test"}, {"fairway.host": "*.w.test"}, {"fairway.host": "none.test"})
    assert site.shown("a.test") == ("a.test",)
    assert site.shown("x.w.test") == ("*.w.test", "w.test")
    for sni in ("none.test", "nobody.test", ""):
        with pytest.raises(ssl.SSLError):
            site.shown(sni)
    answer = ask(site.port, Ask(host="a.test", sni="a.test"))
    seen = answer.echo["headers"]
    assert (seen["x-forwarded-proto"], seen["x-forwarded-port"]) == ("https", "443")
    assert ask(site.plain, Ask(host="none.test")).status == 200


def test_the_default_certificate_is_shown_where_the_operator_says_so(site: Site) -> None:
    site.run({"fairway.host": "a.test"}, {"fairway.path": "/any"}, unknown_sni="default")
    assert site.shown("nobody.test") == site.shown("") == ("default.test",)
    assert ask(site.port, Ask(host="nobody.test", sni="nobody.test")).status == 404
    assert ask(site.port, Ask(host="nobody.test", sni="nobody.test", target="/any")).echo["server"] == "b-1"


def test_required_leads_to_https_and_leaves_the_challenge_path_open(site: Site) -> None:
    site.run({"fairway.host": "a.test", "fairway.tls": "required", "fairway.rate_limit": "100/s"})
    moved = ask(site.plain, Ask(host="a.test", target="/x%20y?z=1"))
    assert (moved.status, moved.headers["location"]) == (308, f"https://a.test:{site.port}/x%20y?z=1")
    challenge = "/.well-known/acme-challenge/token"
    assert ask(site.plain, Ask(host="a.test", target=challenge)).echo["path"] == challenge
    assert ask(site.port, Ask(host="a.test", sni="a.test", target="/x")).echo["server"] == "a-1"


def test_a_guard_does_not_ask_for_the_password_before_https(site: Site) -> None:
    users = "u:$5$saltsalt$XbSmHg2GV2zWRO31FxOu.Kmh/WLytjq0M18xlMvwPHC"
    site.run({"fairway.host": "a.test", "fairway.tls": "required", "fairway.basic_auth": users})
    assert ask(site.plain, Ask(host="a.test")).status == 308
    assert ask(site.port, Ask(host="a.test", sni="a.test")).status == 401


def test_the_challenge_directory_answers_on_every_plain_host(site: Site, tmp_path: Path, proxy: str) -> None:
    folder = tmp_path / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "token").write_text("proof")
    for path in (*tmp_path.parents, tmp_path, folder.parent, folder):
        if path.owner() == tmp_path.owner() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    site.run({"fairway.host": "a.test", "fairway.tls": "required"}, acme_webroot=str(tmp_path))
    if "settings.acme_webroot" in Maker(proxy).lacks:
        assert ask(site.plain, Ask(host="nobody.test", target="/.well-known/acme-challenge/token")).status == 404
        return
    for host in ("a.test", "nobody.test"):
        found = ask(site.plain, Ask(host=host, target="/.well-known/acme-challenge/token"))
        assert (found.status, found.body) == (200, b"proof")
        assert ask(site.plain, Ask(host=host, target="/.well-known/acme-challenge/other")).status == 404
    assert ask(site.plain, Ask(host="a.test", target="/.well-known/other")).status == 308


def test_tls_off_keeps_a_host_plain(site: Site) -> None:
    site.run({"fairway.host": "a.test", "fairway.tls": "off"}, {"fairway.host": "w.test"})
    assert ask(site.plain, Ask(host="a.test")).status == 200
    with pytest.raises(ssl.SSLError):
        site.shown("a.test")


def test_a_label_names_the_certificate(site: Site) -> None:
    site.run({"fairway.host": "a.test", "fairway.certificate": "wild"})
    assert site.shown("a.test") == ("*.w.test", "w.test")


def test_http_2_is_spoken_over_tls(site: Site) -> None:
    site.run({"fairway.host": "a.test"})
    context = trusting()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Client(site.port, tls=context, sni="a.test") as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() == "h2"
        client.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0")
        assert client.socket.recv(9)[3] == 4


@pytest.mark.parametrize(("profile", "accepts"), [("intermediate", True), ("modern", False)])
def test_the_profile_decides_the_versions(site: Site, profile: str, accepts: bool) -> None:
    site.run({"fairway.host": "a.test"}, tls_profile=profile)
    for version, is_fine in ((ssl.TLSVersion.TLSv1_2, accepts), (ssl.TLSVersion.TLSv1_3, True)):
        context = trusting()
        context.minimum_version = context.maximum_version = version
        if is_fine:
            Client(site.port, tls=context, sni="a.test").close()
        else:
            with pytest.raises(ssl.SSLError):
                Client(site.port, tls=context, sni="a.test")


def test_a_renewed_certificate_is_shown_after_a_reload(site: Site, runner: Runner) -> None:
    site.run({"fairway.host": "a.test"})
    renewed = replace(certificate(runner.directory, "exact", "a.test", "b.test"), fingerprint="renewed")
    for file in runner.directory.glob("exact.*"):
        os.utime(file, (NOW, NOW))  # nginx since 1.27.4 keeps what has the same inode and second as before
    later = replace(site, certificates=(site.certificates[0], renewed, site.certificates[2]))
    later.run({"fairway.host": "a.test"})
    assert later.shown("a.test") == ("a.test", "b.test")


def test_plain_http_on_the_tls_port_is_refused_without_an_answer_of_a_workload(site: Site) -> None:
    site.run({"fairway.host": "a.test"})
    with socket.create_connection(("127.0.0.1", site.port), 5) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        answer = peer.recv(4096)
    assert not answer or answer.startswith(b"HTTP/1.1 400")
