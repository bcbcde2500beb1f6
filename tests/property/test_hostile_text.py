"""Whatever text stands in whatever label or name: the configuration is sound and everybody else's part unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as quick
from hypothesis import strategies as st

from gen.bundle import Bundle
from gen.dialects import RouteOptions, TcpOptions, UdpOptions
from gen.errors import Problem
from gen.options import options_of
from gen.state import Workload
from tests.property.hostile import (
    LONG,
    OWNERS,
    bisect,
    corpus,
    hostile_names,
    hostile_workload,
    innocents,
    is_of_every_host,
    labels,
    values,
)
from tests.property.reading import READINGS
from tests.support.binaries import BINARIES, proxy_of
from tests.support.proxy import RUNNERS, Runner
from tests.support.tls import make_authority
from tests.support.world import Maker, instance, model_of, settings, workload

NASTY = "\x00\x01\t\n\r\x7f\x85\u2028 ;{}#\"'\\$~*=@^%|()<>[]?&/.:,-_aA0é\U0001f600"
TEXT = st.text(st.one_of(st.sampled_from(NASTY), st.characters()), max_size=30)
PLACES = [(owner, option) for owner in OWNERS for option in options_of(owner)]
FIELDS = {
    "host": ("fairway.host",),
    "path": ("fairway.path",),
    "header_value": ("fairway.request_headers.X-A", "fairway.response_headers.X-A"),
}
REFUSED = {
    "host": "host",
    "domain_names": "host",
    "path": "path",
    "redirect": "redirect",
    "redirect_code": "redirect.code",
    "ip_allow": "ip_allow",
    "rate": "rate_limit",
    "body_size": "body_limit",
    "timeout": "timeouts",
    "port": "port",
    "priority": "priority",
    "enabled": "enable",
    "cookie_name": "sticky",
    "cache_key": "cache.key",
    "cache_zone": "cache.zone",
    "auth_users": "basic_auth",
    "backend_protocol": "balance",
}
PROXIES = ("nginx", "haproxy", "haproxy-experimental")  # the newest is the strictest


class Stand:
    """Builds, renders and has the proxy check what comes out."""

    def __init__(self, proxy: str, runner: Runner) -> None:
        self.runner = runner
        self.maker = Maker(proxy)
        self.reading = READINGS[proxy_of(proxy)]
        listeners = "web=18999, tcp=18997/tcp, udp=18999/udp"
        self.settings = settings(
            runner.directory, listeners=listeners, ca_files=str(runner.directory / "ca"), resolvers="127.0.0.1"
        )
        (runner.directory / "ca").mkdir(exist_ok=True)
        for name in ("ca-certificates.crt", "internal.pem"):
            (runner.directory / "ca" / name).write_bytes(make_authority().pem)
        self.innocent = self.reading.blocks(self.conf(innocents())[0])

    def conf(self, workloads: list[Workload]) -> tuple[Bundle, tuple[Problem, ...], str]:
        """The files, the problems, and what the proxy has against them (asked only together with the innocents)."""
        model = self.maker.fit(model_of(workloads, self.settings))
        bundle = self.maker.bundle(model)
        return bundle, model.problems, self.runner.check(bundle) or "".join(self.reading.oddities(bundle))

    def is_good(self, workloads: list[Workload]) -> bool:
        bundle, _, wrong = self.conf([*workloads, *innocents()])
        concerned = any(is_of_every_host(one) for one in workloads)
        return not wrong and (concerned or self.innocent <= self.reading.blocks(bundle))

    def hold(self, workloads: list[Workload]) -> None:
        for part in (True, False):
            own = [one for one in workloads if is_of_every_host(one) is part]
            for one in [] if self.is_good(own) else bisect(own, self.is_good):
                bundle, problems, wrong = self.conf([one, *innocents()])
                lost = self.innocent - self.reading.blocks(bundle)
                pytest.fail(f"{one.name!r} {one.labels}: {wrong} {lost} {problems}")


@pytest.fixture(
    scope="module", params=[name for name in BINARIES if name in ("nginx", "haproxy", "haproxy-experimental")]
)
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    with RUNNERS[request.param]() as runner:
        yield Stand(request.param, runner)


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_no_known_attack_through_any_option_gets_out_of_its_place(stand: Stand, owner: type[Any]) -> None:
    ways = [
        own for option in options_of(owner) for line in corpus() for own in labels(owner, option, line.value)
    ]  # fmt: skip
    stand.hold([hostile_workload(number, own) for number, own in enumerate(ways)])


def test_no_known_attack_through_a_name_or_an_unknown_key_gets_out_of_its_place(stand: Stand) -> None:
    found: list[Workload] = []
    for number, line in enumerate(corpus()):
        found.append(hostile_workload(4 * number, {}, name=line.value))
        found.append(hostile_workload(4 * number + 1, {f"fairway.{line.value}": line.value}))
        found.append(hostile_workload(4 * number + 2, {f"fairway.routes.{line.value}.path": "/x"}))
        found.append(hostile_workload(4 * number + 3, {f"fairway.routes.x.{line.value}": "/x"}))
    stand.hold(found)
    stand.hold(hostile_names())


@pytest.mark.parametrize("line", [line for line in corpus() if line.expect == "literal"], ids=lambda line: line.id)
def test_a_harmless_text_is_written_as_it_is(stand: Stand, line: Any) -> None:
    for key in FIELDS.get(line.field, ()):
        bundle, problems, wrong = stand.conf([hostile_workload(0, {key: line.value})])
        assert not problems and not wrong
        value = line.value.lower() if line.field == "host" else line.value
        assert stand.reading.words(bundle) & {value, value + "/"}
    if line.field == "path_regex":
        assert not stand.conf([hostile_workload(0, {"fairway.path": f"~{line.value}"})])[1]


@pytest.mark.parametrize(
    "line", [line for line in corpus() if line.expect == "reject" and line.field in REFUSED], ids=lambda line: line.id
)
def test_an_attack_on_its_own_field_is_a_problem_or_a_word(stand: Stand, line: Any) -> None:
    key = f"fairway.{REFUSED[line.field]}"
    one = hostile_workload(0, {key: line.value})
    _, problems, _ = stand.conf([one])
    if key not in {problem.origin.key for problem in problems}:
        stand.hold([one])
        assert line.field in ("host", "path")


@given(st.lists(st.tuples(st.sampled_from(PLACES), TEXT), min_size=15, max_size=40))
@quick(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
def test_no_text_through_any_option_gets_out_of_its_place(stand: Stand, chosen: list[tuple[Any, str]]) -> None:
    ways = [own for (owner, option), value in chosen for own in labels(owner, option, value)]
    stand.hold([hostile_workload(number, own) for number, own in enumerate(ways)])


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=5, max_size=20, unique_by=lambda names: names[0]))
@quick(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
def test_no_name_gets_out_of_its_place(stand: Stand, names: list[tuple[str, str, str]]) -> None:
    found = []
    for number, (name, copy, key) in enumerate(names):
        own = {"fairway.host": f"h{number}.test", f"fairway.{key}": copy, f"fairway.routes.{key}.path": "/x"}
        found.append(workload(name, own, instance(copy, "10.1.0.1", 80)))
    stand.hold(found)


@pytest.mark.parametrize("protocol", ["http", "https", "h2c", "grpc", "grpcs", "fastcgi", "uwsgi"])
def test_every_example_goes_with_every_protocol(stand: Stand, protocol: str) -> None:
    base = {"fairway.protocol": protocol}
    ways = [base | own for owner, option in PLACES for value in values(option) for own in labels(owner, option, value)]
    stand.hold([hostile_workload(number, own) for number, own in enumerate(ways)])


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_no_long_text_is_more_than_the_proxy_can_read(stand: Stand, owner: type[Any]) -> None:
    ways = [own for option in options_of(owner) for value in LONG for own in labels(owner, option, value)]
    stand.hold([hostile_workload(number, own) for number, own in enumerate(ways)])


def test_no_number_of_conditions_is_more_than_the_proxy_can_read(stand: Stand) -> None:
    many = {f"fairway.headers.X-{number}": "a" for number in range(400)}
    stand.hold([hostile_workload(0, many)])
    routes = {
        f"fairway.routes.r{number}.{kind}.x{part}": str(number)
        for number in range(90)
        for kind, part in (("headers", 1), ("headers", 2), ("headers", 3), ("query", 4), ("query", 5))
    }
    stand.hold([hostile_workload(0, {"fairway.host": "h0.test"} | routes)])


def test_every_option_has_a_place_here() -> None:
    owners = {owner for owner, _ in PLACES}
    assert {RouteOptions, TcpOptions, UdpOptions} <= owners and len(PLACES) > 60
