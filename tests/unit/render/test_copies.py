"""Templates of an operator that are the shipped ones: the same bytes, and each guard is found where it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.render import Renderer, Templates
from tests.support.cases import CASES, PROXIES, ROOT, Case, case_files
from tests.support.overridden import SHIPPED, source

FILES = [path.relative_to(ROOT / "templates").as_posix() for path in sorted((ROOT / "templates").rglob("*.j2"))]
COPIED = {name: source(name) for name in FILES}
EXTENDED = {name: f'{{% extends "shipped/{name}" %}}' for name in FILES if "{% endblock %}" in source(name)}
# One of each, as templates compile slowly.
RENDERERS = {
    (proxy, kind): Renderer(PROXIES[proxy], Templates(SHIPPED, own))
    for proxy in PROXIES
    for kind, own in {"shipped": {}, "copied": COPIED, "extended": EXTENDED}.items()
}


def _name(path: Path) -> str:
    return str(path.relative_to(CASES).with_suffix(""))


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("path", case_files(), ids=_name)
def test_copied_and_extended_templates_render_what_the_shipped_ones_do(path: Path, proxy: str) -> None:
    model = Case.read(path).model(proxy)
    shipped = RENDERERS[proxy, "shipped"].render(model)
    assert RENDERERS[proxy, "copied"].render(model) == shipped
    assert RENDERERS[proxy, "extended"].render(model) == shipped


def test_both_proxies_have_places_to_extend() -> None:
    assert {"nginx/nginx.conf.j2", "nginx/server.j2", "haproxy/haproxy.cfg.j2", "haproxy/backend.j2"} <= set(EXTENDED)
