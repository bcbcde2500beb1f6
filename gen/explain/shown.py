"""Shown: the certificate that a client is shown for a name, and whether he would take it."""

from __future__ import annotations

from dataclasses import dataclass

from gen.certificate import Certificate, covers
from gen.explain.basis import Basis
from gen.model import Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The certificate that a client is shown; `wrong` is why he would not take it."""

    name: str
    names: tuple[str, ...]
    valid_until: float
    wrong: str = ""


def certificate_for(name: str, listener: Listener, basis: Basis) -> Shown | None:
    """What TLS shows for a name: the certificate of the best host that was bound, as requests are matched."""
    if not listener.tls:
        return None
    bound = [one for one in basis.model.bindings if one.host.matches(name)]
    if bound:
        best = min(bound, key=lambda one: one.host.rank)
        return judged(best.certificate, name, basis)
    if basis.model.settings.unknown_sni == "refuse":
        return Shown(name="", names=(), valid_until=0.0, wrong=f"no certificate is for {name or 'no name'}: refused")
    default = next((one for one in basis.model.certificates if one.is_default), None)
    return _shown(default, name, basis) if default else None


def judged(certificate: str, name: str, basis: Basis) -> Shown:
    """A certificate by its name, as a client who asked for `name` takes it."""
    return _shown(next(one for one in basis.model.certificates if one.name == certificate), name, basis)


def _shown(one: Certificate, name: str, basis: Basis) -> Shown:
    wrong = ""
    if one.is_default:
        wrong = "it is the generated one, which nobody trusts"
    elif not one.is_valid(basis.now):
        wrong = "it is not valid yet" if basis.now < one.not_before else "it has expired"
    elif name and not covers(one, name):
        wrong = f"it is not for {name}"
    return Shown(name=one.name, names=one.names, valid_until=one.not_after, wrong=wrong)
