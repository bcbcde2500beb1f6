"""Small hand-written bundles, and a real HAProxy that serves them."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gen.apply import Applier, Directory
from gen.bundle import Bundle, File
from gen.control import Supervised
from gen.proxies.haproxy.commands import HaproxyCommands
from tests.support.binaries import BINARIES, proxy_of

HAPROXIES = {name: path for name, path in BINARIES.items() if proxy_of(name) == "haproxy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    commands: HaproxyCommands
    directory: Directory
    control: Supervised
    applier: Applier

    def bundle(self, port: int, text: str, *, frontend: str = "", globally: str = "") -> Bundle:
        return bundle(self.directory, port, text, frontend=frontend, globally=globally)

    def install(self, bundle: Bundle) -> None:
        """Put it in place without asking anybody to serve it."""
        self.directory.prepare()
        self.directory.write(bundle)
        self.directory.switch(bundle.digest)


def bundle(directory: Directory, port: int, text: str, *, frontend: str = "", globally: str = "") -> Bundle:
    """One frontend that answers every request with `text`; more lines for it and for the global section."""
    what = f"{port} {text} {frontend} {globally}"
    digest = hashlib.sha256(what.encode()).hexdigest()
    run = directory.layout.run
    conf = f"""global
    default-path config
    stats socket {run}/admin.sock mode 600 level admin expose-fd listeners
    hard-stop-after 20s
    {globally}
defaults
    mode http
    timeout connect 1s
    timeout client 20s
    timeout server 1s
    option idle-close-on-response
frontend fe_web
    bind 127.0.0.1:{port}
    {frontend}
    http-request return status 200 content-type text/plain string {text}
frontend fe_confirm
    bind {run}/confirm.sock mode 600
    http-request return status 200 content-type text/plain lf-string %[str(digest),map_str(maps/release.map)]
"""
    files = (
        File(name="haproxy.cfg", content=conf.encode()),
        File(name="maps/release.map", content=f"digest {digest}\n".encode()),
    )
    return Bundle(main="haproxy.cfg", files=files, digest=digest)


@contextmanager
def running_site(binary: str) -> Iterator[Site]:
    """Everything under a short path of its own; ends what was started."""
    root = Path(tempfile.mkdtemp(prefix="fairway-"))
    commands = HaproxyCommands(binary=binary)
    directory = Directory(root)
    control = Supervised(commands, root, grace=5.0)
    try:
        yield Site(
            commands=commands, directory=directory, control=control, applier=Applier(directory, control, commands)
        )
    finally:
        control.stop()
        shutil.rmtree(root, ignore_errors=True)
