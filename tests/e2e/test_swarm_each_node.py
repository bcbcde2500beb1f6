"""A Fairway with its proxy on each node of a swarm: all read one manager, all come to the same bytes, nobody leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.models.networks import Network
from docker.types import EndpointSpec, ServiceMode

from tests.e2e import daemon, relay
from tests.e2e.conftest import NO_ENGINE
from tests.e2e.engine import Engine
from tests.e2e.fairway import on_haproxy
from tests.e2e.swarm import SECOND, Cable, Swarm, scale, states, two_nodes
from tests.e2e.watch_image import FAIRWAY, PYTHON, watch_image
from tests.support.http import http_get
from tests.support.wait import eventually

# Together, so that their swarm is made once.
pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]
PORT = 8000
OF_EDGE = "com.docker.swarm.service.name=edge"
LABELS = {"fairway.host": "web.test", "fairway.port": "8080"}
ALL_BYTES = (
    "import hashlib, pathlib, sys; top = pathlib.Path(sys.argv[1]);"
    "print(*(f'{p.relative_to(top)}={hashlib.sha256(p.read_bytes()).hexdigest()}' for p in sorted(top.rglob('*'))"
    " if p.is_file()), sep='\\n')"
)


class Proxies:
    """The tasks of the service `edge`, one on each node, and what they say."""

    def __init__(self, swarm: Swarm, worker: Engine, proxy: str) -> None:
        self.engines = {"manager": swarm.engine, "worker": worker}
        self.proxy = proxy

    def run(self, node: str, *command: str) -> str:
        """What a command prints in the task there; empty where there is none, or it fails."""
        found = self.engines[node].client.containers.list(filters={"label": OF_EDGE, "status": "running"})
        code, said = found[0].exec_run([*command], stderr=False) if found else (1, b"")
        return said.decode() if code == 0 and isinstance(said, bytes) else ""

    def release(self, node: str) -> str:
        return self.run(node, *FAIRWAY, "health")

    def files(self, node: str) -> str:
        """Every file of the release there with its hash."""
        return self.run(node, PYTHON, "-c", ALL_BYTES, f"/var/lib/fairway/{self.proxy}/current/")

    def agree(self) -> bool:
        """Whether both serve one release, of the same bytes.

        What is asked for one after the other may come from before and after a change of the swarm: this is waited for.
        """
        same_release = self.release("manager") == self.release("worker") != ""
        return same_release and self.files("manager") == self.files("worker") != ""

    def answers(self, node: str, host: str = "web.test") -> set[str]:
        """Who answers there, by slot or by status."""
        found = set()
        for _ in range(8):
            try:
                reply = http_get((self.engines[node].published_at, PORT), host=host)
            except (OSError, AssertionError) as trouble:
                found.add(type(trouble).__name__)
                continue
            found.add(reply.json()["instance"].rpartition(".")[0] if reply.status == 200 else str(reply.status))
        return found

    def log(self) -> str:
        clients = [engine.client for engine in self.engines.values()]
        each = [one for client in clients for one in client.containers.list(all=True, filters={"label": OF_EDGE})]
        return "\n\n".join(one.logs(tail=30).decode() for one in each)


@pytest.fixture
def nodes() -> Iterator[tuple[Swarm, Engine, Cable]]:
    if not daemon.can_run():
        pytest.skip(NO_ENGINE)
    with two_nodes() as (swarm, worker, cable):
        try:
            yield swarm, worker, cable
        finally:
            cable.mend()
            if swarm.engine.private is not None and swarm.engine.private.is_running:
                swarm.clear()


@pytest.fixture
def edge(nodes: tuple[Swarm, Engine, Cable]) -> Network:
    return nodes[0].overlay("fw-edge")


@pytest.fixture
def proxies(nodes: tuple[Swarm, Engine, Cable], edge: Network, proxy: str) -> Proxies:
    """The manager's API is offered on the overlay by a task beside it, as anybody would who has workers."""
    swarm, worker, _ = nodes
    for client in (swarm.client, worker.client):
        image = watch_image(client, proxy)
    passed_on = [PYTHON, "-c", Path(relay.__file__).read_text(), "0.0.0.0", "/docker.sock", "2375"]
    common: dict[str, Any] = {"image": image, "networks": [edge.name]}
    swarm.client.services.create(
        **common,
        name="api",
        command=passed_on,
        constraints=["node.role==manager"],
        mounts=[f"{swarm.engine.url.removeprefix('unix://')}:/docker.sock:rw"],
        endpoint_spec=EndpointSpec(mode="dnsrr"),
    )
    ports: Any = {PORT: (PORT, "tcp", "host")}
    swarm.client.services.create(
        **common,
        name="edge",
        mode=ServiceMode("global"),
        labels={"fairway.proxy": proxy},
        endpoint_spec=EndpointSpec(mode="dnsrr", ports=ports),
        stop_grace_period=2 * SECOND,  # nobody waits for its requests here
        env=[
            "FAIRWAY_SWARM=tcp://tasks.api:2375",
            "FAIRWAY_PROXY_SERVICE={{.Service.Name}}",
            f"FAIRWAY_LISTENERS=web={PORT},websecure=8443/tls",
            "FAIRWAY_UNKNOWN_SNI=default",
            "FAIRWAY_PROXY_USER=root",
            "FAIRWAY_LOG_FORMAT=json",
        ],
    )
    return Proxies(swarm, worker, proxy)


