"""Identifiers: a slug that people recognise plus a hash that nothing can forge; never user text as it is.

Whoever writes labels may search for a text whose hash is somebody else's: 64 bits of it are too many to try.
"""

from __future__ import annotations

import hashlib
import re


def digest(*parts: str) -> str:
    """16 hexadecimal digits; equal parts give equal digits."""
    return hashlib.sha256("\x00".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]


def identifier(*parts: str, shown: str = "") -> str:
    """`[a-z0-9_]` only, at most 49 characters; equal parts give equal identifiers."""
    slug = re.sub(r"[^a-z0-9]+", "_", (shown or parts[0]).lower()).strip("_")[:32].strip("_")
    return f"{slug}_{digest(*parts)}" if slug else digest(*parts)
