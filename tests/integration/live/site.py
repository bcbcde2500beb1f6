"""Small hand-written bundles of a HAProxy's configuration, and a real HAProxy that is changed from one to the next."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from gen.apply import Applied, Applier, Directory
from gen.bundle import Bundle, File
from gen.control import Supervised
from gen.control.runtime import Conversation
from gen.proxies.haproxy.capabilities import PROBES
from gen.proxies.haproxy.commands import HaproxyCommands
from tests.support.binaries import asked
from tests.support.http import Reply, http_get
from tests.support.proxy import free_port
from tests.support.servers import Server

ROUND_ROBIN = ("balance roundrobin",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What there is in a configuration; the rest is always the same. Backends: name → body lines and server lines."""

    run: Path
    port: int
    tls: int = 0
    backends: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    frontend: str = ""
    defaults: str = "option idle-close-on-response"

    def backend(self, name: str, *lines: str) -> Config:
        """With another backend, or this one changed."""
        return replace(self, backends={**self.backends, name: lines})

    def without(self, name: str) -> Config:
        backends = {known: lines for known, lines in self.backends.items() if known != name}
        hosts = {host: known for host, known in self.hosts.items() if known != name}
        return replace(self, backends=backends, hosts=hosts)

    def host(self, host: str, backend: str) -> Config:
        return replace(self, hosts={**self.hosts, host: backend})

    def file(self, name: str, content: bytes) -> Config:
        return replace(self, files={**self.files, name: content})

    def bundle(self) -> Bundle:
        hosts = "".join(f"{key} {value}\n" for key, value in sorted({".": "-", **self.hosts}.items()))
        files = {"haproxy.cfg": self._text().encode(), "maps/hosts.map": hosts.encode(), **self.files}
        digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
        files["maps/release.map"] = f"digest {digest}\n".encode()
        sorted_files = tuple(File(name=name, content=files[name]) for name in sorted(files))
        return Bundle(main="haproxy.cfg", files=sorted_files, digest=digest)

    def _text(self) -> str:
        backends = "\n".join(
            "\n    ".join((f"backend {name} from up", *lines)) + "\n" for name, lines in sorted(self.backends.items())
        )
        tls = f"    bind 127.0.0.1:{self.tls} ssl crt-list certs/web.list\n" if self.tls else ""
        return f"""global
    default-path config
    stats socket {self.run}/admin.sock mode 600 level admin expose-fd listeners
    hard-stop-after 3s

defaults up
    mode http
    timeout connect 1s
    timeout client 20s
    timeout server 20s
    {self.defaults}

frontend fe_web from up
    bind 127.0.0.1:{self.port}
{tls}    {self.frontend}
    http-request set-var(txn.be) req.hdr(host),map_str(maps/hosts.map)
    use_backend %[var(txn.be)]

{backends}
frontend fe_confirm from up
    bind unix@{self.run}/confirm.sock mode 600
    http-request return status 200 content-type text/plain lf-string '%[str(digest),map_str(maps/release.map)]'
"""


def line(server: Server, *words: str, weight: int = 100) -> str:
    """A server line whose name says where it is."""
    keywords = " ".join(words)
    return f"server s_{server.port} 127.0.0.1:{server.port} id {server.port} weight {weight} {keywords}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A HAProxy and what it was told."""

    directory: Directory
    control: Supervised
    commands: HaproxyCommands
    applier: Applier
    config: Config
    binary: str

    def apply(self, config: Config) -> Applied:
        outcome = self.applier.apply(config.bundle())
        assert isinstance(outcome, Applied), repr(outcome)
        return outcome

    def live(self, config: Config) -> None:
        """Has to go without a reload, and to be what a reload would make of it."""
        outcome = self.apply(config)
        assert (outcome.how, outcome.reasons, outcome.repaired) == ("live", (), ""), repr(outcome)
        assert self.applier.settle() is None

    def ask(self, *lines: str) -> list[str]:
        with Conversation(Path(self.directory.layout.admin)) as talk:
            return talk.ask(lines)

    def get(self, host: str) -> Reply:
        return http_get(("127.0.0.1", self.config.port), host=host)

    def who(self, host: str, times: int = 12) -> set[str]:
        """Who answers for a host; the status where nobody does."""
        replies = [self.get(host) for _ in range(times)]
        return {reply.json()["server"] if reply.status == 200 else str(reply.status) for reply in replies}

    def servers(self, backend: str) -> list[tuple[str, ...]]:
        """Name, address, port, weight and administrative state of each."""
        rows = [row.split() for row in self.ask(f"show servers state {backend}")[0].splitlines()[2:]]
        return sorted((row[3], row[4], row[18], row[7], row[6]) for row in rows)

    def worker(self) -> str:
        return next(row for row in self.ask("show info")[0].splitlines() if row.startswith("Pid:"))


@cache
def can(binary: str) -> frozenset[str]:
    """What this HAProxy can do while it runs."""
    return asked(binary, [probe for probe in PROBES if probe.since])


@contextmanager
def running_site(binary: str) -> Iterator[Site]:
    """Everything under a short path of its own; ends what was started."""
    root = Path(tempfile.mkdtemp(prefix="fairway-"))
    commands = HaproxyCommands(binary=binary)
    directory = Directory(root)
    control = Supervised(commands, root, grace=3.0)
    applier = Applier(directory, control, commands, capabilities=can(binary))
    config = Config(run=root / "run", port=free_port())
    try:
        yield Site(
            directory=directory, control=control, commands=commands, applier=applier, config=config, binary=binary
        )
    finally:
        control.stop()
        shutil.rmtree(root, ignore_errors=True)
