"""The certificate for hosts that no other covers: made once, signed by itself, kept while it is valid.

Beside the chain: whoever sets up the state directory calls it before the first build.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gen.certificate import Certificate
from gen.errors import DirectoryError, SettingsError
from gen.sources.certificate_files import Pair, Unusable, names_in, read_pair
from gen.sources.certificates import DEFAULT_NAME, SOON

HOST = "fairway.invalid"
"""A name that no client asks for (RFC 6761, 6.4): by it we know our own certificate."""

_LIFE = timedelta(days=3650)


def ensure_default(directory: str, *, inside: str = "", now: float) -> Certificate:
    """The default certificate of `directory`, made where it is missing or about to expire.

    Somebody's own `default.crt` and `default.key` are used as they are and never overwritten. `now` is UTC seconds
    since 1970. Raises DirectoryError when the directory cannot be written, SettingsError when somebody's own pair
    cannot be used.
    """
    folder = Path(directory).absolute()
    certificate_file, key_file = folder / f"{DEFAULT_NAME}.crt", folder / f"{DEFAULT_NAME}.key"
    try:
        pair = _usable(certificate_file, key_file, now)
        if not pair:
            folder.mkdir(parents=True, exist_ok=True)
            _make(certificate_file, key_file, now)
            pair = read_pair(str(certificate_file), str(key_file))
        _join(folder / f"{DEFAULT_NAME}.both", pair.pem.reveal().encode())
    except OSError as error:
        raise DirectoryError(f"{folder}: the default certificate cannot be written: {error.strerror}") from error
    seen = Path(inside) if inside else folder
    return Certificate(
        name=DEFAULT_NAME,
        names=pair.names,
        certificate_file=str(seen / certificate_file.name),
        key_file=str(seen / key_file.name),
        not_before=pair.not_before,
        not_after=pair.not_after,
        fingerprint=pair.fingerprint,
        is_default=True,
        pem=pair.pem,
    )


def _usable(certificate_file: Path, key_file: Path, now: float) -> Pair | None:
    """What is there and may stay; None where a new pair is to be written."""
    if not os.path.lexists(certificate_file) and not os.path.lexists(key_file):
        return None
    try:
        pair = read_pair(str(certificate_file), str(key_file))
    except Unusable as error:
        if _is_ours(certificate_file):
            return None
        message = f"{error.file}: {error}"
        raise SettingsError(message, hint="repair the default certificate, or remove both files") from error
    if pair.not_before <= now <= pair.not_after - SOON:
        return pair
    if _is_ours(certificate_file):
        return None
    if now <= pair.not_after:
        return pair
    raise SettingsError(f"{certificate_file}: the default certificate expired", hint="renew it, or remove both files")


def _is_ours(certificate_file: Path) -> bool:
    try:
        return names_in(str(certificate_file)) == (HOST,)
    except Unusable:
        return False


def _make(certificate_file: Path, key_file: Path, now: float) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    start = datetime.fromtimestamp(now, UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # The certificate first: if this is cut short, the pair does not match and is still known as ours.
    _write(certificate_file, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
    _write(key_file, pem, mode=0o600)


def _join(file: Path, data: bytes) -> None:
    """Both in one file, for a proxy that wants it so."""
    if not file.exists() or file.read_bytes() != data:
        _write(file, data, mode=0o600)


def _write(file: Path, data: bytes, *, mode: int) -> None:
    """Written beside it, flushed and renamed; the leading dot keeps the unfinished file out of every reading."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
