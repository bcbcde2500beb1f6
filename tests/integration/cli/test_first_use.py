"""The first minute: a check that finds nothing says what it looked for, and settings in another encoding are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("without_proxy")
WRITE = "write for example the label fairway.host=shop.example.com"


def written(place: Path, labels: str) -> None:
    (place / "compose.yml").write_text(f"services: {{web: {{image: x, expose: ['80'], labels: {labels}}}}}")


def test_a_check_of_nobody_says_what_a_label_looks_like(run: Run, tmp_path: Path) -> None:
    written(tmp_path, "{team: shop}")
    ran = run("check", "-f", "compose.yml")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.endswith(f"; nobody asks for a route: {WRITE}\n")


def test_a_check_of_labels_for_another_names_whose_they_are(run: Run, tmp_path: Path) -> None:
    written(tmp_path, "{traefik.enable: 'true', caddy: a.test}")
    said = run("check", "-f", "compose.yml").err
    assert f"nobody asks for a route, and labels traefik.*, caddy.* are not read: {WRITE}" in said


def test_a_check_that_finds_something_says_no_more_than_that(run: Run, compose: Callable[..., None]) -> None:
    compose(shop={"fairway.hots": "x"})
    assert "nobody" not in run("check", "-f", "compose.yml").err


def test_settings_in_another_encoding_are_told(run: Run, compose: Callable[..., None], tmp_path: Path) -> None:
    compose()
    (tmp_path / "fairway.yml").write_bytes("workers: 2".encode("utf-16"))
    ran = run("check", "-f", "compose.yml")
    assert (ran.code, ran.err) == (78, "error: fairway.yml: not UTF-8 text\n  hint: save it as UTF-8\n")


def test_a_plan_against_a_directory_that_is_not_there_is_refused(run: Run, compose: Callable[..., None]) -> None:
    compose()
    ran = run("plan", "-f", "compose.yml", "--against", "none")
    assert (ran.code, ran.out) == (65, "")
    assert ran.err.startswith("error: --against none: there is no such directory\n  hint: `fairway render -o DIR`")