@on_haproxy
def test_they_serve_the_same_bytes_and_follow_the_same_changes(
    nodes: tuple[Swarm, Engine, Cable], edge: Network, proxies: Proxies
) -> None:
    service = nodes[0].service("web", labels=LABELS, network=edge, replicas=2)
    two, three = {"web.1", "web.2"}, {"web.1", "web.2", "web.3"}
    eventually(lambda: proxies.answers("manager") == proxies.answers("worker") == two, timeout=90)
    eventually(proxies.agree, timeout=30, message=f"one release\n{proxies.log()}")
    before = proxies.release("manager")
    service.reload()
    scale(service, 3)
    eventually(lambda: proxies.answers("manager") == proxies.answers("worker") == three, timeout=60)
    eventually(proxies.agree, timeout=30, message=f"one release\n{proxies.log()}")
    assert proxies.release("manager") != before
    own = [proxies.run(node, PYTHON, "-c", f"print(open('{default(proxies)}').read())") for node in proxies.engines]
    assert "" not in own and own[0] != own[1], "each has a generated certificate of its own, which no release holds"


def default(proxies: Proxies) -> str:
    return f"/var/lib/fairway/{proxies.proxy}/tls/default.crt"


@on_haproxy
def test_one_that_is_cut_off_from_the_manager_serves_on_and_catches_up(
    nodes: tuple[Swarm, Engine, Cable], edge: Network, proxies: Proxies
) -> None:
    swarm, _, cable = nodes
    service = swarm.service("web", labels=LABELS, network=edge, replicas=None)
    eventually(lambda: all(served(proxies.answers(node), by=2) for node in proxies.engines), timeout=90)
    cable.cut()
    eventually(lambda: "down" in states(swarm), timeout=60, message="a node that is down")
    eventually(lambda: served(proxies.answers("manager"), by=1), timeout=60, message=proxies.log())
    # The one that is alone still has the other's address; its proxy finds out that nobody is there.
    eventually(lambda: served(proxies.answers("worker")), timeout=60, message=proxies.log())
    service.reload()
    service.update(labels={**LABELS, "fairway.host": "new.test"})
    eventually(lambda: served(proxies.answers("manager", "new.test")), timeout=30, message=proxies.log())
    assert proxies.answers("worker", "new.test") == {"404"}
    cable.mend()
    eventually(lambda: served(proxies.answers("worker", "new.test")), timeout=120, message=proxies.log())
    eventually(proxies.agree, timeout=60, message=proxies.log())


@on_haproxy
@pytest.mark.parametrize(("dead", "alive"), [("manager", "worker"), ("worker", "manager")])
def test_one_serves_on_while_the_other_is_dead(
    nodes: tuple[Swarm, Engine, Cable], edge: Network, proxies: Proxies, dead: str, alive: str
) -> None:
    nodes[0].service("web", labels=LABELS, network=edge, replicas=None)
    eventually(lambda: all(served(proxies.answers(node), by=2) for node in proxies.engines), timeout=90)
    before = proxies.release(alive)
    proxies.engines[dead].stop()
    eventually(lambda: served(proxies.answers(alive), by=1), timeout=60, message=f"one task, beside a dead {dead}")
    if dead == "manager":
        assert proxies.release(alive) == before, "nobody tells who is gone"
    else:
        eventually(lambda: proxies.release(alive) not in ("", before), timeout=90, message="a release without it")
    proxies.engines[dead].start()
    eventually(lambda: served(proxies.answers(dead)), timeout=120)
    eventually(proxies.agree, timeout=120, message=proxies.log())


def served(answers: set[str], *, by: int = 0) -> bool:
    """Whether a task answered each time; so many tasks, where that is said."""
    return bool(answers) and all(one.startswith("web.") for one in answers) and by in (0, len(answers))
