"""conn_limit: how much one client may ask at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy
from gen.options import option
from gen.values import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnLimit(Policy):
    """Requests above so many that are answered at the same time get 429. A request of HTTP/2 counts as a connection
    does; a websocket counts for as long as it lives. Each route counts by itself."""

    name: ClassVar[str] = "conn_limit"

    max: int = option(main=True, bounds=(1, 1_000_000), help="So many at once for each key.", example="20")
    by: Key = option(default=Key("ip"), help="What counts as one client; none: no limit.", example="header:X-Key")
