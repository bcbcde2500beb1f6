"""Servers: one backend before and after → commands for its servers, or why only a reload can change them.

A server that is added starts in maintenance and without checks. One that is removed leaves in two steps: maintenance,
where its requests finish, and the deletion, which HAProxy refuses while there are any.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from gen.proxies.haproxy.live.change import Change, Phase
from gen.proxies.haproxy.live.expect import MaxConns, Servers, ServerState
from gen.proxies.haproxy.live.sections import Backend, Server
from gen.proxies.haproxy.live.words import is_writable, spelled
from gen.proxies.live import Command, Leftover

DYNAMIC_COOKIE = "cookie_dynamic"
"""The capability to add servers with a cookie, HAProxy 3.0."""
WAIT = "srv_wait"
"""The capability to wait until a server can be removed, HAProxy 3.0."""
WAIT_MILLISECONDS = 50
_REFUSED = frozenset(
    [
        "init-addr",
        "resolvers",
        "resolve-prefer",
        "resolve-opts",
        "resolve-net",
        "redir",
        "namespace",
        "max-reuse",
        "socks4",
        "tcp-ut",
        "log-proto",
        "no-check",
        "enabled",
        "track",
        "usesrc",
    ]
)
"""Words that servers added at run time are refused, on all versions."""
_HASHES = re.compile(r"source|uri|url_param|hdr\(|rdp-cookie|hash ")
_STATIC = "static-rr"


def compare(old: Backend, new: Backend, change: Change) -> None:
    """The servers of a backend whose other lines are the same."""
    added = [server for server in new.servers.values() if server.name not in old.servers]
    removed = [server for server in old.servers.values() if server.name not in new.servers]
    kept = [(old.servers[name], server) for name, server in new.servers.items() if name in old.servers]
    changed = [(before, after) for before, after in kept if before != after]
    is_touched = bool(added or removed or changed)
    reweighs = any(one.weight != other.weight for one, other in changed)
    why = _why_not((old, new), change, is_exchange=bool(added or removed), reweighs=reweighs) if is_touched else ""
    if why:
        change.reload(f"backend {new.name}: {why}")
        return
    for server in added:
        _add(new, server, change)
    for before, after in changed:
        _adjust(new, before, after, change)
    for server in removed:
        _remove(new.name, server, change)
    if is_touched:
        _expect(new, change)
    elif tuple(old.servers) != tuple(new.servers):
        change.reload(f"backend {new.name}: its servers stand in another order")


def _why_not(sides: tuple[Backend, Backend], change: Change, *, is_exchange: bool, reweighs: bool) -> str:
    """Why servers of a backend cannot come, go or be weighed while HAProxy runs; empty when they can."""
    _, new = sides
    said = (*new.body, *change.defaults().get(new.defaults, ()))
    algorithm = _first(said, "balance", "roundrobin")
    is_static = algorithm.startswith(_STATIC) or (
        _HASHES.match(algorithm) is not None and not _first(said, "hash-type", "").startswith("consistent")
    )
    if is_static and (is_exchange or reweighs):
        return f"`balance {algorithm}` is static without `hash-type consistent`"
    if not is_exchange:
        return ""
    keywords = {line.split(maxsplit=1)[0] for line in said}
    for word in ("server-template", "use-server", "default-server"):
        if word in keywords:
            return f"it has `{word}`"
    if any("track" in server.keywords for side in sides for server in side.servers.values()):
        return "its servers track one another"
    return ""


def _first(lines: Sequence[str], keyword: str, otherwise: str) -> str:
    """What follows a keyword where it stands first: what a backend says itself comes before its defaults."""
    return next((line[len(keyword) + 1 :] for line in lines if line.startswith(f"{keyword} ")), otherwise)


def _add(backend: Backend, server: Server, change: Change) -> None:
    name = f"{backend.name}/{server.name}"
    if why := _why_not_added(server, change.capabilities):
        change.reload(f"server {name} is new and {why}")
        return
    change.live(f"server {name} is new")
    left = change.retake(name)
    enable = [f"set server {name} state ready"]
    if "check" in server.keywords:
        enable.append(f"enable health {name}")
    if "agent-check" in server.keywords:
        enable.append(f"enable agent {name}")
    if left is None:
        first = [Command(line=_addition(name, server), reply="New server registered.")]
    else:
        first = [_weigh(name, server), _limit(name, server)]
    change.do(Phase.ADD_SERVERS, *first, *(Command(line=line) for line in enable))


def _addition(name: str, server: Server) -> str:
    limit = ("maxconn", str(server.maxconn)) if server.maxconn else ()
    said = (server.address, *server.keywords, "weight", str(server.weight), *limit)
    return " ".join(("add server", name, *map(spelled, said)))


def _why_not_added(server: Server, capabilities: frozenset[str]) -> str:
    if server.fault:
        return server.fault
    refused = _REFUSED.intersection(server.keywords)
    if "cookie" in server.keywords and DYNAMIC_COOKIE not in capabilities:
        refused |= {"cookie"}
    if refused:
        return f"this HAProxy adds none with `{min(refused)}`"
    if "id" not in server.keywords:
        return "has no id, without which HAProxy before 3.0 balances wrongly"
    if not all(map(is_writable, server.keywords)):
        return "has words that the runtime API cannot be given"
    return ""


def _weigh(name: str, server: Server) -> Command:
    return Command(line=f"set server {name} weight {server.weight}")


def _limit(name: str, server: Server) -> Command:
    return Command(line=f"set maxconn server {name} {server.maxconn}")


def _adjust(backend: Backend, before: Server, after: Server, change: Change) -> None:
    name = f"{backend.name}/{after.name}"
    if (before.address, before.keywords, before.fault) != (after.address, after.keywords, after.fault):
        change.reload(f"server {name} has other words under the same name")
        return
    if before.weight != after.weight:
        change.live(f"server {name}: weight {before.weight} -> {after.weight}")
        change.do(Phase.CHANGE_SERVERS, _weigh(name, after))
    if before.maxconn != after.maxconn:
        change.live(f"server {name}: maxconn {before.maxconn or 'none'} -> {after.maxconn or 'none'}")
        change.do(Phase.CHANGE_SERVERS, _limit(name, after))


def _remove(backend: str, server: Server, change: Change) -> None:
    name = f"{backend}/{server.name}"
    change.live(f"server {name} is gone")
    remove_server(name, change)


def remove_server(name: str, change: Change) -> None:
    """Out of the way at once, deleted when nobody uses it any more."""
    delete = f"del server {name}"
    wait = (f"wait {WAIT_MILLISECONDS}ms srv-removable {name}",) if WAIT in change.capabilities else ()
    left = Leftover(kind="server", name=name, removal=(*wait, delete), reply="Server deleted.")
    change.do(
        Phase.REMOVE_SERVERS,
        Command(line=f"set server {name} state maint"),
        Command(line=delete, reply="Server deleted.", leaves=left),
    )


def _expect(backend: Backend, change: Change) -> None:
    """Only servers that can be there: what has to be loaded anew is not asked for."""
    states = [
        ServerState(name=one.name, host=_plain(one.host), port=one.port, weight=one.weight)
        for one in backend.servers.values()
        if not one.fault
    ]
    change.expectations.append(Servers(backend=backend.name, servers=tuple(states)))
    limits = tuple((one.name, one.maxconn) for one in backend.servers.values())
    if any(limit for _, limit in limits) or any("maxconn" in one.line for one in change.commands[Phase.CHANGE_SERVERS]):
        change.expectations.append(MaxConns(backend=backend.name, limits=limits))


def _plain(host: str) -> str:
    return ipaddress.ip_address(host).compressed
