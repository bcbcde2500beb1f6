"""Whether a proxy itself takes a configuration: its own check, in a directory where everything it names exists."""

from __future__ import annotations

import datetime
import subprocess
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gen.bundle import Bundle
from gen.model import Model
from gen.policies import UpstreamTls
from gen.proxies.nginx.capabilities import MODULES, STREAM
from tests.support.binaries import capabilities, newest


def complaints(bundle: Bundle, model: Model, directory: Path) -> str:
    """What the proxy's own check says of a bundle; empty when it takes it without a word."""
    for name in ("run/inner", "temp", "cache", "tls", "auth", "ca"):
        (directory / name).mkdir(exist_ok=True, parents=True)
    for certificate in model.certificates:
        chain, key = _self_signed()
        Path(_moved(certificate.certificate_file, model, directory)).write_bytes(chain)
        Path(_moved(certificate.key_file, model, directory)).write_bytes(key)
        Path(_moved(certificate.certificate_file, model, directory)).with_suffix(".both").write_bytes(chain + key)
    for policy in (policy for upstream in model.upstreams for policy in upstream.policies):
        if isinstance(policy, UpstreamTls):
            (directory / "ca" / policy.ca).write_bytes(_self_signed()[0])
    for file in bundle.files:
        place = directory / file.name
        place.parent.mkdir(exist_ok=True)
        content = b"".join(_self_signed()) if file.name.endswith(".pem") else file.content
        place.write_text(_moved(content.decode(), model, directory))
    return _CHECKS[bundle.main](directory)


def _nginx(directory: Path) -> str:
    command = ["nginx", "-t", "-q", "-p", str(directory), "-c", str(directory / "nginx.conf")]
    has_streams = "\nstream {" in (directory / "nginx.conf").read_text()
    done = _run(*command, "-g", f"pid {directory}/nginx.pid;" + (_stream_module() if has_streams else ""))
    return done.stderr if done.returncode or "[warn]" in done.stderr else ""


def _haproxy(directory: Path) -> str:
    """The oldest supported version and the newest one: what a version gives up, it warns of first."""
    for binary in dict.fromkeys(("haproxy", newest("haproxy"))):
        done = _run(binary, "-c", "-f", str(directory / "haproxy.cfg"))
        warned = [line for line in done.stderr.split("\n") if "[WARNING]" in line and "could not resolve" not in line]
        if done.returncode or warned:
            return f"{binary}: {done.stderr}"
    return ""


_CHECKS = {"nginx.conf": _nginx, "haproxy.cfg": _haproxy}


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def _stream_module() -> str:
    """What loads the system's stream module: a case shows what an nginx is told that has it built in."""
    known = capabilities("nginx")
    if not known & STREAM:
        pytest.skip("this nginx has no stream module (Debian: libnginx-mod-stream)")
    return "".join(f" load_module {path};" for name, path in MODULES.items() if name in known)


def _moved(text: str, model: Model, directory: Path) -> str:
    authorities = model.settings.ca_files
    text = text.replace(f"{authorities}/", f"{directory}/ca/") if authorities else text
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
