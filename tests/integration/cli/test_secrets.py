"""A world full of secrets: none of them is where other users of the machine, or readers of a pipeline, may read."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import subprocess
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gen.cli.group import COMMANDS
from gen.status.answers import Answers
from gen.status.board import Board
from tests.integration.serving import children
from tests.support.cli import arguments, environment, fairway
from tests.support.proxy import free_port
from tests.support.tls import make_certificate
from tests.support.wait import eventually

PLANTED = re.compile(r"planted[A-Za-z0-9]+")
HASHED = "plantedHashOfAUser0000000000000000000000000"
HASH = f"$5$Q2wE4rT6${HASHED}"
LABELS = {
    "fairway.host": "a.test",
    "fairway.basic_auth.users": f"alice:{HASH.replace('$', '$$')}",
    "fairway.request_headers.Authorization": "Bearer plantedBearer",
    "fairway.request_headers.X-Env": "${CI_TOKEN}",
    "fairway.response_headers.Set-Cookie": "session=plantedCookie",
    "fairway.routes.b.host": "b.test",
    "fairway.routes.b.headers.X-Api-Key": "plantedKey",
    "fairway.routes.b.query.v": "${CI_QUERY}",
    "fairway.routes.c.host": "c.test",
    "fairway.routes.c.basic_auth.file": "team",
    "fairway.routes.c.basic_auth.realm": "${CI_REALM}",
    "traefik.http.middlewares.a.basicauth.users": "bob:plantedOfAnotherTool",
    "com.example.token": "plantedToken",
}
MISTAKES = {
    "fairway.host": "bad.test",
    "fairway.basic_auth.users": "plantedPassword",
    "fairway.routes.b.host": "bad-b.test",
    "fairway.routes.b.basic_auth.users": "$$apr1$$Q2wE4rT6$$plantedHashBeforeTheName:alice",
    "fairway.routes.c.host": "bad-c.test",
    "fairway.routes.c.rate_limit.rate": "${CI_TOKEN}",
    "fairway.routes.d.host": "bad-d.test",
    "fairway.routes.d.redirect.to": "ftp://u:plantedOfUrl@x.test/",
    "fairway.routes.e.host": "bad-e.test",
    "fairway.routes.e.headers.Cookie": "plantedCondition\a",
    "fairway.routes.f.host": "f.test",
    "fairway.routes.f.redirect.to": "https://u:plantedOfRedirect@x.test/",
}
VARIABLES = {"CI_TOKEN": "plantedCiToken", "CI_QUERY": "plantedCiQuery", "CI_REALM": "plantedCiRealm"}
ROUTES = {"routes": {"nas": {"host": "nas.test", "servers": ["http://u:plantedOfServer@10.0.0.5"]}}}
COMMAND_LINES = {
    "routes": (("routes",), ("routes", "--format=json"), ("routes", "--format=svg"), ("routes", "--format=html")),
    "networks": (("networks",), ("networks", "--format=json"), ("networks", "--format=dot")),
    "explain": (
        ("explain", "http://a.test/"),
        ("explain", "http://b.test/?v=1", "--format=json"),
    ),
    "doctor": (("doctor",), ("doctor", "--format=json"), ("doctor", "a")),
    "check": (("check",), ("check", "--format=json"), ("check", "--format=sarif"), ("check", "--format=github")),
    "render": (("render", "-o", "rendered"),),
    "plan": (("plan", "--out=plan.json"), ("plan", "--format=json"), ("plan", "--format=markdown")),
    "apply": (("apply", "--auto", "--format=json"),),
    "publish": (),  # reads a swarm alone
    "health": (("health",),),
    "snapshot": (("snapshot",), ("snapshot", "-o", "world.json")),
    "schema": (("schema", "labels"),),
    "diff": (),  # prints two files that its user names
    "watch": (),  # runs meanwhile, below
}

WORLDLESS = ("schema", "health")
"""Commands that read no labels."""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    services = {
        name: {"image": "x", "expose": ["80"], "labels": labels, "environment": {"DB": "plantedEnvironment"}}
        for name, labels in (("a", LABELS), ("bad", MISTAKES))
    }
    inputs = tmp_path / "inputs"
    for folder in ("users", "certs", "routes"):
        (inputs / folder).mkdir(parents=True)
    (inputs / "compose.yml").write_text(json.dumps({"services": services}))
    (inputs / "routes/nas.yml").write_text(json.dumps(ROUTES))
    (inputs / "users/team").write_text(f"carol:{HASH}\n")
    made = make_certificate(inputs / "certs", "a.test", names=("a.test",))
    (inputs / "key").write_text(Path(made.key).read_text().split("\n")[1])
    for path in (tmp_path, *inputs.rglob("*")):
        path.chmod(0o755)
    return tmp_path


def flags(world: Path, proxy: str, *more: str) -> tuple[str, ...]:
    inputs = world / "inputs"
    settings = {"user_files": inputs / "users", "certificates": inputs / "certs", "route_files": inputs / "routes"}
    return (
        "-f",
        str(inputs / "compose.yml"),
        f"--proxy={proxy}",
        f"--directory={world / 'd'}",
        *(f"--set={name}={value}" for name, value in settings.items()),
        *more,
    )


@contextmanager
def watching(world: Path, words: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    with (world / "log").open("wb") as log, (world / "out").open("wb") as out:
        process = subprocess.Popen(
            arguments("watch", *words), cwd=world, env=environment(**VARIABLES), stdout=out, stderr=log
        )
        try:
            eventually(lambda: "confirmed" in (world / "log").read_text(), timeout=40, message="the first release")
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def readable_files(world: Path) -> Iterator[tuple[str, str]]:
    """All that other users may read, but for what the test itself wrote."""
    for path in world.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o004 and world / "inputs" not in path.parents:
            yield str(path.relative_to(world)), path.read_bytes().decode("latin-1")


def open_sockets(world: Path) -> Iterator[tuple[str, str]]:
    """What sockets that other users may write to answer."""
    for path in world.rglob("*"):
        if stat.S_ISSOCK(path.stat().st_mode) and path.stat().st_mode & 0o002:
            for question in (b"GET / HTTP/1.0\r\n\r\n", b"GET /digest HTTP/1.0\r\n\r\n", b"show info\n"):
                with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
                    client.settimeout(5)
                    client.connect(str(path))
                    client.sendall(question)
                    yield path.name, client.recv(1 << 20).decode("latin-1")


def pages(port: int) -> Iterator[tuple[str, str]]:
    """Every answer of the status server, and whatever these lead to."""
    known = Answers(Board(), lambda: None).answer("/nowhere").body.decode().partition(": ")[2].split()
    asked = ["/?word=a", "/?url=http%3A%2F%2Fa.test%2F&format=json", *known]
    for path in asked:
        with suppress(OSError):
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20).read().decode()
            asked += sorted(set(re.findall(r"\"(/(?:releases|[a-z]+)/[^\"#]+)\"", text)) - set(asked))
            yield path, text


def processes(pid: int) -> Iterator[tuple[str, str]]:
    for child in (pid, *children(pid)):
        yield f"process {child}", Path(f"/proc/{child}/cmdline").read_text()
        yield from processes(child) if child != pid else ()


def told(found: Iterable[tuple[str, str]], world: Path) -> set[tuple[str, str]]:
    """Where which secret is."""
    key = (world / "inputs/key").read_text()
    return {(name, secret) for name, text in found for secret in (*PLANTED.findall(text), *[key] * (key in text))}


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_a_daemon_leaves_no_secret_where_others_may_read(world: Path, proxy: str) -> None:
    port = free_port()
    listeners = f"--set=listeners=web=127.0.0.1:{free_port()},secure=127.0.0.1:{free_port()}/tls"
    with watching(world, flags(world, proxy, listeners, f"--set=status=127.0.0.1:{port}")) as daemon:
        found = [*pages(port), *processes(daemon.pid), *open_sockets(world), *readable_files(world)]
    assert {"log", "out", "/", "/routes", "/problems", "/releases"} <= {name for name, _ in found}
    assert told(found, world) == set()
    private = "".join(path.read_text() for path in (world / "d/current").resolve().rglob("*") if path.is_file())
    assert {"plantedBearer", "plantedCiToken", HASHED} <= set(PLANTED.findall(private))


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_tells_no_secret(world: Path, command: str, proxy: str) -> None:
    found = []
    for line in COMMAND_LINES[command]:
        words = flags(world, proxy, "--set=listeners=web=8080,secure=8443/tls") if command not in WORLDLESS else ()
        ran = fairway(*line, *words, cwd=world, **VARIABLES, FAIRWAY_CONTROL="none")
        assert "Traceback" not in ran.err
        assert ran.code != 64, ran.err
        found.append((" ".join(line), ran.out + ran.err))
    assert told([*found, *readable_files(world)], world) == set()
