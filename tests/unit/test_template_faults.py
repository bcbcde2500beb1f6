"""What an operator's template does wrong ends the run with the template's name; no label is blamed for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gen.bundle import Bundle
from gen.errors import TemplateError
from gen.pipeline import Pipeline
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.render import Templates
from gen.settings import Settings
from gen.state import State
from tests.support.labelled import workload, world
from tests.support.overridden import SHIPPED, source

both = pytest.mark.parametrize("proxy", [Nginx(), Haproxy()], ids=["nginx", "haproxy"])
WORD = "no_such_word"


def sites() -> State:
    redirecting = {"fairway.host": "b.test", "fairway.redirect.to": "https://c.test"}
    return world(workload("a", {"fairway.host": "a.test"}), workload("b", redirecting, created=1.0))


def line(proxy: Proxy, **own: str) -> Pipeline:
    named = {f"{proxy.name}/{name.replace('__', '/')}.j2": text for name, text in own.items()}
    loader = Templates(SHIPPED, named, directory="mine")
    return Pipeline(Settings(), proxy, loader, certificates=lambda: ((), ()))


def broken(proxy: Proxy) -> str:
    text = source(f"{proxy.name}/policies/redirect.j2")
    return text.replace("return ", f"{WORD} ").replace("http-request", WORD)


def dislikes(*texts: str) -> Callable[[Bundle], str]:
    def verdict(bundle: Bundle) -> str:
        main = bundle.file(bundle.main).decode()
        return next((f"unknown directive {text}" for text in texts if text in main), "")

    return verdict


@both
def test_what_the_proxy_refuses_of_a_template_is_not_a_workloads_fault(proxy: Proxy) -> None:
    stages = line(proxy, policies__redirect=broken(proxy))
    for _ in range(2):
        with pytest.raises(TemplateError) as error:
            stages.make(sites(), dislikes(WORD))
        file = f"mine/{proxy.name}/policies/redirect.j2"
        assert str(error.value) == f"{proxy.name} refuses what {file} makes: unknown directive {WORD}"
        assert error.value.hint == f"without {file} the configuration is accepted; no label is at fault"
        assert stages.blamed == {}


@both
def test_of_several_templates_the_one_at_fault_is_named(proxy: Proxy) -> None:
    whole = {name: source(f"{proxy.name}/policies/{name}.j2") for name in ("timeouts", "retry")}
    own = {f"policies__{name}": text for name, text in whole.items()}
    with pytest.raises(TemplateError, match=r"mine/\w+/policies/redirect.j2 makes: unknown"):
        line(proxy, policies__redirect=broken(proxy), **own).make(sites(), dislikes(WORD))


@both
def test_a_template_that_fails_for_one_route_is_not_its_workloads_fault(proxy: Proxy) -> None:
    slot = {"nginx": "location", "haproxy": "backend"}[proxy.name]
    text = f"{{% macro {slot}(policy, it) %}}\n{{{{ policy.nothing }}}}{{% endmacro %}}"
    stages = line(proxy, policies__redirect=text)
    with pytest.raises(TemplateError, match=r"template mine/\w+/policies/redirect.j2:2: "):
        stages.make(sites())
    assert stages.blamed == {}


@both
def test_a_template_that_loses_a_guard_is_not_its_workloads_fault(proxy: Proxy) -> None:
    slot = {"nginx": "location", "haproxy": "backend"}[proxy.name]
    stages = line(proxy, policies__ip_allow=f"{{% macro {slot}(policy, it) %}}{{% endmacro %}}")
    guarded = workload("a", {"fairway.host": "a.test", "fairway.ip_allow": "10.0.0.0/8"})
    with pytest.raises(TemplateError, match=r"template mine/\w+/policies/ip_allow.j2: the slot .* does not write"):
        stages.make(world(guarded))
    assert stages.blamed == {}
    assert stages.make(sites()).problems == ()


@both
def test_a_label_that_is_refused_without_the_templates_too_is_blamed(proxy: Proxy) -> None:
    whole = source(f"{proxy.name}/policies/redirect.j2")
    made = line(proxy, policies__redirect=whole).make(sites(), dislikes("c.test"))
    assert [problem.origin.workload for problem in made.problems] == ["b"]
    assert "refuses what these labels make" in made.problems[0].message
