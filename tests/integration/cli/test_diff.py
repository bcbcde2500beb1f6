"""`fairway diff`: files, directories and releases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("without_proxy")


def test_what_render_wrote_is_compared_by_meaning(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    assert run("render", "-f", "compose.yml", "-o", "a").code == 0
    compose(more={"fairway.host": "more.example", "fairway.port": "80"})
    assert run("render", "-f", "compose.yml", "-o", "b").code == 0
    same = run("diff", "a", "a/nginx.conf")
    assert (same.code, same.out) == (0, "")
    found = run("diff", "a", "b")
    assert found.code == 2
    assert "+ http: server more.example on" in found.out
    data = json.loads(run("diff", "a", "b", "--format", "json").out)
    assert {one["kind"] for one in data} >= {"added"}


def test_included_files_are_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.conf").write_text("server { listen 80; server_name a.test; }\n", encoding="utf-8")
    (tmp_path / "nginx.conf").write_text("events {}\nhttp { include sites/*.conf; }\n", encoding="utf-8")
    (tmp_path / "one.conf").write_text("events {} http { server { listen 80; server_name a.test; } }", encoding="utf-8")
    assert run("diff", ".", "one.conf").code == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [("http {", "unexpected end of file"), ("include none.conf;", "none.conf"), ("\x00{", "nginx.conf")],
)
def test_what_is_no_configuration_is_named(run: Run, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    found = run("diff", "nginx.conf", "nginx.conf")
    assert (found.code, why in found.err) == (65, True), found.err


def test_a_directory_without_one_and_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = run("diff", "empty", "empty")
    assert (found.code, "there is no nginx.conf in it" in found.err) == (65, True)
    assert run("diff", "nothing", "empty").code == 65


def test_text_of_a_configuration_cannot_move_the_cursor(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("events {}\n", encoding="utf-8")
    (tmp_path / "b.conf").write_text('events {} env "A=\x1b[2J";\n', encoding="utf-8")
    found = run("diff", "a.conf", "b.conf")
    assert (found.code, "\x1b" in found.out) == (2, False)
