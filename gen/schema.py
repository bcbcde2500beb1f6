"""Schema: options → JSON Schema, so that editors complete and check labels and settings. Pure; beside the reference,
and made of the same fields.

Draft 7, which editors read. A schema says which keys there are, with their texts, and which words a choice has; whether
a host is one, or a duration, is said by `fairway check`. A number or a yes may stand unquoted, as people write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from gen.dialects import RouteOptions, TcpOptions, UdpOptions
from gen.entries import ROUTES
from gen.options import Option, options_of
from gen.policies import POLICIES
from gen.settings import Settings

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_PREFIX: Final = "fairway."
_NAME: Final = "[A-Za-z0-9][A-Za-z0-9_-]*"
_SCALAR: Final = ["string", "number", "boolean"]
Json = dict[str, Any]


def of_settings() -> Json:
    """Of `fairway.yml`, with its routes to what is no container."""
    properties = {option.name: _setting(option) for option in options_of(Settings)}
    return {
        "$schema": DRAFT,
        "title": "Fairway's settings",
        "type": "object",
        "properties": {**properties, ROUTES: _routes()},
        "additionalProperties": False,
    }


def of_labels() -> Json:
    """Of the labels of one workload, as an object."""
    return {"$schema": DRAFT, "title": "Fairway's labels", **_labels()}


def of_compose() -> Json:
    """Of a compose file, of which it knows labels alone: services' own, and those of a stack."""
    lists = {"type": "array", "items": {"$ref": "#/definitions/line"}}
    labels = {"anyOf": [{"$ref": "#/definitions/labels"}, lists, {"type": "null"}]}
    service = {"properties": {"labels": labels, "deploy": {"properties": {"labels": labels}}}}
    return {
        "$schema": DRAFT,
        "title": "Fairway's labels in a compose file",
        "type": "object",
        "properties": {"services": {"type": "object", "additionalProperties": service}},
        "definitions": {"labels": _labels(), "line": {"type": "string", **_line()}},
    }


def _labels() -> Json:
    """Known keys with their values; of those that begin with ours no others."""
    known = dict(_keys((RouteOptions,), with_policies=True))
    properties = {f"{_PREFIX}{key}": found for key, found in known.items() if "*" not in key}
    text = "Whether a workload that has labels takes part."
    properties[f"{_PREFIX}enable"] = {"description": text, **_choice(_WORDS, _ANY_CASE, _VARIABLE)}
    patterns = {_pattern(_PREFIX, key): found for key, found in known.items() if "*" in key}
    patterns |= {_pattern(f"{_PREFIX}routes.*.", key): found for key, found in known.items()}
    for transport, owner in (("tcp", TcpOptions), ("udp", UdpOptions)):
        for key, found in _keys((owner,), transport=transport):
            patterns[_pattern(f"{_PREFIX}{transport}.*.", key)] = found
    return {
        "type": "object",
        "properties": properties,
        "patternProperties": patterns,
        "propertyNames": {
            "anyOf": [
                {"not": {"pattern": f"^{re.escape(_PREFIX)}"}},
                {"enum": [*properties, f"{_PREFIX}proxy"]},
                *({"pattern": pattern} for pattern in patterns),
            ]
        },
    }


def _line() -> Json:
    """A label as one line, `fairway.host=a.test`."""
    found = _labels()
    keys = [re.escape(key) for key in (*found["properties"], f"{_PREFIX}proxy")]
    keys += [pattern.strip("^$") for pattern in found["patternProperties"]]
    return {"anyOf": [{"not": {"pattern": f"^{re.escape(_PREFIX)}"}}, {"pattern": f"^(?:{'|'.join(keys)})(?:=|$)"}]}


def _keys(
    owners: Iterable[type[Any]], *, with_policies: bool = False, transport: str = ""
) -> Iterable[tuple[str, Json]]:
    """Keys with what may stand there; a `*` is a name of the user's."""
    for owner in owners:
        for option in options_of(owner):
            yield f"{option.name}{'.*' * option.is_open}", _value(option)
    for policy in POLICIES if with_policies else [each for each in POLICIES if transport in each.transports]:
        main = next((option for option in options_of(policy) if option.is_main and not option.is_open), None)
        if main is not None:
            yield policy.name, _value(main, policy.__doc__ or "")
        for option in options_of(policy):
            own = "*" if option.is_open and option.is_main else f"{option.name}{'.*' * option.is_open}"
            yield f"{policy.name}.{own}", _value(option)


def _pattern(prefix: str, key: str) -> str:
    """Anchored; a name of the user's ends at a dot, the last one does not have to."""
    head, star, tail = key.partition("*")
    own = re.escape(prefix).replace(r"\*", _NAME)
    return f"^{own}{re.escape(head)}{'.+' * bool(star)}{re.escape(tail)}$"


_ANY_CASE: Final = "^(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff])$"
_VARIABLE: Final = r"\$"
"""Compose puts something else there before anybody reads it, so any choice may be a `${VARIABLE}`."""
_WORDS: Final = [True, False, *(f"{word}" for word in ("true", "false", "yes", "no", "on", "off", "1", "0")), 1, 0]


def _choice(words: list[Any], *patterns: str) -> Json:
    """One of the words, which an editor offers, or a text of one of the patterns."""
    return {"anyOf": [{"enum": words}, *({"type": "string", "pattern": pattern} for pattern in patterns)]}


def _value(option: Option, text: str = "", *, variables: tuple[str, ...] = (_VARIABLE,)) -> Json:
    """What may be written: one text, which a list is too. `variables`: what may stand in a choice's place."""
    told = " ".join(text.split()) or option.help
    found: Json = {"description": f"{told} Example: {option.example.partition('=')[2] or option.example}"}
    if option.kind == "yes or no":
        return {**found, **_choice(_WORDS, _ANY_CASE, *variables)}
    if option.kind.startswith("`"):
        return {**found, **_choice([word.strip("`") for word in option.kind.split(", ")], *variables)}
    return {**found, "type": ["integer", "string"] if option.kind == "number" else _SCALAR}


def _setting(option: Option) -> Json:
    """In YAML a list or a mapping may be written as such."""
    found = _value(option, variables=())
    return {**found, "type": [*_SCALAR, "array", "object"]} if option.kind.startswith("list of ") else found


def _routes() -> Json:
    """What labels say, without `fairway.`, nested or not; and the servers."""
    properties: Json = {"servers": {"type": ["string", "array"], "description": "Where they are: `10.0.0.5:8080`."}}
    for key, found in _keys((RouteOptions,), with_policies=True):
        properties.setdefault(key.partition(".")[0], {"description": found["description"]})
    for name in ("routes", "tcp", "udp"):
        properties[name] = {"type": "object"}
    names = {"anyOf": [{"enum": sorted(properties)}, {"pattern": r"^[a-z_]+\."}]}
    route = {"type": "object", "properties": properties, "propertyNames": names, "required": ["servers"]}
    return {"type": "object", "additionalProperties": route, "description": "Routes to what is no container, by name."}
