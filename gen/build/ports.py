"""Ports: where one claim to a TCP or UDP route may be served: the operator's listeners, how TLS is dealt with there,
and the certificate. What cannot be is a problem that says what the operator or the label would have to write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gen.build.certificates import Tls
from gen.build.claims import StreamClaim
from gen.certificate import choose, covers
from gen.dialects import TcpOptions, UdpOptions
from gen.errors import Problem
from gen.model import Listener, StreamTls
from gen.values import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place of a claim. No host: all that nobody names."""

    listener: str
    host: Host | None
    tls: StreamTls
    certificate: str = ""

    @property
    def what(self) -> str:
        """How problems call it."""
        return f"{self.host} on {self.listener}" if self.host else self.listener


def spots(claim: StreamClaim, tls: Tls, problems: list[Problem]) -> list[Spot]:
    """The places of a claim, each with how TLS is dealt with there."""

    def tell(option: str, message: str, hint: str = "") -> None:
        problems.append(Problem(severity="error", origin=claim.route.origin(option), message=message, hint=hint))

    found: list[Spot] = []
    options = claim.route.options
    for name in options.listeners or (claim.route.name,):
        listener = next((one for one in tls.listeners if one.name == name), None)
        if listener is None or (listener.protocol != claim.route.transport and not _shares(listener, options)):
            tell("listeners", *_no_listener(claim, name, tls))
            continue
        way = _tls(options, listener)
        if wrong := _wrong(way, options, listener):
            tell("tls" if isinstance(options, TcpOptions) and options.tls != "auto" else "listeners", wrong)
            continue
        for host in (*sorted(set(_hosts(options))),) or (None,):
            certificate = ""
            if way == "terminate":
                certificate, wrong = _certificate(options, host, tls)
                if wrong:
                    tell("certificate", wrong)
                    continue
            found.append(Spot(listener=listener.name, host=host, tls=way, certificate=certificate))
    return found


def _hosts(options: UdpOptions) -> Iterator[Host]:
    if isinstance(options, TcpOptions):
        for name in options.host:
            yield from name.names


def _shares(listener: Listener, options: UdpOptions) -> bool:
    """Whether a TCP route may ask for a place on a listener of HTTP: by names of TLS clients."""
    return listener.protocol == "http" and listener.tls and isinstance(options, TcpOptions)


def _no_listener(claim: StreamClaim, name: str, tls: Tls) -> tuple[str, str]:
    transport = claim.route.transport
    known = ", ".join(one.name for one in tls.listeners if one.protocol == transport) or "none"
    other = next((one for one in tls.listeners if one.name == name), None)
    what = f"{name!r} is a listener of {other.protocol.upper()}" if other else f"there is no listener {name!r}"
    port = claim.route.options.port
    number = (port.number if port else 0) or next((server.port for server in claim.servers), 0) or 5432
    shown = f"{name}-{transport}" if other else name
    return (
        f"{what}; {transport.upper()} listeners: {known}",
        f"the operator opens ports, in the setting listeners: {shown}={number}/{transport}",
    )


def _tls(options: UdpOptions, listener: Listener) -> StreamTls:
    """How TLS is dealt with where the label leaves it to us."""
    if not isinstance(options, TcpOptions):
        return "off"
    if options.tls != "auto":
        return options.tls
    return "terminate" if listener.tls else "passthrough" if options.host else "off"


def _wrong(way: StreamTls, options: UdpOptions, listener: Listener) -> str:
    """Why a listener cannot have such a route; empty when it can."""
    has_hosts = any(True for _ in _hosts(options))
    if listener.protocol == "http" and (way != "passthrough" or not has_hosts):
        return f"{listener.name} is shared with HTTP: write tls=passthrough, and the hosts to pass through"
    if way == "terminate" and not listener.tls:
        return f"{listener.name} has no TLS to end; the operator opens it with {listener.name}={listener.port}/tcp/tls"
    if way == "off" and listener.tls:
        return f"{listener.name} is for TLS: tls is terminate or passthrough there"
    if way == "off" and has_hosts:
        return "host is the name that TLS clients ask for, and with tls=off nobody looks for one"
    return ""


def _certificate(options: UdpOptions, host: Host | None, tls: Tls) -> tuple[str, str]:
    """The name of the certificate to show, or why there is none."""
    name = options.certificate if isinstance(options, TcpOptions) else None
    usable = tuple(one for one in tls.certificates if not one.is_default)
    if name is not None:
        named = next((one for one in tls.certificates if one.name == name), None)
        if named is None:
            known = ", ".join(one.name for one in tls.certificates) or "none"
            return "", f"there is no certificate {name!r} that could be used; usable are: {known}"
        if host is not None and not covers(named, str(host)):
            return "", f"the certificate {name!r} is not for {host}, but for {', '.join(named.names)}"
        return named.name, ""
    best = choose(usable, str(host), tls.now) if host is not None else None
    if best is not None:
        return best.name, ""
    if host is None and tls.settings.unknown_sni == "default" and tls.default is not None:
        return tls.default.name, ""
    if host is None:
        return "", "without a host nobody knows which certificate to show; name a host or a certificate"
    return "", f"no certificate covers {host}, so that nobody can be served over TLS"
