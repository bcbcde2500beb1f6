"""HAProxy, 2.6 to current: what is true of it alone.

fit        what it cannot do → problems        maps        the routing table as files to look things up in
view       facts for the templates             conditions  what is asked beside host and path, as ACLs
literal    how values are spelled              backends    an upstream with one set of policies
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gen.bundle import File
from gen.memo import Memo
from gen.model import Model
from gen.proxies.haproxy import fit, literal, proof, tokens
from gen.proxies.haproxy.literal import Word
from gen.proxies.haproxy.view import RELEASE, View, view
from gen.proxies.proof import Needs, Rendered

BASELINE: frozenset[str] = frozenset({"ipv6", "httpclient"})
"""What every supported version can do."""


@dataclass(frozen=True)
class Haproxy:
    """The proxy `haproxy` with the capabilities of one binary."""

    capabilities: frozenset[str] = BASELINE

    name: ClassVar[str] = "haproxy"
    main: ClassVar[str] = "haproxy.cfg"
    is_private: ClassVar[bool] = True
    signed: ClassVar[str] = RELEASE
    slots: ClassVar[tuple[str, ...]] = ("section", "backend", "path", "server", "stream")
    words: ClassVar[Mapping[str, object]] = {"word": lambda *parts: Word("".join(map(str, parts)))}

    @property
    def lacks(self) -> Mapping[str, str]:
        return fit.lacks(self.capabilities)

    def fit(self, model: Model, memo: Memo | None = None) -> Model:
        return fit.fit(model, self.capabilities, memo)

    def literal(self, value: object) -> str:
        return literal.literal(value)

    def view(self, model: Model, memo: Memo | None = None) -> View:
        return view(model, self.capabilities, memo)

    def check(self, marked: str) -> str:
        return tokens.check(marked)

    def request_slots(self, it: object) -> tuple[str, ...]:
        return proof.slots(it)

    def refuses(self, text: str) -> bool:
        return proof.refuses(text)

    def prove(self, it: object, block: Rendered, needs: Needs) -> None:
        proof.prove(it, block, needs)

    def prove_main(self, view: View, main: Rendered) -> None:
        proof.prove_main(view, main)

    def files(self, view: View) -> tuple[File, ...]:
        """Maps, certificates with their lists, and the digest that the running proxy tells."""
        return view.files
