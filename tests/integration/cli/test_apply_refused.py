"""What `apply` does not do: files that are no plans, worlds that lost much, proxies that are somebody else's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest

from gen.apply import DirectoryLock
from tests.integration.cli.applied import Site, both

HASH = "$6$abcdefgh$ltjgWl6579NluT/Vi1nwEvcil.G5Nbc4NiXZaNGStk8PSwGfQv72N2CKPPrVACtLtip/cZ/1GM/O6IND4WQhG."


@both
def test_much_less_than_before_needs_somebodys_word(site: Site) -> None:
    with site.running():
        site.has(*"abcdefgh")
        assert site.does("apply", "--auto").code == 0
        site.has(*"abcde")
        planned = site.does("plan", "--out", "plan.json")
        assert "warning: 3 of 8 routes would go; `fairway apply` asks for --allow-removals" in planned.err
        for words in (["apply", "plan.json"], ["apply", "--auto"]):
            refused = site.does(*words)
            assert (refused.code, "3 of 8 routes would go" in refused.err) == (77, True)
        assert site.does("apply", "plan.json", "--set=max_removals=40").code == 0
        site.has()
        assert site.does("apply", "--auto", "--allow-removals").code == 0


def test_containers_that_were_all_made_anew_need_nobodys_word(site: Site) -> None:
    site.has_servers("10.0.0", one=4, two=4)
    assert site.does("apply", "--auto", control="none").code == 0
    site.has_servers("10.0.7", one=4, two=4)
    planned = site.does("plan", "--format", "json", control="none")
    assert (planned.code, json.loads(planned.out)["removals"]) == (2, [])
    assert site.does("apply", "--auto", control="none").code == 0


def test_an_empty_world_needs_somebodys_word_however_small_it_was(site: Site) -> None:
    assert site.does("apply", "--auto", control="none").code == 0
    site.has()
    refused = site.does("apply", "--auto", control="none")
    assert (refused.code, "1 of 1 route would go, and none is left" in refused.err) == (77, True)
    for form in ("text", "markdown", "json"):
        planned = site.does("plan", "--format", form, control="none")
        assert "none is left" in planned.err + planned.out or '"needs_allowing": true' in planned.out
    assert "one.test" in (site.directory / "current" / "nginx.conf").read_text()


def test_mistakes_are_named(site: Site) -> None:
    assert (site.does("apply").code, site.does("apply", "x", "--auto").code) == (64, 64)
    assert site.does("plan", "--out", "x", "--against", "y").code == 64
    child = site.does("apply", "--auto", control="auto")
    assert (child.code, "would end with it" in child.err) == (78, True)
    assert site.does("apply", "plan.json").code == 65


def forged(text: str, **fields: object) -> str:
    """A plan of somebody who knows how its checksum is made."""
    document = {**json.loads(text), **fields}
    del document["checksum"]
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return json.dumps({**document, "checksum": f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text[:-40], "this is no plan"),
        (lambda text: text.replace("one.test", "two.test"), "it is not as it was written"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "version 2 of plans is not known"),
        (lambda _: "[]", "this is no plan"),
        (lambda _: '{"version": 7, "all": "new"}', "version 7 of plans is not known"),
        (lambda text: forged(text, installed="../../etc"), "this is no plan"),
        (lambda text: forged(text, digest=7), "this is no plan"),
        (lambda text: forged(text, changes=[{"sign": "+"}]), "this is no plan"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused(site: Site, change: Callable[[str], str], why: str) -> None:
    site.does("plan", "--out", "plan.json", control="none")
    plan = site.path / "plan.json"
    plan.write_text(change(plan.read_text()), encoding="utf-8")
    done = site.does("apply", "plan.json", control="none")
    assert (done.code, why in done.err) == (65, True), done.err


def test_a_forged_plan_cannot_hide_what_would_go(site: Site) -> None:
    site.has(*"abcdefgh")
    assert site.does("apply", "--auto", control="none").code == 0
    site.has("a")
    site.does("plan", "--out", "plan.json", control="none")
    plan = site.path / "plan.json"
    plan.write_text(forged(plan.read_text(), removals=[], changes=[]), encoding="utf-8")
    assert site.does("apply", "plan.json", control="none").code == 77


def test_a_plan_for_another_proxy_is_refused(site: Site) -> None:
    site.flags.append("--proxy=haproxy")
    site.does("plan", "--out", "plan.json", control="none")
    site.flags.append("--proxy=nginx")
    done = site.does("apply", "plan.json", control="none")
    assert (done.code, "the plan is for haproxy" in done.err) == (76, True)


def test_proxies_of_a_swarm_are_somebody_elses(site: Site) -> None:
    done = site.does("apply", "--auto", "--set=proxy_service=edge", control="auto")
    assert (done.code, "`fairway publish` brings a release to it" in done.err) == (78, True)


def test_one_at_a_time(site: Site) -> None:
    with DirectoryLock(site.directory):
        done = site.does("apply", "--auto", control="none")
    assert (done.code, "already applies to" in done.err) == (75, True)
    assert "a `watch` follows by itself" in done.err


def test_beside_a_watch_it_says_so_though_its_proxy_is_a_child(site: Site) -> None:
    with DirectoryLock(site.directory):
        done = site.does("apply", "--auto", control="supervise")
    assert (done.code, "a `watch` follows by itself" in done.err) == (75, True)
    assert site.does("apply", "--auto", control="supervise").code == 78


@both
def test_no_plan_holds_a_secret(site: Site, proxy: str) -> None:
    site.has("one", **{"fairway.basic_auth": f"alice:{HASH}"})
    shown = site.does("plan", "--out", "plan.json", control="none")
    assert HASH not in (site.path / "plan.json").read_text() + shown.out + shown.err
    done = site.does("apply", "plan.json", "--format", "json", control="none")
    assert (done.code, HASH not in done.out + done.err, "problems" in done.out) == (0, True, True)
    assert json.loads(done.out)["problems"] == []
    site.has("one", **{"fairway.basic_auth": f"alice:{HASH[:-1]}1"})
    shown = site.does("plan", "--out", "plan.json", "--format", "markdown", control="none")
    assert (shown.code, "$6$" not in (site.path / "plan.json").read_text() + shown.out) == (2, True)
