"""A binary → what it says that it is. nginx says it on its standard error, HAProxy on its output."""

from __future__ import annotations

import re
from typing import Final

from gen.control.here import run_here

_VERSION: Final = re.compile(r"(?:nginx/|HAProxy version )(\d+\.\d+\S*)", re.IGNORECASE)


def version_of(path: str, *, seconds: float) -> str:
    """`1.22.1`; empty for a binary that does not say. Raises FairwayError where it cannot be run or takes longer."""
    said = run_here((path, "-v"), timeout=seconds)
    found = _VERSION.search(said.stdout + said.stderr)
    return found[1] if found else ""
