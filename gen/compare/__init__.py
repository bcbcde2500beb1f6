"""Compare: two parsed nginx configurations → where they mean something else. Pure: directives in, differences out.

meaning ──▶ pairing ──▶ differences
one spelling  who is who  what is other
"""

from __future__ import annotations

from gen.compare.differences import Difference, Kind, differences
from gen.compare.meaning import Directives, plain
from gen.compare.pairing import paired

__all__ = ["Difference", "Directives", "Kind", "compare"]


def compare(before: Directives, after: Directives) -> tuple[Difference, ...]:
    """All differences: of servers first, then of what they use, then of the rest."""
    return differences(*paired(plain(before), plain(after)))
