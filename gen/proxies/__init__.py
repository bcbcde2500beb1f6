"""Proxies: what is true of one proxy only. Model → Model (`fit`), value → text (`literal`), Model → facts (`view`).

Nothing here touches the world; what has to be run is described (`commands`) and handed to control.
Where a memo is handed in, an update costs what changed; the answer is the same without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from gen.bundle import File
from gen.memo import Memo
from gen.model import Model
from gen.proxies.proof import Needs, Rendered


class Proxy(Protocol):
    """One proxy at one set of capabilities: what rendering and the pipeline ask of it.

    `main`: the file that it reads first, `is_private` where that holds secrets. `signed`: the file in which the digest
    stands. `slots`: the places where policies write, in order. `words`: what its templates may call.
    """

    name: ClassVar[str]
    main: ClassVar[str]
    is_private: ClassVar[bool]
    signed: ClassVar[str]
    slots: ClassVar[tuple[str, ...]]
    words: ClassVar[Mapping[str, object]]

    @property
    def lacks(self) -> Mapping[str, str]:
        """What it cannot keep, each with the reason: policies by name, single options as `policy.option`."""

    def fit(self, model: Model, memo: Memo | None = None) -> Model:
        """The model as this proxy can keep it, with a problem for each thing that it cannot."""

    def literal(self, value: object) -> str:
        """The text of one value: always exactly one word of the configuration. Raises TemplateError."""

    def view(self, model: Model, memo: Memo | None = None) -> Any:
        """The facts that its templates print, all of them values. What `blocks` names are tuples of facts with a
        `slot`, which tells each from the others."""

    def check(self, marked: str) -> str:
        """A rendered text without its marks, once every marked expression was found to be one word. Raises
        TemplateError where one is not."""

    def request_slots(self, it: Any) -> tuple[str, ...]:
        """The slots in which requests, or connections, of what a template calls `it` meet guards."""

    def refuses(self, text: str) -> bool:
        """Whether a line of what a template wrote into a slot refuses requests, or servers."""

    def prove(self, it: Any, block: Rendered, needs: Needs) -> None:
        """Raises TemplateError if a request could pass a rendered block without a guard that it `needs`."""

    def prove_main(self, view: Any, main: Rendered) -> None:
        """Raises TemplateError if the main file lets requests past the blocks in which guards are looked for."""

    def files(self, view: Any) -> tuple[File, ...]:
        """The files beside the main one that go with a view, sorted by name."""
