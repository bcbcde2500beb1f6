"""A plan as a file: it is done exactly, confirmed by a proxy that somebody else runs, or refused with what moved."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gen.apply import DirectoryLock
from tests.integration.cli.conftest import Run
from tests.support.cli import Ran
from tests.support.http import http_get
from tests.support.proxy import free_port
from tests.support.wait import eventually

both = pytest.mark.parametrize("proxy", ["nginx", "haproxy"])


class Site:
    """A world of routes that redirect, and a proxy of this machine that serves them."""

    def __init__(self, path: Path, run: Run, proxy: str) -> None:
        self.path, self.run, self.port, self.proxy = path, run, free_port(), proxy
        self.directory = path / "d"
        self.flags = [f"--set=listeners=web={self.port}", f"--proxy={proxy}", f"--directory={self.directory}"]
        self.flags += ["--snapshot=world.json"]

    def has(self, *hosts: str, **labels: str) -> None:
        workloads = [
            {
                "id": host,
                "name": host,
                "labels": [
                    {"key": "fairway.host", "value": f"{host}.test"},
                    {"key": "fairway.redirect.to", "value": f"https://{host}.example"},
                    *({"key": key, "value": value} for key, value in labels.items()),
                ],
            }
            for host in hosts
        ]
        world = {"version": 1, "state": {"source": "docker", "workloads": workloads}}
        (self.path / "world.json").write_text(json.dumps(world), encoding="utf-8")

    def does(self, *words: str, control: str = "local") -> Ran:
        return self.run(*words, *self.flags, FAIRWAY_CONTROL=control)

    @contextmanager
    def running(self) -> Iterator[None]:
        """The proxy, started as the first apply says."""
        command = re.findall("`(.+?)`", self.does("apply", "--auto").err)[-1]
        with subprocess.Popen(shlex.split(command), cwd=self.path, start_new_session=True) as process:
            try:
                eventually(lambda: (self.directory / "run" / f"{self.proxy}.pid").is_file())
                eventually(lambda: self.does("health").code == 0)
                yield
            finally:
                process.terminate()

    def leads_to(self, host: str) -> str:
        reply = http_get(("127.0.0.1", self.port), host=f"{host}.test")
        return reply.header("location") or str(reply.status)


@pytest.fixture
def site(tmp_path: Path, run: Run, proxy: str) -> Site:
    made = Site(tmp_path, run, proxy)
    made.has("one")
    return made


@pytest.fixture
def proxy() -> str:
    return "nginx"


@both
def test_a_plan_is_done_once_confirmed_and_not_after_the_world_or_the_release_moved(site: Site) -> None:
    with site.running():
        site.has("one", "two")
        assert site.does("plan", "--out", "plan.json").code == 2
        assert site.leads_to("two") in ("404", "421")
        done = site.does("apply", "plan.json")
        assert (done.code, done.out.startswith("applied: release ")) == (0, True), done
        assert site.leads_to("two") == "https://two.example"
        again = site.does("apply", "plan.json")
        assert (again.code, again.out.startswith("unchanged: the proxy serves")) == (0, True), again
        site.has("one", "two", "three")
        assert site.does("plan", "--out", "plan.json").code == 2
        site.has("one", "two", "four")
        moved = site.does("apply", "plan.json")
        assert moved.code == 76
        assert "route four.test/ on web (new); route three.test/ on web (no more)" in moved.err
        assert site.does("apply", "--auto").code == 0
        other = site.does("apply", "plan.json")
        assert (other.code, "is installed, and the plan starts from release" in other.err) == (76, True)
        assert site.leads_to("four") == "https://four.example"
        assert site.does("plan").code == 0


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


@both
def test_who_makes_the_proxy_refuse_is_left_out_of_the_plan(site: Site, proxy: str) -> None:
    templates = site.path / "templates" / proxy / "policies"
    templates.mkdir(parents=True)
    ours = (Path(__file__).parents[3] / "templates" / proxy / "policies" / "redirect.j2").read_text()
    (templates / "redirect.j2").write_text(
        ours.replace("return ", "no_such_word ").replace("http-request", "no-such-word"), encoding="utf-8"
    )
    site.flags.append(f"--set=templates={site.path / 'templates'}")
    site.has("bad")
    planned = site.does("plan", "--out", "plan.json")
    assert f"{proxy} refuses what these labels make" in planned.err
    with site.running():
        assert site.does("plan").code == 0
        assert site.leads_to("bad") == "503"


def test_without_a_proxy_files_are_installed_and_nobody_confirms(site: Site) -> None:
    assert site.does("plan", "--out", "plan.json", control="none").code == 2
    done = site.does("apply", "plan.json", control="none")
    assert (done.code, "nobody confirmed it" in done.out) == (0, True), done
    assert "one.test" in (site.directory / "current" / "nginx.conf").read_text()
    assert site.does("plan", control="none").code == 0


def test_mistakes_are_named(site: Site) -> None:
    assert (site.does("apply").code, site.does("apply", "x", "--auto").code) == (64, 64)
    assert site.does("plan", "--out", "x", "--against", "y").code == 64
    child = site.does("apply", "--auto", control="auto")
    assert (child.code, "would end with it" in child.err) == (78, True)
    assert site.does("apply", "plan.json").code == 65


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text[:-40], "this is no plan"),
        (lambda text: text.replace("one.test", "two.test"), "it is not as it was written"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "version 2 of plans is not known"),
        (lambda _: "[]", "this is no plan"),
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused(site: Site, change: Callable[[str], str], why: str) -> None:
    site.does("plan", "--out", "plan.json", control="none")
    plan = site.path / "plan.json"
    plan.write_text(change(plan.read_text()), encoding="utf-8")
    done = site.does("apply", "plan.json", control="none")
    assert (done.code, why in done.err) == (65, True), done.err


def test_a_plan_for_another_proxy_is_refused(site: Site) -> None:
    site.flags.append("--proxy=haproxy")
    site.does("plan", "--out", "plan.json", control="none")
    site.flags.append("--proxy=nginx")
    done = site.does("apply", "plan.json", control="none")
    assert (done.code, "the plan is for haproxy" in done.err) == (76, True)


def test_one_at_a_time(site: Site) -> None:
    with DirectoryLock(site.directory):
        done = site.does("apply", "--auto", control="none")
    assert (done.code, "already applies to" in done.err) == (75, True)
