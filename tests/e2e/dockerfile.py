"""Our images: the Dockerfile as it stands, built on a base that is made here where no registry is reached.

In: an engine. Out: tags, and what is in their layers, so that tests bound it and `scripts/bench images` prints it.
"""

from __future__ import annotations

import io
import re
import tarfile
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from docker.errors import BuildError

from tests.e2e import debian
from tests.e2e.engine import LABEL, Engine
from tests.e2e.fairway import SOURCES

DOCKERFILE = (SOURCES / "Dockerfile").read_text()
(BASE,) = set(re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.MULTILINE))
TARGETS = ("fairway", "nginx", "haproxy")
APPLICATION = "/opt/fairway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one instruction added, in bytes on the disk."""

    size: int
    by: str


def bring_base(engine: Engine, work: Path) -> None:
    """The public image that the Dockerfile begins with. A private engine reaches no registry: it gets one made here.

    Raises NotHere.
    """
    if engine.private is None or engine.client.images.list(name=BASE):
        return
    installed = re.findall(r"install --yes --no-install-recommends ([^\\&\n]+)", DOCKERFILE)
    project = tomllib.loads((SOURCES / "pyproject.toml").read_text())
    wheels = project["project"]["dependencies"] + project["build-system"]["requires"]
    repository, _, tag = BASE.partition(":")
    packages = " ".join(installed).split()
    archive = debian.base_image(tag.removesuffix("-slim"), packages=packages, wheels=wheels, work=work)
    engine.client.api.import_image_from_data(archive, repository=repository, tag=tag)


def built(engine: Engine, target: str) -> str:
    """The tag of an image from a context with what .dockerignore lets through."""
    tag = f"fairway-test-image:{target}"
    try:
        engine.client.images.build(path=str(SOURCES), target=target, tag=tag, rm=True)
    except BuildError as trouble:
        said = "".join(str(line.get("stream", "")) for line in trouble.build_log)
        raise AssertionError(f"{trouble}\n{said[-3000:]}") from trouble
    return tag


def added(engine: Engine, image: str) -> tuple[Layer, ...]:
    """The layers above the base that hold something, lowest first."""
    steps = engine.client.images.get(image).history()
    base = len(engine.client.images.get(BASE).history())
    above = reversed(steps[: len(steps) - base])
    return tuple(Layer(size=step["Size"], by=_told(step["CreatedBy"])) for step in above if step["Size"])


def _told(instruction: str) -> str:
    return re.sub(r"^/bin/sh -c (#\(nop\) )?\s*", "", instruction).split("  in ")[0]


def application(engine: Engine, image: str) -> dict[str, int]:
    """The files of the application with their sizes in bytes, by their paths below it."""
    container = engine.client.containers.create(image, labels={LABEL: engine.session})
    try:
        stream, _ = container.get_archive(APPLICATION)
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
            return {one.name.partition("/")[2]: one.size for one in archive if one.isfile()}
    finally:
        container.remove()


def by_package(files: dict[str, int]) -> Counter[str]:
    """Bytes of each package of the application; what belongs to none by its first directory."""
    found: Counter[str] = Counter()
    for name, size in files.items():
        _, apart, rest = name.partition("/site-packages/")
        found[rest.partition("/")[0] if apart else name.partition("/")[0]] += size
    return found
