"""Skeleton: the main file without the blocks that an update may change, and what it was made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, partial

from gen.bundle import PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Blocks:
    """Where the blocks of a kind go: one for each of what the view has under `name`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """All blocks of a kind, one by one; together they are made when they are asked for, as they would lie in memory
    once more."""

    texts: tuple[str, ...]

    @property
    def content(self) -> bytes:
        return "".join(self.texts).encode()


@dataclass(frozen=True, kw_only=True)
class Skeleton:
    """A main file and the places of its blocks. `answers`: what it is made of, as (name, inputs) with the view's
    answer; inputs are None where it is no method."""

    pieces: tuple[str | Blocks, ...]
    answers: tuple[tuple[Asked, object], ...]

    def holds(self, view: object) -> bool:
        """Whether a view gives the same answers."""
        return all(_answer(view, asked) == answer for asked, answer in self.answers)

    @cached_property
    def digest(self) -> bytes:
        """Of the text, and of where blocks go."""
        return hashed("\0".join(piece if isinstance(piece, str) else str(piece) for piece in self.pieces).encode())

    @cached_property
    def signature(self) -> int:
        """The piece that tells the digest; -1 where there is none."""
        found = [at for at, piece in enumerate(self.pieces) if isinstance(piece, str) and PLACEHOLDER in piece]
        return found[-1] if found else -1


Asked = tuple[str, tuple[object, ...] | None]


def _answer(view: object, asked: Asked) -> object:
    name, inputs = asked
    found = getattr(view, name)
    return found if inputs is None else found(*inputs)


class Reading:
    """A view that notes what a template asks of it, with the answers."""

    def __init__(self, view: object) -> None:
        self.view = view
        self.answers: dict[Asked, object] = {}

    def __getattr__(self, name: str) -> object:
        found = getattr(self.view, name)
        return partial(self._call, name) if callable(found) else self._note((name, None))

    def _call(self, name: str, *inputs: object) -> object:
        return self._note((name, inputs))

    def _note(self, asked: Asked) -> object:
        self.answers[asked] = _answer(self.view, asked)
        return self.answers[asked]


def hashed(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
