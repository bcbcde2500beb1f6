"""response_headers: what the client gets to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy
from gen.options import option
from gen.values import HeaderName, HeaderValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHeaders(Policy):
    """Headers that the client gets in place of the workload's, on every status; an empty value removes one."""

    name: ClassVar[str] = "response_headers"

    set: tuple[tuple[HeaderName, HeaderValue], ...] = option(
        main=True, help="The header by that name.", example="response_headers.X-Frame-Options=DENY"
    )

    def check(self) -> str:
        fixed = {"connection", "transfer-encoding", "content-length", "date", "server", "content-encoding", "upgrade"}
        wrong = [name for name, _ in self.set if name.lower() in fixed]
        return f"{', '.join(wrong)}: the proxy itself answers for this header" if wrong else ""
