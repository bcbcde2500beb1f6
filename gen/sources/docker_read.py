"""Observe, step three: what the engine says of one container or network → facts, and facts → a Workload. Pure.

Fields are read defensively: an old engine or Podman leaves some out, and what is absent counts as empty. Labels are
text that nobody interprets here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gen.state import Address, Health, Instance, Label, Network, Port, Workload

Json = Mapping[str, Any]
JOINED: Final = "fairway.joined"
"""The mark of a network to which Fairway connected a container: an option of the attachment. It lies at the engine, so
that it is as old as the attachment itself, whoever asks."""
_PRESENT: Final = ("running", "paused", "restarting", "exited")
_HEALTHS: Final[Mapping[str, Health]] = {"starting": "starting", "healthy": "healthy", "unhealthy": "unhealthy"}
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)")
_STATUS: Final = re.compile(r"\((healthy|unhealthy|health: starting)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One container as inspected. `created` and `started` are nanoseconds since 1970, 0 where unknown; `lender` is the
    container whose network it uses; `joined` are the networks with Fairway's mark; `gateways` are (network, address) by
    network."""

    id: str
    name: str
    created: int = 0
    started: int = 0
    labels: tuple[Label, ...] = ()
    is_present: bool = False
    is_running: bool = False
    health: Health = "none"
    stop_signal: str = ""
    host_network: bool = False
    lender: str = ""
    addresses: tuple[Address, ...] = ()
    networks: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    gateways: tuple[tuple[str, str], ...] = ()
    ports: tuple[Port, ...] = ()


def facts(inspected: Json) -> Facts:
    """What one inspect says."""
    state, config, host = (table(inspected, key) for key in ("State", "Config", "HostConfig"))
    settings = table(inspected, "NetworkSettings")
    networks = {_network_name(name, net): net for name, net in table(settings, "Networks").items()}
    attached = {name: net for name, net in sorted(networks.items()) if isinstance(net, dict)}
    mode = text(host, "NetworkMode")
    status = text(state, "Status") or ("running" if state.get("Running") is True else "")
    host_network = mode == "host"
    return Facts(
        id=text(inspected, "Id"),
        name=text(inspected, "Name").removeprefix("/"),
        created=nanoseconds(text(inspected, "Created")),
        started=nanoseconds(text(state, "StartedAt")),
        labels=_labels(config),
        is_present=status in _PRESENT,
        is_running=status == "running" and not state.get("Paused") and not state.get("Restarting"),
        health=_health(state),
        stop_signal=text(config, "StopSignal"),
        host_network=host_network,
        lender=mode.removeprefix("container:") if mode.startswith("container:") else "",
        addresses=() if host_network else tuple(_addresses(attached, inspected)),
        networks=() if host_network else tuple(name for name in attached if name != "none"),
        joined=tuple(name for name, net in attached.items() if JOINED in table(net, "DriverOpts")),
        gateways=() if host_network else tuple(_gateways(attached)),
        ports=_ports(config, host, settings, host_network=host_network),
    )


def workload(of: Facts, lender: Facts | None, *, stopping: bool) -> Workload:
    """The workload of one container. A borrowed network stack brings its owner's addresses and ports along."""
    net = lender or of
    # Who starts anew gets a new network stack, and who borrowed the old one stays in that, cut off, until it is
    # started anew itself.
    is_lost = (
        bool(of.lender) and of.is_running and (lender is None or not lender.is_running or lender.started > of.started)
    )
    instance = Instance(
        id=of.id,
        name=of.name,
        running=of.is_running,
        health=of.health,
        stopping=stopping,
        host_network=net.host_network,
        lost_lender=(lender.name if lender else of.lender[:12]) if is_lost else "",
        addresses=() if is_lost else net.addresses,
        ports=_merged(of.ports + (lender.ports if lender else ())),
    )
    return Workload(id=of.id, name=of.name, created=of.created / 1e9, labels=of.labels, instances=(instance,))


def fingerprint(entry: Json) -> tuple[object, ...]:
    """What a list entry says that an inspect could say differently next time; equal means: not inspected again."""
    networks = table(table(entry, "NetworkSettings"), "Networks")
    health = _STATUS.search(text(entry, "Status"))
    addresses = ("NetworkID", "IPAddress", "GlobalIPv6Address", "Gateway")
    return (
        text(entry, "State"),
        health.group(1) if health else text(table(entry, "Health"), "Status"),
        tuple(sorted(map(str, sequence(entry, "Names")))),
        tuple(sorted((str(key), str(value)) for key, value in table(entry, "Labels").items())),
        tuple(sorted((name, *(text(net, key) for key in addresses)) for name, net in networks.items())),
        tuple(sorted(repr(sorted(port.items())) for port in sequence(entry, "Ports") if isinstance(port, dict))),
    )


def network(found: Json) -> Network:
    """One network."""
    configs = [entry for entry in sequence(table(found, "IPAM"), "Config") if isinstance(entry, dict)]
    driver = text(found, "Driver")
    gateways = [gateway for entry in configs if (gateway := _gateway(entry, driver))]
    return Network(
        id=text(found, "Id"),
        name=text(found, "Name"),
        driver=driver,
        internal=found.get("Internal") is True,
        gateway=next(iter(sorted(gateways, key=lambda gateway: ":" in gateway)), ""),
        gateway6=next((gateway for gateway in gateways if ":" in gateway), ""),
    )


