"""The contract of a policy: a forgotten step of adding one is a failing test that names the file to write."""

from __future__ import annotations

import re
from dataclasses import MISSING

import jinja2
import pytest

from gen.dialects import native
from gen.model import Policy
from gen.options import Option, options_of
from gen.policies import BY_NAME, POLICIES
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.state import Label, Workload
from tests.support.cases import ROOT

PROXIES: tuple[Proxy, ...] = (Nginx(), Haproxy())

# The label reference's list: the order in which a request meets them, then those of the upstream.
REFERENCE = (
    "ip_allow",
    "ip_deny",
    "client_cert",
    "rate_limit",
    "conn_limit",
    "basic_auth",
    "forward_auth",
    "redirect",
    "maintenance",
    "cors",
    "request_headers",
    "response_headers",
    "security_headers",
    "strip_prefix",
    "add_prefix",
    "rewrite",
    "body_limit",
    "buffering",
    "timeouts",
    "compress",
    "cache",
    "mirror",
    "split",
    "retry",
    "error_pages",
    "access_log",
    "static",
    "sticky",
    "health_check",
    "passive_health",
    "circuit_breaker",
    "slow_start",
    "queue",
    "keepalive",
    "upstream_tls",
    "proxy_protocol",
    "drain",
)

HASH = "alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="
NEEDED = {"realm": HASH}
OPTIONS = [(policy, option) for policy in POLICIES for option in options_of(policy)]

policies = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
proxies = pytest.mark.parametrize("proxy", PROXIES, ids=lambda proxy: proxy.name)
options = pytest.mark.parametrize(("policy", "option"), OPTIONS, ids=[f"{p.name}.{o.name}" for p, o in OPTIONS])


def macros(proxy: Proxy, policy: type[Policy]) -> set[str]:
    source = (ROOT / "templates" / proxy.name / "policies" / f"{policy.name}.j2").read_text()
    module = jinja2.Environment().parse(source)
    return {macro.name for macro in module.find_all(jinja2.nodes.Macro)}


def needs_main(option: Option, main: Option) -> bool:
    return option.name in NEEDED or (main.default is MISSING and not option.is_main)


def test_policies_stand_in_the_order_of_the_reference() -> None:
    names = [policy.name for policy in POLICIES]
    assert names == [name for name in REFERENCE if name in names]


@policies
def test_a_policy_is_called_like_its_module(policy: type[Policy]) -> None:
    assert policy.__module__ == f"gen.policies.{policy.name}"
    assert BY_NAME[policy.name] is policy


@policies
def test_a_policy_says_what_it_does(policy: type[Policy]) -> None:
    assert policy.__doc__
    assert not policy.__doc__.startswith(f"{policy.__name__}("), "write a docstring: it is the reference's text"


@policies
@proxies
def test_a_proxy_has_a_template_or_a_reason(proxy: Proxy, policy: type[Policy]) -> None:
    template = ROOT / "templates" / proxy.name / "policies" / f"{policy.name}.j2"
    reason = proxy.lacks.get(policy.name, "")
    assert template.exists() != bool(reason), f"write {template.relative_to(ROOT)}, or a reason in lacks"


@policies
@proxies
def test_macros_are_named_after_slots(proxy: Proxy, policy: type[Policy]) -> None:
    if policy.name not in proxy.lacks:
        assert macros(proxy, policy) <= set(proxy.slots)


@proxies
def test_there_is_no_template_without_a_policy(proxy: Proxy) -> None:
    found = {path.stem for path in (ROOT / "templates" / proxy.name / "policies").glob("*.j2")}
    assert found <= set(BY_NAME)


@policies
def test_a_policy_has_at_most_one_main_option(policy: type[Policy]) -> None:
    assert [option.is_main for option in options_of(policy)].count(True) == 1


@options
def test_an_option_has_help_and_an_example(policy: type[Policy], option: Option) -> None:
    assert option.help.endswith(".")
    assert option.example


@options
def test_an_example_of_an_option_can_be_read(policy: type[Policy], option: Option) -> None:
    key, _, text = option.example.rpartition("=") if option.is_open else (f"{policy.name}.{option.name}", "", "")
    text = text or option.example
    main = next(each for each in options_of(policy) if each.is_main)
    labels = {f"fairway.{policy.name}": NEEDED.get(option.name, main.example)} if needs_main(option, main) else {}
    labels[f"fairway.{key}"] = HASH if text == "alice:$apr1$…" else text  # the reference abbreviates a hash
    written = tuple(Label(key=key, value=value) for key, value in sorted(labels.items()))
    declaration = native.read(Workload(id="a", name="a", labels=written), "docker")
    assert declaration is not None
    assert [str(problem) for problem in declaration.problems] == []
    assert [each.name for each in declaration.routes[0].policies] == [policy.name]


@policies
def test_a_policy_has_a_case(policy: type[Policy]) -> None:
    assert (ROOT / "tests" / "cases" / "policies" / f"{policy.name}.case").exists()


@policies
def test_a_policy_has_a_conformance_file(policy: type[Policy]) -> None:
    spoken = re.compile(rf"\bfairway\.(?:routes\.\w+\.)?{policy.name}\b")
    folder = ROOT / "tests" / "conformance"
    without_http = re.search(rf"\b{policy.name}=", (folder / "test_tcp.py").read_text()) and policy.transports
    found = any(spoken.search(file.read_text()) for file in folder.glob("*.yaml"))
    assert found or without_http, "no requests show what it does"
