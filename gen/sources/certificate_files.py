"""Two PEM files → a certificate, or the reason why a proxy would not load them.

The part of reading certificates that opens files; `gen.sources.certificates` knows where they lie. What is refused
here is what OpenSSL would refuse: one such file in a configuration keeps a proxy from loading all of it.
"""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from gen.errors import Severity
from gen.values import Secret

LARGEST = 1 << 20
"""Bytes that a PEM file may have: a chain of a hundred certificates has a fifth of it."""

_PRIVATE_KEY = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_HOST_NAME = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")


class Unusable(ValueError):
    """Nothing to serve. `file` is the one at fault; a `quiet` one was never meant to be served."""

    def __init__(
        self, file: str, message: str, *, hint: str = "", severity: Severity = "error", quiet: bool = False
    ) -> None:
        super().__init__(message)
        self.file = file
        self.hint = hint
        self.severity = severity
        self.quiet = quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What a certificate and its key say, without a name or a place. Times are UTC seconds since 1970."""

    names: tuple[str, ...]
    not_before: float
    not_after: float
    fingerprint: str
    pem: Secret


def read_pair(certificate_file: str, key_file: str) -> Pair:
    """Reads and judges both files (one path twice where one file holds both). Raises Unusable, nothing else."""
    data = read_bytes(certificate_file)
    key_data = data if key_file == certificate_file else read_bytes(key_file)
    chain = _chain(certificate_file, data)
    for certificate in chain:
        if weakness := _weakness(certificate):
            raise Unusable(certificate_file, f"{weakness}, which OpenSSL refuses to load", hint="renew the certificate")
    _check_key(chain, certificate_file, key_file, key_data)
    leaf = chain[0]
    digest = hashlib.sha256(data)
    digest.update(key_data)
    return Pair(
        names=_names(certificate_file, leaf),
        not_before=leaf.not_valid_before_utc.timestamp(),
        not_after=leaf.not_valid_after_utc.timestamp(),
        fingerprint=digest.hexdigest(),
        pem=Secret(_whole(data, key_data)),
    )


def _whole(data: bytes, key_data: bytes) -> str:
    """The certificates of one file and the key of the other, with nothing between them."""
    key = _PRIVATE_KEY.search(key_data)
    blocks = [*_CERTIFICATE.findall(data), *([key[0]] if key else [])]
    return "".join(f"{block.decode('ascii', 'replace').strip()}\n" for block in blocks)


def names_in(certificate_file: str) -> tuple[str, ...]:
    """The names of the first certificate of a file. Raises Unusable."""
    return _names(certificate_file, _chain(certificate_file, read_bytes(certificate_file))[0])


def read_bytes(file: str) -> bytes:
    """The content of a PEM file. Raises Unusable for whatever is not a readable file of a sensible size."""
    path = Path(file)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Unusable(file, "is not a file")
        if status.st_size > LARGEST:
            raise Unusable(file, f"has {status.st_size} bytes, more than any certificate")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unusable(file, f"cannot be read: {reason}", hint="check the owner, the mode and the link") from error


def _chain(file: str, data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN CERTIFICATE-----" not in data:
        if _PRIVATE_KEY.search(data):
            raise Unusable(file, "is a key without a certificate", severity="warning")
        # Parameters for Diffie-Hellman often lie beside certificates, with the same ending.
        quiet = b"-----BEGIN DH PARAMETERS-----" in data
        hint = "a DER file becomes PEM by `openssl x509 -inform der`"
        raise Unusable(file, "is not a certificate in PEM", hint=hint, quiet=quiet)
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise Unusable(file, "holds a certificate that cannot be parsed") from error


def _weakness(certificate: x509.Certificate) -> str:
    """What OpenSSL at security level 2 would refuse it for, or nothing."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "it has a key of an unknown kind"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        return f"it has an RSA key of {key.key_size} bits; at least 2048 are needed"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < 224:
        return f"it has a key on a curve of {key.curve.key_size} bits; at least 224 are needed"
    if not isinstance(
        key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
    ):
        return "it has a key that is neither RSA nor of an elliptic curve"
    # Nobody relies on the signature of a self-signed certificate, and OpenSSL does not look at it.
    algorithm = _signature_hash(certificate)
    if algorithm in ("sha1", "md5") and certificate.issuer != certificate.subject:
        return f"it is signed with {algorithm.upper().replace('SHA1', 'SHA-1')}"
    return ""


def _signature_hash(certificate: x509.Certificate) -> str:
    try:
        algorithm = certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return algorithm.name if algorithm else ""


def _check_key(chain: list[x509.Certificate], certificate_file: str, key_file: str, data: bytes) -> None:
    found = _PRIVATE_KEY.search(data)
    if not found and key_file == certificate_file:
        raise Unusable(
            certificate_file,
            "is a certificate without a key",
            hint="put the key beside it",
            quiet=_is_trust_anchor(chain),
        )
    if not found:
        raise Unusable(key_file, "is not a private key in PEM")
    public = _public_key(key_file, found[0])
    if public == _spki(chain[0]):
        return
    if any(public == _spki(other) for other in chain[1:]):
        raise Unusable(certificate_file, "does not begin with the key's certificate", hint="the chain comes after it")
    beside = "" if key_file == certificate_file else f" {Path(certificate_file).name}"
    raise Unusable(key_file, f"the key does not match the certificate{beside}")


def _public_key(file: str, pem: bytes) -> bytes:
    if b"ENCRYPTED" in pem:
        raise Unusable(file, "the key is encrypted", hint="a proxy starts without a person; write it by `openssl pkey`")
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unusable(file, "holds a private key that cannot be parsed") from error
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _is_trust_anchor(chain: list[x509.Certificate]) -> bool:
    """An authority's certificate that names no host: it lies here to check others with, not to be served."""
    try:
        constraints = chain[0].extensions.get_extension_for_class(x509.BasicConstraints).value
        return constraints.ca and not _alternative_names(chain[0])
    except (x509.ExtensionNotFound, ValueError):
        return False


def _names(file: str, certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = _alternative_names(certificate)
        if found is None:
            common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            found = [str(each.value) for each in common]
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise Unusable(file, "holds a certificate whose names cannot be parsed") from error
    plain = {name.lower().removesuffix(".") for name in found}
    return tuple(sorted(name for name in plain if _HOST_NAME.fullmatch(name) or _is_address(name)))


def _alternative_names(certificate: x509.Certificate) -> list[str] | None:
    """None where the extension is missing: only then the common name counts (RFC 6125, 6.4.4)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    return names.get_values_for_type(x509.DNSName) + [str(each) for each in names.get_values_for_type(x509.IPAddress)]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
