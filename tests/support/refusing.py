"""A proxy whose check refuses one text more: what templates quote and labels hold, no proxy refuses by itself."""

from __future__ import annotations

from pathlib import Path

_SAID = {
    "nginx": "nginx: [emerg] {text} is refused here in $file:1",
    "haproxy": "[ALERT] (1) : config : {text} is refused",
}


def refusing(proxy: str, text: str, place: Path) -> Path:
    """An executable that is the proxy of the system, but for configurations that hold the text."""
    place.mkdir(parents=True, exist_ok=True)
    script = place / f"{proxy}-refusing"
    said = _SAID[proxy].format(text=text)
    script.write_text(
        f'#!/bin/sh\nfor file in "$@"; do\n'
        f'    if [ -f "$file" ] && grep -qF "{text}" "$file"; then echo "{said}" >&2; exit 1; fi\n'
        f'done\nexec {proxy} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script
