"""Certificate: what a proxy may show to a client, and which of them fits a host.

Part of the model layer, pure: a source reads certificates, the build stage chooses among them.
In come a host pattern and a moment, out goes a certificate or None. File names never decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from math import inf, nextafter

from gen.values import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with its key, as files of the proxy.

    `name` is what the label `certificate` names: a file's stem or a directory's name, of `[A-Za-z0-9._-]`.
    `names` are the subject alternative names (DNS names, and IP addresses as text), in lower case and sorted; the
    common name only where there is no alternative name. Both files are absolute paths as the proxy sees them, and
    the same path where one file holds both. Times are UTC seconds since 1970. `fingerprint` changes whenever the
    bytes of either file change, and with them what a proxy must load again. `pem` is both files' content, certificates
    first, for a proxy that wants one file of its own; empty where the content is not known here.
    """

    name: str
    names: tuple[str, ...]
    certificate_file: str
    key_file: str
    not_before: float
    not_after: float
    fingerprint: str
    is_default: bool = False
    pem: Secret = Secret("")

    def is_valid(self, now: float) -> bool:
        """Whether its dates are right at `now`, UTC seconds since 1970; both ends count (RFC 5280, 4.1.2.5)."""
        return self.not_before <= now <= self.not_after


def covers(certificate: Certificate, host: str) -> bool:
    """Whether a client that asks for `host` would accept this certificate's names.

    `host` is one name, an IP address, `*.example.com` (one level below) or `.example.com` (the apex and all below: at
    least the apex and the wildcard must be there). The rules are RFC 9525, 6.3: letters match without regard to case,
    a wildcard stands for exactly one leftmost label, and never for part of an address. A regex is never covered.
    """
    wanted = host.lower().removesuffix(".")
    if wanted.startswith("."):
        return wanted[1:] in certificate.names and f"*{wanted}" in certificate.names
    return _names_exactly(certificate, wanted) or _names_by_wildcard(certificate, wanted)


def choose(certificates: Iterable[Certificate], host: str, now: float) -> Certificate | None:
    """The certificate to show for `host` at `now`, or None when no one covers it.

    One whose dates are valid before one whose are not, then an exact name before a wildcard, then the one that
    lasts longest, then the first by name.
    """

    def rank(certificate: Certificate) -> tuple[bool, bool, float, str]:
        exact = _names_exactly(certificate, host.lower().removesuffix("."))
        return (not certificate.is_valid(now), not exact, -certificate.not_after, certificate.name)

    return min((each for each in certificates if covers(each, host)), key=rank, default=None)


def by_subject(certificates: Iterable[Certificate]) -> dict[str, tuple[Certificate, ...]]:
    """Certificates by each of their names, so that few need to be looked at for a host."""
    found: defaultdict[str, list[Certificate]] = defaultdict(list)
    for certificate in certificates:
        for name in dict.fromkeys(certificate.names):
            found[name].append(certificate)
    return {name: tuple(those) for name, those in found.items()}


def candidates(known: Mapping[str, tuple[Certificate, ...]], host: str) -> tuple[Certificate, ...]:
    """Of `by_subject`, all that could cover `host`: each that does has one of these names."""
    wanted = host.lower().removesuffix(".")
    names = (wanted.removeprefix("."), "*." + wanted.partition(".")[2], _address(wanted))
    return tuple(certificate for name in dict.fromkeys(names) for certificate in known.get(name, ()))


def dates(certificates: Iterable[Certificate]) -> tuple[float, ...]:
    """The moments at which one of them begins or ceases to be valid, in order."""
    begins = {certificate.not_before for certificate in certificates}
    return tuple(sorted(begins | {nextafter(certificate.not_after, inf) for certificate in certificates}))


def _names_exactly(certificate: Certificate, host: str) -> bool:
    return host in certificate.names or (_address(host) or host) in certificate.names


def _names_by_wildcard(certificate: Certificate, host: str) -> bool:
    label, _, parent = host.partition(".")
    if not label or not parent or label == "*" or label.startswith("~") or _address(host):
        return False
    return f"*.{parent}" in certificate.names


def _address(host: str) -> str:
    """An IP address in its one spelling, or nothing."""
    try:
        return str(ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        return ""
