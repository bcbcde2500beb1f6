"""State → State that may be shown to strangers. Beside the chain: `gen.sources.snapshot` redacts whatever it writes.

What a policy must still decode keeps its shape: user lists keep their names, URLs their hosts. When in doubt, more is
taken away than needed: a report with a gap can be asked about, a password that was sent cannot be called back.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gen.errors import Problem
from gen.sources import LABELS
from gen.state import Label, State, Workload, is_from_variable
from gen.values.text import REDACTED

KEPT_PREFIXES = (
    "fairway.",
    "com.docker.compose.project",
    "com.docker.compose.service",
    "com.docker.compose.container-number",
    "com.docker.stack.namespace",
)
"""Other labels are none of our business, and a company's own affair."""

_SECRET_WORD = (
    r"password|passwd|passphrase|secret|token|credential|api_?key|private_?key|authorization|htpasswd|set_cookie"
)
_SECRET_PART = re.compile(_SECRET_WORD)
_USERS_KEY = re.compile(r"users(?:\.|$)|(?:^|\.)basic_?auth$")
_COOKIE_HEADER = re.compile(r"headers\.cookie$")
_ROUTE_NAME = re.compile(r"^(fairway\.(?:routes|tcp|udp))\.[^.]+(?=\.)")

_USER = re.compile(r"[\w.@+-]{1,64}")
# Compose writes a dollar twice, and people copy that to where it is wrong.
_HASH = re.compile(
    r"\$\$?argon2(?:id|i|d)\$\S*"
    r"|\$\$?(?:2[abxy]|apr1|y|gy|sha1|md5|scrypt|pbkdf2[\w-]*)\$[./A-Za-z0-9=+$-]*"
    r"|\$\$?[1567]\$[./A-Za-z0-9=$]{6,}"
    r"|\{(?:S?SHA\d*|S?MD5|CRYPT|BCRYPT|ARGON2\w*|PBKDF2[\w-]*|PLAIN)\}[^\s,]*",
    re.IGNORECASE,
)
# The second alternative is for a password with a slash in it; a port is no password.
_URL_USER = re.compile(r"://(?:[^\s/?#]*@|[^\s/@:]*:(?!\d*/)[^\s@]*@)")
_QUERY = re.compile(rf"([?&][^=&\s]*(?:{_SECRET_WORD})[^=&\s]*=)[^&\s#,]+", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer\s+)[A-Za-z0-9._~+/=-]{16,}", re.IGNORECASE)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)


def redact(state: State, *, keep_prefixes: tuple[str, ...] = KEPT_PREFIXES, owner_label: str = "") -> State:
    """The same state without secrets, and without labels of other prefixes. Redacting twice changes nothing more.
    `owner_label`: the label whose value is the name of the owner; it stays as it is."""
    return replace(
        state,
        source=_text(state.source),
        workloads=tuple(_workload(each, keep_prefixes, owner_label) for each in state.workloads),
        problems=tuple(_problem(each) for each in state.problems),
    )


def redacted_value(key: str, value: str) -> str:
    """What may be shown of a label's value."""
    parts = _ROUTE_NAME.sub(r"\1", key).lower().replace("-", "_").split(".")
    if not value:
        return value
    if _USERS_KEY.search(".".join(parts)):
        return _users(value)
    if any(_SECRET_PART.search(part) for part in parts) or _COOKIE_HEADER.search(".".join(parts)):
        return REDACTED
    return _text(value)


def _workload(workload: Workload, keep_prefixes: tuple[str, ...], owner_label: str) -> Workload:
    kept = (one for one in workload.labels if one.key == owner_label or one.key.startswith((*keep_prefixes, *LABELS)))
    labels = (each if each.key == owner_label else _label(each, keep_prefixes) for each in kept)
    return replace(workload, labels=tuple(labels))


def _label(label: Label, keep_prefixes: tuple[str, ...]) -> Label:
    """What was only meant for ours is a mistake by its key alone; a variable's value is the environment's own."""
    is_kept = label.key.startswith(keep_prefixes) and not is_from_variable(label)
    return replace(label, value=redacted_value(label.key, label.value) if is_kept else REDACTED)


def _problem(problem: Problem) -> Problem:
    """A message may quote the value that it complains about."""
    if redacted_value(problem.origin.key, "x") != "x":
        return replace(problem, message=REDACTED, hint=_text(problem.hint))
    return replace(problem, message=_text(problem.message), hint=_text(problem.hint))


def _users(value: str) -> str:
    """`alice:HASH,bob:HASH` → `alice:[redacted],bob:[redacted]`.

    A password in plain text may hold commas and colons, so nothing is told of what follows one.
    """
    shown: list[str] = []
    for item in re.split(r"[,\n]", value):
        user, colon, secret = item.strip().partition(":")
        if not colon or not _USER.fullmatch(user):
            return ",".join([*shown, REDACTED])
        shown.append(f"{user}:{REDACTED}")
        if secret != REDACTED and not _HASH.fullmatch(secret):
            break
    return ",".join(shown)


def _text(text: str) -> str:
    without_keys = _PRIVATE_KEY.sub(REDACTED, text)
    without_hashes = _HASH.sub(REDACTED, without_keys)
    # Brackets would make the URL one that no policy can decode.
    without_users = _URL_USER.sub("://redacted:redacted@", without_hashes)
    return _BEARER.sub(rf"\1{REDACTED}", _QUERY.sub(rf"\1{REDACTED}", without_users))
