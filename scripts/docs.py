"""Writes the generated parts of the documents; they come from gen/reference.py."""

from __future__ import annotations

from pathlib import Path

from gen.reference import replaced

ROOT = Path(__file__).parent.parent
DOCUMENTS = (ROOT / "README.md",)


def main() -> None:
    for document in DOCUMENTS:
        before = document.read_text(encoding="utf-8")
        after = replaced(before)
        if after != before:
            document.write_text(after, encoding="utf-8")
            print(f"{document.name} is written anew")


if __name__ == "__main__":
    main()
