"""How many files a process may have open: proc(5), /proc/PID/limits and status, and getrlimit(2)."""

from __future__ import annotations

import re
import resource
from pathlib import Path

_LIMIT = re.compile(r"^Max open files +\S+ +(\d+) ", re.MULTILINE)
_CAPABILITIES = re.compile(r"^CapEff:\s*([0-9a-f]+)$", re.MULTILINE)
_CAP_SYS_RESOURCE = 1 << 24
"""Whoever has it may raise limits: capabilities(7)."""
_KERNELS = Path("/proc/sys/fs/nr_open")


def most_files(pid: int | None = None) -> int | None:
    """What a process may allow itself and its children, ours by default; None where the kernel does not say."""
    place = Path(f"/proc/{pid or 'self'}")
    try:
        limit = _LIMIT.search((place / "limits").read_text())
        capabilities = _CAPABILITIES.search((place / "status").read_text())
        if capabilities and int(capabilities[1], 16) & _CAP_SYS_RESOURCE:
            return int(_KERNELS.read_text())
    except OSError:
        return None
    return int(limit[1]) if limit else None


def allow_all_files() -> None:
    """As many open files as we may have: each connection takes two, and a child inherits the usual 1024 from us."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
