"""Entries: a settings file in YAML → entries by key, each with its place in the file.

What is wrong with a file is said without its text: a path may lead to a file that is none of Fairway's.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from gen.errors import Origin, SettingsError
from gen.options import Entry

ROUTES = "routes"
_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"
_STAR = re.compile(r"(?:^|[:\-,\[{]\s+|[\[{,])(\*\S+)")
_QUOTED = re.compile(r"""(['"])(.*?)\1""", re.DOTALL)


def entries_of(path: Path) -> dict[str, Entry]:
    """The settings of a file; its `routes` are none, and another's to read. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8")
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    except UnicodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text", hint="save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise SettingsError(_not_yaml(path, error), hint=yaml_hint(error, text)) from error
    if document is None:
        return {}
    if not isinstance(document, yaml.MappingNode):
        raise SettingsError(f"{path}: settings are a mapping; write for example `listeners: [web=80]`")
    return {
        str(key.value): _entry(path, key, value) for key, value in _once(path, document) if str(key.value) != ROUTES
    }


def _once(path: Path, document: yaml.MappingNode) -> list[tuple[Any, Any]]:
    """The keys of a file with their values. Raises SettingsError for one that is no text, `<<`, or given twice."""
    first: dict[str, int] = {}
    for key, _ in document.value:
        place, line = _place(path, key), key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise SettingsError(f"{place}: a setting's name is a text; found a {_kind(key)}")
        if key.tag == _MERGE:
            what = "<< merges mappings, and a file of settings has no part to merge"
            raise SettingsError(f"{place}: {what}", hint="write each setting itself")
        if key.value in first:
            what = f"this setting is given twice, first in line {first[key.value]}"
            raise SettingsError(f"{place}: {what}", hint="keep one; a list takes several values")
        first[key.value] = line
    return list(document.value)


def _place(path: Path, node: Any) -> str:
    return f"{path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def _kind(node: Any) -> str:
    return {yaml.SequenceNode: "list", yaml.MappingNode: "mapping"}.get(type(node), "text")


def _not_yaml(path: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
    return f"{place}: {yaml_fault(error)}"


def yaml_fault(error: Exception) -> str:
    """`this is not YAML: ` and the kind of error, in PyYAML's words, without what it quotes from the file."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    what = " ".join(part for part in (context, problem) if part) or " ".join(str(error).split())
    return f"this is not YAML: {_QUOTED.sub(_unquoted, what)}"


def yaml_hint(error: Exception, text: str) -> str:
    """What would be right where YAML reads a common slip otherwise: a tab, or an asterisk without quotes."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    lines = text.splitlines()
    if mark is None or mark.line >= len(lines):
        return ""
    line = lines[mark.line]
    if "\t" in line[: len(line) - len(line.lstrip())] or line[mark.column : mark.column + 1] == "\t":
        return "a tab stands here; YAML is indented with spaces"
    if _STAR.search(line):
        return "a value that begins with * needs quotes, as in '*.example.com'; without them it is a YAML alias"
    return ""


def _unquoted(found: re.Match[str]) -> str:
    """A single character and the names of YAML's tokens, such as '<scalar>', are not the file's secret."""
    return found[0] if len(found[2]) == 1 or found[2].startswith("<") else f"{found[1]}…{found[1]}"


def _entry(path: Path, key: Any, value: Any) -> Entry:
    """One setting: a scalar as it is written, a list or a mapping as a comma-separated list."""
    mark = value.start_mark
    origin = Origin(source=str(path), key=str(key.value), file=str(path), line=mark.line + 1, column=mark.column + 1)
    if value.tag == _NULL:
        hint = 'leave it out for its default, or write "" for nothing'
        raise SettingsError(f"{_place(path, value)}: this setting has no value", hint=hint)
    if isinstance(value, yaml.ScalarNode):
        return Entry(text=value.value, origin=origin)
    if isinstance(value, yaml.SequenceNode):
        items = [_item(path, key.value, item) for item in value.value]
    else:
        items = [f"{name.value}={_text(path, key.value, item)}" for name, item in value.value]
    return Entry(text=",".join('"' + item.replace('"', '""') + '"' for item in items), origin=origin)


def _item(path: Path, name: str, item: Any) -> str:
    """One item of a list: as it is written, or `hosts = owners` for a mapping of two lists such as a claim."""
    if not isinstance(item, yaml.MappingNode):
        return _text(path, name, item)
    parts = {str(key.value): part for key, part in item.value}
    return " = ".join(_words(path, name, parts.pop(each)) for each in ("hosts", "owners", *parts) if each in parts)


def _words(path: Path, name: str, part: Any) -> str:
    """The texts of a list, or the only one, with blanks between them."""
    items = part.value if isinstance(part, yaml.SequenceNode) else [part]
    return " ".join(_text(path, name, each) for each in items)


def _text(path: Path, name: str, node: Any) -> str:
    """One text. Raises SettingsError for a list or a mapping in its place."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    hint = f"write for example {name}: [one, two]"
    raise SettingsError(f"{_place(path, node)}: {name}: found a {_kind(node)} inside; write a text", hint=hint)
