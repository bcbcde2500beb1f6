"""Two engines, each with a machine of its own, and one proxy: both are served, and who is away keeps his place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gen.sources.snapshot import load
from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, fairway_on, on_both
from tests.e2e.image import server_image
from tests.e2e.swarm import Cable

pytestmark = pytest.mark.docker
PUBLISHED = {"8080/tcp": None}


@dataclass(frozen=True)
class Two:
    """`here`: the engine on whose machine Fairway runs; `lab`: another one, at the other end of a cable."""

    here: Engine
    lab: Engine
    address: str

    @property
    def setting(self) -> str:
        return f"lab@{self.address}={self.lab.url}"


@pytest.fixture
def two(start_private_engine: Callable[..., Engine]) -> Iterator[Two]:
    here, lab = start_private_engine(), start_private_engine(live_restore=True)
    cable = Cable(here, lab)
    server_image(lab.client)
    yield Two(here=here, lab=lab, address=cable.there)
    if lab.private is not None:
        lab.private.thaw()


@pytest.fixture
def fairway(two: Two, proxy: str) -> Iterator[Fairway]:
    with fairway_on(two.here, proxy=proxy, engines=two.setting) as one:
        yield one


@on_both
def test_containers_of_both_are_served_and_one_that_hangs_delays_nobody(two: Two, fairway: Fairway) -> None:
    two.here.run("fw-web", labels={"fairway.host": "here.test"})
    two.lab.run("fw-web", labels={"fairway.host": "lab.test"}, ports=PUBLISHED)
    fairway.start()
    fairway.serves("here.test", by="fw-web")
    fairway.serves("lab.test", by="fw-web")
    two.lab.run("fw-later", labels={"fairway.host": "later.test"}, ports=PUBLISHED)
    fairway.serves("later.test", by="fw-later")
    assert two.lab.private is not None
    two.lab.private.freeze()
    seen = fairway.mark
    two.here.run("fw-meanwhile", labels={"fairway.host": "meanwhile.test"})
    fairway.serves("meanwhile.test", by="fw-meanwhile")
    assert float(fairway.wait("applied", "meanwhile.test", after=seen)["seconds"]) < 10
    fairway.serves("lab.test", by="fw-web")
    two.lab.private.thaw()
    two.lab.run("fw-again", labels={"fairway.host": "again.test"}, ports=PUBLISHED)
    fairway.serves("again.test", by="fw-again")


@on_both
def test_who_is_away_keeps_his_servers_over_a_restart_of_fairway_too(two: Two, fairway: Fairway) -> None:
    # On its machine's own network, because what answers for published ports ends with the engine.
    web = two.lab.run("fw-web", labels={"fairway.host": "lab.test"}, network="host")
    fairway.start()
    fairway.serves("lab.test")
    two.lab.stop()
    told = fairway.wait("problem", "what it said last counts")
    assert told["message"].startswith("engine lab: away since ")
    assert "connection refused" in told["message"] or "no such file" in told["message"]
    fairway.stop()
    fairway.start()
    fairway.serves("lab.test")
    code, out, err = fairway.run("routes")
    assert (code, "lab is away)" in out, "what it said last counts" in err) == (0, True, True), out + err
    assert "away: engine lab since" in fairway.run("networks")[1]
    seen = fairway.mark
    two.lab.start()
    fairway.wait("solved", "engine lab: away", after=seen)
    web.stop(timeout=1)
    fairway.answers(503, "lab.test")


def test_a_port_that_only_the_other_machine_has_is_named(two: Two, fairway: Fairway) -> None:
    two.lab.run("fw-shut", labels={"fairway.host": "shut.test"})
    two.lab.run("fw-self", labels={"fairway.host": "self.test"}, ports={"8080/tcp": ("127.0.0.1", None)})
    code, out, _ = fairway.run("check")
    assert code == 1
    assert "lab/fw-shut: fairway.host: lab/fw-shut is on another machine, and its port 8080 is not published" in out
    assert "lab/fw-self is on another machine, and its port 8080 is published there on 127.0.0.1 alone" in out


def test_a_command_that_needs_an_engine_which_was_never_there_fails(two: Two, fairway: Fairway, tmp_path: Path) -> None:
    two.lab.stop()
    code, _, err = fairway.run("render")
    assert (code, "engine lab" in err) == (69, True), err
    fairway.settings["engines"] = f"lab={two.here.url}"
    code, out, err = fairway.run("snapshot")
    assert code == 0, err
    assert [engine.name for engine in load(out, name="snapshot").engines] == ["lab"]
