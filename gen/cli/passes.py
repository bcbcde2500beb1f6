"""What several commands do: one pass, what is installed, and where a text goes."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from gen.cli.show import echo, masked
from gen.cli.world import World
from gen.errors import DirectoryError
from gen.pipeline import Made, Pipeline
from gen.state import State

if TYPE_CHECKING:
    from gen.explain.basis import Basis


def make(world: World) -> Made:
    """One pass without a proxy at hand; its capabilities are asked where its binary is."""
    from gen.deployment import installed_capabilities, pipeline

    return pipeline(world.settings, installed_capabilities(world.settings)).make(world.read())


def basis_of(world: World, state: State) -> Basis:
    """One pass over a state, with all that answers need."""
    from gen.deployment import installed_capabilities, pipeline

    line = pipeline(world.settings, installed_capabilities(world.settings))
    return basis_from(line, line.make(state))


def basis_from(line: Pipeline, made: Made) -> Basis:
    """What answers need of a pass of a pipeline."""
    from gen.explain.basis import Basis

    return Basis(
        state=made.joins.expected(made.state),
        declarations=line.declare(made.state),
        model=made.model,
        bundle=made.bundle,
        render=line.renderer.render,
        now=time.time(),
    )


_OURS = ("*.conf", "*.cfg", "*.json", "auth/*", "maps/*.map", "certs/*")
"""What a release is made of; a directory of somebody else's may hold more."""


def installed(directory: Path) -> dict[str, bytes]:
    """The files of the release that counts, or of a directory that `render -o` wrote."""
    found: dict[str, bytes] = {}
    place = directory / "current"
    try:
        place = place if place.exists() else directory
        for path in (path for pattern in _OURS for path in place.glob(pattern)):
            found[str(path.relative_to(place))] = path.read_bytes()
    except OSError as error:
        raise DirectoryError(f"{place} cannot be read: {error.strerror or error}") from error
    return found


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, also where it was there with another one. A pipe or a device keeps its own."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
        if stat.S_ISREG(os.fstat(out.fileno()).st_mode):
            os.fchmod(out.fileno(), 0o600)
            out.truncate()
        out.write(content)


def write(text: str, output: str, *, is_private: bool = False) -> None:
    """Write a text to the file `output`, or to stdout where that is empty. A private file is for this user alone."""
    if not output:
        echo(text, nl=False)
        return
    try:
        if is_private:
            write_private(Path(output), masked(text).encode())
        else:
            Path(output).write_text(masked(text), encoding="utf-8")
    except OSError as error:
        raise DirectoryError(f"{output} cannot be written: {error.strerror or error}") from error
