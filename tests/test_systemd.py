"""The unit of the example: systemd takes it, where it is at hand, and what it says is what Fairway has."""

from __future__ import annotations

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import click

from gen.cli.group import fairway
from tests.support.documents import ROOT

UNIT = ROOT / "examples" / "systemd" / "fairway.service"


def unit() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=True)
    found.optionxform = str  # type: ignore[method-assign, assignment]
    found.read_string(UNIT.read_text(encoding="utf-8"))
    return found


def test_what_it_starts_is_a_command_of_ours() -> None:
    _, *words = shlex.split(unit()["Service"]["ExecStart"])
    name, *arguments = words
    command = fairway.get_command(click.Context(fairway), name)
    assert command is not None
    assert isinstance(command.make_context(name, arguments), click.Context)


def test_the_watchdog_is_slower_than_the_loop_and_the_end_leaves_time() -> None:
    service = unit()["Service"]
    assert (service["Type"], service["ExecReload"]) == ("notify", "/bin/kill -HUP $MAINPID")
    assert int(service["WatchdogSec"]) > 120
    assert int(service["TimeoutStopSec"]) > 30


def test_systemd_takes_it(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        # Every word is one of systemd.unit(5), systemd.service(5), systemd.exec(5) and systemd.kill(5).
        assert all(name[0].isupper() and name.isalpha() for part in unit().values() for name in part)
        return
    written = UNIT.read_text(encoding="utf-8").replace("/opt/fairway/bin/fairway", shutil.which("true") or "/bin/true")
    place = tmp_path / "fairway.service"
    place.write_text(written, encoding="utf-8")
    done = subprocess.run([tool, "verify", str(place)], capture_output=True, text=True, timeout=60, check=False)
    assert "fairway.service" not in done.stderr, done.stderr
