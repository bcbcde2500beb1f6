"""A block of an operator's keeps the guards of its routes, in front of all that answers, or nothing is rendered."""

from __future__ import annotations

import pytest

from gen.settings import Settings
from gen.values import Listen
from tests.support.labelled import SETTINGS
from tests.support.overridden import USERS, overridden, refusal, routed, source, text_of

STREAMS = Settings(listeners=(Listen("web", 8080), Listen("db", 5432, protocol="tcp")))
CALLED = '{{- slot("location", it) }}'
OWN = "\nlocation /more {\nproxy_pass {{ TARGET.body.target.address }};\n}\n"
WRONG = [
    ("location", CALLED, ""),
    ("location", CALLED, "{% if false %}" + CALLED + "{% endif %}"),
    ("location", CALLED, 'if ( $is_args ) {\n{{- slot("location", it) }}\n}'),
    ("location", CALLED, 'location /below {\n{{- slot("location", it) }}\n}'),
    ("location", CALLED, "\nreturn 200;" + CALLED),
    ("location", CALLED, "\nrewrite ^ / break;" + CALLED),
    ("location", CALLED, CALLED + "\nreturn 200;"),
    ("location", CALLED, CALLED + "\nlocation /below {\nproxy_pass {{ it.target.address }};\n}"),
    ("location", CALLED, '{{ slot("location", it) | string | truncate(20) }}'),
    ("server", "{{- part.body(location.body) | indent(12) }}", "\nproxy_pass {{ location.body.target.address }};"),
    ("server", "{%- for location in it.locations %}", "{%- for location in it.locations[:0] %}"),
    ("server", "location {% if location.exact %}={% else %}^~{% endif %} {{ location.path }}", "location ~ x"),
    ("server", "{%- for name in it.names %}", OWN.replace("TARGET", "it.locations[0]") + "{%- for name in it.names %}"),
    ("nginx.conf", '{{- blocks("server", "sites") }}', "{%- for site in view.sites %}\nserver {"
     + OWN.replace("TARGET", "site.locations[0]") + "\n}\n{%- endfor %}"),
]  # fmt: skip
BACKEND = '{{- slot("backend", it) | indent(4) }}'
WRONG_BACKENDS = [
    ("backend", BACKEND, ""),
    ("backend", BACKEND, "\n    http-request allow" + BACKEND),
    ("backend", BACKEND, "\n    http-request return status 200" + BACKEND),
    ("haproxy.cfg", '{{- blocks("backend", "backends") }}', "{%- for b in view.backends %}\n\nbackend {{ b.name }}\n"
     "    server a {{ b.servers[0].place }}\n{%- endfor %}\n"),
]  # fmt: skip


def changed(proxy: str, name: str, found: str, instead: str) -> dict[str, str]:
    text = source(f"{proxy}/{name}.j2")
    assert text.count(found) == 1
    return {name: text.replace(found, instead)}


@pytest.mark.parametrize(("name", "found", "instead"), WRONG)
@pytest.mark.parametrize("guard", [{"ip_allow": "10.0.0.0/8"}, {"basic_auth": USERS}], ids=["addresses", "passwords"])
def test_a_block_of_nginx_that_loses_a_guard_is_an_error(
    name: str, found: str, instead: str, guard: dict[str, str]
) -> None:
    own = changed("nginx", name, found, instead)
    error = refusal("nginx", own, routed("nginx", SETTINGS, **guard))
    assert error.startswith("template "), error
    assert "a.test" in text_of(overridden("nginx", {}), routed("nginx", SETTINGS, **guard))


@pytest.mark.parametrize(("name", "found", "instead"), WRONG_BACKENDS)
def test_a_block_of_haproxy_that_loses_a_guard_is_an_error(name: str, found: str, instead: str) -> None:
    error = refusal("haproxy", changed("haproxy", name, found, instead), routed("haproxy", ip_allow="10.0.0.0/8"))
    assert error.startswith(f"template mine/haproxy/{name}.j2: "), error


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_a_block_of_tcp_that_loses_a_guard_is_an_error(proxy: str) -> None:
    name, lines = {"nginx": ("stream_server", 8), "haproxy": ("backend", 4)}[proxy]
    own = changed(proxy, name, f'{{{{- slot("stream", it) | indent({lines}) }}}}', "")
    model = routed(proxy, STREAMS, tcp__db__port="5432", tcp__db__ip_allow="10.0.0.0/8")
    assert "has the guard ip_allow" in refusal(proxy, own, model)


def test_a_wait_that_accepts_connections_before_the_guard_is_an_error() -> None:
    slot = '{{- slot("stream", it) | indent(4) }}'
    accept = "\n    tcp-request content accept if { nbsrv ge 1 }" + slot
    model = routed("haproxy", STREAMS, tcp__db__port="5432", tcp__db__ip_allow="10.0.0.0/8")
    error = refusal("haproxy", changed("haproxy", "backend", slot, accept), model)
    assert "'tcp-request content accept if { nbsrv ge 1 }' stands before them" in error


def test_a_redirect_that_answers_before_passwords_are_looked_at_is_an_error() -> None:
    line = "return 302 {{ it.redirect_target(policy.to) }};"
    own = {"policies/redirect": f"{{% macro location(policy, it) %}}\n{line}{{% endmacro %}}"}
    model = routed("nginx", redirect__to="https://b.test", basic_auth=USERS)
    assert "has guards, and 'return' answers before nginx asks them" in refusal("nginx", own, model)
    assert "return 302" in text_of(overridden("nginx", own), routed("nginx", redirect__to="https://b.test"))


def test_a_disabled_route_hands_no_request_on() -> None:
    own = changed("nginx", "location", "{%- if it.is_out %}", "{%- if false %}")
    error = refusal("nginx", own, routed("nginx", ip_allow="everybody"))
    assert "the route is disabled (503)" in error


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_what_a_block_adds_for_requests_that_are_let_in_stays_the_operators_word(proxy: str) -> None:
    line = {"nginx": "add_header X-Site yes;", "haproxy": "http-request set-header X-Site yes"}[proxy]
    name = {"nginx": "server", "haproxy": "backend"}[proxy]
    own = f'{{% extends "shipped/{proxy}/{name}.j2" %}}{{% block {name}_start %}}\n    {line}\n{{%- endblock %}}'
    assert line in text_of(overridden(proxy, {name: own}), routed(proxy, ip_allow="10.0.0.0/8"))
