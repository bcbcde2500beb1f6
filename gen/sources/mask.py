"""Mask: a state → a function that hides, in any text, what variables of the environment brought into its labels.

Hosts and paths are shown, and so is what the same files say in the open: `production` as the value of `${STAGE}` is no
secret where a host is called so. What is short is left to those that know where it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from gen.errors import BadValue
from gen.options import split_list
from gen.state import Label, State, is_from_variable
from gen.values.text import REDACTED

_SHORTEST: Final = 5


class Mask:
    """Replaces the texts, in each spelling that a configuration, JSON or a message gives them."""

    def __init__(self, texts: frozenset[str] = frozenset()) -> None:
        spelled = sorted({each for text in texts for each in _spellings(text)}, key=lambda one: (-len(one), one))
        self._pattern = re.compile("|".join(map(re.escape, spelled))) if spelled else None

    def __call__(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)


def mask_of(state: State) -> Mask:
    """The mask of a state; one that hides nothing where no label was made of a variable."""
    labels = [label for workload in state.workloads for label in workload.labels]
    hidden = [label for label in labels if is_from_variable(label)]
    if not hidden:
        return Mask()
    names = [*(one.name for one in state.workloads), *(one.name for one in state.networks)]
    known = "\0".join([*names, *(label.value for label in labels if not is_from_variable(label))])
    return Mask(frozenset(text for label in hidden for text in _texts(label) if text not in known))


def _texts(label: Label) -> Iterator[str]:
    """The value and the items of a list, without those too short to be told from other words."""
    try:
        items = split_list(label.value)
    except BadValue:
        items = ()
    yield from (text for text in (label.value.strip(), *items) if len(text) >= _SHORTEST)


def _spellings(text: str) -> Iterator[str]:
    """As it is, in nginx's and HAProxy's quotes, in HAProxy's formats; each of these as JSON and Python have it."""
    nginx = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "${fw_dollar}")
    haproxy = text.replace("'", "'\\''")
    for each in (text, nginx, haproxy, haproxy.replace("%", "%%"), text.replace("%", "%%")):
        yield each
        yield from (spell(each)[1:-1] for spell in (json.dumps, partial(json.dumps, ensure_ascii=False), repr))
