"""Text of a snapshot ⇄ State: `{"version": 1, "state": {...}}`, by the field names of `gen.state`.

The part of the snapshot source that knows JSON and the shape. Fields that have their default are left out in writing
and may be left out in reading, so that a person can write one by hand.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from gen.errors import InputError, Problem
from gen.sources.redaction import redact
from gen.state import Address, Instance, State, Vantage, Workload
from gen.values.visible import visible_json

VERSION = 1
MOST_ERRORS = 10

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", strict=True, allow_inf_nan=False))
class _Document:
    version: Literal[1]
    state: State


_DOCUMENT = TypeAdapter(_Document)

_WANTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list: [ ... ]",
    "dataclass_type": "an object: { ... }",
}


def dump(state: State, *, owner_label: str = "") -> str:
    """The state as text for a file or a report: redacted always, the same bytes for equal states. `owner_label`: the
    label from which owners are derived, which stays in it."""
    return whole(redact(state, owner_label=owner_label))


def whole(state: State) -> str:
    """The same with all secrets, for a file that nobody else reads."""
    document = {"version": VERSION, "state": _plain(state)}
    return visible_json(_well_formed(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))) + "\n"


def load(text: str, *, name: str) -> State:
    """The state that a text describes, in the order that State promises. `name` is what messages call the text.

    Raises InputError for what is not JSON, of another version or of another shape; the latter tells each place.
    """
    document = _parsed(text, name)
    _check_version(document, name)
    if isinstance(document.get("state"), dict):
        document["state"].setdefault("source", "snapshot")
    try:
        state = _DOCUMENT.validate_json(_well_formed(json.dumps(document, ensure_ascii=False))).state
    except ValidationError as error:
        raise _misshapen(name, [_told(each) for each in error.errors(include_url=False)]) from None
    if wrong := list(_ports_out_of_range(state)):
        raise _misshapen(name, wrong)
    return _sorted(state)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a snapshot, for editors and for those who write one by program."""
    return _DOCUMENT.json_schema()


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value):
        fields = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _plain(each) for field, each in fields if each != field.default}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _well_formed(text: str) -> str:
    """Half a surrogate pair is no character and cannot be written; it becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}"
        raise InputError(message, hint="write one by `fairway snapshot`") from None
    except (ValueError, RecursionError):
        raise InputError(f"{name}: not JSON that Fairway reads: a number or a nesting beyond all measure") from None
    if not isinstance(document, dict):
        raise InputError(f'{name}: found {_kind(document)}; a snapshot is {{"version": {VERSION}, "state": ...}}')
    return document


def _check_version(document: dict[str, Any], name: str) -> None:
    found = document.get("version")
    if type(found) is int and found == VERSION:
        return
    if "version" not in document:
        raise InputError(f"{name}: version is missing; this Fairway reads version {VERSION}", hint='add "version": 1')
    newer = type(found) is int and found > VERSION
    hint = "use the Fairway that wrote it, or a newer one" if newer else "write it again by `fairway snapshot`"
    raise InputError(f"{name}: version {_kind(found)} is not known; this Fairway reads version {VERSION}", hint=hint)


def _misshapen(name: str, told: list[str]) -> InputError:
    more = len(told) - MOST_ERRORS
    lines = [*told[:MOST_ERRORS], *([f"and {more} more"] if more > 0 else [])]
    return InputError("\n".join(f"{name}: {line}" for line in lines), hint="the fields are those of the JSON Schema")


def _told(error: ErrorDetails) -> str:
    path = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in error["loc"]).removeprefix(".")
    match error["type"]:
        case "missing":
            return f"{path}: is missing"
        case "unexpected_keyword_argument":
            return f"{path}: there is no such field"
        case "literal_error":
            wanted = str(error["ctx"]["expected"])
        case kind:
            wanted = _WANTED.get(kind, error["msg"])
    return f"{path}: found {_shown(error['input'])}; write {wanted}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 40 else text[:37] + "..."


def _kind(value: object) -> str:
    """What was found in a file that may be none of ours: no text of it."""
    text = _shown(value)
    if '"' not in text:
        return text
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def _ports_out_of_range(state: State) -> Iterator[str]:
    for w, workload in enumerate(state.workloads):
        for i, instance in enumerate(workload.instances):
            for p, port in enumerate(instance.ports):
                path = f"state.workloads[{w}].instances[{i}].ports[{p}]"
                if not 1 <= port.number <= 65535:
                    yield f"{path}.number: found {port.number}; write 1 to 65535"
                if not 0 <= port.host_port <= 65535:
                    yield f"{path}.host_port: found {port.host_port}; write 0 to 65535"


def _sorted(state: State) -> State:
    engines = (replace(each, vantage=_sorted_vantage(each.vantage)) for each in state.engines)
    return replace(
        state,
        workloads=_by(lambda each: (each.name, each.id), map(_sorted_workload, state.workloads)),
        networks=_by(lambda each: each.name, state.networks),
        vantage=_sorted_vantage(state.vantage),
        engines=_by(lambda each: each.name, engines),
        problems=_by(Problem.sort_key, state.problems),
    )


def _sorted_vantage(seen: Vantage) -> Vantage:
    reachable = None if seen.networks is None else tuple(sorted(seen.networks))
    return replace(seen, networks=reachable, joined=tuple(sorted(seen.joined)))


def _sorted_workload(workload: Workload) -> Workload:
    return replace(
        workload,
        labels=_by(lambda each: each.key, workload.labels),
        instances=_by(lambda each: each.name, map(_sorted_instance, workload.instances)),
    )


def _sorted_instance(instance: Instance) -> Instance:
    return replace(
        instance,
        addresses=_by(lambda each: each.network, map(_sorted_address, instance.addresses)),
        ports=_by(lambda each: each.number, instance.ports),
    )


def _sorted_address(address: Address) -> Address:
    return replace(address, names=tuple(sorted(address.names)))


def _by(key: Callable[[_T], Any], values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(sorted(values, key=key))