def nanoseconds(moment: str) -> int:
    """RFC 3339 → nanoseconds since 1970; 0 for what is not a moment or is the engine's "never" (year 1)."""
    found = _TIME.fullmatch(moment)
    if not found:
        return 0
    try:
        whole = datetime.fromisoformat(found.group(1) + found.group(3)).timestamp()
    except (ValueError, OverflowError):
        return 0
    return max(0, int(whole) * 10**9 + int((found.group(2) or "").ljust(9, "0")))


def text(of: object, key: str) -> str:
    """The text under a key, or empty."""
    value = of.get(key) if isinstance(of, dict) else None
    return value if isinstance(value, str) else ""


def table(of: Json, key: str) -> dict[str, Any]:
    """The object under a key, or an empty one."""
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def sequence(of: Json, key: str) -> list[Any]:
    """The list under a key, or an empty one."""
    value = of.get(key)
    return value if isinstance(value, list) else []


def _network_name(name: str, attached: object) -> str:
    """Podman calls its default network `bridge` in its list of networks and when it is told to connect to it, and
    `podman` in an inspect answer, where the id of a network is its name too."""
    return "bridge" if name == "podman" == text(attached, "NetworkID") else name


def _labels(config: Json) -> tuple[Label, ...]:
    pairs = sorted((str(key), value) for key, value in table(config, "Labels").items())
    return tuple(Label(key=key, value="" if value is None else str(value)) for key, value in pairs)


def _health(state: Json) -> Health:
    said = text(table(state, "Health"), "Status") or text(table(state, "Healthcheck"), "Status")
    return _HEALTHS.get(said, "none")


def _addresses(attached: Mapping[str, Json], inspected: Json) -> Iterator[Address]:
    for name, net in attached.items():
        if name == "none":
            yield Address(network=name, host="")
        for key in ("IPAddress", "GlobalIPv6Address"):
            if host := text(net, key):
                yield Address(network=name, host=host, names=_names(name, net, inspected))


def _names(network: str, attached: Json, inspected: Json) -> tuple[str, ...]:
    """What the network's DNS server calls it: the container's own name and what it was given there. Its id and its host
    name are in the engine's lists too, as a default that says nothing. On the default bridge nobody answers."""
    if network == "bridge":
        return ()
    given = {str(name) for name in sequence(attached, "Aliases")}
    known = {str(name) for name in sequence(attached, "DNSNames")} - {text(table(inspected, "Config"), "Hostname")}
    found = {text(inspected, "Name").removeprefix("/"), *given, *known} - {text(inspected, "Id")[:12], ""}
    return tuple(sorted(found))


def _gateways(attached: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for name, net in attached.items():
        if gateway := text(net, "Gateway") or text(net, "IPv6Gateway"):
            yield (name, gateway)


def _ports(config: Json, host: Json, settings: Json, *, host_network: bool) -> tuple[Port, ...]:
    """Exposed and published ports. Bindings that were asked for (`HostConfig`) count as published only where the
    engine does not say what it did: on an internal or the host's network it publishes nothing."""
    asked = table(host, "PortBindings")
    done = table(settings, "Ports") if "Ports" in settings else ({} if host_network else asked)
    exposed = [port for spec in (*table(config, "ExposedPorts"), *asked) if (port := _port(spec))]
    return _merged((*exposed, *_published(done)))


def _published(bindings: Json) -> Iterator[Port]:
    for spec, places in bindings.items():
        base = _port(spec)
        if base is None:
            continue
        yield base
        for place in places if isinstance(places, list) else ():
            if number := _number(text(place, "HostPort")):
                yield Port(number=base.number, protocol=base.protocol, host_ip=text(place, "HostIp"), host_port=number)


def _merged(ports: tuple[Port, ...]) -> tuple[Port, ...]:
    """Sorted, once each; a port that is published is not told a second time as merely exposed."""
    published = {(port.number, port.protocol) for port in ports if port.host_port}
    kept = {port for port in ports if port.host_port or (port.number, port.protocol) not in published}
    return tuple(sorted(kept, key=lambda port: (port.number, port.protocol, port.host_ip, port.host_port)))


def _port(spec: str) -> Port | None:
    number, _, protocol = spec.partition("/")
    return Port(number=found, protocol=protocol or "tcp") if (found := _number(number)) else None


def _number(digits: str) -> int:
    value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
    return value if value < 65536 else 0


def _gateway(config: Json, driver: str) -> str:
    """An engine that was never restarted does not tell a bridge's gateway that nobody chose; it takes the first address
    of the subnet then."""
    said = text(config, "Gateway").partition("/")[0]
    return said or (_first_address(text(config, "Subnet")) if driver == "bridge" else "")


def _first_address(subnet: str) -> str:
    try:
        return str(ipaddress.ip_network(subnet, strict=False)[1])
    except (ValueError, IndexError):
        return ""
