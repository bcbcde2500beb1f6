"""Renderers with an operator's templates, and small models for them."""

from __future__ import annotations

import jinja2
import pytest

from gen.errors import TemplateError
from gen.model import Model
from gen.render import Renderer, Templates
from gen.settings import Settings
from tests.support.cases import PROXIES, ROOT
from tests.support.labelled import SETTINGS, built, workload

SHIPPED = jinja2.FileSystemLoader(ROOT / "templates")
USERS = "alice:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM."


def source(path: str) -> str:
    """The text of a shipped template."""
    return (ROOT / "templates" / path).read_text(encoding="utf-8")


def overridden(proxy: str, own: dict[str, str]) -> Renderer:
    """A renderer with templates of an operator, by their paths below the proxy's and without `.j2`."""
    named = {f"{proxy}/{name}.j2": text for name, text in own.items()}
    return Renderer(PROXIES[proxy], Templates(SHIPPED, named, directory="mine"))


def routed(proxy: str, settings: Settings = SETTINGS, /, **labels: str) -> Model:
    """What a proxy keeps of one workload with these labels of the route, `host: a.test` among them."""
    written = {f"fairway.{key.replace('__', '.')}": value for key, value in ({"host": "a.test"} | labels).items()}
    return PROXIES[proxy].fit(built(workload("shop", written), settings=settings))


def text_of(renderer: Renderer, model: Model) -> str:
    """The main file that a renderer makes of a model."""
    bundle = renderer.render(model)
    return bundle.file(bundle.main).decode()


def refusal(proxy: str, own: dict[str, str], model: Model | None = None) -> str:
    """The error with which templates are refused."""
    with pytest.raises(TemplateError) as error:
        overridden(proxy, own).render(model or routed(proxy))
    return str(error.value)
