"""Templates of an operator's own with each proxy's binaries: what they add is served, what they lose ends the run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.binaries import BINARIES, modules, proxy_of
from tests.support.cli import ROOT, Ran

Run = Callable[..., Ran]
README = (ROOT / "templates" / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"`mine/(\S+\.j2)`:\n\n```jinja\n(.*?)```", README, re.DOTALL))
LINES = {
    "nginx/nginx.conf.j2": {
        "main": "\npcre_jit on;",
        "events": "\n    multi_accept on;",
        "http_start": "\n    client_header_timeout 50s;",
        "http_end": "\n    client_body_timeout 50s;",
    },
    "nginx/server.j2": {"server_start": "\n        etag off;", "server_end": "\n        max_ranges 1;"},
    "nginx/upstream.j2": {"upstream_end": "\n        keepalive_requests 500;"},
    "nginx/stream.j2": {"stream_start": "\n    tcp_nodelay off;", "stream_end": "\n    preread_buffer_size 8k;"},
    "nginx/stream_server.j2": {
        "server_start": "\n        proxy_buffer_size 8k;",
        "server_end": "\n        proxy_timeout 50s;",
    },
    "haproxy/haproxy.cfg.j2": {
        "global": "\n    tune.maxrewrite 1000",
        "defaults": "\n    option tcp-smart-connect",
        "stream_defaults": "\n    option independent-streams",
        "sections": "\n\nuserlist mine\n    user a insecure-password b",
    },
    "haproxy/frontend.j2": {
        "frontend_start": "\n    http-request set-var(txn.first) str(a)",
        "frontend_end": "\n    http-request set-var(txn.last) str(b)",
    },
    "haproxy/stream.j2": {"frontend_start": "\n    option tcp-smart-accept"},
    "haproxy/backend.j2": {"backend_start": "\n    option srvtcpka", "backend_end": "\n    fullconn 500"},
}  # fmt: skip


@pytest.fixture(params=BINARIES)
def checked(
    request: pytest.FixtureRequest, run: Run, compose: Callable[..., None], tmp_path: Path
) -> Callable[..., Ran]:
    """Runs a command with templates, on each binary: `checked("check", {path: text})`."""
    binary = request.param
    (tmp_path / "fairway.yml").write_text("routes: {nas: {servers: '10.0.0.5:80', host: nas.test}}\n", encoding="utf-8")
    tcp = {"fairway.tcp.db.port": "5432", "fairway.tcp.db.ip_allow": "10.0.0.0/8"}
    compose(guarded={"fairway.host": "a.test", "fairway.ip_allow": "10.0.0.0/8", "fairway.rate_limit": "9/s"}, db=tcp)
    flags = [f"--proxy={proxy_of(binary)}", f"--set=proxy_binary={BINARIES[binary]}", "--set=templates=mine"]
    flags += [f"--set=nginx_modules={modules(binary)}"] if modules(binary) else []
    flags += ["--set=listeners=web=8080, db=5432/tcp"]

    def does(command: str, own: dict[str, str], *words: str) -> Ran:
        for name, text in own.items():
            (tmp_path / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "mine" / name).write_text(text, encoding="utf-8")
        return run(command, *words, "-f", "compose.yml", *flags)

    does.proxy = proxy_of(binary)  # type: ignore[attr-defined]
    return does


def extended(name: str, blocks: dict[str, str]) -> str:
    written = "".join(f"\n{{% block {block} %}}{text}{{% endblock %}}" for block, text in blocks.items())
    return f'{{% extends "shipped/{name}" %}}{written}'


def test_each_block_of_the_shipped_templates_is_filled_here() -> None:
    found = {
        path.relative_to(ROOT / "templates").as_posix(): set(re.findall(r"{%- block (\w+) %}", path.read_text()))
        for path in (ROOT / "templates").rglob("*.j2")
    }
    assert {name: blocks for name, blocks in found.items() if blocks} == {
        name: set(found) for name, found in LINES.items()
    }
    table = dict(re.findall(r"\| `(\w+/\S+\.j2)` \| (.*) \|", README))
    assert {name: set(re.findall(r"`(\w+)`", blocks)) for name, blocks in table.items()} == {
        name: set(blocks) for name, blocks in LINES.items()
    }


def test_what_fills_a_block_is_served(checked: Callable[..., Ran]) -> None:
    own = {name: extended(name, blocks) for name, blocks in LINES.items()}
    done = checked("check", own)
    assert (done.code, done.err) == (0, "4 routes, 0 errors, 0 warnings\n"), done
    shown = checked("render", {}).out
    for name, blocks in LINES.items():
        if name.startswith(checked.proxy):  # type: ignore[attr-defined]
            assert [text for text in blocks.values() if text not in shown] == []


def test_the_examples_of_the_document_are_taken(checked: Callable[..., Ran]) -> None:
    assert len(EXAMPLES) == 3
    done = checked("check", EXAMPLES)
    assert (done.code, done.err) == (0, "4 routes, 0 errors, 0 warnings\n"), done


def test_nothing_says_that_a_guard_is_kept_which_a_template_lost(checked: Callable[..., Ran]) -> None:
    proxy = checked.proxy  # type: ignore[attr-defined]
    own = {f"{proxy}/policies/ip_allow.j2": "{% macro stream(policy, it) %}{% endmacro %}"}
    for command, *words in (("explain", "http://a.test/"), ("check",)):
        done = checked(command, own, *words)
        assert done.code == 65, (command, done)
        assert f"/mine/{proxy}/policies/ip_allow.j2: the slot " in done.err
        assert "which has the guard ip_allow" in done.err


def test_a_word_that_the_proxy_does_not_know_is_the_templates_fault(checked: Callable[..., Ran]) -> None:
    proxy = checked.proxy  # type: ignore[attr-defined]
    text = (ROOT / "templates" / proxy / "policies" / "rate_limit.j2").read_text(encoding="utf-8")
    wrong = text.replace("limit_req_status", "no_such_word").replace("http-request track", "no-such-word track")
    done = checked("check", {f"{proxy}/policies/rate_limit.j2": wrong})
    assert done.code == 65, done
    assert f"/mine/{proxy}/policies/rate_limit.j2 makes: " in done.err
    assert "no label is at fault" in done.err
