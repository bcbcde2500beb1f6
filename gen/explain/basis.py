"""Basis: one pass, as far as answers need it. Whoever made the pass hands it over; everything here reads it."""

from __future__ import annotations

from dataclasses import dataclass

from gen.bundle import Bundle
from gen.dialects import Declaration
from gen.explain.lines import Render
from gen.model import Model
from gen.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """`render` makes a bundle of another model, with the same templates. `now`: UTC seconds since 1970, for the dates
    of certificates."""

    state: State
    declarations: tuple[Declaration, ...]
    model: Model
    bundle: Bundle
    render: Render
    now: float = 0.0
