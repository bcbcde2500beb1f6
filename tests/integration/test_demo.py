"""The demo, with processes for containers: it keeps its promises, and leaves nothing behind when it is interrupted."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys

import pytest

from tests.support.cli import ROOT, environment
from tests.support.wait import eventually

COMMAND = (sys.executable, "-u", "-m", "scripts.demo", "--processes")


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_the_demo_keeps_its_promises(proxy: str) -> None:
    command = (*COMMAND, "--proxy", proxy)
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=90, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    kept = re.findall(r"^  ok   (\w+) ", done.stdout, re.MULTILINE)
    assert kept == ["host", "path", "header", "balance", "cache", "tls", "gone"]
    assert f" and {proxy} follows on ports " in done.stdout
    assert "MISS, then HIT" in done.stdout
    assert done.stdout.endswith("All as promised, and everything that was started is gone.\n")
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert len(done.stdout.splitlines()) <= 20
    assert "\x1b" not in done.stdout


def test_an_interrupted_demo_leaves_nothing_behind() -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdout is not None
        said = ""
        while "ok   host" not in said:
            line = demo.stdout.readline().decode()
            assert line, "the demo ended before it was interrupted"
            said += line
        demo.send_signal(signal.SIGINT)
        _, err = demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert err == b"Interrupted; everything that was started is gone.\n"
    ports = [int(port) for port in re.findall(r"[0-9]{4,5}", said.splitlines()[-2])]
    assert len(ports) == 2
    eventually(lambda: not any(map(is_taken, ports)), message="that nobody answers on the demo's ports")


@pytest.mark.parametrize("flag", ["--bogus", "--proxy=apache"])
def test_a_flag_that_the_demo_does_not_know_is_named(flag: str) -> None:
    done = subprocess.run([*COMMAND, flag], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 64
    assert flag.rpartition("=")[2] in done.stderr
