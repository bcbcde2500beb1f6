"""A file that is none of Fairway's may be named anywhere a file is: nothing of its text is in a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gen.errors import FairwayError
from gen.report import compare
from gen.settings import load
from gen.sources.compose import ComposeSource
from gen.sources.files import FileSource
from gen.sources.snapshot import SnapshotSource

SECRET = "hunter2"
FOREIGN = {
    "a line of passwords": f"root:{SECRET}:0:0:root:/root:/bin/sh\n",
    "hashes": f"root:$6${SECRET}${SECRET}/:19000:0:99999:7:::\n",
    "braces": f"root:${{{SECRET}\n",
    "one text": f"{SECRET}\n",
    "a quoted text": f'"{SECRET}"\n',
    "an alias": f"*{SECRET}\n",
    "a tag": f"!{SECRET}!x y\n",
    "an escape": f'"\\{SECRET}"\n',
    "a list": f"- {SECRET}\n- {SECRET}\n",
    "keys": f"{SECRET}: {SECRET}\n{SECRET}: other\n",
    "a mapping within": f"{{{SECRET}: {SECRET}\n",
    "a key file": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
    "JSON": f'{{"version": "{SECRET}", "password": "{SECRET}"}}',
    "a list of JSON": f'["{SECRET}"]',
    "no UTF-8": f"{SECRET}\xff\n",
}
Reading = Callable[[Path, Path], str]


def _compose(text: str) -> Reading:
    def said(foreign: Path, place: Path) -> str:
        file = place / "compose.yml"
        file.write_text(text.replace("FILE", str(foreign)))
        return _of_compose(str(file))

    return said


def _of_compose(file: str) -> str:
    try:
        return "\n".join(map(str, ComposeSource((file,), {}).read().problems))
    except FairwayError as error:
        return f"{error} {error.hint}"


def _raised(read: Callable[[Path], object]) -> Reading:
    def said(foreign: Path, place: Path) -> str:
        try:
            read(foreign)
        except FairwayError as error:
            return f"{error} {error.hint}"
        return ""

    return said


READERS: dict[str, Reading] = {
    "-f": lambda foreign, place: _of_compose(str(foreign)),
    "include": _compose("include: [FILE]\nservices: {a: {image: a}}\n"),
    "env_file of include": _compose("include: [{path: FILE, env_file: FILE}]\n"),
    "env_file of a good include": _compose("include: [{path: other.yml, env_file: FILE}]\nservices: {a: {image: a}}\n"),
    "extends": _compose("services: {a: {image: a, extends: {service: x, file: FILE}}}\n"),
    "env_file": _compose("services: {a: {image: a, env_file: FILE}}\n"),
    "label_file": _compose("services: {a: {image: a, label_file: FILE}}\n"),
    "configs and secrets": _compose(
        "services: {a: {image: a}}\nconfigs: {c: {file: FILE}}\nsecrets: {s: {file: FILE}}\n"
    ),
    "settings": _raised(lambda foreign: load(file=str(foreign), variables={})),
    "snapshot": _raised(lambda foreign: SnapshotSource(str(foreign)).read()),
    "baseline": _raised(lambda foreign: compare((), foreign.read_text(errors="replace"), name="b")),
    "routes": lambda foreign, place: "\n".join(map(str, FileSource("", str(place / "foreign")).read().problems)),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", FOREIGN)
def test_no_text_of_a_foreign_file_is_in_a_message(reader: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("services: {b: {image: b}}\n")
    (tmp_path / "foreign").mkdir()
    foreign = tmp_path / "foreign/file.yml"
    foreign.write_bytes(FOREIGN[text].encode("latin-1"))
    assert SECRET not in READERS[reader](foreign, tmp_path)


def test_a_compose_file_is_quoted_as_before(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services: {a: {image: a, network_mode: now:here}}\n")
    assert "'now:here' is not host, none" in _of_compose(str(tmp_path / "compose.yml"))
