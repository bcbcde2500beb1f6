"""The commands that draw, as users run them: without an engine, to stdout or to a file."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from tests.support.cli import ROOT, fairway

QUICKSTART = ("-f", str(ROOT / "examples" / "quickstart" / "compose.yml"))
APART = """
name: apart
services:
  edge: {image: proxy, networks: [front], labels: {fairway.proxy: ""}}
  shop: {image: shop, expose: ["80"], networks: [back], labels: {fairway.host: shop.test}}
networks: {front: {}, back: {internal: true}}
"""


def test_the_table_says_who_is_where_and_who_is_not_reached(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(APART, encoding="utf-8")
    ran = fairway("networks", "-f", "compose.yml", cwd=tmp_path)
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()[:3]] == ["NETWORK", "apart_back", "apart_front"]
    assert "not reached: shop" in ran.out
    assert "hint: docker network connect apart_back edge" in ran.out


def test_the_data_are_sorted_and_carry_their_version(tmp_path: Path) -> None:
    found = json.loads(fairway("networks", *QUICKSTART, "--format", "json", cwd=tmp_path).out)
    assert found["version"] == 1
    assert [link["route"] for link in found["links"]] == [
        "admin.example.com/",
        "docs.example.com/",
        "shop.example.com/",
        "shop.example.com/api",
    ]
    assert {link["network"] for link in found["links"]} == {"quickstart_default"}


def test_the_graphs_are_what_their_formats_begin_with(tmp_path: Path) -> None:
    heads = {
        form: fairway("networks", *QUICKSTART, "--format", form, cwd=tmp_path).out.splitlines()[0]
        for form in ("mermaid", "dot", "svg")
    }
    assert heads["mermaid"] == "flowchart LR"
    assert heads["dot"] == "graph fairway {"
    assert heads["svg"].startswith("<?xml")


def test_pictures_go_to_a_file(tmp_path: Path) -> None:
    for words in (("networks", "--format", "svg"), ("routes", "--format", "svg")):
        ran = fairway(*words, *QUICKSTART, "--output", "out.svg", cwd=tmp_path)
        assert (ran.code, ran.out) == (0, "")
        assert ElementTree.parse(tmp_path / "out.svg").getroot().tag.endswith("svg")
    assert fairway("routes", *QUICKSTART, "-o", "x", cwd=tmp_path).code == 64


def test_a_page_of_routes_asks_nobody_for_anything(tmp_path: Path) -> None:
    page = fairway("routes", *QUICKSTART, "--format", "html", cwd=tmp_path).out
    assert "default-src 'none'" in page
    assert "basic_auth" in page
    assert "src=" not in page.replace("default-src", "").replace("style-src", "")
    assert "$5$" not in page
