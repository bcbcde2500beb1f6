"""An operator's template of which a part would never be used is refused, whatever is routed."""

from __future__ import annotations

import pytest

from tests.support.overridden import overridden, refusal, routed, source, text_of

MACRO = "{% macro NAME(policy, it) %}\nproxy_read_timeout 5s;\n{%- endmacro %}"
SHIPPED = "shipped/nginx/policies/timeouts.j2"
EXTENDED = '{% extends "shipped/nginx/server.j2" %}'
WRONG = {
    "policies/timeouts": [
        (MACRO.replace("NAME", "locaton"), "the macro 'locaton' is not a slot; the nearest is 'location'; macros"),
        (MACRO.replace("NAME", "backend"), "the macro 'backend' is not a slot"),
        ("", "it has no macro of a slot: http, "),
        ("{# later #}", "it has no macro of a slot"),
        (MACRO.replace("NAME", "_location"), "it has no macro of a slot"),
        (f'{{% extends "{SHIPPED}" %}}', "a policy's template does not extend another; write {% import"),
        (f'{{% from "{SHIPPED}" import location %}}', "location is imported and so writes nothing"),
    ],
    "server": [
        ('{% extends "nginx/server.j2" %}', "it refers to itself; the shipped template is shipped/nginx/server.j2"),
        ('{% extends "shipped/nginx/sever.j2" %}', "it extends shipped/nginx/sever.j2, which does not exist"),
        (EXTENDED + "{% block server_stat %}{% endblock %}", "the nearest is 'server_start'"),
        (EXTENDED + "\nallow all;\n", "text outside of blocks is ignored"),
        ("\n{% if %}", "mine/nginx/server.j2:2: "),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "why"), [(name, *one) for name, every in WRONG.items() for one in every])
def test_what_would_never_be_used_is_refused(name: str, text: str, why: str) -> None:
    error = refusal("nginx", {name: text})
    assert error.startswith(f"template mine/nginx/{name}.j2:")
    assert why in error


def test_a_template_of_the_other_proxy_is_not_looked_at() -> None:
    both = overridden("nginx", {"server": source("nginx/server.j2")})
    both.templates.own["haproxy/backend.j2"] = "{% if %}"  # type: ignore[index]
    assert "a.test" in text_of(both, routed("nginx"))


def test_a_template_that_says_something_alone_may_stay_so() -> None:
    own = {"policies/keepalive": "{#- Nothing is written. -#}"}
    assert "a.test" in text_of(overridden("nginx", own), routed("nginx"))


def test_a_policys_template_may_have_macros_and_values_of_its_own() -> None:
    text = """
{%- set name = "X-Timeout" %}
{%- macro _said(policy) %}
add_header {{ word(name) }} {{ policy.read }};
{%- endmacro %}
{%- macro location(policy, it) %}
{{- _said(policy) }}
{%- endmacro %}
"""
    own = text_of(overridden("nginx", {"policies/timeouts": text}), routed("nginx", timeouts="5s"))
    assert "            add_header X-Timeout 5s;\n" in own


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{% macro location(policy) %}{% endmacro %}", "the macro 'location' has to take (policy, it)"),
        ("{% macro location(policy, it) %}\n{{ 1 // 0 }}{% endmacro %}", "j2:2: ZeroDivisionError: "),
        (
            "{% macro location(policy, it) %}\n\n{{ policy.nothing }}{% endmacro %}",
            "Timeouts object' has no attribute 'nothing'",
        ),
        ("{% macro location(policy, it) %}{{ location(policy, it) }}{% endmacro %}", "call each other without an end"),
        ('{% macro location(policy, it) %}\nadd_header X {{ "a b" | safe }};{% endmacro %}', "No filter named 'safe'"),
    ],
)
def test_the_error_names_the_template_in_which_it_arose(text: str, why: str) -> None:
    error = refusal("nginx", {"policies/timeouts": text}, routed("nginx", timeouts="5s"))
    assert error.startswith("template ")
    assert ("mine/nginx/policies/timeouts.j2" in error, why in error) == (True, True), error
