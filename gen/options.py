"""Options: the fields of a dataclass, with help and example, and one decoder from text for all of them.

Policies, a route's core options and Fairway's own settings are such dataclasses. The label reference, the error
messages and the decoding come from the same fields. A field's annotation says how its text is read: a class with
`parse`, `bool`, `int`, `str`, a `Literal`, a tuple of those (comma-separated, quoted as in CSV), or a tuple of pairs
(an *open* option: `headers.<Name>=value`, one label each).
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin, get_type_hints

from gen.errors import BadValue, Origin, Problem
from gen.values import Condition, HeaderName, HeaderValue, boolean, integer, plain
from gen.values.text import REDACTED, HiddenText

Parse = Callable[[str], Any]
_KNOWN: dict[type[Any], tuple[Option, ...]] = {}


def option(
    *,
    help: str,  # noqa: A002
    example: str,
    default: Any = MISSING,
    main: bool = False,
    bounds: tuple[int, int] = (0, 10**9),
) -> Any:
    """A field that labels or settings may write. `main`: the one that the short form means. `bounds` are for int."""
    return dataclasses.field(
        default=default, metadata={"help": help, "example": example, "main": main, "bounds": bounds}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option as the decoder and the reference see it. `is_open`: keys are free, each with a value of its own.
    `field` is the dataclass's, which has an underscore where the name is a word of Python."""

    name: str
    field: str
    kind: str
    help: str
    example: str
    default: Any
    is_main: bool
    is_open: bool
    parse: Parse
    parse_key: Parse | None = None

    @property
    def is_required(self) -> bool:
        return self.default is MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A text with its origin, on its way to become an option's value. `is_hidden`: it came out of a variable of the
    environment, and is shown to no reader. `hollow`: the variable that was empty where an element of the text begins
    or ends."""

    text: str
    origin: Origin
    is_hidden: bool = False
    hollow: str = ""

    @property
    def shown(self) -> str:
        return repr(REDACTED if self.is_hidden else self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What came of some entries: keyword arguments for the dataclass, and the problems on the way."""

    values: Mapping[str, Any]
    problems: tuple[Problem, ...]


def options_of(owner: type[Any]) -> tuple[Option, ...]:
    """The options of a dataclass in the order of its fields. Raises TypeError for an annotation nobody can parse."""
    if owner not in _KNOWN:
        _KNOWN[owner] = _read(owner)
    return _KNOWN[owner]


def _read(owner: type[Any]) -> tuple[Option, ...]:
    hints = get_type_hints(owner)
    return tuple(_option(field, hints[field.name]) for field in dataclasses.fields(owner) if "help" in field.metadata)


def _option(field: dataclasses.Field[Any], annotation: Any) -> Option:
    pair = _pair(annotation)
    value_type = pair[1] if pair else annotation
    return Option(
        name=field.name.rstrip("_"),
        field=field.name,
        kind=_kind(value_type),
        help=field.metadata["help"],
        example=field.metadata["example"],
        default=field.default,
        is_main=field.metadata["main"],
        is_open=pair is not None,
        parse=_parser(value_type, field.metadata["bounds"]),
        parse_key=_parser(pair[0], (0, 0)) if pair else None,
    )


def _pair(annotation: Any) -> tuple[Any, Any] | None:
    """The two types of `tuple[tuple[K, V], ...]`."""
    inner = get_args(annotation)[0] if get_origin(annotation) is tuple else None
    if get_origin(inner) is tuple and len(get_args(inner)) == 2 and get_args(inner)[1] is not Ellipsis:
        key, value = get_args(inner)
        return key, value
    return None


def _optional(annotation: Any) -> Any:
    arguments = [argument for argument in get_args(annotation) if argument is not type(None)]
    return arguments[0] if type(None) in get_args(annotation) and len(arguments) == 1 else annotation


def _parser(annotation: Any, bounds: tuple[int, int]) -> Parse:
    kind = _optional(annotation)
    if get_origin(kind) is tuple:
        return _list_of(_parser(get_args(kind)[0], bounds))
    if get_origin(kind) is Literal:
        return _choice(get_args(kind))
    if kind is bool:
        return boolean
    if kind is int:
        return lambda text: integer(text, least=bounds[0], most=bounds[1])
    if kind is str:
        return plain
    if callable(getattr(kind, "parse", None)):
        parse: Parse = kind.parse
        return parse
    raise TypeError(f"no way to read text as {annotation}")


def _choice(words: tuple[str, ...]) -> Parse:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise BadValue(text, f"one of {', '.join(words)}", words[0])
        return text.lower()

    return parse


def _list_of(parse: Parse) -> Parse:
    def parse_list(text: str) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(parse(item) for item in split_list(text)))

    return parse_list


