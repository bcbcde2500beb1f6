"""Hidden: the text of a configuration → the same without what lets somebody in.

Passwords' hashes always; values of headers, and what headers and query parameters are asked for, where their names tell
(`SECRET_NAME`).
"""

from __future__ import annotations

import re
from typing import Final

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
_SPELLINGS: Final = re.compile(r"\(\?:(?:\\x..|(.))\|[^)]*\)")
"""A character of a query, which may be percent-encoded there."""


def hidden(text: str) -> str:
    """Lines stay lines."""
    return _ASKED.sub(_asked, _HEADER.sub(_header, _PASSWORD.sub(rf"\1{REDACTED}", text)))


def _header(found: re.Match[str]) -> str:
    begin, name, _, end = found.groups()
    return f"{begin}{REDACTED}{end}" if SECRET_NAME.search(name) else found[0]


def _asked(found: re.Match[str]) -> str:
    begin, where, pattern = found[1] or found[5], found[2] or found[6], found[3] or found[7]
    is_query = "query" in where or "args" in where
    name = _SPELLINGS.sub(lambda one: one[1] or "_", pattern).partition("=")[0] if is_query else ""
    return f"{begin}{REDACTED}{found[4] or ''}" if SECRET_NAME.search(f"{where} {name}") else found[0]
