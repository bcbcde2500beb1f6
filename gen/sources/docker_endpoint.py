"""Observe, step one: an explicit URL and the environment → the endpoint of a Docker Engine.

The order is the Docker CLI's: an explicit URL, `DOCKER_HOST`, `DOCKER_CONTEXT`, `currentContext` of `config.json`,
the default socket. `DOCKER_TLS_VERIFY`, `DOCKER_TLS` and `DOCKER_CERT_PATH` belong to a URL that names no context;
a context brings its own TLS material. `DOCKER_CONFIG` moves the folder `~/.docker`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gen.errors import SourceError

DEFAULT_SOCKET: Final = "unix:///var/run/docker.sock"
_EXAMPLES: Final = "unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host"
_SCHEMES: Final = ("unix", "npipe", "tcp", "http", "https", "ssh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Paths of PEM files, empty where there is none. Without `verify` any server certificate is believed."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the engine answers; `origin` is who said so, for messages. `api_version` is empty to ask the engine."""

    url: str
    origin: str
    tls: Tls | None = None
    api_version: str = ""

    @property
    def host(self) -> str:
        """The machine in the URL; empty for a socket of this one."""
        parts = urlsplit(self.url)
        return "" if parts.scheme in ("unix", "npipe") else parts.hostname or ""

    def __str__(self) -> str:
        return f"{self.url} ({self.origin})"


def find_endpoint(url: str | None, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint that the Docker CLI would choose, with `url` standing for its `--host`. Raises SourceError."""
    version = environment.get("DOCKER_API_VERSION", "")
    for text, origin in ((url or "", "the given URL"), (environment.get("DOCKER_HOST", ""), "DOCKER_HOST")):
        if text:
            return _plain(text, origin, environment)
    store = _config_folder(environment)
    name, origin = environment.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not name and store:
        name, origin = _current_context(store / "config.json"), f"currentContext of {store / 'config.json'}"
    if not name or name == "default":
        return _plain(DEFAULT_SOCKET, "the default", environment)
    return _context(name, origin, store, version)


def _plain(text: str, origin: str, environment: Mapping[str, str]) -> Endpoint:
    tls = None if text.startswith(("unix:", "npipe:", "ssh:", "http:")) else _environment_tls(environment)
    return Endpoint(
        url=_checked(text, origin, tls is not None),
        origin=origin,
        tls=tls,
        api_version=environment.get("DOCKER_API_VERSION", ""),
    )


def _checked(text: str, origin: str, secure: bool) -> str:
    """The URL with the port that the CLI would add: 2375, or 2376 with TLS."""
    wrong = SourceError(f"{origin}: {text!r} is not the URL of an engine", hint=f"write for example {_EXAMPLES}")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in _SCHEMES or parts.password or parts.query or parts.fragment:
        raise wrong
    if parts.scheme in ("unix", "npipe"):
        if not parts.path and not parts.netloc:
            raise wrong
        return text.strip()
    if not parts.hostname or (parts.scheme == "ssh" and parts.path.strip("/")):
        raise wrong
    if parts.scheme == "ssh":
        return f"ssh://{parts.netloc}"
    default = 2376 if secure or parts.scheme == "https" else 2375
    netloc = parts.netloc if port else f"{parts.netloc.rstrip(':')}:{default}"
    return f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}"


def _environment_tls(environment: Mapping[str, str]) -> Tls | None:
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    if not verify and not environment.get("DOCKER_TLS"):
        return None
    path = environment.get("DOCKER_CERT_PATH")
    folder = Path(path) if path else _config_folder(environment)
    material = _material(folder, verify=verify)
    if path and verify and not material.ca:
        raise SourceError(
            f"DOCKER_CERT_PATH: {path} holds no readable ca.pem", hint="it must hold ca.pem, cert.pem and key.pem"
        )
    return material


def _material(folder: Path | None, *, verify: bool) -> Tls:
    found = {name: str(folder / f"{name}.pem") if folder else "" for name in ("ca", "cert", "key")}
    there = {name: path if path and Path(path).is_file() else "" for name, path in found.items()}
    if bool(there["cert"]) != bool(there["key"]):
        absent = "key.pem" if there["cert"] else "cert.pem"
        raise SourceError(f"TLS: {folder} holds no readable {absent}", hint="cert.pem and key.pem belong together")
    return Tls(**there, verify=verify)


def _config_folder(environment: Mapping[str, str]) -> Path | None:
    if folder := environment.get("DOCKER_CONFIG"):
        return Path(folder)
    home = environment.get("HOME")
    return Path(home) / ".docker" if home else None


def _current_context(file: Path) -> str:
    if not file.is_file():
        return ""
    name = _object(file).get("currentContext", "")
    return name if isinstance(name, str) else ""


def _object(file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} cannot be read: {error}", hint="repair it or set DOCKER_HOST") from error
    return content if isinstance(content, dict) else {}


def context_names(store: Path | None) -> tuple[str, ...]:
    """Every context of this configuration folder, by name; unreadable ones are left out."""
    names = {"default"}
    for file in sorted(store.glob("contexts/meta/*/meta.json")) if store else ():
        try:
            name = _object(file).get("Name")
        except SourceError:
            continue
        names |= {name} if isinstance(name, str) else set()
    return tuple(sorted(names))


def _context(name: str, origin: str, store: Path | None, version: str) -> Endpoint:
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = store / "contexts" / "meta" / digest / "meta.json" if store else None
    if store is None or meta is None or not meta.is_file():
        raise SourceError(
            f"{origin}: there is no context {name!r}; there are: {', '.join(context_names(store))}",
            hint="see `docker context ls`, or set DOCKER_HOST",
        )
    endpoints = _object(meta).get("Endpoints")
    engine = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = engine.get("Host") if isinstance(engine, dict) else None
    if not isinstance(engine, dict) or not isinstance(host, str):
        raise SourceError(f"context {name!r} ({meta}) names no Docker endpoint", hint="see `docker context inspect`")
    tls = _context_tls(store / "contexts" / "tls" / digest / "docker", skip=bool(engine.get("SkipTLSVerify")))
    where = f"context {name!r}, by {origin}"
    url = _checked(host or DEFAULT_SOCKET, where, tls is not None)
    return Endpoint(url=url, origin=where, tls=tls if url.startswith(("tcp:", "https:")) else None, api_version=version)


def _context_tls(folder: Path, *, skip: bool) -> Tls | None:
    """A context without TLS material speaks plain, unless it says to skip the check of a certificate."""
    material = _material(folder, verify=not skip)
    return material if skip or material.ca or material.cert else None
