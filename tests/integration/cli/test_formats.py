"""Every format of `check` has the same problems at the same places, and all of them are those of the files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest

from tests.integration.cli.conftest import Run
from tests.support.sarif import SARIF

pytestmark = pytest.mark.usefixtures("without_proxy")

FILES = {
    "compose.yml": """
x-limits: &limits
  fairway.body_limit: huge
include: ["sites, new/site.yml"]
services:
  web:
    extends: {file: base.yml, service: base}
    labels: {<<: *limits, "é": "💥", fairway.hots: x}
  list:
    image: x
    labels: ["fairway.host=${HOST}", fairway.weight=x]
""",
    "override.yml": "services:\r\n  web:\r\n    labels:\r\n      fairway.weight: often\r\n",
    "base.yml": "services: {base: {image: x, expose: [80], labels: {fairway.host: a.test, fairway.weight: x}}}",
    "sites, new/site.yml": "services:\n  site:\n    extends: {file: ../base.yml, service: base}\n",
}
LINE = re.compile(r"(?m)^(error|warning): ([^:]+):(\d+):(\d+): ")
COMMAND = re.compile(r"(?m)^::(error|warning) file=([^,]+),line=(\d+),col=(\d+),title=")

Told = tuple[str, str, int, int]


def told(run: Run, form: str) -> str:
    return run("check", "-f", "compose.yml", "-f", "override.yml", "--format", form).out


def matched(pattern: re.Pattern[str], text: str) -> list[Told]:
    return sorted((level, file, int(line), int(column)) for level, file, line, column in pattern.findall(text))


def in_json(text: str) -> list[Told]:
    found = [(one["severity"], one["origin"]) for one in json.loads(text)["problems"]]
    return sorted((level, at["file"], at["line"], at["column"]) for level, at in found)


def in_sarif(text: str) -> list[Told]:
    log = json.loads(text)
    jsonschema.validate(log, SARIF)
    found = []
    for one in log["runs"][0]["results"]:
        place = one["locations"][0]["physicalLocation"]
        region = place["region"]
        file = unquote(place["artifactLocation"]["uri"])
        found.append((one["level"], file, region["startLine"], region["startColumn"]))
    return sorted(found)


def test_every_format_tells_the_same_places(run: Run, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    expected = in_json(told(run, "json"))
    assert matched(LINE, told(run, "text")) == expected
    assert in_sarif(told(run, "sarif")) == expected
    commands = matched(COMMAND, told(run, "github"))
    assert [(level, file.replace("%2C", ","), *at) for level, file, *at in commands] == expected
    places = {(file, line, column) for _, file, line, column in expected}
    written = [("compose.yml", "fairway.body"), ("compose.yml", "fairway.hots"), ("override.yml", "fairway.weight")]
    assert {place_of(*each) for each in [*written, ("base.yml", "fairway.weight")]} <= places


def place_of(file: str, text: str) -> tuple[str, int, int]:
    before = FILES[file].partition(text)[0]
    return file, before.count("\n") + 1, len(before) - before.rfind("\n")
