"""Secrets, and users with the hashes of their passwords: read, and never shown."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import Secret, User

SHA = "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="


def test_a_secret_is_not_shown() -> None:
    secret = Secret("hunter2")
    assert (str(secret), secret.reveal()) == ("[redacted]", "hunter2")
    assert "hunter2" not in repr(secret)


@pytest.mark.parametrize(
    "hashed",
    [
        SHA,
        "$apr1$abc$0123456789012345678901",
        "$5$salt$" + "a" * 43,
        "$6$rounds=5000$s$" + "a" * 86,
        "$2y$05$" + "a" * 53,
    ],
)
def test_a_user_has_a_hash_that_the_proxy_can_check(hashed: str) -> None:
    user = User.parse(f"alice:{hashed}")
    assert (user.name, user.hash.reveal(), str(user)) == ("alice", hashed, "alice:[redacted]")
    assert hashed not in repr(user)


@pytest.mark.parametrize("text", ["secret", "alice:", "alice:secret", "alice:$apr1$abc$short", f":{SHA}", f"#a:{SHA}"])
def test_a_user_without_a_known_hash_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        User.parse(text)
    assert "secret" not in str(refused.value)
    assert "is not a user with a hash" in str(refused.value)


@pytest.mark.parametrize("hashed", ["$2y$12$" + "a" * 53, "$5$rounds=999999$s$" + "a" * 43])
def test_a_costly_hash_is_refused_with_the_reason(hashed: str) -> None:
    with pytest.raises(BadValue, match="this costly would stop the proxy"):
        User.parse(f"alice:{hashed}")
