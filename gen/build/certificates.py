"""Which listeners a claim is served on, and which certificate its hosts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """Where one host of a claim is served. `redirects`: requests that came over http are led to https. `disabled`: why
    the claim cannot be served at all (503): TLS is required, and there is none."""

    listeners: tuple[str, ...]
    certificate: str = ""
    redirects: bool = False
    disabled: str = ""


def fits(name: str, host: Host, tls: Tls) -> bool:
    """Whether a certificate is valid now and covers a host."""
    found = next((one for one in tls.certificates if one.name == name), None)
    return found is not None and found.not_before <= tls.now <= found.not_after and covers(found, str(host))


def place(claim: Claim, host: Host | None, tls: Tls) -> tuple[Place, list[Problem]]:
    """The listeners and the certificate of one host of a claim."""
    certificate, problems = _certificate(claim, host, tls)
    wanted = claim.route.options.listeners
    names = wanted or tls.settings.default_listeners
    known = {listener.name: listener for listener in tls.listeners if listener.protocol == "http"}
    problems.extend(_unknown_listener(claim, name, known) for name in wanted if name not in known)
    required = claim.route.options.tls == "required"
    encrypted = [name for name in names if name in known and known[name].tls]
    plain = [name for name in names if name in known and not known[name].tls]
    if required and certificate is None and (certificate := tls.default) and encrypted:
        message = f"no certificate covers {host or 'every host'}; it shows the self-signed default"
        problems.append(Problem(severity="warning", origin=claim.route.origin("tls"), message=message))
    if claim.route.options.tls == "off" or (certificate is None and not (host is None and _shows_default(tls))):
        if encrypted and wanted and not plain:
            problems.append(_no_certificate(claim, host))
        encrypted = []
    redirects = required and bool(encrypted or tls.settings.trusted_proxies)
    disabled = "tls is required, and no listener with TLS serves the route" if required and not redirects else ""
    if disabled and plain:
        problems.append(_no_tls(claim, host, plain, tls))
    shown = certificate.name if certificate and encrypted else ""
    listeners = tuple(sorted(plain + encrypted))
    return Place(listeners=listeners, certificate=shown, redirects=redirects, disabled=disabled), problems


def _no_tls(claim: Claim, host: Host | None, plain: Sequence[str], tls: Tls) -> Problem:
    """An error for a host that requires TLS and is served on `plain` listeners only; its hint says the way out."""
    others = [listener.name for listener in tls.listeners if listener.tls and listener.protocol == "http"]
    used = claim.route.options.listeners or tls.settings.default_listeners
    served = [name for name in others if name in used]
    if served:
        why = f"{', '.join(served)} has no certificate for {host or 'every host'}"
        hint = "add a certificate for it to the directory of the setting certificates"
    else:
        why = f"its listeners have no TLS: {', '.join(plain)}"
        hint = f"the operator adds one: listeners={_shown(tls)}, websecure=443/tls"
        if others:
            hint = f"write listeners: {', '.join((*plain, others[0]))}"
    hint += "; where another proxy ends TLS in front of this one, the operator names it in trusted_proxies"
    message = f"required cannot be kept, {why}; the route is disabled (503) there"
    return Problem(severity="error", origin=claim.route.origin("tls"), message=message, hint=hint)


def _shown(tls: Tls) -> str:
    """The plain listeners as the setting names them."""
    return ", ".join(f"{one.name}={one.port}" for one in tls.listeners if one.protocol == "http" and not one.tls)


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
