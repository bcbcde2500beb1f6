"""`fairway doctor` as people call it: lines, the first wrong thing, the exit code; hostile labels; nothing is left."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run
from tests.support.proxy import free_port

SHOP = {"fairway.host": "shop.example"}


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that everybody may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="fw-") as found:
        Path(found).chmod(0o755)
        yield Path(found)


@pytest.fixture
def diagnose(run: Run, compose: Callable[..., None], place: Path) -> Run:
    compose(shop=SHOP, old={"fairwy.host": "old.example"})
    port = f"--set=listeners=web={free_port()}"
    return lambda *words: run("doctor", *words, "-f", "compose.yml", "--directory", str(place / "here"), port)


def test_each_check_is_a_line_and_nothing_is_made(diagnose: Run, place: Path) -> None:
    ran = diagnose()
    assert ran.code == 0, ran.out
    for start in ("ok    source ", "ok    binary ", "ok    capabilities ", "ok    port ", "ok    directory "):
        assert any(line.startswith(start) for line in ran.out.splitlines()), ran.out
    assert "first: release: no nginx answers" in ran.out
    assert list(place.iterdir()) == []


def test_a_container_gets_its_steps_and_the_first_wrong_one(diagnose: Run) -> None:
    ran = diagnose("shop")
    assert ran.code == 0, ran.out
    assert "ok    found         shop, a service of a compose file" in ran.out
    assert "fairway explain http://shop.example:" in ran.out
    assert "first: installed: no release can be read" in ran.out
    ran = diagnose("old")
    assert ran.code == 1
    assert "first: labels: fairwy.host is not read" in ran.out
    assert "fairway.host=old.example" in ran.out
    ran = diagnose("shpo")
    assert (ran.code, "do: did you mean shop?" in ran.out) == (1, True)


def test_json_says_what_text_says(diagnose: Run) -> None:
    ran = diagnose("old", "--format", "json")
    found = json.loads(ran.out)
    assert (ran.code, found["first"]["found"]) == (1, "fairwy.host is not read")
    assert {one["level"] for one in found["findings"]} >= {"ok", "fail"}


def test_a_port_that_is_taken_is_told_with_who_has_it(run: Run, compose: Callable[..., None]) -> None:
    compose()
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
        words = ("-f", "compose.yml", "--directory", "here", f"--set=listeners=web={port}")
        ran = run("doctor", *words)
    assert ran.code == 1
    assert f"first: port {port}: web={port}: " in ran.out
    assert "listens there" in ran.out


def test_a_binary_that_is_not_there_and_a_file_that_cannot_be_read_are_findings(run: Run) -> None:
    ran = run("doctor", "-f", "nobody.yml", "--directory", "here", "--set=proxy_binary=no-such-nginx")
    assert ran.code == 1
    assert "fail  source " in ran.out
    assert "fail  binary        no-such-nginx is not here" in ran.out
    assert "first: source: " in ran.out


def test_certificates_that_cannot_be_used_are_findings(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "a.crt").write_text("no certificate", encoding="utf-8")
    ran = run("doctor", "-f", "compose.yml", "--directory", "here", "--certificates", "tls")
    assert ran.code == 1
    assert "fail  certificates " in ran.out


@pytest.mark.parametrize("character", ["\x1b[31m", "\r\n", "\x9b‮"], ids=ascii)
def test_labels_do_not_reach_the_terminal_as_they_are(run: Run, compose: Callable[..., None], character: str) -> None:
    labels = {"fairway.host": f"a{character}.example", f"fairwy.{character}": character, f"fairway.{character}": "1"}
    compose(shop=labels)
    for form in ("text", "json"):
        ran = run("doctor", "shop", "-f", "compose.yml", "--directory", "here", "--format", form)
        assert ran.code == 1
        assert [c for c in ran.out + ran.err if not c.isprintable() and c != "\n"] == []


def test_a_label_of_ten_megabytes_is_cut_short(run: Run, tmp_path: Path) -> None:
    long = "x" * 10_000_000
    document = {"services": {"shop": {"image": "x", "labels": {"fairway.host": "a.example", "fairway.note": long}}}}
    (tmp_path / "compose.yml").write_text(json.dumps(document), encoding="utf-8")
    for words in (("doctor", "shop"), ("explain", "http://a.example/")):
        ran = run(*words, "-f", "compose.yml", "--directory", "here")
        assert ran.code in (0, 1)
        assert len(ran.out) < 100_000
