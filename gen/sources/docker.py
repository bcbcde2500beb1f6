"""Observe: a Docker Engine → State. The source `docker`, put together from its siblings:

    docker_endpoint     which engine                 docker_follow   its event stream, kept open
    docker_engine       its API, its failures        docker_events   one event → where to look again
    docker_read         its words → facts → Workload docker_roster   what is remembered, in order
    docker_standpoint   where the proxy stands       docker_vantage  the rules for that
    docker_following    hints and reads, whatever is read

While the event stream is open a read inspects the containers that events named, and nothing else; without it (a
one-shot render, a lost connection) and at each resync a read lists all, and inspects those whose list entry changed.
The stream is opened before the list is read, so that nothing falls between. Only containers that run, pause or
restart and carry a label of ours are looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from gen.sources import LABELS, docker_events
from gen.sources.docker_endpoint import Endpoint, find_endpoint
from gen.sources.docker_engine import PARALLEL, Client, Engine, Json, connect
from gen.sources.docker_events import Hint
from gen.sources.docker_following import FollowedSource, spread_delays
from gen.sources.docker_pending import Pending, Work
from gen.sources.docker_read import facts, fingerprint, network, table, text
from gen.sources.docker_roster import Roster
from gen.sources.docker_standpoint import Senses, Standpoint
from gen.sources.docker_vantage import is_local_address, own_container_id
from gen.sources.missed import Missed
from gen.sources.side_by_side import side_by_side
from gen.state import Network, State, Vantage


class DockerSource(FollowedSource[Work]):
    """Containers of one engine as workloads. Connects when first read; raises SourceError for a bad endpoint.

    `proxy_container`: name, id or `label=value` of the container in which the proxy runs; empty: it runs where
    Fairway does. `resync`: seconds between two full looks. `doubt`: seconds for which a container is kept that a list
    lacks and whose end no event reported. `label_prefixes`: a container without such a label is not
    looked at. The rest are collaborators: who we are, how to connect, how long to wait after failures.
    """

    def __init__(
        self,
        url: str | None,
        environment: Mapping[str, str],
        *,
        proxy_container: str = "",
        resync: float = 300.0,
        doubt: float = 0.0,
        label_prefixes: tuple[str, ...] = LABELS,
        own_id: Callable[[], str] = own_container_id,
        is_local: Callable[[str], bool] = is_local_address,
        open_client: Callable[[Endpoint], Client] = connect,
        delays: Callable[[], Iterator[float]] = spread_delays,
    ) -> None:
        self._pending = Pending()
        engine = Engine(find_endpoint(url, environment), open_client=open_client)
        super().__init__(engine, self._pending, resync=resync, delays=delays)
        self._standpoint = Standpoint(self._engine, proxy_container, Senses(own_id=own_id, is_local=is_local))
        self._roster = Roster(label_prefixes)
        self._networks: tuple[Network, ...] = ()
        self._vantage = Vantage()
        self._missed = Missed(doubt, clock=time.monotonic)

    @property
    def name(self) -> str:
        """`docker`."""
        return "docker"

    def _note(self, hint: Hint) -> bool:
        if hint.networks:
            self._pending.networks()
            return True
        known = self._roster.facts_of(hint.container)
        is_proxy = self._standpoint.concerns(hint)
        is_ours = known is not None or any(self._roster.is_ours(key) for key, _ in hint.attributes)
        if not is_ours and not is_proxy:
            return False
        if hint.action == "kill":
            if not is_ours or not docker_events.ends(hint.signal, known.stop_signal if known else ""):
                return False
            self._pending.kill(hint.container, hint.at)
            return True
        self._pending.container(hint.container, proxy=is_proxy, ours=is_ours)
        return True

    def _look(self, work: Work) -> State:
        if work.everything or work.networks:
            self._look_at_networks()
        if work.everything or work.proxy:
            self._standpoint.refresh()
        if work.everything or work.networks or work.proxy:
            self._vantage = self._standpoint.vantage(self._networks)
        if work.everything:
            self._look_at_all(work)
        else:
            self._inspect(work.containers, {})
        if work.everything or work.containers:
            self._inspect(self._roster.missing_lenders(), {})
        if not work.everything and self._are_elsewhere(work.containers):
            self._look_at_networks()
            self._vantage = self._standpoint.vantage(self._networks)
        for container, at in work.kills:
            self._roster.mark(container, at)
        return State(
            source=self.name,
            workloads=self._roster.workloads(),
            networks=self._networks,
            vantage=self._vantage,
            problems=(*self._standpoint.problems(), *self._missed.problems(self.name)),
        )

    def _look_at_networks(self) -> None:
        found = (network(entry) for entry in self._engine.networks())
        self._networks = tuple(sorted(found, key=lambda one: (one.name, one.id)))

    def _are_elsewhere(self, containers: Iterable[str]) -> bool:
        """Whether one of them is on a network that the host did not reach when we last looked. Podman tells nobody of
        a new network, and gives the host an address in it when the first container starts there."""
        if self._vantage.kind != "host" or self._vantage.networks is None:
            return False
        known = (self._roster.facts_of(container) for container in containers)
        return any(not set(found.networks) <= set(self._vantage.networks) for found in known if found is not None)

    def _look_at_all(self, work: Work) -> None:
        entries = {text(entry, "Id"): entry for entry in self._engine.containers()}
        ours = {identity: entry for identity, entry in entries.items() if self._counts(entry)}
        lenders = {
            text(table(entry, "HostConfig"), "NetworkMode").removeprefix("container:") for entry in ours.values()
        }
        kept = ours | {identity: entries[identity] for identity in lenders if identity in entries}
        reported = {*work.containers, *(identity for identity, _ in work.kills)}
        known = self._roster.identities()
        no_more = [identity for identity in known if identity in entries and identity not in kept]
        for identity in (*no_more, *self._missed.gone(known, entries.keys(), reported)):
            self._roster.forget(identity)
        if self._missed:
            self.again(self._missed.wait, "what the list did not show")
        prints = {identity: fingerprint(entry) for identity, entry in kept.items()}
        stale = [
            identity
            for identity, print_ in prints.items()
            if identity in work.containers or not self._roster.is_current(identity, print_)
        ]
        # Borrowers first, so that the owner of their network counts when its turn comes.
        self._inspect(sorted(stale, key=lambda identity: (identity in lenders, identity)), prints)

    def _counts(self, entry: Json) -> bool:
        return any(self._roster.is_ours(str(label)) for label in table(entry, "Labels"))

    def _inspect(self, identities: Iterable[str], prints: Mapping[str, tuple[object, ...]]) -> None:
        wanted = tuple(identities)
        for identity, inspected in zip(wanted, self._inspected(wanted), strict=True):
            if inspected is None:
                self._roster.forget(identity)
            else:
                self._roster.learn(facts(inspected), prints.get(identity))

    def _inspected(self, wanted: tuple[str, ...]) -> Iterable[Json | None]:
        if len(wanted) < 2:
            return [self._engine.inspect(identity) for identity in wanted]
        return side_by_side(self._engine.inspect, wanted, most=PARALLEL)
