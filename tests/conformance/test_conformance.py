"""Every conformance file, on every proxy: requests in, answers out. Where the proxy lacks what a file is about, it has
to say so."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gen.settings import Settings
from gen.state import Instance, Workload
from tests.conformance.script import Expected, Script, Step, read
from tests.support.client import Answer, Ask, ask
from tests.support.proxy import RUNNERS, Runner, free_port
from tests.support.servers import Servers
from tests.support.talk import Seen
from tests.support.world import Maker, instance, model_of, settings, workload

Field = str | list[str] | None
FILES = sorted(Path(__file__).parent.glob("*.yaml"))


class Stand:
    """A proxy with servers behind it, as one file wants them."""

    def __init__(self, runner: Runner, servers: Servers, ports: Mapping[str, str]) -> None:
        self.runner, self.servers = runner, servers
        self.port = int(ports["PORT"])
        self.cookies: dict[str, str] = {}

    def run(self, script: Script, proxy: str) -> bool:
        """Puts the workloads before the proxy, unless it says that it lacks something that the file is about."""
        usual = {"listeners": f"web={self.port}"}
        chosen: Settings = settings(self.runner.directory, **(usual | dict(script.settings)))
        workloads = [self._workload(name, facts) for name, facts in script.workloads.items()]
        maker = Maker(proxy)
        model = model_of(workloads, chosen)
        told = {name for problem in maker.fit(model).problems for name in _names(problem.origin.key)}
        if set(maker.lacks) & {*told, *script.lacks}:
            return False
        self.runner.run(maker.bundle(model))
        return True

    def _workload(self, name: str, facts: Mapping[str, Any]) -> Workload:
        told = facts.get("servers", 1)
        behaviours: list[dict[str, Any]] = [{}] * told if isinstance(told, int) else told
        instances = [self._instance(f"{name}-{n}", behaviour) for n, behaviour in enumerate(behaviours, 1)]
        return workload(name, facts.get("labels", {}), *instances, created=float(facts.get("created", 0)))

    def _instance(self, name: str, behaviour: Mapping[str, Any]) -> Instance:
        rest = {key: str(value) for key, value in behaviour.items() if key not in ("health", "stopping", "dead")}
        port = free_port() if behaviour.get("dead") else self.servers.open(name, rest).port
        health, stopping = behaviour.get("health", "none"), bool(behaviour.get("stopping"))
        return instance(name, "127.0.0.1", port, health=health, stopping=stopping)

    def take(self, step: Step) -> None:
        """One entry of the file: asked, and compared."""
        time.sleep(step.wait)
        request = self._with_cookies(step.ask) if step.cookies else step.ask
        if step.at_once:
            with ThreadPoolExecutor(step.times) as pool:
                answers = list(pool.map(lambda _: self._ask(request), range(step.times)))
        else:
            answers = [self._ask(request) for _ in range(step.times)]
        reached = self.servers.seen()
        for answer in answers:
            self._remember(answer)
        _compare(step, answers, reached)

    def _ask(self, request: Ask) -> Answer:
        return ask(self.port, request)

    def _remember(self, answer: Answer) -> None:
        name, equals, value = answer.headers.get("set-cookie", "").partition(";")[0].partition("=")
        if equals:
            self.cookies[name] = value

    def _with_cookies(self, request: Ask) -> Ask:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return replace(request, headers=(*request.headers, ("Cookie", jar)))


def _names(key: str) -> set[str]:
    """What a label may be called in a proxy's `lacks`: its policy, or its policy with the option."""
    words = re.sub(r"^fairway\.(?:routes\.\w+\.)?", "", key).split(".")
    return {words[0], ".".join(words[:2])}


def _compare(step: Step, answers: list[Answer], reached: list[Seen]) -> None:
    expect, told = step.expect, f"{step}: {[(a.status, dict(a.headers), a.body[:300]) for a in answers[:3]]}"
    for answer in answers:
        assert expect.status in (None, answer.status), told
        _compare_fields(expect.headers, answer.headers, told)
        if expect.body is not None:
            assert _is_met(expect.body, answer.body.decode("latin-1")), told
        _compare_echo(expect, answer, told)
    if expect.servers is not None:
        assert Counter(answer.echo.get("server") for answer in answers) == dict(expect.servers), told
    if expect.statuses is not None:
        assert Counter(answer.status for answer in answers) == dict(expect.statuses), told
    if expect.one_server:
        assert len({answer.echo["server"] for answer in answers}) == 1, told
    if expect.reached is not None:
        assert len(reached) == expect.reached, f"{told}: {reached}"


def _compare_echo(expect: Expected, answer: Answer, told: str) -> None:
    for name in ("server", "path", "method", "length"):
        wanted = getattr(expect, name)
        assert wanted is None or answer.echo.get(name) == wanted, f"{name} should be {wanted!r}: {told}"
    _compare_fields(expect.seen, answer.echo.get("headers", {}), told)


def _compare_fields(wanted: Mapping[str, Field] | None, found: Mapping[str, str], told: str) -> None:
    for name, values in (wanted or {}).items():
        actual = found.get(name.lower())
        for value in values if isinstance(values, list) else [values]:
            assert actual is None if value is None else _is_met(value, actual), f"{name} should be {value!r}: {told}"


def _is_met(wanted: str, found: str | None) -> bool:
    if found is None:
        return False
    return wanted[1:].lower() in found.lower() if wanted.startswith("~") else found == wanted


@pytest.fixture
def ports() -> dict[str, str]:
    return {"PORT": str(free_port())}


@pytest.fixture
def stand(proxy: str, ports: dict[str, str]) -> Iterator[Stand]:
    with Servers() as servers, RUNNERS[proxy]() as runner:
        yield Stand(runner, servers, ports)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_proxy_answers_as_the_file_says(file: Path, proxy: str, stand: Stand, ports: dict[str, str]) -> None:
    script = read(file, ports)
    for step in script.steps if stand.run(script, proxy) else ():
        stand.take(step)
