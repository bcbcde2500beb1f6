"""Owners: how the owner of a workload is derived, and which owners may claim which hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, Self

from gen.errors import BadValue

_LABEL_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """How the owner of a workload is derived: `project`, `label:KEY`, `network` or `one`."""

    kind: Literal["project", "label", "network", "one"]
    key: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        kind, colon, key = text.partition(":")
        if not colon and kind in ("project", "network", "one"):
            return cls(kind)  # type: ignore[arg-type]
        if kind == "label" and _LABEL_KEY.fullmatch(key):
            return cls("label", key)
        raise BadValue(text, "a rule for owners", "project, network, one or label:com.example.team")

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" if self.key else self.kind
