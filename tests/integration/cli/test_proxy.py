"""Commands with an nginx at hand, without one, and with one that cannot have its port."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.integration.cli.conftest import Run
from tests.support.cli import arguments, environment
from tests.support.wait import eventually


def test_without_nginx_watch_is_69_with_a_hint(run: Run, compose: Callable[..., None]) -> None:
    compose()
    ran = run("watch", "-f", "compose.yml", "--directory", "d", "--set", "proxy_binary=no-such-nginx")
    assert ran.code == 69
    assert "error: no-such-nginx: the binary is not on the PATH" in ran.err
    assert "  hint: install it" in ran.err


def test_without_nginx_check_says_that_its_check_was_not_made(run: Run, compose: Callable[..., None]) -> None:
    compose()
    text = run("check", "-f", "compose.yml", "--set", "proxy_binary=no-such-nginx")
    assert (text.code, text.out) == (0, "")
    assert text.err == "1 route, 0 errors, 0 warnings; no-such-nginx is not here, so its own check was not made\n"
    form = run("check", "-f", "compose.yml", "--set", "proxy_binary=no-such-nginx", "--format", "json")
    assert json.loads(form.out) == {"version": 1, "checked_by_proxy": False, "known": 0, "gone": 0, "problems": []}


def test_a_port_in_use_is_named(run: Run, compose: Callable[..., None]) -> None:
    compose()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("watch", "-f", "compose.yml", "--directory", "d", "--set", f"listeners=web=127.0.0.1:{port}")
    assert ran.code == 70
    assert f"error: port {port} on 127.0.0.1 is in use by another process" in ran.err


def test_a_second_watch_on_a_directory_is_75(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listener = f"listeners=web=127.0.0.1:{probe.getsockname()[1]}"
    words = ("watch", "-f", "compose.yml", "--directory", "d", "--set", listener, "--set", "access_log=off")
    log = tmp_path / "log"
    with (
        log.open("wb") as stderr,
        subprocess.Popen(arguments(*words), cwd=tmp_path, env=environment(), stderr=stderr) as first,
    ):
        try:
            eventually(lambda: "confirmed" in log.read_text(), timeout=30, message="the first release")
            second = run(*words)
            plan = run("plan", "-f", "compose.yml", "--directory", "d", *words[5:])
        finally:
            first.send_signal(signal.SIGINT)
            first.wait(20)
    assert second.code == 75
    assert (plan.code, plan.out, plan.err) == (0, "", "nothing would change\n")
    assert first.returncode == 0
    assert "stopped" in log.read_text()


def test_plan_says_in_words_what_would_come_and_go(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    assert run("render", "-f", "compose.yml", "-o", "d").code == 0
    compose(shop={"fairway.host": "shop.example", "fairway.basic_auth": "a:$$apr1$$fairway0$$u5NSu2iHXlHRirICrLQ/M0"})
    ran = run("plan", "-f", "compose.yml", "--directory", "d")
    assert ran.code == 2
    assert ran.out.startswith("+ route shop.example/ on web: ")
    assert "+        server_name shop.example;" in ran.out
    assert "(holds secrets: written)" in ran.out
    assert "u5NSu2iHXlHRirICrLQ" not in ran.out


def test_plan_compares_with_what_render_wrote_elsewhere(run: Run, compose: Callable[..., None]) -> None:
    compose(shop={"fairway.host": "shop.test"})
    assert run("render", "-f", "compose.yml", "-o", "out").code == 0
    same = run("plan", "-f", "compose.yml", "--against", "out")
    assert (same.code, same.out) == (0, "")
    compose(shop={"fairway.host": "store.test"})
    ran = run("plan", "-f", "compose.yml", "--against", "out")
    assert ran.code == 2
    assert "- route shop.test/ on web\n+ route store.test/ on web" in ran.out
