"""The demo: three servers come up, `fairway watch` makes a proxy follow them, and real requests show it.

Exit code 0 when everything was as promised, 1 when not, 130 when it was interrupted; what was started is ended in any
case. `--processes` leaves Docker out also where an engine answers; `--proxy haproxy` shows HAProxy instead of nginx.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.demo_servers import Labels, Servers, start_servers
from tests.support.http import Reply, http_get
from tests.support.wait import eventually

HOST = "shop.example"
LABELS: Labels = {
    "shop-1": {"fairway.host": HOST},
    "shop-2": {"fairway.host": HOST},
    "admin": {
        "fairway.routes.admin.host": HOST,
        "fairway.routes.admin.path": "/admin",
        "fairway.routes.beta.host": HOST,
        "fairway.routes.beta.headers.X-Beta": "yes",
        "fairway.routes.kept.host": HOST,
        "fairway.routes.kept.path": "/cacheable",
        "fairway.routes.kept.cache": "60s",
    },
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__, exit_on_error=False)
    parser.add_argument("--processes", action="store_true", help="without Docker")
    parser.add_argument("--proxy", choices=["nginx", "haproxy"], default="nginx", help="which proxy to show")
    try:
        chosen, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError as trouble:
        print(f"demo: {trouble}", file=sys.stderr)
        return 64
    if unknown:
        known = "--processes (without Docker) and --proxy nginx|haproxy"
        print(f"demo: {unknown[0]}: there is no such flag; there are {known}", file=sys.stderr)
        return 64
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        with ExitStack() as stack:
            run(stack, chosen.proxy, with_docker=not chosen.processes)
    except (AssertionError, OSError, RuntimeError) as trouble:
        print(f"Not as promised: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; everything that was started is gone.", file=sys.stderr)
        return 130
    print("All as promised, and everything that was started is gone.")
    return 0


def interrupt(*_: object) -> NoReturn:
    """Once: a second Ctrl-C must not disturb the cleaning up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def run(stack: ExitStack, proxy: str, *, with_docker: bool) -> None:
    if not shutil.which(proxy):
        raise RuntimeError(f"there is no {proxy} on this machine; install it, for example with: apt install {proxy}")
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fairway-demo-")))
    directory.chmod(0o755)  # the workers keep answers in there, as another user
    servers = start_servers(stack, directory, LABELS, with_docker=with_docker)
    say(f"Three servers are up: {servers.kind}. Their labels say where they are served:")
    for name, labels in LABELS.items():
        for key, value in labels.items():
            if not key.endswith(".host") or key == "fairway.host":
                say(f"  {name:<7} {key}={value}")
    site = stack.enter_context(watching(directory, servers, proxy))
    ports = f"{site.http[1]} and {site.https[1]}"
    say(f"fairway watch {servers.source[0]} reads them, and {proxy} follows on ports {ports}:")
    show(site, servers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the demo's proxy answers."""

    http: tuple[str, int]
    https: tuple[str, int]

    def ask(self, path: str = "/", headers: dict[str, str] | None = None) -> Reply:
        return http_get(self.http, host=HOST, path=path, headers=headers or {}, timeout=10)

    def instances(self, requests: int) -> list[str]:
        """Who answered each of some equal requests."""
        return [instance(self.ask()) for _ in range(requests)]


@contextmanager
def watching(directory: Path, servers: Servers, proxy: str) -> Iterator[Site]:
    """Runs `fairway watch` from its first confirmed release until the end of the block."""
    certificates, log = directory / "certificates", directory / "watch.log"
    write_certificate(certificates)
    site = Site(http=free_address(), https=free_address())
    listeners = f"listeners=web=127.0.0.1:{site.http[1]},websecure=127.0.0.1:{site.https[1]}/tls"
    command = [sys.executable, "-m", "gen", "watch", *servers.source, "--directory", str(directory / proxy)]
    command += ["--proxy", proxy, "--certificates", str(certificates)]
    for setting in (listeners, "access_log=off", "workers=1"):
        command += ["--set", setting]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FAIRWAY_")}
    with log.open("wb") as stderr, subprocess.Popen(command, stderr=stderr, env=clean) as process:
        try:
            eventually(lambda: is_confirmed(process, log), timeout=30, message="the word 'confirmed' of fairway watch")
            yield site
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


def show(site: Site, servers: Servers) -> None:
    eventually(lambda: len(set(site.instances(4))) == 2, timeout=30, message="answers of both instances")
    eventually(lambda: site.ask("/admin").status == 200, timeout=30, message="an answer of admin")
    known, strange = instance(site.ask()), http_get(site.http, host="no.example")
    promise("host", f"{HOST} -> {known}, no.example -> {instance(strange)}", known in LABELS and strange.status == 404)
    by_path, by_header = instance(site.ask("/admin")), instance(site.ask("/", {"X-Beta": "yes"}))
    promise("path", f"{HOST}/admin -> {by_path}", by_path == "admin")
    promise("header", f"{HOST} with X-Beta: yes -> {by_header}", by_header == "admin")
    seen = site.instances(4)
    promise("balance", f"4 requests -> {' '.join(seen)}", sorted(seen) == ["shop-1"] * 2 + ["shop-2"] * 2)
    states = [site.ask("/cacheable").header("X-Cache-Status") for _ in range(2)]
    promise("cache", f"{HOST}/cacheable twice -> {', then '.join(states)}", states == ["MISS", "HIT"])
    secure = instance(http_get(site.https, host=HOST, tls=True))
    promise("tls", f"https://{HOST} -> {secure}", secure in LABELS)
    servers.stop("shop-2")
    eventually(lambda: set(site.instances(4)) == {"shop-1"}, timeout=20, message="that shop-2 is no longer asked")
    seen = site.instances(4)
    promise("gone", f"shop-2 was stopped: 4 requests -> {' '.join(seen)}", seen == ["shop-1"] * 4)


def promise(name: str, what: str, kept: bool) -> None:
    say(f"  {'ok  ' if kept else 'FAIL'} {name:<8} {what}")
    if not kept:
        raise AssertionError(f"{name}: {what}")


def say(line: str) -> None:
    print(line, flush=True)


def instance(reply: Reply) -> str:
    return str(reply.json()["instance"]) if reply.status == 200 else str(reply.status)


def free_address() -> tuple[str, int]:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return ("127.0.0.1", int(probe.getsockname()[1]))


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
    sys.exit(main(sys.argv[1:]))
