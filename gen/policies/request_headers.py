"""request_headers: what the workload gets to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy
from gen.options import option
from gen.values import HeaderName, HeaderValue


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHeaders(Policy):
    """Headers that the workload gets in place of the client's; an empty value removes one."""

    name: ClassVar[str] = "request_headers"

    set: tuple[tuple[HeaderName, HeaderValue], ...] = option(
        main=True, help="The header by that name.", example="request_headers.X-Env=staging"
    )

    def check(self) -> str:
        fixed = {"connection", "upgrade", "transfer-encoding", "content-length", "proxy", "forwarded"}
        wrong = [name for name, _ in self.set if name.lower() in fixed or name.lower().startswith("x-forwarded-")]
        return f"{', '.join(wrong)}: the proxy itself answers for this header" if wrong else ""
