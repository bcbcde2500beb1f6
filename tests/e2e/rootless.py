"""A rootless Docker Engine: `dockerd` of a user without rights, in the namespaces that its own script makes.

The user is there in the engine's mount namespace alone: this machine's own files of users, and its device of tunnels,
stay as they are.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.e2e import daemon
from tests.e2e.engine import Engine
from tests.support.wait import eventually

SCRIPT = Path("/usr/share/docker.io/contrib/dockerd-rootless.sh")
USER = 29999
BEGIN = """
set -e
cp /etc/passwd /etc/group .
echo 'fwroot:x:{user}:{user}::{place}/home:/bin/sh' >>passwd
echo 'fwroot:x:{user}:' >>group
echo 'fwroot:200000:65536' | tee subuid >subgid
mknod tun c 10 200 && chmod 666 tun && mount --bind tun /dev/net/tun
for name in passwd group subuid subgid; do mount --bind $name /etc/$name; done
chown -R {user}:{user} home run
export HOME={place}/home XDG_RUNTIME_DIR={place}/run PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec setpriv --reuid {user} --regid {user} --clear-groups /bin/sh {script} \
    --data-root {place}/home/data --storage-driver vfs --iptables=false
"""


def can_run() -> bool:
    """Whether one can be started here: root to become somebody else, the script, and what it calls."""
    tools = ("rootlesskit", "slirp4netns", "newuidmap", "unshare", "setpriv")
    return os.geteuid() == 0 and SCRIPT.is_file() and all(shutil.which(tool) for tool in tools)


@contextlib.contextmanager
def rootless_engine() -> Iterator[Engine]:
    """An engine that is gone after the block. RuntimeError, with its log, where it does not start."""
    place = Path(tempfile.mkdtemp(prefix="fairway-rootless-"))
    place.chmod(0o755)
    for name in ("home", "run"):
        (place / name).mkdir()
    for name in ("/etc/subuid", "/etc/subgid"):
        Path(name).touch()
    script = BEGIN.format(user=USER, place=place, script=SCRIPT)
    with (place / "log").open("wb") as log:
        command = ["unshare", "--mount", "--propagation=private", "/bin/sh", "-c", script]
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log, start_new_session=True)
    try:
        yield _engine(place, process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(place, ignore_errors=True)


def _engine(place: Path, process: subprocess.Popen[bytes]) -> Engine:
    socket = place / "run" / "docker.sock"

    def answers() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}\n{(place / 'log').read_text()[-2000:]}")
        return socket.exists() and daemon.answers_at(socket)

    eventually(answers, timeout=60, message="the answer of a rootless dockerd")
    return Engine(url=f"unix://{socket}")
