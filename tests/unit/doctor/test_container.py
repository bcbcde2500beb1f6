"""A container by whatever people call it, and what is installed of it."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from gen.doctor.container import container, sought
from gen.doctor.engine import standpoint
from gen.errors import Origin, Problem
from gen.explain.finding import Finding
from gen.settings import Settings
from gen.state import Vantage
from tests.support.labelled import instance, workload, world
from tests.unit.explain.worlds import basis

SERVICE = {"com.docker.compose.service": "shop", "com.docker.compose.project": "site"}
SHOP = replace(workload("site-shop-1", {"fairway.host": "a.test", **SERVICE}), id="0123456789abcdef")


@pytest.mark.parametrize(
    "name", ["site-shop-1", "/site-shop-1", "0123", "0123456789ab", "shop", "site/shop", "site-shop"]
)
def test_it_is_found_by_name_id_and_service(name: str) -> None:
    found = sought(name, world(SHOP, workload("other", {})), Settings(), asks=False)
    assert found.workload == SHOP


@pytest.mark.parametrize(
    ("name", "hint"),
    [("site-shop-l", "did you mean site-shop-1 or shop?"), ("zzz", "there are other, shop, site-shop-1")],
)
def test_what_nobody_is_called_gets_the_nearest_or_all(name: str, hint: str) -> None:
    found = sought(name, world(SHOP, workload("other", {})), Settings(), asks=False)
    assert found.workload is None
    assert hint in found.findings[0].hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SITE-SHOP-1x", "did you mean site-shop-1 or shop?"),
        ("shpo", "did you mean shop?"),
        ("www.example.org", "is it a host? `fairway explain www.example.org/` says who answers there"),
        ("zzz", "there are n0, n1, n10, n11, n2, n3, n4, n5, n6, n7 and 4 more"),
    ],
)
def test_a_name_that_does_not_exist_lists_what_may_be_meant(name: str, hint: str) -> None:
    found = sought(name, world(SHOP, *(workload(f"n{number}", {}) for number in range(12))), Settings(), asks=False)
    assert hint in found.findings[0].hint


def test_a_service_that_its_file_leaves_out_gets_the_reason() -> None:
    origin = Origin(source="compose", workload="web", key="labels", file="c.yml", line=3, column=5)
    problem = Problem(severity="error", origin=origin, message="variable R must be set", hint="set it")
    found = sought("web", replace(world(SHOP), problems=(problem,)), Settings(), asks=False).findings
    told = "web is left out: c.yml:3:5: web: labels: variable R must be set"
    assert found == (Finding(level="fail", about="found", found=told, hint="set it"),)


def installed(directory: Path, rows: object, *, connect: bool = False, port: int = 80) -> list[Finding]:
    (directory / "current").mkdir(exist_ok=True)
    (directory / "current" / "release.json").write_text(json.dumps(rows), encoding="utf-8")
    shop = workload("shop", {"fairway.host": "a.test"}, instance("shop", "127.0.0.1", port=port))
    of = basis(shop)
    return list(container(shop, of, Settings(directory=str(directory)), connect=connect))


def test_the_installed_release_is_asked_for_the_server(tmp_path: Path) -> None:
    rows = {"rows": {"server 127.0.0.1:80 of a.test/ on web": {"is": "ready"}}}
    assert installed(tmp_path, rows)[-1].found == "127.0.0.1:80 stands in the installed release: ready"
    other = {"rows": {"server 127.0.0.1:8 of a.test/ on web": {"is": "ready"}}}
    assert installed(tmp_path, other)[-1].level == "fail"
    broken: list[object] = [[], {}, {"rows": []}, {"rows": {"server 127.0.0.1:80 of x": "ready"}}]
    for malformed in broken:
        assert installed(tmp_path, malformed)[-1].level == "warn"


def test_the_owner_is_named_where_there_are_several(tmp_path: Path) -> None:
    blog = workload("blog", {"fairway.host": "b.test"})
    alone = [one.found for one in container(SHOP, basis(SHOP), Settings(directory=str(tmp_path)), connect=False)]
    found = [one.found for one in container(SHOP, basis(SHOP, blog), Settings(directory=str(tmp_path)), connect=False)]
    assert not any("owner site" in one for one in alone)
    assert [one for one in found if "owner site" in one] == ["a.test/ on web, owner site, is its own"]


def test_a_connection_is_tried_only_where_it_is_wanted(tmp_path: Path) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        assert "nobody listens" in installed(tmp_path, {}, connect=True, port=port)[-1].found
        one.listen()
        one.settimeout(0.05)
        installed(tmp_path, {}, port=port)
        with pytest.raises(TimeoutError):
            one.accept()
        assert "takes connections" in installed(tmp_path, {}, connect=True, port=port)[-1].found
        one.accept()[0].close()


@pytest.mark.parametrize(
    ("vantage", "level", "said"),
    [
        (Vantage(kind="container", name="proxy", networks=("a", "b")), "ok", "is the container proxy, on a, b"),
        (Vantage(kind="container", name="proxy", networks=()), "fail", "on no network"),
        (
            Vantage(kind="host", networks=("bridge",), published_at="127.0.0.1"),
            "ok",
            "on this host, and reaches bridge",
        ),
        (Vantage(kind="remote", name="far", networks=()), "ok", "on the machine far, which is not this one"),
    ],
)
def test_the_proxys_standpoint_is_told(
    monkeypatch: pytest.MonkeyPatch, vantage: Vantage, level: str, said: str
) -> None:
    monkeypatch.setattr("gen.sources.docker_vantage.own_container_id", lambda: "")
    found = standpoint(vantage)
    assert (found.level, said in found.found) == (level, True), found


def test_who_runs_in_a_container_that_the_engine_does_not_know_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gen.sources.docker_vantage.own_container_id", lambda: "f" * 64)
    found = standpoint(Vantage(kind="host", networks=("bridge",)))
    assert (found.level, "ffffffffffff, which this engine does not know" in found.found) == ("warn", True)
