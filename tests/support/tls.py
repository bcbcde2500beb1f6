"""Certificates for tests: a tiny authority and the leaves it signs, written as PEM files."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

KeyKind = Literal["ec", "rsa", "weak-rsa"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

MOMENT = datetime(2026, 6, 1, tzinfo=UTC)
"""When these certificates are made, unless a test says otherwise."""

NOW = MOMENT.timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The two files of a certificate."""

    certificate: Path
    key: Path

    def combined(self) -> bytes:
        """Both files as one."""
        return self.certificate.read_bytes() + self.key.read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who signs. `pem` is what a client must trust."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def make_authority(name: str = "Test Authority", *, now: datetime = MOMENT) -> Authority:
    """An authority that signs itself and lasts ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_subject(name), key.public_key(), now - timedelta(days=1), now + timedelta(days=3650))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Authority(certificate=builder.issuer_name(_subject(name)).sign(key, hashes.SHA256()), key=key)


def make_certificate(
    directory: Path,
    name: str,
    *,
    names: tuple[str, ...],
    days: float = 90,
    not_before_days: float = -1,
    key: KeyKind = "ec",
    ca: Authority | None = None,
    common_name: str = "",
    now: datetime = MOMENT,
    files: tuple[str, str] = ("{name}.crt", "{name}.key"),
) -> Paths:
    """Writes a certificate for `names` (hosts, wildcards, addresses) that is valid from `not_before_days` to `days`
    after `now`, with its key; signed by itself or by `ca`, whose certificate then follows in the file."""
    private = make_key(key)
    subject = _subject(common_name)
    builder = _builder(subject, private.public_key(), now + timedelta(days=not_before_days), now + timedelta(days=days))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=False)
    issuer = ca.certificate.subject if ca else subject
    certificate = builder.issuer_name(issuer).sign(ca.key if ca else private, hashes.SHA256())
    paths = Paths(certificate=directory / files[0].format(name=name), key=directory / files[1].format(name=name))
    paths.certificate.parent.mkdir(parents=True, exist_ok=True)
    paths.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + (ca.pem if ca else b""))
    paths.key.write_bytes(key_pem(private))
    return paths


def shown(address: tuple[str, int], name: str) -> int:
    """The serial number of the certificate that is shown for a name."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(address, timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"").serial_number


def make_key(kind: KeyKind = "ec") -> PrivateKey:
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048 if kind == "rsa" else 1024)


def key_pem(key: PrivateKey, *, password: bytes = b"") -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _subject(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)] if common_name else [])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
