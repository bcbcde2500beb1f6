"""The demo: three servers come up, `fairway watch` makes nginx follow them, and real requests show it.

Exit code 0 when everything was as promised, 1 when not; what was started is ended in any case.
"""

from __future__ import annotations

import datetime
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.demo_servers import Servers, start_servers
from tests.support.http import Reply, http_get
from tests.support.wait import eventually

HTTP, HTTPS = ("127.0.0.1", 18080), ("127.0.0.1", 18443)
HOST = "shop.example"
# Each is one `--set KEY=VALUE`; {certificates} is a directory with <name>.crt and <name>.key.
SETTINGS = (
    f"listeners.web={HTTP[0]}:{HTTP[1]}",
    f"listeners.websecure={HTTPS[0]}:{HTTPS[1]}",
    "certificates={certificates}",
)
SHOP = {"fairway.host": HOST}
LABELS = {
    "shop-1": SHOP,
    "shop-2": SHOP,
    "admin": {
        "fairway.routes.admin.host": HOST,
        "fairway.routes.admin.path": "/admin",
        "fairway.routes.beta.host": HOST,
        "fairway.routes.beta.headers.X-Beta": "yes",
        "fairway.routes.cached.host": HOST,
        "fairway.routes.cached.path": "/cacheable",
        "fairway.routes.cached.cache.ttl": "60s",
    },
}


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fairway-demo-")))
            servers = start_servers(stack, directory, LABELS)
            print(f"Three servers are up ({servers.source[0].lstrip('-')}): {', '.join(LABELS)}.")
            stack.enter_context(watching(directory, servers))
            print(f"fairway watch runs, and nginx answers on {HTTP[1]} and {HTTPS[1]}.")
            show(servers)
    except (AssertionError, OSError, RuntimeError) as trouble:
        print(f"Not as promised: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; everything is cleaned up.", file=sys.stderr)
        return 130
    print("All as promised.")
    return 0


@contextmanager
def watching(directory: Path, servers: Servers) -> Iterator[None]:
    """Runs `fairway watch` from its first confirmed configuration until the end of the block."""
    command = shutil.which("fairway")
    if command is None:
        raise RuntimeError("there is no command fairway; run scripts/setup")
    certificates, log = directory / "certificates", directory / "watch.log"
    write_certificate(certificates)
    settings = [part for item in SETTINGS for part in ("--set", item.format(certificates=certificates))]
    arguments = [command, "watch", *servers.source, "--directory", str(directory / "nginx"), *settings]
    with log.open("wb") as stderr, subprocess.Popen(arguments, stderr=stderr) as process:
        try:
            eventually(lambda: is_confirmed(process, log), timeout=30, message="the word 'confirmed' of fairway watch")
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def is_confirmed(process: subprocess.Popen[bytes], log: Path) -> bool:
    said = log.read_text(errors="replace")
    if process.poll() is not None:
        raise RuntimeError(f"fairway watch ended with {process.returncode}:\n{said}")
    return "confirmed" in said


def show(servers: Servers) -> None:
    promise("by host and path: /admin is the admin server's", instance(ask("/admin")) == "admin")
    promise("by header: X-Beta: yes is the admin server's too", instance(ask("/", {"X-Beta": "yes"})) == "admin")
    promise("round-robin: both shops answer", instances(8) == {"shop-1", "shop-2"})
    promise("by host: an unknown host reaches nobody", b"instance" not in http_get(HTTP, host="no.example").body)
    states = [ask("/cacheable").header("X-Cache-Status") for _ in range(2)]
    promise(f"cache: MISS, then HIT (seen: {', '.join(states)})", states == ["MISS", "HIT"])
    secure = http_get(HTTPS, host=HOST, tls=True)
    promise("TLS: a shop answers on the secure listener", instance(secure) in LABELS)
    servers.stop("shop-2")
    eventually(lambda: instances(8) == {"shop-1"}, timeout=20, message="that shop-2 is no longer asked")
    promise("gone: shop-2 went away and is no longer asked", instances(8) == {"shop-1"})


def promise(what: str, kept: bool) -> None:
    print(f"  {'ok  ' if kept else 'FAIL'} {what}")
    if not kept:
        raise AssertionError(what)


def ask(path: str, headers: dict[str, str] | None = None) -> Reply:
    return http_get(HTTP, host=HOST, path=path, headers=headers or {})


def instance(reply: Reply) -> str:
    return str(reply.json()["instance"]) if reply.status == 200 else f"status {reply.status}"


def instances(requests: int) -> set[str]:
    return {instance(ask("/")) for _ in range(requests)}


def write_certificate(directory: Path) -> None:
    """A self-signed certificate for HOST, good for a day."""
    directory.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (directory / f"{HOST}.crt").write_bytes(certificate.public_bytes(pem))
    secret = directory / f"{HOST}.key"
    secret.touch(mode=0o600)
    secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


if __name__ == "__main__":
    sys.exit(main())
