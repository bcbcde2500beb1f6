"""Received: a Request → what the proxy makes of it before it decides: the client, the header fields, a refusal.

Everything here is computed by both proxies alike, and sent to the servers; guards, conditions and keys use the same
values. The patterns are PCRE and Python: the proxies' configurations hold them as they are.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gen.model import Model
from gen.values import Cidr

MOST_HOPS: Final = 10
"""Addresses that X-Forwarded-For of a trusted proxy may list."""
LONGEST_HOST: Final = 253
"""Characters of a host name without port and trailing dot (RFC 1035 §2.3.4); a request for a longer one is answered
400."""
MOST_FIELDS: Final = 4
"""Fields of one name that HAProxy joins; a request with more of a name that decides is answered 400."""
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4: Final = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
_V6: Final = "(?:[0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f.]*"
_PORT: Final = "(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
ELEMENT: Final = rf"(?:({_V4})(?::{_PORT})?|\[({_V6})\](?::{_PORT})?|({_V6}))"
"""One address of X-Forwarded-For, with a port or without; its three groups hold the address, one of them."""
ODD_START: Final = rf" *,|(?:[^,]*,){{{MOST_HOPS}}}"
ODD_ANYWHERE: Final = (
    r"[^\x20-\x7e]|[\"\\]|[^, ] +[^, ]|, *,|, *\z|(?<![0-9A-Za-z])0[0-9]+\.|\.0[0-9]|(?:\.[0-9]+|\]):0|\[[0-9.]+\]"
)
"""Forms of X-Forwarded-For that proxies read in different ways: empty elements, blanks and quotes inside of one, zeros
at the start of a number, IPv4 in brackets. `ODD_START` only at the start. A trusted peer's request with one of them is
refused."""
ODD: Final = f"^(?:{ODD_START})|{ODD_ANYWHERE}"
GOOD_HOST: Final = (
    rf"(?:(?!\.|[^:]*\.\.)[A-Za-z0-9._~!$&'()*+,;=%-]{{1,{LONGEST_HOST}}}\.?|\[[0-9A-Fa-f:.]{{1,{LONGEST_HOST - 2}}}\])"
    r"(?::0{0,5}(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{0,4}))?"
)
"""A Host field (RFC 9110 §7.2): a name or an address in brackets, which is not too long, and a port."""
GOOD_METHOD: Final = "[A-Z_-]+"
"""A method. Some servers read `post` as POST, which a condition on the method does not."""
_FORWARDED: Final = ("for", "proto", "host", "port", "prefix")
COMPUTED: Final = frozenset(["x-real-ip", "forwarded", "host", *(f"x-forwarded-{name}" for name in _FORWARDED)])
"""Fields whose value is the proxy's own: conditions compare what servers are sent, but for Host, which is compared in
lower case and without a port."""
PASSED: Final = frozenset(["forwarded", "x-forwarded-prefix"])
"""Those of them that a trusted peer's request keeps as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it stands on the wire. `target`: raw path with query; characters stand for bytes (latin-1).
    `client`: the address that it comes from, which on a listener with the PROXY protocol is the one that this names."""

    listener: str
    host: str = ""
    target: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    client: str = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """`host` as it is compared, `client` as guards use it, `fields` by name in lower case, those of one name joined
    (RFC 9110 §5.3), the computed ones as servers are sent them. `refused`: why the request is answered 400."""

    host: str
    client: str
    fields: dict[str, str]
    refused: str = ""


def host_name(field: str) -> str:
    """A Host field as it is compared: lower case, no port, no trailing dot."""
    name = re.sub(r":[0-9]*$", "", field) if not field.startswith("[") else field.partition("]")[0] + "]"
    return name.lower().removesuffix(".")


def received(model: Model, request: Request) -> Received:
    """What the proxy makes of a request of one listener."""
    fields = _joined(request)
    trusted = model.settings.trusted_proxies
    is_trusted = _is_in(request.client, trusted)
    said = fields.get("x-forwarded-for", "") if is_trusted else ""
    client = walk(request.client, said, trusted)
    is_tls = any(listener.tls for listener in model.listeners if listener.name == request.listener)
    proto = fields.get("x-forwarded-proto", "") if is_trusted else ""
    proto = proto if proto in ("http", "https") else "https" if is_tls else "http"
    computed = {
        "host": host_name(request.host),
        "x-real-ip": client,
        "x-forwarded-for": f"{said}, {request.client}" if said else client,
        "x-forwarded-proto": proto,
        "x-forwarded-host": request.host,
        "x-forwarded-port": _port(request.host) or ("443" if proto == "https" else "80"),
        "x-forwarded-prefix": fields.get("x-forwarded-prefix", "") if is_trusted else "",
        "forwarded": fields.get("forwarded", "") if is_trusted else "",
    }
    return Received(
        host=host_name(request.host), client=client, fields=fields | computed, refused=_refused(request, fields, said)
    )


def _joined(request: Request) -> dict[str, str]:
    """The header fields by name in lower case, without the blanks and tabs around values; those of one name are one,
    with `, ` between them, `; ` in Cookie."""
    fields: dict[str, str] = {}
    for name, value in request.headers:
        key, value = name.lower(), value.strip(" \t")
        between = "; " if key == "cookie" else ", "
        fields[key] = f"{fields[key]}{between}{value}" if key in fields else value
    return fields


def walk(peer: str, said: str, trusted: Iterable[Cidr]) -> str:
    """The client: from the peer along X-Forwarded-For, from its end, for as long as the address is a trusted proxy's.

    An element that is no address ends the walk at the proxy that sent it (RFC 7239 §6: it may be `unknown`)."""
    client, networks = peer, tuple(trusted)
    for element in reversed(said.split(",")):
        address = address_of(element.strip(" "))
        if not address or not _is_in(client, networks):
            break
        client = address
    return client


def address_of(element: str) -> str:
    """The address of one element of X-Forwarded-For; empty where it is none."""
    found = re.fullmatch(ELEMENT, element)
    address = (found[1] or found[2] or found[3]) if found else ""
    try:
        return str(ipaddress.ip_address(address)) if address else ""
    except ValueError:
        return ""


def _is_in(address: str, networks: Iterable[Cidr]) -> bool:
    return any(network.contains(address) for network in networks)


def _port(host: str) -> str:
    """The port in a Host field; empty where none is written, or zero."""
    found = re.search(r":0*([1-9][0-9]{0,4})\Z", host)
    return found[1] if found else ""


def _refused(request: Request, fields: dict[str, str], said: str) -> str:
    if re.fullmatch(GOOD_METHOD, request.method) is None:
        return "the method has other characters than capital letters, `-` and `_`"
    if len(host_name(request.host)) > LONGEST_HOST:
        return f"the host has more than {LONGEST_HOST} characters"
    if request.host and re.fullmatch(GOOD_HOST, request.host) is None:
        return "the Host field is malformed"
    if fields.get("host", request.host).lower() != request.host.lower():
        return "there are several Host fields"
    if said and re.search(ODD.replace(r"\z", r"\Z"), said):
        return f"X-Forwarded-For of a trusted proxy has odd elements, or more than {MOST_HOPS}"
    return ""
