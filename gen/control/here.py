"""Commands on this machine: with a time limit, and cut off from the network where the kernel lets us."""

from __future__ import annotations

import contextlib
import grp
import os
import shutil
import signal
import subprocess
import time
from functools import cache
from pathlib import Path

from gen.control.protocol import Completed
from gen.errors import ProxyError

_SETTINGS = "for f in /proc/sys/net/ipv4/ip_nonlocal_bind /proc/sys/net/ipv6/ip_nonlocal_bind; do "
_SETTINGS += "[ ! -e $f ] || echo 1 >$f || exit 97; done; "

# Inside, every address can be bound, and no port that is bound is a port of the host. Real root needs a network
# namespace only. Everybody else becomes root of a user namespace to get one, and then himself again, because a proxy
# that takes itself for root hands its directories to a user who does not exist there.
_AS_ROOT = ("unshare", "-n", "sh", "-c", f'{_SETTINGS}exec "$@"', "sh")
_AS_USER = (
    "unshare",
    "-rn",
    "sh",
    "-c",
    f"{_SETTINGS}echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start || exit 97; "
    'group=$1; shift; exec unshare -U --map-user="$0" --map-group="$group" "$@"',
)
_PROBE_SECONDS = 5.0


def run_here(argv: tuple[str, ...], *, timeout: float, isolated: bool = False, hint: str = "") -> Completed:
    """Run `argv` to its end. Raises ProxyError, with `hint`, when the binary is missing."""
    binary = find_binary(argv[0], hint=hint)
    return _run((*(sandbox() if isolated else ()), binary, *argv[1:]), timeout=timeout)


def find_binary(name: str, *, hint: str = "") -> str:
    """The path of a binary. Raises ProxyError when there is none."""
    if found := shutil.which(name):
        return found
    where = "does not exist or is not executable" if "/" in name else "is not on the PATH"
    raise ProxyError(f"{name}: the binary {where}", hint=hint)


def binary_identity(name: str) -> str:
    """Path, time and size of the binary; empty when it is missing."""
    found = shutil.which(name)
    if found is None:
        return ""
    stat = Path(found).stat()
    return f"{found} {stat.st_mtime_ns} {stat.st_size}"


def group_id(names: tuple[str, ...]) -> int | None:
    """The number of the first of these groups that exists here."""
    for name in names:
        with contextlib.suppress(KeyError):
            return grp.getgrnam(name).gr_gid
    return None


@cache
def sandbox() -> tuple[str, ...]:
    """What to write before a command to cut it off from the network; empty where the kernel, or the container around
    us, does not allow that. Found out by trying, once."""
    user = os.geteuid()
    wrap = _AS_ROOT if user == 0 else (*_AS_USER, str(user), str(os.getegid()))
    if shutil.which(wrap[0]) is None:
        return ()
    return wrap if _run((*wrap, "true"), timeout=_PROBE_SECONDS).returncode == 0 else ()


def _run(argv: tuple[str, ...], *, timeout: float) -> Completed:
    begin = time.monotonic()
    child = _spawn(argv)
    timed_out = False
    try:
        out, err = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        kill_group(child.pid)
        out, err = child.communicate()
    except BaseException:
        kill_group(child.pid)
        child.wait()
        raise
    seconds = time.monotonic() - begin
    return Completed(returncode=child.returncode, stdout=out, stderr=err, seconds=seconds, timed_out=timed_out)


def _spawn(argv: tuple[str, ...]) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise ProxyError(f"{argv[0]} cannot be run: {error.strerror}") from error


def kill_group(leader: int) -> None:
    """End a process that was started as the leader of its own group, and all that it started. Only while it was not
    waited for: until then nobody else gets its number."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
