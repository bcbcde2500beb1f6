"""Observe, step two: an endpoint → answers of the engine's API, counted, with every failure told as a SourceError.

The only module that knows the SDK's exceptions. A connection is made when first needed and again after `drop`.
"""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from socket import gaierror
from typing import Any, ClassVar, Final, Protocol, cast

import docker
import urllib3
from docker.errors import DockerException, NotFound
from docker.tls import TLSConfig
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError, InsecureRequestWarning

from gen.errors import SourceError
from gen.sources.docker_endpoint import Endpoint

TIMEOUT: Final = 30
PARALLEL: Final = 8
_PATIENCE: Final = 0.5
_SHOWN: Final = 60
_PRESENT: Final = ("running", "paused", "restarting", "exited")
EVENTS: Final = (
    *("start", "die", "kill", "stop", "pause", "unpause", "rename", "update", "destroy", "health_status"),
    *("create", "connect", "disconnect"),
    *("died", "remove"),  # Podman's words for die and destroy, by which it filters
)
FAILURES: Final = (DockerException, RequestException, HTTPError, OSError, ValueError)
# Closing a socket under a reader shows itself as any of these, depending on where the reader stood.
BROKEN: Final = (*FAILURES, AttributeError)

Json = Mapping[str, Any]


class Stream(Protocol):
    """Events as they come; `close` ends the iteration from another thread."""

    def __iter__(self) -> Iterator[Any]: ...

    def close(self) -> None: ...


class Client(Protocol):
    """The six calls of `docker.APIClient` that Fairway makes."""

    def containers(self, *, all: bool = ..., filters: Any = ...) -> Any: ...  # noqa: A002

    def inspect_container(self, container: str) -> Any: ...

    def networks(self) -> Any: ...

    def info(self) -> Any: ...

    def events(self, *, since: Any, filters: Any, decode: Any) -> Any: ...

    def close(self) -> None: ...


def connect(endpoint: Endpoint) -> Client:
    """A client of the SDK. Asks the engine for its API version unless the endpoint fixes one."""
    tls = endpoint.tls
    if tls is not None and not tls.verify:
        urllib3.disable_warnings(InsecureRequestWarning)
    return cast(
        Client,
        docker.APIClient(
            base_url=endpoint.url,
            version=endpoint.api_version or "auto",
            timeout=TIMEOUT,
            tls=False if tls is None else _tls_config(tls.ca, (tls.cert, tls.key), tls.verify),
            use_ssh_client=True,
            max_pool_size=PARALLEL + 2,
        ),
    )


def _tls_config(ca: str, pair: tuple[str, str], verify: bool) -> TLSConfig:
    return TLSConfig(client_cert=pair if pair[0] else None, ca_cert=ca or None, verify=verify)


class Engine:
    """One engine. `calls` counts API calls by kind: list, inspect, networks, info, events. Safe for several threads."""

    followed: ClassVar[Mapping[str, list[str]]] = {"type": ["container", "network"], "event": list(EVENTS)}
    """Which events are asked for."""

    def __init__(self, endpoint: Endpoint, *, open_client: Callable[[Endpoint], Client] = connect) -> None:
        self.endpoint = endpoint
        self.calls: Counter[str] = Counter()
        self._open = open_client
        self._client: Client | None = None
        self._lock = threading.Lock()

    def containers(self) -> tuple[Json, ...]:
        """The list entries of containers that run, are paused, restart, or have ended and not been removed. Podman
        refuses a list that is filtered by a state which it does not know, so all are asked for."""
        found = tables(self.endpoint, "containers", self._ask("list", lambda client: client.containers(all=True)))
        return tuple(entry for entry in found if entry.get("State") in _PRESENT)

    def labelled(self, label: str) -> tuple[Json, ...]:
        """The list entries of containers in any state that have this `key=value`."""
        found = self._ask("list", lambda client: client.containers(all=True, filters={"label": [label]}))
        return tables(self.endpoint, "containers", found)

    def inspect(self, name: str) -> Json | None:
        """One container by id or name; None when there is none."""
        found = self._ask("inspect", lambda client: client.inspect_container(name))
        return found if isinstance(found, dict) else None

    def networks(self) -> tuple[Json, ...]:
        """All networks."""
        return tables(self.endpoint, "networks", self._ask("networks", lambda client: client.networks()))

    def is_rootless(self) -> bool:
        """Whether the engine runs without root: it says so among its security options."""
        found = self._ask("info", lambda client: client.info())
        options = found.get("SecurityOptions") if isinstance(found, dict) else None
        return isinstance(options, list) and any("name=rootless" in str(option).split(",") for option in options)

    def events(self, since: str) -> Stream:
        """The events that are followed, from `since` (seconds of the engine's clock, `""` for now) on."""
        wanted = dict(self.followed)
        found = self._ask("events", lambda client: client.events(since=since or None, filters=wanted, decode=True))
        if found is None:
            raise SourceError(f"{self.endpoint}: the engine offers no events")
        return cast(Stream, found)

    def drop(self) -> None:
        """Forgets the connection; the next call makes a new one. One that another thread is still making is left to it:
        an engine that hangs takes its whole timeout for that."""
        if not self._lock.acquire(timeout=_PATIENCE):
            return
        try:
            client, self._client = self._client, None
        finally:
            self._lock.release()
        if client is not None:
            client.close()

    def _ask(self, kind: str, call: Callable[[Client], Any]) -> Any:
        try:
            client = self._connected()
            with self._lock:
                self.calls[kind] += 1
            return call(client)
        except NotFound:
            return None
        except FAILURES as error:
            raise explain(self.endpoint, error) from error

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = self._open(self.endpoint)
            return self._client