def split_list(text: str) -> tuple[str, ...]:
    """The items of a comma-separated text, quoted as in CSV (RFC 4180); empty items are left out."""
    plain(text[:1900], "a list", "a, b")
    if len(text) > 100_000:
        raise BadValue(text, "a list of at most 100,000 characters", "a, b")
    row = next(csv.reader([text], skipinitialspace=True), [])
    return tuple(item.strip(" \t") for item in row if item.strip(" \t"))


def _kind(annotation: Any) -> str:
    kind = _optional(annotation)
    if get_origin(kind) is tuple:
        return f"list of {_kind(get_args(kind)[0])}"
    if get_origin(kind) is Literal:
        return ", ".join(f"`{word}`" for word in get_args(kind))
    words = {bool: "yes or no", int: "number", str: "text"}
    return words.get(kind) or "".join(f" {c.lower()}" if c.isupper() else c for c in kind.__name__).strip()


def decode(owner: type[Any], entries: Mapping[str, Entry]) -> Decoded:
    """Entries by what stands behind the owner's name in the key (`""` is the short form) → values and problems."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    short = entries.get("")
    for suffix, entry in sorted(entries.items()):
        found = find(owner, suffix)
        if found is None:
            problems.append(unknown(owner, suffix, entry.origin))
            continue
        if found[0].is_main and suffix and short is not None and not found[0].is_open:
            message = f"{short.origin.key} is the short form of it, and counts"
            problems.append(Problem(severity="error", origin=entry.origin, message=message, hint="leave one out"))
            continue
        if entry.hollow and _is_edged(found[0]):
            problems.append(_hollow(entry))
            continue
        try:
            _put(values, found[0], found[1], entry)
        except BadValue as error:
            problems.append(refused(entry, error))
    return Decoded(values=values, problems=tuple(problems))


def _is_edged(option: Option) -> bool:
    """Whether a text means something else, and nothing wrong, without its first or last part. What stands behind a
    dollar sign in a list of users may be a piece of a password, and is never named."""
    return option.kind in ("path", "host") or (option.kind.startswith("list") and option.kind != "list of user")


def _hollow(entry: Entry) -> Problem:
    message = f"a part is missing at the beginning or end: the variable {entry.hollow} is empty or not set"
    hint = f"set {entry.hollow}, or write ${{{entry.hollow}:-}} if the value is meant without it"
    return Problem(severity="error", origin=entry.origin, message=message, hint=hint)


def refused(entry: Entry, error: BadValue) -> Problem:
    """The problem of a text that is not a value; it is quoted where it may be seen."""
    message = str(error.hidden() if entry.is_hidden else error)
    return Problem(severity="error", origin=entry.origin, message=message)


def _put(values: dict[str, Any], target: Option, key: str, entry: Entry) -> None:
    text = entry.text.strip(" \t")
    if target.parse_key is None:
        value = target.parse(text)
        values[target.field] = HiddenText(value) if entry.is_hidden and target.kind == "text" else value
        return
    name = target.parse_key(key)
    try:
        value = target.parse(text)
        pair = (name, value.hidden() if entry.is_hidden and isinstance(value, (HeaderValue, Condition)) else value)
    except BadValue as error:
        raise error.hidden() if isinstance(name, HeaderName) and name.is_secret else error from None
    values[target.field] = (*values.get(target.field, ()), pair)


def find(owner: type[Any], suffix: str) -> tuple[Option, str] | None:
    """The option that a suffix means, and the free key behind an open one."""
    options = options_of(owner)
    main = next((option for option in options if option.is_main), None)
    if not suffix:
        return (main, "") if main and not main.is_open else None
    name, dot, rest = suffix.partition(".")
    for candidate in options:
        if candidate.name == name and bool(dot) == candidate.is_open:
            return candidate, rest
    return (main, suffix) if main and main.is_open and suffix else None


def unknown(owner: type[Any], suffix: str, origin: Origin, *, others: tuple[str, ...] = ()) -> Problem:
    """The problem of a key that nothing knows, with the nearest known one."""
    names = (*(option.name for option in options_of(owner)), *others)
    near = get_close_matches(suffix, names, n=1, cutoff=0.6)
    hint = f"known here: {', '.join(name for name in names if '.' not in name)}"
    word, apart, _ = suffix.replace(":", " ").partition(" ")
    if apart and word in names:
        hint = f"write {origin.key[: len(origin.key) - len(suffix)]}{word}=VALUE"
        return Problem(severity="error", origin=origin, message="this has no value", hint=hint)
    if near:
        hint = f"did you mean {origin.key[: len(origin.key) - len(suffix)]}{near[0]}?"
    keyless = [o for o in options_of(owner) if o.is_open and suffix in (o.name, "" if o.is_main else o.name)]
    if keyless:
        hint = f"write for example {origin.key.rpartition('.')[0]}.{keyless[0].example}"
    return Problem(severity="error", origin=origin, message="there is no such option", hint=hint)
