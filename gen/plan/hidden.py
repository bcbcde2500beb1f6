"""Hidden: the text of a configuration → the same without what lets somebody in.

Passwords' hashes always; values of headers, and what headers and query parameters are asked for, where their names tell
(`SECRET_NAME`), or where the rows of a release say that a value is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Final

from gen.errors import without_passwords
from gen.values.text import REDACTED, SECRET_NAME

_PASSWORD: Final = re.compile(r"(?m)^(\s+user .+ password ).*$")
_HEADER: Final = re.compile(
    r"""(?m)^( *(?:\w+_set_header|\w+_param|add_header|http-\S+ (?:set|add)-header) "?([\w-]+)"? )"""
    r"""(?!["']{2};?$)(.*?)(;?)$"""
)
_ASKED: Final = re.compile(
    r"""(?m)^( *map (\S+) \$fw_if_\w+ \{\n *default 0;\n *)(\S.*)( 1;)$|^( *acl if_\w+ ('.+?'|\S+) -m reg -- )(.*)$"""
)
"""A condition: in nginx a map of one entry, in HAProxy an ACL; what is looked at, and the pattern to be met."""
_HIDDEN: Final = re.compile(rf"([\w-]+)(?::|: |=){re.escape(REDACTED)}")
_SPELLINGS: Final = re.compile(r"\(\?:(?:\\x..|(.))\|[^)]*\)")
"""A character of a query, which may be percent-encoded there."""


def hidden(text: str, names: frozenset[str] = frozenset()) -> str:
    """Lines stay lines. `names`: those of headers and query parameters, in lower case, whose values are hidden too."""
    header, asked = partial(_header, names), partial(_asked, names)
    text = without_passwords(text)
    return _ASKED.sub(asked, _HEADER.sub(header, _PASSWORD.sub(rf"\1{REDACTED}", text)))


def hidden_names(rows: Iterable[str]) -> frozenset[str]:
    """The names whose values some rows of a release hide: `X-Env:[redacted]`, `X-Env: [redacted]`, `?e=[redacted]`."""
    return frozenset(name.lower() for row in rows if REDACTED in row for name in _HIDDEN.findall(row))


def _header(names: frozenset[str], found: re.Match[str]) -> str:
    begin, name, _, end = found.groups()
    return f"{begin}{REDACTED}{end}" if SECRET_NAME.search(name) or name.lower() in names else found[0]


def _asked(names: frozenset[str], found: re.Match[str]) -> str:
    begin, where, pattern = found[1] or found[5], found[2] or found[6], found[3] or found[7]
    is_query = "query" in where or "args" in where
    name = _SPELLINGS.sub(lambda one: one[1] or "_", pattern).partition("=")[0] if is_query else ""
    words = re.split(r"[^a-z0-9-]+", f"{where} {name}".lower().replace("_", "-"))
    is_hidden = any(word.removeprefix("http-") in names for word in words) or SECRET_NAME.search(f"{where} {name}")
    return f"{begin}{REDACTED}{found[4] or ''}" if is_hidden else found[0]
