"""Small hand-written bundles, and a real nginx that serves them."""

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
from gen.proxies.nginx.commands import NginxCommands

TEMP = "".join(f"{kind}_temp_path temp/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    directory: Directory
    control: Supervised
    applier: Applier

    def bundle(self, port: int, text: str, *, http_block: str = "", server: str = "") -> Bundle:
        return bundle(self.directory, port, text, http_block=http_block, server=server)


def bundle(directory: Directory, port: int, text: str, *, http_block: str = "", server: str = "") -> Bundle:
    """One server that answers every request with `text`."""
    what = f"{port} {text} {http_block} {server}"
    digest = hashlib.sha256(what.encode()).hexdigest()[:16]
    conf = f"""error_log stderr error;
events {{}}
http {{
{TEMP}
access_log off;
{http_block}
server {{ listen unix:{directory.layout.socket}; location = /digest {{ return 200 "{digest}"; }} }}
server {{ listen 127.0.0.1:{port}; {server}
location / {{ return 200 "{text}"; }} }}
}}
"""
    return Bundle(main="nginx.conf", files=(File(name="nginx.conf", content=conf.encode()),), digest=digest)


@contextmanager
def running_site() -> Iterator[Site]:
    """Everything under a short path of its own; ends what was started."""
    root = Path(tempfile.mkdtemp(prefix="fairway-"))
    commands = NginxCommands()
    directory = Directory(root)
    control = Supervised(commands, root, grace=5.0)
    try:
        yield Site(directory=directory, control=control, applier=Applier(directory, control, commands))
    finally:
        control.stop()
        shutil.rmtree(root)
