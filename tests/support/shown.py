"""A status page as a daemon shows it, fed with passes by a test: the real stages, server and answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from gen.apply import Applied, Outcome
from gen.build import build
from gen.dialects import native
from gen.pipeline import Made
from gen.plan import Rows, changes_between
from gen.state import Network, State, Vantage, Workload
from gen.status.answers import Answers
from gen.status.board import Board
from gen.status.server import StatusServer
from gen.table import rows
from gen.telling import Told
from gen.values import StatusAddress
from gen.watcher import Pass
from tests.support.proxy import free_port
from tests.support.world import Maker, instance, settings, workload

INSIDE = Vantage(kind="container", name="edge", networks=("web",))
WEB = Network(id="1", name="web", gateway="10.0.0.254")


class Shown:
    """`url` is where the page is."""

    def __init__(self, place: Path, proxy: str = "nginx") -> None:
        self.board = Board()
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}/"
        self._place = place
        self._maker = Maker(proxy)
        self._rows: Rows = {}
        self._server: StatusServer | None = None

    def __enter__(self) -> Self:
        self._server = StatusServer(StatusAddress.parse(self.address), Answers(self.board, lambda: None))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.leave()

    def leave(self) -> None:
        """Nobody answers there any more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def has(self, *workloads: Workload, outcome: Outcome | None = None) -> Shown:
        """A pass over these, which is served or comes to something else."""
        made = self._made(workloads)
        after = rows(made.model)
        how = "reload" if self._rows else "start"
        applied = Applied(digest=made.bundle.digest, how=how, check_seconds=0.031, confirm_seconds=0.012)  # type: ignore[arg-type]
        changes = changes_between(self._rows, after) if outcome is None else ()
        self.board.passed(
            Pass(
                made=made,
                outcome=outcome or applied,
                told=Told(changes=changes),
                seconds=0.09,
                waited=0.11,
                why="container web start",
            )
        )
        self._rows = after
        return self

    def _made(self, workloads: Iterable[Workload]) -> Made:
        state = State(source="docker", workloads=tuple(workloads), networks=(WEB,), vantage=INSIDE)
        declared = [one for each in state.workloads if (one := native.read(each, state.source)) is not None]
        model = self._maker.fit(build(state, declared, settings(self._place), now=0.0))
        return Made(state=state, model=model, bundle=self._maker.renderer.render(model))


def site(name: str, **labels: str) -> Workload:
    """One that asks for `NAME.test`; labels without `fairway.`, with `__` for a dot."""
    said = {f"fairway.{key.replace('__', '.')}": value for key, value in {"host": f"{name}.test", **labels}.items()}
    return workload(name, said, instance(f"{name}-1", f"10.0.{len(name)}.{sum(map(ord, name)) % 250 + 1}", 80))


def three() -> tuple[Workload, ...]:
    """One that is well, one whose server is down, one that asks for what there is not."""
    down = instance("ill-1", "10.0.0.9", 80, health="unhealthy")
    return (
        site("shop", rate_limit__rate="10/s"),
        workload("ill", {"fairway.host": "ill.test"}, down),
        site("wrong", rate_limit__rate="often"),
    )
