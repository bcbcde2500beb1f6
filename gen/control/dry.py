"""Nothing can be run: a pipeline that renders and compares, without the proxy's binary."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from gen.control.protocol import Completed
from gen.errors import ProxyError
from gen.proxies.commands import Place


class Dry:
    """Checks are not made, nothing is signalled, nothing starts."""

    starts = False
    is_parent = False

    def __init__(self, directory: Path) -> None:
        self._root = PurePosixPath(directory)

    @property
    def root(self) -> PurePosixPath:
        return self._root

    def on_end(self, heard: Callable[[str], None]) -> None:
        return

    def run(self, argv: tuple[str, ...], *, timeout: float, isolated: bool = False) -> Completed | None:
        return None

    def signal(self, name: str) -> None:
        self.start()

    def is_running(self) -> bool:
        return False

    def start(self) -> None:
        raise ProxyError(
            "no proxy is configured to run, there is nothing to reload",
            hint="say in the settings where the proxy runs: supervised, local or in a container",
        )

    def stop(self) -> None:
        """Nothing runs."""

    def taken(self, places: Iterable[Place]) -> tuple[Place, ...]:
        return ()

    def most_files(self) -> int | None:
        return None

    def said(self, since: float) -> str:
        return ""

    def identity(self, binary: str) -> str:
        return ""

    def group_id(self, names: tuple[str, ...]) -> int | None:
        return None
