"""stub"""

from dataclasses import dataclass

from gen.values import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    name: str
    names: tuple[str, ...]
    certificate_file: str
    key_file: str
    not_before: float
    not_after: float
    fingerprint: str
    is_default: bool = False


def covers(certificate: Certificate, host: Host) -> bool:
    return False


def choose(certificates: tuple[Certificate, ...], host: Host, now: float) -> Certificate | None:
    return None
