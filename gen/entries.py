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
_QUOTED = re.compile(r"""(['"])(.*?)\1""", re.DOTALL)


def entries_of(path: Path) -> dict[str, Entry]:
    """The settings of a file; its `routes` are none, and another's to read. Raises SettingsError."""
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    except UnicodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text", hint="save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise SettingsError(_not_yaml(path, error)) from error
    if document is None:
        return {}
    if not isinstance(document, yaml.MappingNode):
        raise SettingsError(f"{path}: settings are a mapping; write for example `listeners: [web=80]`")
    return {str(key.value): _entry(path, key, value) for key, value in document.value if key.value != ROUTES}


def _not_yaml(path: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
    return f"{place}: {yaml_fault(error)}"


def yaml_fault(error: Exception) -> str:
    """`this is not YAML: ` and the kind of error, in PyYAML's words, without what it quotes from the file."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    what = " ".join(part for part in (context, problem) if part) or " ".join(str(error).split())
    return f"this is not YAML: {_QUOTED.sub(_unquoted, what)}"


def _unquoted(found: re.Match[str]) -> str:
    """A single character and the names of YAML's tokens, such as '<scalar>', are not the file's secret."""
    return found[0] if len(found[2]) == 1 or found[2].startswith("<") else f"{found[1]}…{found[1]}"


def _entry(path: Path, key: Any, value: Any) -> Entry:
    """One setting: a scalar as it is written, a list or a mapping as a comma-separated list."""
    mark = value.start_mark
    origin = Origin(source=str(path), key=str(key.value), file=str(path), line=mark.line + 1, column=mark.column + 1)
    if isinstance(value, yaml.ScalarNode):
        return Entry(text=value.value, origin=origin)
    if isinstance(value, yaml.SequenceNode):
        items = [_item(item) for item in value.value]
    else:
        items = [f"{name.value}={item.value}" for name, item in value.value]
    return Entry(text=",".join('"' + item.replace('"', '""') + '"' for item in items), origin=origin)


def _item(item: Any) -> str:
    """One item of a list: as it is written, or `hosts = owners` for a mapping of two lists such as a claim."""
    if not isinstance(item, yaml.MappingNode):
        return str(item.value)
    parts = {str(key.value): part for key, part in item.value}
    return " = ".join(_words(parts.pop(name)) for name in ("hosts", "owners", *parts) if name in parts)


def _words(part: Any) -> str:
    """The texts of a list, or the only one, with blanks between them."""
    return " ".join(str(each.value) for each in part.value) if isinstance(part.value, list) else str(part.value)
