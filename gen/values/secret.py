"""What nobody is to see: secrets, and users with the hashes of their passwords."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self

from gen.errors import BadValue
from gen.values.text import REDACTED
from gen.values.visible import invisible


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that must not be shown: `str()` and `repr()` are redacted, `reveal()` is for the file that needs it."""

    text: str = field(repr=False)

    def reveal(self) -> str:
        return self.text

    def __str__(self) -> str:
        return REDACTED


_HASH = re.compile(
    r"\$apr1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}"
    r"|\$[56]\$(?:rounds=[0-9]{4}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43,86}"
    r"|\$2[aby]\$0[4-6]\$[./0-9A-Za-z]{53}"
    r"|\{S?SHA\}[A-Za-z0-9+/]{27,60}={0,2}"
    r"|\[redacted\]"  # in a replayed snapshot: nobody's password
)


@dataclass(frozen=True, slots=True)
class User:
    """A name and a password's hash, as `htpasswd` writes them: apr1, SHA-256/512 crypt with up to
    9999 rounds, bcrypt up to cost 6, (S)SHA.

    The proxy hashes on every request, in its event loop: a bcrypt of cost 10 takes 70 ms, so 15 requests a second
    would stop everybody's traffic. In a compose file each `$` is written `$$`.
    """

    name: str
    hash: Secret

    @classmethod
    def parse(cls, text: str) -> Self:
        name, colon, hashed = text.partition(":")
        if not colon:  # what stands alone may be the password
            raise BadValue(REDACTED, "a user with a hash", "alice:$apr1$…", "no colon")
        if name.startswith(("$", "{")):  # a hash, and the two are the other way round
            raise BadValue(REDACTED, "a user with a hash", "alice:$apr1$…", "the name comes first")
        if re.fullmatch(r"[^\x00-\x1f\x7f:#\s][^\x00-\x1f\x7f:]{0,127}", name) is None or invisible(name):
            raise BadValue(name, "a user with a hash", "alice:$apr1$…", "no user name before the colon")
        if _HASH.fullmatch(hashed) is None:
            costly = re.match(r"\$2[aby]\$|\$[56]\$rounds=", hashed)
            slow = "a hash this costly would stop the proxy" if costly else "no known hash"
            raise BadValue(f"{name}:…", "a user with a hash", "alice:$apr1$… as `openssl passwd -apr1` prints it", slow)
        return cls(name, Secret(hashed))

    def __str__(self) -> str:
        return f"{self.name}:{self.hash}"
