"""Certificates as HAProxy loads them: one file each, and for each listener a list of who shows which to whom."""

from __future__ import annotations

from operator import attrgetter
from pathlib import PurePosixPath

from gen.bundle import File
from gen.certificate import Certificate
from gen.memo import Memo
from gen.model import Listener, Model
from gen.values import Host

FOLDER = "certs"


def certificate_file(certificate: Certificate) -> str:
    """The file of a certificate with its chain and key, relative to the configuration."""
    return f"{FOLDER}/{certificate.name}.pem"


def list_file(listener: Listener) -> str:
    return f"{FOLDER}/{listener.name}.list"


def files(model: Model, memo: Memo, *_certified: object) -> tuple[File, ...]:
    """The certificates that hosts show, and the list of each TLS listener."""
    listeners = [listener for listener in model.listeners if listener.tls]
    if not listeners:
        return ()
    by_name = {certificate.name: certificate for certificate in model.certificates}
    bound = {binding.certificate for binding in model.bindings}
    used = sorted(bound | {route.certificate for route in model.streams if route.certificate})
    written = memo.each("certificate", _file, map(by_name.__getitem__, used), key=attrgetter("name"))
    return (*written, *(_list_file(listener, model, by_name) for listener in listeners))


def _file(certificate: Certificate) -> File:
    content = certificate.pem.reveal().encode()
    return File(name=certificate_file(certificate), content=content, private=True)


def _list_file(listener: Listener, model: Model, by_name: dict[str, Certificate]) -> File:
    written = _list(model, by_name) if listener.protocol == "http" else _stream_list(listener, model, by_name)
    return File(name=list_file(listener), content=written.encode())


def _list(model: Model, by_name: dict[str, Certificate]) -> str:
    """One line for each certificate with the names that it is shown for. The first line's is the generated one, shown
    where no name fits, or for its own name alone. Which one comes first cannot be changed while HAProxy runs."""
    default = next((c for c in model.certificates if c.is_default), None)
    lines: list[str] = []
    if default is not None:
        names: tuple[str, ...] = () if model.settings.unknown_sni == "default" else default.names
        lines.append(" ".join((_beside(default), *names)) + "\n")
    shown: dict[str, list[str]] = {}
    for binding in model.bindings:
        shown.setdefault(binding.certificate, []).extend(_names(binding.host))
    for name in sorted(shown):
        lines.append(" ".join((certificate_file(by_name[name]), *sorted(set(shown[name])))) + "\n")
    return "".join(lines)


def _beside(default: Certificate) -> str:
    """The generated certificate is another one on each machine: its file is not part of a release."""
    return str(PurePosixPath(default.certificate_file).with_suffix(".both"))


def _stream_list(listener: Listener, model: Model, by_name: dict[str, Certificate]) -> str:
    """The same for a listener of TCP, where routes say what is shown: for no name in particular first."""
    ends = [route for route in model.streams if listener.name in route.listeners and route.certificate]
    lines: list[str] = []
    for route in sorted(ends, key=lambda route: (bool(route.hosts), route.id)):
        words = (certificate_file(by_name[route.certificate]), *(name for host in route.hosts for name in _names(host)))
        lines.append(" ".join(words) + "\n")
    return "".join(lines)


def _names(host: Host) -> list[str]:
    """A host as server names (RFC 6066 §3); HAProxy's wildcards stand for one label."""
    exact, wild = [host.text], [f"*.{host.text}"]
    return {"exact": exact, "wildcard": wild, "subtree": exact + wild}.get(host.kind, [])
