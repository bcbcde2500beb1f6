"""How many files a process of this machine may open."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gen.control import Local
from gen.control.limits import most_files
from gen.proxies.haproxy.commands import HaproxyCommands


def test_a_childs_limit_is_its_own_unless_it_may_raise_it() -> None:
    child = subprocess.Popen(["sh", "-c", "ulimit -n 300; echo; exec sleep 60"], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"\n"
        found = most_files(child.pid)
    finally:
        child.kill()
        child.communicate()
    assert found == 300 or found == int(Path("/proc/sys/fs/nr_open").read_text())
    assert most_files(child.pid) is None


def test_nobody_knows_for_a_proxy_that_does_not_run(tmp_path: Path) -> None:
    assert Local(HaproxyCommands(), tmp_path).most_files() is None


def test_ours_is_what_a_child_of_ours_would_have() -> None:
    assert (most_files() or 0) >= 300
