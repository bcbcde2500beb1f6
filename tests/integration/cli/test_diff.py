"""`fairway diff`: files, directories and releases."""

from __future__ import annotations

import json
import re
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
    assert re.search(r"(?m)^http\n(  .*\n)*  \+ server more\.example on", found.out)
    assert re.search(r"^\d+ differences?: \d+ added", found.err)
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
    [
        ("http {", 'nginx.conf:1: unexpected end of file, expecting "}"'),
        ("a;\n}", 'nginx.conf:2: unexpected "}"'),
        ("http { server {\nlisten 80 } }", 'nginx.conf:2: directive "listen" is not terminated by ";"'),
        ("\n\ninclude none.conf;", "nginx.conf:3: include none.conf: there is no such file"),
        ("http { include part.conf; }", 'part.conf:2: directive "listen" is not terminated'),
        ("include nginx.conf;", "it includes too much, or itself"),
        ('a "b;', "nginx.conf: it ends within quotes"),
        ("\x00{", "nginx.conf: this is no text"),
        ("a {" * 20_000 + "}" * 20_000, "recursion"),
    ],
)
def test_what_is_no_configuration_is_named(run: Run, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    (tmp_path / "part.conf").write_text("server {\nlisten 80 }", encoding="utf-8")
    (tmp_path / "good.conf").write_text("events {}", encoding="utf-8")
    for words in (("nginx.conf", "good.conf"), ("good.conf", "nginx.conf")):
        found = run("diff", *words)
        assert (found.code, why in found.err, "Traceback" in found.err) == (65, True, False), found.err


@pytest.mark.parametrize(("path", "why"), [("/dev/zero", "not a regular file"), ("big", "larger than 64 MiB")])
def test_what_is_no_file_of_a_size_is_not_read(run: Run, tmp_path: Path, path: str, why: str) -> None:
    with (tmp_path / "big").open("wb") as big:
        big.truncate(65 * 1024 * 1024)
    found = run("diff", path, path)
    assert (found.code, why in found.err) == (65, True)


def test_a_copy_of_the_usual_directory_includes_what_lies_beside_it(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy [1]"
    (copy / "conf.d").mkdir(parents=True)
    (copy / "conf.d" / "a.conf").write_text("server { listen 80; server_name a.test; }", encoding="utf-8")
    (copy / "conf.d" / ".old.conf").write_text("server { listen 80; server_name old.test; }", encoding="utf-8")
    text = "events {} http { include /etc/nginx/conf.d/*.conf; }"
    (copy / "nginx.conf").write_text(text, encoding="utf-8")
    (tmp_path / "one.conf").write_text("events {} http { server { server_name a.test; } }", encoding="utf-8")
    assert run("diff", "copy [1]", "one.conf").code == 0


DUMP = """nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
# configuration file /etc/nginx/nginx.conf:
events {}
http { include /etc/nginx/conf.d/*.conf; }

# configuration file /etc/nginx/conf.d/a.conf:
server {
  server_name a.test;
  listen 80%s
}
"""


def test_what_nginx_dumps_is_read_from_a_file_or_the_standard_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.conf").write_text("events {} http { server { server_name a.test; } }", encoding="utf-8")
    (tmp_path / "dump").write_text(DUMP % ";", encoding="utf-8")
    assert run("diff", "dump", "one.conf").code == 0
    assert run("diff", "-", "one.conf", stdin=DUMP % ";").code == 0
    assert run("diff", "one.conf", "-", stdin="events {}").code == 2
    broken = run("diff", "one.conf", "-", stdin=DUMP % "")
    assert "standard input: /etc/nginx/conf.d/a.conf:4: directive" in broken.err
    for name, why in (("/../../x", "not the name of a file"), ("/", "no such file"), ("/" + "x" * 999, "no such file")):
        outside = run("diff", "one.conf", "-", stdin=f"# configuration file {name}:\n")
        assert (outside.code, why in outside.err, "Traceback" in outside.err) == (65, True, False), outside.err
    assert run("diff", "-", "-", stdin="").code == 64


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


def test_a_host_of_another_generator_is_compared_with_ours(
    run: Run, compose: Callable[..., None], tmp_path: Path
) -> None:
    compose()
    assert run("render", "-f", "compose.yml", "-o", "ours").code == 0
    theirs = """events {} http { proxy_set_header Host $host;
        server { server_name _; listen 80; location ^~ / { return 503; } }
        upstream good.example { server 172.18.0.2:80; keepalive 2; }
        server { server_name good.example; listen 80 ; location / { proxy_pass http://good.example; } } }"""
    (tmp_path / "theirs.conf").write_text(theirs, encoding="utf-8")
    out = run("diff", "theirs.conf", "ours").out
    assert (
        "\nhttp > server good.example on 80 > location /\n  ~ proxy_pass http://good.example [172.18.0.2:80] -> " in out
    )
    assert "[good:80]\n" in out
    assert "  ~ listen 80 -> listen 80 default_server\n" in out
    assert out.index("server good.example") < out.index("upstream good.example") < out.index("\nmain\n")
