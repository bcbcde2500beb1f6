"""Question: a URL as it is typed, with method, header fields and client → what is asked, and of which listeners."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from gen.decide import Request, host_name
from gen.errors import BadValue
from gen.model import Listener, Model
from gen.received import GOOD_HOST
from gen.values import Cidr, HeaderName, Method, punycode

STRANGER: Final = "192.0.2.1"
"""An address of nobody (RFC 5737): where nothing is said of the client, it is no friend's."""
SCHEMES: Final = {"http": 80, "https": 443, "tcp": 0, "tls": 0, "udp": 0}
"""How people write it, with the usual port; 0: it has to be said."""
_AS_SENT: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `port` is 0 where the URL names none; `name` is the URL's host, which TLS clients ask for; `host`
    the Host field. `peer` is the address that the request comes from, once the client is known. `is_stranger`: nothing
    was said of the client."""

    scheme: str
    name: str
    port: int
    host: str
    target: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    client: str = STRANGER
    peer: str = ""
    is_stranger: bool = True

    @property
    def is_http(self) -> bool:
        return self.scheme in ("http", "https")

    @property
    def is_tls(self) -> bool:
        return self.scheme in ("https", "tls")

    def on(self, listener: Listener) -> Request:
        """The request as it comes to a listener."""
        return Request(
            listener=listener.name,
            host=self.host,
            target=self.target,
            method=self.method,
            headers=self.headers,
            client=self.client,
        )


def question(url: str, *, method: str = "GET", headers: tuple[str, ...] = (), client: str = "") -> Question:
    """A URL and what goes with it. Raises BadValue."""
    scheme, name, port, target = _parts(url)
    fields = tuple(map(_field, headers))
    if not any(field.lower() == "authorization" for field, _ in fields):
        fields += _credentials(url)
    if client:
        Cidr.parse(client)
    host = next((value for field, value in reversed(fields) if field.lower() == "host"), name)
    if host and re.fullmatch(GOOD_HOST, host) is None:
        raise BadValue(host, "a host", "shop.example.com")
    return Question(
        scheme=scheme,
        name=name,
        port=port,
        host=host,
        target=target,
        method=Method.parse(method),
        headers=tuple(pair for pair in fields if pair[0].lower() != "host"),
        client=client or STRANGER,
        is_stranger=not client,
    )


def _parts(url: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, target). A browser's habits: no scheme is http, other letters are percent-encoded UTF-8."""
    text = url if "://" in url else f"http://{url}"
    try:
        found = urlsplit(text)
        port = found.port or 0
    except ValueError as error:
        raise BadValue(_public(url), "a URL", "https://shop.example.com/api", str(error)) from None
    if found.scheme not in SCHEMES or (not found.hostname and found.scheme in ("http", "https", "tls")):
        raise BadValue(_public(url), "a URL", "https://shop.example.com/api or tcp://db.example.com:5432")
    if not port and not SCHEMES[found.scheme]:
        raise BadValue(_public(url), "a URL with a port", f"{found.scheme}://{found.hostname or 'db.example.com'}:5432")
    rest = text.partition("://")[2].partition("#")[0]
    target = rest[len(found.netloc) :] or "/"
    sent = quote(target if target.startswith("/") else f"/{target}", safe=_AS_SENT)
    return found.scheme, _name(found.hostname or ""), port, sent


def _public(url: str) -> str:
    """A URL without who asks, as messages show it."""
    return re.sub(r"^([^/?#]*//|)[^/?#]*@", r"\1", url)


def _credentials(url: str) -> tuple[tuple[str, str], ...]:
    """What clients make of `user:password@`: a field of its own, as RFC 7617 has it."""
    user, at, _ = urlsplit(url if "://" in url else f"http://{url}").netloc.rpartition("@")
    said = unquote(user) if ":" in user else f"{unquote(user)}:"
    return (("Authorization", f"Basic {b64encode(said.encode()).decode()}"),) if at else ()


def _name(host: str) -> str:
    """The host as it is sent: an address of IPv6 in brackets, other letters in their punycode form."""
    if ":" in host:
        return f"[{host}]"
    return host if host.isascii() else punycode(host)


def _field(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise BadValue(text, "a header field", "X-Env: beta")
    return str(HeaderName.parse(name.strip())), value.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The listeners that a question may come to; `note` is what is to be known of the choice. None: nobody listens."""

    listeners: tuple[Listener, ...]
    note: str = ""


def door(model: Model, asked: Question, wanted: str = "") -> Door:
    """By the name that is `wanted`, else by scheme and port. Without a port in the URL, where nobody has the usual one,
    all that speak so: a published port may lead to them."""
    if wanted:
        found = tuple(one for one in model.listeners if one.name == wanted)
        return Door(listeners=found, note="" if found else f"there is no listener {wanted!r}; {_there(model)}")
    port = asked.port or SCHEMES[asked.scheme]
    here = tuple(
        one for one in model.listeners if one.port == port and (one.protocol == "udp") == (asked.scheme == "udp")
    )
    if fitting := tuple(one for one in here if _speaks(one, asked)):
        return Door(listeners=fitting)
    if here:
        return Door(listeners=(), note=f"{here[0].name} on port {port} {_speech(here[0])}, not {asked.scheme}")
    others = tuple(one for one in model.listeners if _speaks(one, asked)) if not asked.port else ()
    note = f"nobody listens on port {port}; {_there(model)}"
    if others:
        note = f"nobody listens on port {port} itself: a published port would have to lead to {_shown(others[0])}"
    return Door(listeners=others, note=note)


def _speaks(listener: Listener, asked: Question) -> bool:
    if asked.is_http:
        # A route without HTTP may stand on a listener of its own, and take connections of browsers too.
        return (listener.protocol != "udp" and listener.tls == asked.is_tls) or _hands_on(listener, asked)
    if asked.scheme == "udp":
        return listener.protocol == "udp"
    return listener.protocol != "udp"


def _is_udp(listener: Listener) -> bool:
    return listener.protocol == "udp"


def _hands_on(listener: Listener, asked: Question) -> bool:
    """Whether TLS may go through a listener that does not end it."""
    return listener.protocol == "tcp" and asked.is_tls


def _speech(listener: Listener) -> str:
    return "speaks TLS" if listener.tls else f"speaks plain {listener.protocol.upper()}"


def _there(model: Model) -> str:
    return f"there are {', '.join(map(_shown, model.listeners)) or 'none'}"


def _shown(listener: Listener) -> str:
    words = [str(listener.port)] + [listener.protocol] * (listener.protocol != "http") + ["tls"] * listener.tls
    return f"{listener.name}={'/'.join(words)}"


def server_name(asked: Question) -> str:
    """The name that a TLS client asks for; empty for an address, and without TLS."""
    name = host_name(asked.name)
    return "" if not asked.is_tls or name.startswith("[") or re.fullmatch(r"[0-9.]+", name) else name
