"""basic_auth: a name and a password (RFC 7617)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gen.model import Policy
from gen.options import option
from gen.values import Name, User


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth(Policy):
    """Who does not know one of the passwords gets 401. The Authorization header goes on to the workload."""

    name: ClassVar[str] = "basic_auth"
    guards: ClassVar[bool] = True
    needs: ClassVar[str] = "for `file`, the setting `user_files`"

    users: tuple[User, ...] = option(
        default=(),
        main=True,
        help="Names with hashes, as htpasswd writes them.",
        example="alice:$apr1$Q2wE4rT6$Zdu1m6pdw7pih59hVtsK2/",
    )
    file: Name | None = option(
        default=None, help="A file of the operator's `user_files` directory instead.", example="staff"
    )
    realm: str = option(default="Restricted", help="What the browser shows.", example="Staff only")

    def check(self) -> str:
        if bool(self.users) == (self.file is not None):
            return "either users or file has to say who may come in"
        names = [user.name for user in self.users]
        if len(set(names)) != len(names):
            return "a user is named twice"
        return "" if self.realm.lower() != "off" else "the realm 'off' would switch the protection off"
