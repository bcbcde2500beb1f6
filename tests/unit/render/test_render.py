"""Rendering: an operator's own template is held to the same rules, and is told where it breaks them."""

from __future__ import annotations

import jinja2
import pytest
from markupsafe import Markup

from gen.errors import TemplateError
from gen.model import Model
from gen.proxies.nginx import Nginx
from gen.render import Renderer
from tests.support.cases import ROOT
from tests.support.labelled import built, workload

OURS = jinja2.FileSystemLoader(ROOT / "templates")
BLOCK = "\n    server {\n        listen 8080;\n        LINE\n    }\n"


def model(**labels: str) -> Model:
    return Nginx().fit(built(workload("shop", {f"fairway.{key}": value for key, value in labels.items()})))


def main(renderer: Renderer, shop: Model) -> str:
    bundle = renderer.render(shop)
    return next(file for file in bundle.files if file.name == bundle.main).content.decode()


def renderer(**templates: str) -> Renderer:
    own = {f"nginx/{name.replace('__', '/')}.j2": text for name, text in templates.items()}
    return Renderer(Nginx(), jinja2.ChoiceLoader([jinja2.DictLoader(own), OURS]))


def refused(**templates: str) -> str:
    with pytest.raises(TemplateError) as error:
        renderer(**templates).render(model(host="a.test", timeouts="5s"))
    return str(error.value)


def test_an_operators_template_is_used_first_file_by_file() -> None:
    own = renderer(server=BLOCK.replace("LINE", "{%- for name in it.names %}\nserver_name {{ name }};\n{%- endfor %}"))
    assert "server_name a.test;" in main(own, model(host="a.test"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("server_name x{{ it.names[0] }};", "not one whole word"),
        ('add_header X "{{ it.names[0] }}";', "not one whole word"),
        ("# {{ it.names[0] }}", "not one whole word"),
        ("{{ it.names[0] }} on;", "where a directive's name belongs"),
        ("{{ it.names[0] }};", "where a directive's name belongs"),
        ("server_name {{ it.names[0] }}", "a directive without ;"),
        ("location / {", "ends inside 'server'"),
        ("}", "nothing opened"),
    ],
)
def test_a_template_that_breaks_the_structure_is_refused(line: str, why: str) -> None:
    assert why in refused(server=BLOCK.replace("LINE", "{%- if it.names %}\n" + line + "\n{%- endif %}"))


def test_a_template_that_fails_is_named() -> None:
    assert refused(server="{{ it.nothing }}").startswith("template nginx/server.j2")
    assert refused(server="\n{% if %}").startswith("template nginx/server.j2:2:")
    assert refused(server='{% include "nginx/absent.j2" %}') == "template nginx/absent.j2 does not exist"


def test_a_policys_template_is_held_to_the_same_rules() -> None:
    glued = "{% macro location(policy, it) %}\nproxy_read_timeout 1{{ policy.read }};\n{% endmacro %}"
    assert "not one whole word" in refused(policies__timeouts=glued)


def test_a_slot_that_is_none_lists_the_slots() -> None:
    assert refused(server='{{ slot("nowhere", it) }}').startswith(
        "template nginx/server.j2:1: 'nowhere' is not a slot of nginx: http, "
    )


def test_a_skeleton_without_the_digest_could_not_be_confirmed() -> None:
    skeleton = OURS.get_source(jinja2.Environment(), "nginx/nginx.conf.j2")[0]
    own = {"nginx/nginx.conf.j2": skeleton.replace("{{ digest }}", "ok")}
    wrong = Renderer(Nginx(), jinja2.ChoiceLoader([jinja2.DictLoader(own), OURS]))
    with pytest.raises(TemplateError, match="does not print the digest"):
        wrong.render(model(host="a.test"))


def test_hashes_are_in_a_private_file_and_change_the_digest() -> None:
    one = renderer().render(model(host="a.test", basic_auth="alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="))
    two = renderer().render(model(host="a.test", basic_auth="alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj90="))
    [users] = [file for file in one.files if file.name.startswith("auth/")]
    assert users.private
    assert users.content == b"alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"
    assert one.digest != two.digest


def test_an_unchanged_block_is_not_rendered_again() -> None:
    calls: list[str] = []

    def told() -> Markup:
        calls.append("server")
        return Markup("")

    own = renderer(server="{{ told() }}" + BLOCK.replace("LINE", ""))
    own.environment.globals["told"] = told
    own.render(model(host="a.test"))
    first = len(calls)
    own.render(model(host="a.test", port="81"))
    assert (first, len(calls)) == (2, 2)