def tables(endpoint: Endpoint, what: str, found: object) -> tuple[Json, ...]:
    """The objects of a list. Raises SourceError for any other answer: it says nothing about what is there."""
    if isinstance(found, list) and all(isinstance(entry, dict) and _is_named(entry) for entry in found):
        return tuple(found)
    shown = repr(found)
    raise SourceError(
        f"{endpoint}: the answer is no list of {what}: {shown[:_SHOWN]}{'…' * (len(shown) > _SHOWN)}",
        hint="is this the API of a Docker Engine? try `docker version`",
    )


def _is_named(entry: Mapping[str, Any]) -> bool:
    """Whether an entry of a list says which container, network or service it is."""
    identity = entry.get("Id") or entry.get("ID")
    return isinstance(identity, str) and bool(identity)


def end_stream(stream: Stream) -> None:
    """Closes an event stream under its reader. Over ssh the SDK cannot, so the ssh process is ended instead."""
    response = getattr(stream, "_response", None)
    body = getattr(getattr(getattr(response, "raw", None), "_fp", None), "fp", None)
    process = getattr(getattr(body, "channel", None), "proc", None)
    if process is not None:
        process.kill()
        return
    try:
        stream.close()
    except BROKEN:
        # Somebody else closed it, which is what was wanted.
        return


def explain(endpoint: Endpoint, error: BaseException) -> SourceError:
    """What failed, told by the innermost cause that people can act upon."""
    causes = tuple(_causes(error))
    local = endpoint.url.startswith("unix")
    for kind, what, hint in _REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return SourceError(f"{endpoint}: {what}", hint=hint[0] if local else hint[1])
    if "paramiko" in str(error):
        return SourceError(f"{endpoint}: ssh support is not installed", hint="pip install 'fairway[ssh]'")
    if endpoint.url.startswith("ssh:"):
        return SourceError(
            f"{endpoint}: the ssh connection failed: {error}", hint=f"try `ssh {endpoint.host} docker version`"
        )
    return SourceError(f"{endpoint}: {error}", hint="see `docker context ls` and DOCKER_HOST")


_ASK_REMOTE: Final = "is the engine up, and is this its address? see `docker context ls`"
_REASONS: Final[tuple[tuple[type[BaseException], str, tuple[str, str]], ...]] = (
    (PermissionError, "permission denied", ("add this user to the group docker, or run as root", _ASK_REMOTE)),
    (
        FileNotFoundError,
        "no such file",
        ("is the engine up? in a container, mount the socket; see `docker context ls`", "is ssh installed here?"),
    ),
    (ConnectionRefusedError, "connection refused", ("is the engine up? try `docker version`", _ASK_REMOTE)),
    (
        ssl.SSLError,
        "the TLS handshake failed",
        ("", "check DOCKER_TLS_VERIFY and ca.pem, cert.pem, key.pem in DOCKER_CERT_PATH"),
    ),
    (gaierror, "the host name is not known", ("", _ASK_REMOTE)),
    (TimeoutError, "no answer in time", ("is the engine overloaded? try `docker version`", _ASK_REMOTE)),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made of: libraries hide the cause in `args`, or chain it."""
    seen: set[int] = set()
    pending: list[object] = [error]
    while pending:
        found = pending.pop()
        if not isinstance(found, BaseException) or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        pending += [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]
