"""nginx, 1.22 to current: what is true of it alone.

fit        what it cannot do → problems        routing     the routing table as sites and nodes
view       facts for the templates             predicates  conditions as variables
literal    how values are spelled              tokens      its tokenizer, and the structural check
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gen.bundle import File
from gen.memo import Memo
from gen.model import Model
from gen.proxies.nginx import fit, literal, proof, tokens
from gen.proxies.nginx.facts import place
from gen.proxies.nginx.literal import Word
from gen.proxies.nginx.view import View, view
from gen.proxies.proof import Needs, Rendered

BASELINE: frozenset[str] = frozenset({"ipv6", "grpc", "stream"})
"""What every supported version can do, as nginx's own packages and images have it."""


@dataclass(frozen=True)
class Nginx:
    """The proxy `nginx` with the capabilities of one binary."""

    capabilities: frozenset[str] = BASELINE

    name: ClassVar[str] = "nginx"
    main: ClassVar[str] = "nginx.conf"
    is_private: ClassVar[bool] = True
    signed: ClassVar[str] = "nginx.conf"
    slots: ClassVar[tuple[str, ...]] = (
        "http",
        "upstream_http",
        "upstream",
        "upstream_server",
        "server",
        "location",
        "path",
        "stream",
    )
    words: ClassVar[Mapping[str, object]] = {"word": lambda *parts: Word("".join(map(str, parts))), "place": place}

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
        proof.prove_main(main)

    def files(self, view: View) -> tuple[File, ...]:
        """The files beside the configuration: names with password hashes."""
        return view.files
