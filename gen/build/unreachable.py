"""Unreachable: an instance without a server → the problem that says which networks each side is on, and the command
that would bring them together."""

from __future__ import annotations

from typing import Final

from gen.build.reach import Asker, Reach, is_network
from gen.errors import Problem
from gen.state import Instance, Workload

_NEVER_FROM_THE_HOST: Final = ("macvlan", "ipvlan", "overlay")
"""Drivers of networks on which the host has no address, and publishes no port of theirs or only through another."""


def unreachable(workload: Workload, instance: Instance, route: Asker, reach: Reach, *, port: int | None) -> Problem:
    """Which networks each side is on, and the command that would bring them together."""
    if reach.vantage.kind == "remote" and workload.kind != "service":
        return _elsewhere(instance, route, reach, port)
    own = sorted({address.network for address in instance.addresses if address.host and address.network})
    mine = reach.vantage.networks or ()
    proxy = f"the proxy {reach.vantage.name}".strip() if reach.vantage.kind == "container" else "the proxy's host"
    on = f"is on {', '.join(own)}" if own else "is on no network"
    reaches = f"reaches {', '.join(mine)}" if mine else "reaches no network of the engine"
    if reach.vantage.rootless:
        reaches = "reaches no network of the engine, which is rootless"
    if instance.lost_lender:
        on = f"uses the network of {instance.lost_lender}, which has ended or was started again since"
    elif instance.host_network:
        on = "is on the host's network"
    message = f"{instance.name} {on}; {proxy} {reaches}"
    if route.options.network:
        message = (
            f"{instance.name} is not to be reached on network {route.options.network!r}: it {on}, {proxy} {reaches}"
        )
    return Problem(
        severity="error",
        origin=route.origin("network" if route.options.network else "host"),
        message=message,
        hint=_way_of_service(workload, own, reach)
        if workload.kind == "service"
        else _way_of(instance, reach)
        or _way_to(route.options.network, workload, own, reach)
        or _way(workload, own, reach),
    )


def _elsewhere(instance: Instance, route: Asker, reach: Reach, port: int | None) -> Problem:
    """On another machine: only what is published there is reached, and networks that both engines have."""
    name, at = instance.name.rpartition("/")[2], reach.vantage.published_at
    there = sorted({p.host_ip for p in instance.ports if p.number == port and p.host_port})
    hint = f"publish it, for example with -p 8080:{port or 8080}, or put both on one overlay network"
    if route.options.network:
        what = f"is not to be reached on network {route.options.network!r}: the proxy is on another machine"
        hint = f"an overlay network that both engines have is one way; or leave {route.options.network!r} out"
    elif instance.lost_lender:
        what = f"uses the network of {instance.lost_lender}, which has ended or was started again since"
        hint = f"docker restart {name} on that machine"
    elif not at:
        what = "is on another engine, and nobody said where that one's published ports answer"
        hint = f"write engines {reach.vantage.name}@10.0.0.5=URL, with the address that the proxy reaches it by"
    elif there:
        what = f"is on another machine, and its port {port} is published there on {', '.join(there)} alone"
        hint = f"publish it on all addresses, or on {at}"
    else:
        what = f"is on another machine, and its port {port} is not published there"
    return Problem(
        severity="error",
        origin=route.origin("network" if route.options.network else "host"),
        message=f"{instance.name} {what}",
        hint=hint,
    )


def _way_of(instance: Instance, reach: Reach) -> str:
    """What helps an instance that no network can be given to as it is; empty where one can."""
    name = instance.name
    if instance.lost_lender:
        return f"docker restart {name}; if {instance.lost_lender} was made anew, {name} has to be made anew too"
    if reach.vantage.rootless:
        return "publish the port, for example with -p 127.0.0.1::8080, or run the proxy in a container of that engine"
    if instance.host_network and reach.vantage.kind == "container":
        return f"docker network connect bridge {_proxy(reach)}; from an internal network nobody reaches the host"
    if any(address.network == "none" for address in instance.addresses):
        target = next((one for one in reach.vantage.networks or ()), "bridge")
        return f"docker network disconnect none {name} && docker network connect {target} {name}"
    return ""


def _proxy(reach: Reach) -> str:
    """The proxy's container in a command; a file may have none."""
    return reach.vantage.name or "PROXY"


def _way_to(wanted: str, workload: Workload, own: list[str], reach: Reach) -> str:
    """The command that brings both sides to the network that the label wants; empty where neither side knows it."""
    if not wanted or reach.vantage.kind != "container":
        return ""
    if theirs := [name for name in own if is_network(name, wanted)]:
        return f"docker network connect {theirs[0]} {_proxy(reach)}"
    if mine := [name for name in reach.vantage.networks or () if is_network(name, wanted)]:
        return f"docker network connect {mine[0]} {workload.name}"
    shared = [name for name in own if name in (reach.vantage.networks or ())]
    return f"both are on {', '.join(shared)}" if shared else ""


def _way_of_service(workload: Workload, own: list[str], reach: Reach) -> str:
    """How the proxy and a swarm's service come together: only containers reach the addresses of an overlay."""
    drivers = _drivers(reach)
    mine = [name for name in reach.vantage.networks or () if drivers.get(name) == "overlay"]
    theirs = [name for name in own if drivers.get(name) == "overlay"]
    if reach.vantage.kind != "container":
        return (
            "only its own containers reach an overlay: run the proxy in one that is attached to "
            f"{theirs[0] if theirs else 'it'}, or publish the port, and name it in fairway.port"
        )
    if theirs:
        return f"docker network connect {theirs[0]} {_proxy(reach)}; the network has to be attachable"
    return f"docker service update --network-add {mine[0] if mine else 'NETWORK'} {workload.name}"


def _drivers(reach: Reach) -> dict[str, str]:
    """The drivers of the engine's networks by name."""
    return {network.name: network.driver for network in reach.networks}


def _way(workload: Workload, own: list[str], reach: Reach) -> str:
    drivers = _drivers(reach)
    joinable = [name for name in own if drivers.get(name, "bridge") not in ("host", "null")]
    if reach.vantage.kind == "container" and joinable:
        return f"docker network connect {joinable[0]} {_proxy(reach)}"
    if reach.vantage.kind == "container":
        target = (reach.vantage.networks or ("NETWORK",))[0]
        return f"docker network connect {target} {workload.name}"
    if not own or (reach.vantage.networks and all(drivers.get(name) in _NEVER_FROM_THE_HOST for name in own)):
        target = next((name for name in reach.vantage.networks or () if name), "bridge")
        return f"docker network connect {target} {workload.name}"
    return "publish the port, for example with -p 127.0.0.1::8080, or run the proxy in a container on the same network"
