"""Whether nginx itself takes a configuration: its own check, in a directory where everything it names exists."""

from __future__ import annotations

import datetime
import subprocess
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gen.bundle import Bundle
from gen.model import Model


def complaints(bundle: Bundle, model: Model, directory: Path) -> str:
    """What `nginx -t` says of a bundle; empty when it takes it without a word."""
    for name in ("run", "temp", "cache", "tls", "auth"):
        (directory / name).mkdir(exist_ok=True)
    for certificate in model.certificates:
        chain, key = _self_signed()
        Path(_moved(certificate.certificate_file, model, directory)).write_bytes(chain)
        Path(_moved(certificate.key_file, model, directory)).write_bytes(key)
    for file in bundle.files:
        place = directory / file.name
        place.write_text(_moved(file.content.decode(), model, directory))
    command = ["nginx", "-t", "-q", "-p", str(directory), "-c", str(directory / bundle.main)]
    done = subprocess.run(
        [*command, "-g", f"pid {directory}/nginx.pid;"], capture_output=True, text=True, timeout=30, check=False
    )
    return done.stderr if done.returncode or "[warn]" in done.stderr else ""


def _moved(text: str, model: Model, directory: Path) -> str:
    return text.replace(model.settings.proxy_directory, str(directory))


@cache
def _self_signed() -> tuple[bytes, bytes]:
    """A certificate and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    start = datetime.datetime(2020, 1, 1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(datetime.datetime(2099, 1, 1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
