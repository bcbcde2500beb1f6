"""A plan as a file: it is done exactly, confirmed by a proxy that somebody else runs, or refused with what moved."""

from __future__ import annotations

import json
import socket

from tests.integration.cli.applied import Site, both
from tests.support.refusing import refusing


@both
def test_a_plan_is_done_once_confirmed_and_not_after_the_world_or_the_release_moved(site: Site) -> None:
    with site.running():
        site.has("one", "two")
        assert site.does("plan", "--out", "plan.json").code == 2
        assert site.leads_to("two") in ("404", "421")
        done = site.does("apply", "plan.json")
        changes, last = done.out.splitlines()
        assert (done.code, changes.startswith("+ route two.test/ on web: ")) == (0, True), done
        assert last.startswith("applied: release ") and "confirmed after " in last
        site.comes_to("two", "https://two.example")
        site.has("two")
        later = site.does("apply", "plan.json")
        said = "the plan is done, and the world is another one since: - route one.test/ on web was not planned"
        assert (later.code, said in later.err) == (76, True), later
        site.has("one", "two")
        again = site.does("apply", "plan.json")
        assert (again.code, again.out.startswith("unchanged: the proxy serves")) == (0, True), again
        site.has("one", "two", "three")
        assert site.does("plan", "--out", "plan.json").code == 2
        site.has("one", "two", "four")
        moved = site.does("apply", "plan.json")
        assert moved.code == 76
        assert "+ route four.test/ on web was not planned; + route three.test/ on web was planned" in moved.err
        assert site.does("apply", "--auto").code == 0
        other = site.does("apply", "plan.json")
        assert (other.code, "is installed, and the plan starts from release" in other.err) == (76, True)
        assert "; since then + route four.test/ on web" in other.err
        site.comes_to("four", "https://four.example")
        assert site.does("plan").code == 0


@both
def test_who_makes_the_proxy_refuse_is_left_out_of_the_plan(site: Site, proxy: str) -> None:
    site.flags.append(f"--set=proxy_binary={refusing(proxy, 'bad.example', site.path)}")
    site.has("bad")
    planned = site.does("plan", "--out", "plan.json")
    assert f"{proxy} refuses what these labels make" in planned.err
    with site.running():
        assert site.does("plan").code == 0
        site.comes_to("bad", "503")


@both
def test_templates_that_lose_a_guard_change_nothing(site: Site, proxy: str) -> None:
    site.has("one", **{"fairway.ip_allow": "10.0.0.0/8"})
    slot = {"nginx": "location", "haproxy": "backend"}[proxy]
    with site.running():
        site.comes_to("one", "403")
        own = site.path / "mine" / proxy / "policies" / "ip_allow.j2"
        own.parent.mkdir(parents=True)
        own.write_text(f"{{% macro {slot}(policy, it) %}}{{# later #}}{{% endmacro %}}", encoding="utf-8")
        site.flags.append(f"--set=templates={site.path / 'mine'}")
        done = site.does("apply", "--auto")
        assert (done.code, f"template {own}: the slot {slot} does not write a line" in done.err) == (65, True), done
        assert site.leads_to("one") == "403"


def test_without_a_proxy_files_are_installed_and_nobody_confirms(site: Site) -> None:
    assert site.does("plan", "--out", "plan.json", control="none").code == 2
    done = site.does("apply", "plan.json", control="none")
    assert (done.code, "nobody confirmed it" in done.out) == (0, True), done
    assert "one.test" in (site.directory / "current" / "nginx.conf").read_text()
    assert site.does("plan", control="none").code == 0
    assert site.does("apply", "plan.json", control="none").out.startswith("unchanged: release ")


@both
def test_what_a_proxy_can_be_told_is_told_and_the_rest_is_a_reload(site: Site, proxy: str) -> None:
    site.has_servers("10.0.0", one=2)
    with site.running():
        site.has_servers("10.0.0", one=3)
        done = site.does("apply", "--auto", "--format", "json")
        told = json.loads(done.out)
        how = {"nginx": ("reload", ["nginx has no runtime API"]), "haproxy": ("live", [])}[proxy]
        assert (told["outcome"], told["is_confirmed"]) == ("applied", True), done
        assert (told["how"], told["not_live_because"]) == how
        assert [change["what"] for change in told["changes"]] == ["server 10.0.0.3:80 of one.test/ on web"]
        assert told["digest"] == site.does("health").out.strip()
        again = json.loads(site.does("apply", "--auto", "--format", "json").out)
        assert (again["outcome"], again["changes"]) == ("unchanged", [])


@both
def test_what_the_proxy_does_not_take_is_rolled_back_and_it_serves_what_it_did(site: Site) -> None:
    with site.running(), socket.create_server(("127.0.0.1", 0)) as taken:
        site.has("one", "two")
        served = site.does("health").out
        site.flags.append(f"--set=listeners=web={site.port}, other=127.0.0.1:{taken.getsockname()[1]}")
        done = site.does("apply", "--auto")
        assert (done.code, "rolled back: " in done.err and "it serves release " in done.err) == (1, True), done
        told = site.does("apply", "--auto", "--format", "json")
        assert (told.code, json.loads(told.out)["outcome"]) == (1, "rolled_back"), told
        assert site.does("health").out == served
        assert site.leads_to("one") == "https://one.example"


def test_a_proxy_that_serves_another_release_than_the_one_that_counts_is_a_change_that_apply_mends(site: Site) -> None:
    with site.running():
        first = site.does("health").out.strip()
        site.has("one", "two")
        assert site.does("apply", "--auto").code == 0
        link = site.directory / "current"
        second = link.readlink()
        link.unlink()
        link.symlink_to(f"releases/{first}")
        site.has("one")
        drifted = site.does("plan", "--out", "plan.json")
        said = f"~ proxy: serves release {second.name[:12]} -> {first[:12]}, which counts\n"
        assert (drifted.code, drifted.out) == (2, said)
        done = site.does("apply", "plan.json")
        assert (done.code, "applied: release " in done.out) == (0, True), done
        assert site.does("plan").code == 0
        assert site.does("health").out.strip() == first
