"""Identifiers: a slug that people recognise plus a hash that nothing can forge; never user text as it is."""

from __future__ import annotations

import hashlib
import re


def identifier(*parts: str, shown: str = "") -> str:
    """`[a-z0-9_]` only, at most 49 characters; equal parts give equal identifiers."""
    digest = hashlib.sha256("\x00".join(parts).encode(errors="surrogatepass")).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "_", (shown or parts[0]).lower()).strip("_")[:40].strip("_")
    return f"{slug}_{digest}" if slug else digest
