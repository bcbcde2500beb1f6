"""Proxies: what is true of one proxy only. Model → Model (`fit`), value → text (`literal`), Model → facts (`view`).

Nothing here touches the world; what has to be run is described and handed to control.
"""

from __future__ import annotations

from typing import Protocol

from gen.model import Model


class Proxy(Protocol):
    """One proxy at one set of capabilities.

    `slots`: the places in its configuration where policies write, in order. `lacks`: policies that it cannot keep,
    each with the reason.
    """

    name: str
    main: str
    slots: tuple[str, ...]
    lacks: dict[str, str]

    def fit(self, model: Model) -> Model:
        """The model as this proxy can keep it, with a problem for each thing that it cannot."""

    def literal(self, value: object) -> str:
        """The text of one value: always exactly one word of the configuration. Raises TemplateError."""

    def check(self, marked: str) -> str:
        """A rendered text without its marks, once every marked expression was found to be one word."""
