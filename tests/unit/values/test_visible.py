"""What cannot be seen goes into no configuration."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import Condition, HeaderValue, Path, User, plain

HASH = "$apr1$Q2wE4rT6$Zdu1m6pdw7pih59hVtsK2/"


@pytest.mark.parametrize("unseen", ["\u202e", "\u200b", "\u2028", "\u061c", "\x9b", "\u2066", "\ufeff"])
def test_values_with_invisible_characters_are_refused(unseen: str) -> None:
    for parse in (plain, HeaderValue.parse, Condition.parse):
        with pytest.raises(BadValue, match=rf"U\+{ord(unseen):04X} in it cannot be seen") as caught:
            parse(f"a{unseen}b")
        assert unseen not in str(caught.value)
    for text in (f"/a{unseen}", "/a" + "".join(f"%{byte:02X}" for byte in unseen.encode())):
        with pytest.raises(BadValue, match="cannot be seen"):
            Path.parse(text)
    with pytest.raises(BadValue):
        User.parse(f"al{unseen}ice:{HASH}")


@pytest.mark.parametrize("text", ["käse ☕", "日本語", "a\u00a0b", "\U0001f600"])
def test_other_texts_are_taken(text: str) -> None:
    assert HeaderValue.parse(text) == text


def test_a_hash_before_the_name_is_not_quoted() -> None:
    with pytest.raises(BadValue, match="the name comes first") as caught:
        User.parse(f"{HASH}:alice")
    assert "Zdu1" not in str(caught.value)
