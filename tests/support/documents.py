"""The documents as tests read them: their code blocks, their links, the commands that they tell people to run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    hidden = (path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.parts[len(_HERE) :]))
    return sorted(hidden)


_HERE = ROOT.parts


def commands(document: Path) -> list[list[str]]:
    """What stands behind `$ ` in the document's console blocks, as words; lines may go on behind a backslash, and where
    output goes is left out."""
    blocks = re.findall(r"^```console\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    words = (shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ "))
    return [[word for word in each if not word.startswith(">")] for each in words]


def links(document: Path) -> list[str]:
    """The targets of the document's links into the project."""
    targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    return [target for target in targets if "://" not in target]
