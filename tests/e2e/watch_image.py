"""An image of Fairway with a proxy, of this machine's own files: what the Dockerfile makes, without apt and pip.

In: a Docker client. Out: the tag of an image whose command is `fairway watch`, with the code that is being tested.
"""

from __future__ import annotations

import compileall
import hashlib
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import docker

from tests.e2e import image
from tests.e2e.fairway import SOURCES

PYTHON = str(Path(sys.executable).resolve())
FAIRWAY = (PYTHON, "-m", "gen")
"""What to write before a command of Fairway's in a container of that image."""


def watch_image(client: docker.DockerClient, proxy: str) -> str:
    """The tag of it."""
    python = image.python_root()
    beside = {"nginx": image.nginx_root, "haproxy": image.haproxy_root}[proxy]()
    compileall.compile_dir(SOURCES / "gen", quiet=2)
    packages = dict(image.with_compiled(_packages()))
    libraries = image.libraries(path for path in packages.values() if ".so" in path.name)
    files = {
        **dict(python.files),
        **dict(beside.files),
        **packages,
        **dict(image.in_place(libraries)),
        **dict(image.with_compiled(_ours())),
    }
    content = hashlib.sha256(b"".join(path.read_bytes() for _, path in sorted(_ours()))).hexdigest()
    root = image.Root(
        repository=f"fairway-test-watch-{proxy}",
        files=tuple(sorted(files.items())),
        directories=tuple(dict.fromkeys((*python.directories, *beside.directories, "var/lib"))),
        changes=(
            f'ENTRYPOINT ["{PYTHON}", "-B", "-m", "gen"]',
            'CMD ["watch"]',
            "ENV PYTHONPATH=/fairway:/packages",
            f"ENV FAIRWAY_PROXY={proxy}",
            "ENV PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin",
            f"LABEL content={content}",
            *(one for one in python.changes if "LD_LIBRARY_PATH" in one),
        ),
    )
    return image.ensure(client, root)


def _ours() -> Iterator[tuple[str, Path]]:
    for top in ("gen", "templates"):
        for path in sorted((SOURCES / top).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield f"fairway/{path.relative_to(SOURCES)}", path


def _packages() -> Iterator[tuple[str, Path]]:
    """What Fairway depends on, and what that does, as it is installed here."""
    project = tomllib.loads((SOURCES / "pyproject.toml").read_text())
    todo, seen = list(project["project"]["dependencies"]), set[str]()
    while todo:
        name = re.split(r"[^A-Za-z0-9._-]", todo.pop().partition(";")[0].strip())[0].lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # It is for other systems than this one.
        todo += [one for one in found.requires or () if "extra ==" not in one]
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if path.suffix != ".pyc" and not str(file).startswith("..") and path.is_file():
                yield f"packages/{file}", path
