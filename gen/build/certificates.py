"""Which listeners a claim is served on, and which certificate its hosts show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gen.build.claims import Claim
from gen.certificate import Certificate, by_subject, candidates, choose, covers
from gen.errors import Problem
from gen.model import Listener
from gen.settings import Settings
from gen.values import Host


@dataclass(frozen=True, kw_only=True)
class Tls:
    """What TLS decisions depend on. `certificates` by name, the generated default among them."""

    settings: Settings
    listeners: tuple[Listener, ...]
    certificates: tuple[Certificate, ...]
    now: float

    @property
    def default(self) -> Certificate | None:
        """The certificate that is shown where none fits."""
        return next((certificate for certificate in self.certificates if certificate.is_default), None)

    @cached_property
    def by_subject(self) -> Mapping[str, tuple[Certificate, ...]]:
        """The others, by each of their own names."""
        return by_subject(certificate for certificate in self.certificates if not certificate.is_default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one host of a claim is served. `redirects`: the plain listeners lead to https."""

    listeners: tuple[str, ...]
    certificate: str = ""
    redirects: bool = False


def place(claim: Claim, host: Host | None, tls: Tls) -> tuple[Place, list[Problem]]:
    """The listeners and the certificate of one host of a claim."""
    certificate, problems = _certificate(claim, host, tls)
    wanted = claim.route.options.listeners
    names = wanted or tls.settings.default_listeners
    known = {listener.name: listener for listener in tls.listeners if listener.protocol == "http"}
    problems.extend(_unknown_listener(claim, name, known) for name in wanted if name not in known)
    required = claim.route.options.tls == "required"
    if required and certificate is None:
        certificate = tls.default
        message = f"no certificate covers {host or 'every host'}; it shows the self-signed default"
        if certificate is not None:
            problems.append(Problem(severity="warning", origin=claim.route.origin("tls"), message=message))
    encrypted = [name for name in names if name in known and known[name].tls]
    plain = [name for name in names if name in known and not known[name].tls]
    if claim.route.options.tls == "off" or (certificate is None and not (host is None and _shows_default(tls))):
        if encrypted and wanted and not plain:
            problems.append(_no_certificate(claim, host))
        encrypted = []
    redirects = required and bool(encrypted)
    shown = certificate.name if certificate and encrypted else ""
    return Place(listeners=tuple(sorted(plain + encrypted)), certificate=shown, redirects=redirects), problems


def _shows_default(tls: Tls) -> bool:
    return tls.settings.unknown_sni == "default" and tls.default is not None


def _certificate(claim: Claim, host: Host | None, tls: Tls) -> tuple[Certificate | None, list[Problem]]:
    """The certificate that the label names, else the best by its own names."""
    if claim.route.options.tls == "off":
        return None, []
    name = claim.route.options.certificate
    if name is None:
        return (choose(candidates(tls.by_subject, str(host)), str(host), tls.now) if host else None), []
    named = next((certificate for certificate in tls.certificates if certificate.name == name), None)
    if named is None:
        known = ", ".join(certificate.name for certificate in tls.certificates) or "none"
        message = f"there is no certificate {name!r} that could be used; usable are: {known}"
        return None, [Problem(severity="error", origin=claim.route.origin("certificate"), message=message)]
    if host is not None and host.kind != "regex" and not covers(named, str(host)):
        message = f"the certificate {name!r} is not for {host}, but for {', '.join(named.names)}"
        return named, [Problem(severity="warning", origin=claim.route.origin("certificate"), message=message)]
    return named, []


def _unknown_listener(claim: Claim, name: str, known: dict[str, Listener]) -> Problem:
    message = f"{name!r} is not a listener; there are {', '.join(sorted(known))}"
    return Problem(severity="error", origin=claim.route.origin("listeners"), message=message)


def _no_certificate(claim: Claim, host: Host | None) -> Problem:
    message = f"no certificate covers {host or 'every host'}, so that nobody can be served over TLS"
    return Problem(severity="error", origin=claim.route.origin("listeners"), message=message)
