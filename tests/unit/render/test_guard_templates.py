"""A template of a guard refuses requests wherever the shipped one does, or nothing is rendered."""

from __future__ import annotations

import pytest

from gen.settings import Settings
from gen.values import Listen
from tests.support.cases import PROXIES
from tests.support.labelled import SETTINGS
from tests.support.overridden import USERS, overridden, refusal, routed, source, text_of

SLOT = {"nginx": "location", "haproxy": "backend"}
SLOTS = {"nginx": ("http", "location", "stream"), "haproxy": ("backend", "stream")}
NOT_REFUSING = {
    "nginx": [
        "",
        "{# deny all #}",
        "\n# deny all;",
        "{% if false %}\ndeny all;{% endif %}",
        "\nauth_basic off;",
        "\nallow 10.0.0.0/8;",
        "\nif ( $is_args ) {\n    return 204;\n}",
        "\nadd_header X-Guard yes;",
    ],
    "haproxy": [
        "",
        "{# deny #}",
        "\n# http-request deny",
        "{% if false %}\nhttp-request deny{% endif %}",
        "\nacl allowed src 10.0.0.0/8",
        "\nhttp-request allow",
        "\nhttp-request return status 200 if { always_true }",
        "\nhttp-request set-header X-Guard yes",
    ],
}
REFUSING = {
    "nginx": ["\ndeny all;", "\nauth_request /auth;", "\nif ( $is_args ) {\n    return 403;\n}"],
    "haproxy": [
        "\nhttp-request deny unless { src 10.0.0.1 }",
        "\nhttp-request return status 403",
        "\nhttp-request tarpit",
    ],
}
GUARDS = {"ip_allow": "10.0.0.0/8", "basic_auth": USERS}
ALL = [(proxy, text) for proxy in PROXIES for text in NOT_REFUSING[proxy]]


def macro(proxy: str, text: str, slot: str = "") -> str:
    return f"{{% macro {slot or SLOT[proxy]}(policy, it) %}}{text}\n{{%- endmacro %}}"


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize(("proxy", "text"), ALL)
def test_a_guard_that_would_refuse_nothing_is_an_error(proxy: str, text: str, guard: str) -> None:
    error = refusal(proxy, {f"policies/{guard}": macro(proxy, text)}, routed(proxy, SETTINGS, **{guard: GUARDS[guard]}))
    assert error.startswith(
        f"template mine/{proxy}/policies/{guard}.j2: the slot {SLOT[proxy]} does not write a line that"
    )
    assert f"which has the guard {guard}" in error


@pytest.mark.parametrize(("proxy", "text"), [(proxy, text) for proxy in PROXIES for text in REFUSING[proxy]])
def test_a_guard_may_refuse_in_another_way(proxy: str, text: str) -> None:
    own = overridden(proxy, {"policies/ip_allow": macro(proxy, text)})
    assert text.splitlines()[1] in text_of(own, routed(proxy, ip_allow="10.0.0.0/8"))


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_route_without_the_guard_does_not_need_its_template(proxy: str) -> None:
    own = overridden(proxy, {"policies/ip_allow": macro(proxy, "")})
    assert "timeout" in text_of(own, routed(proxy, timeouts="5s"))


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_guard_of_tcp_that_forgets_connections_is_an_error(proxy: str) -> None:
    text = source(f"{proxy}/policies/ip_allow.j2")
    own = {"policies/ip_allow": text[: text.index("{% macro stream")]}
    settings = Settings(listeners=(Listen("web", 8080), Listen("db", 5432, protocol="tcp")))
    model = routed(proxy, settings, tcp__db__port="5432", tcp__db__ip_allow="10.0.0.0/8")
    error = refusal(proxy, own, model)
    assert error.startswith(f"template mine/{proxy}/policies/ip_allow.j2: the slot stream does not write a line that")


@pytest.mark.parametrize("proxy", PROXIES)
def test_servers_that_have_to_be_verified_are(proxy: str) -> None:
    settings = Settings(listeners=(Listen("web", 8080),), ca_files="/ca")
    model = routed(proxy, settings, protocol="https", upstream_tls__ca="ca.pem", upstream_tls__verify="on")
    text = source(f"{proxy}/policies/upstream_tls.j2")
    assert "verify" in text_of(overridden(proxy, {"policies/upstream_tls": text}), model)
    lax = text.replace('ssl_verify") }} on', 'ssl_verify") }} off').replace("verify required", "verify none")
    assert "has the guard upstream_tls" in refusal(proxy, {"policies/upstream_tls": lax}, model)


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_guards_template_may_call_the_shipped_one(proxy: str) -> None:
    more = {"nginx": "add_header X-Guard yes;", "haproxy": "http-response set-header X-Guard yes"}[proxy]
    calls = {slot: f"\n{{{{- shipped.{slot}(policy, it) }}}}" for slot in SLOTS[proxy]}
    calls[SLOT[proxy]] += f"\n{more}"
    text = f'{{% import "shipped/{proxy}/policies/ip_allow.j2" as shipped %}}'
    text += "".join(macro(proxy, call, slot) for slot, call in calls.items())
    model = routed(proxy, ip_allow="10.0.0.0/8")
    own = text_of(overridden(proxy, {"policies/ip_allow": text}), model).splitlines()
    lost = [line for line in text_of(overridden(proxy, {}), model).splitlines() if line not in own]
    assert more in [line.strip() for line in own]
    assert all("return 200" in line for line in lost), "the digest alone is another"
