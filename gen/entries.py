"""Entries: a settings file in YAML → entries by key, each with its place in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from gen.errors import Origin, SettingsError
from gen.options import Entry

ROUTES = "routes"


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
    return f"{place}: this is not YAML: {getattr(error, 'problem', None) or error}"


def _entry(path: Path, key: Any, value: Any) -> Entry:
    """One setting: a scalar as it is written, a list or a mapping as a comma-separated list."""
    mark = value.start_mark
    origin = Origin(source=str(path), key=str(key.value), file=str(path), line=mark.line + 1, column=mark.column + 1)
    if isinstance(value, yaml.ScalarNode):
        return Entry(text=value.value, origin=origin)
    if isinstance(value, yaml.SequenceNode):
        items = [str(item.value) for item in value.value]
    else:
        items = [f"{name.value}={item.value}" for name, item in value.value]
    return Entry(text=",".join('"' + item.replace('"', '""') + '"' for item in items), origin=origin)
