"""A proxy beside Fairway: in a container of its own that shares its directory, or started on the same machine."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

from docker.models.containers import Container

from gen.proxies.commands import Layout
from gen.proxies.kinds import KINDS
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway
from tests.e2e.image import proxy_image
from tests.support.wait import eventually

LABELS = {"fairway.proxy": "edge"}


def proxy_beside(
    engine: Engine, fairway: Fairway, *, inside: str, network: object, leave_out: tuple[str, ...] = (), **options: Any
) -> Container:
    """Its container, with the directory at `inside`, not up before there is a release to serve. `leave_out`: flags of
    the command, each with its value; further options are Docker's."""
    command = [*KINDS[fairway.proxy].commands(f"/usr/sbin/{fairway.proxy}").start(Layout(root=PurePosixPath(inside)))]
    for flag in leave_out:
        at = command.index(flag)
        del command[at : at + 2]
    return engine.client.containers.create(
        proxy_image(engine.client, fairway.proxy),
        name="fw-proxy",
        entrypoint=command[:1],
        command=command[1:],
        labels={**LABELS, "fairway-test": engine.session},
        volumes=[f"{fairway.directory}:{inside}"],
        network=network.name,  # type: ignore[attr-defined]
        **options,
    )


@contextmanager
def running(fairway: Fairway, command: str) -> Iterator[subprocess.Popen[bytes]]:
    """The proxy that the hint tells to start, beside Fairway."""
    with subprocess.Popen([*fairway.enter, *shlex.split(command)], start_new_session=True) as proxy:
        try:
            eventually(lambda: fairway.proxy_pid)
            yield proxy
        finally:
            proxy.terminate()
