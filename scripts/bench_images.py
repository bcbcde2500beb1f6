"""Our images: how large each is, and what of it is ours: by layer, and of the application by package and kind of file.

Built as the Dockerfile says. Needs root and dockerd, or an engine that answers. Prints, asserts nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path, PurePosixPath

from tests.e2e import dockerfile
from tests.e2e.debian import NotHere
from tests.e2e.engine import Engine, existing_or_private_engine

_MOST = 12


def main() -> None:
    found = existing_or_private_engine()
    if found is None:
        print("\nno Docker Engine answers, and none can be started: that takes root and dockerd", file=sys.stderr)
        return
    with closing(found) as engine, tempfile.TemporaryDirectory() as work:
        try:
            dockerfile.bring_base(engine, Path(work))
        except NotHere as trouble:
            print(f"\n{dockerfile.BASE} cannot be made here: {trouble}", file=sys.stderr)
            return
        _tell(engine)


def _tell(engine: Engine) -> None:
    print("\nMB that an instruction adds to the base")
    for target in dockerfile.TARGETS:
        layers = dockerfile.added(engine, dockerfile.built(engine, target))
        print(f"{_megabytes(sum(layer.size for layer in layers))}  {target}")
        for layer in layers:
            print(f"{_megabytes(layer.size)}      {layer.by[:90]}")
    files = dockerfile.application(engine, dockerfile.built(engine, "fairway"))
    kinds = Counter({"": 0})
    for name, size in files.items():
        kinds[PurePosixPath(name).suffix] += size
    for title, sizes in (("package", dockerfile.by_package(files)), ("kind of file", kinds)):
        print(f"\nMB of the application by {title}, {len(files)} files")
        for name, size in sizes.most_common(_MOST):
            print(f"{_megabytes(size)}  {name or 'none'}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:8.1f}"


if __name__ == "__main__":
    main()
