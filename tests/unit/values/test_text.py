"""Words and texts: names, header fields, conditions, keys, secrets, users, addresses of redirects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gen.errors import BadValue
from gen.values import (
    Balance,
    Condition,
    CookieName,
    HeaderName,
    HeaderValue,
    Key,
    Method,
    Name,
    QueryName,
    Url,
    plain,
)


@pytest.mark.parametrize(
    ("parse", "good", "bad", "kind"),
    [
        (Name.parse, ["shop", "a.b-c_d", "9"], ["", ".", "-a", "a b", "a/b", "x" * 65, "é", "a\n"], "a name"),
        (HeaderName.parse, ["X-Env", "9a"], ["", "X Env", "X_Env", "X:", "-X", "é"], "the name of a header"),
        (CookieName.parse, ["sid", "_ga"], ["", "a-b", "a=b", "a;b", "é"], "the name of a cookie"),
        (QueryName.parse, ["v", "_1"], ["", "a-b", "a[]", "é"], "the name of a query parameter"),
        (HeaderValue.parse, ["", 'a "b" \\ $c', "é"], ["a\nb", "\x7f", "x" * 2001], "the value of a header"),
        (plain, ["", "a;b{}"], ["\x00", "\ud800"], "a text"),
    ],
)
def test_words_pass_or_are_refused(parse: Callable[[str], str], good: list[str], bad: list[str], kind: str) -> None:
    assert [str(parse(text)) for text in good] == good
    for text in bad:
        with pytest.raises(BadValue, match=f"is not {kind}"):
            parse(text)


def test_a_method_is_in_capitals() -> None:
    assert Method.parse("get") == "GET"
    with pytest.raises(BadValue, match="is not a request method"):
        Method.parse("G T")


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("beta", ["beta"], ["", "Beta", "beta2"]),
        ("é", ["\xc3\xa9"], ["é"]),
        ("~^v[0-9]$", ["v1"], ["v12", ""]),
        ("*", ["x"], [""]),
    ],
)
def test_a_condition_is_a_value_a_regex_or_presence(text: str, yes: list[str], no: list[str]) -> None:
    condition = Condition.parse(text)
    assert str(condition) == text
    assert [condition.matches(value) for value in yes + no] == [True] * len(yes) + [False] * len(no)


@pytest.mark.parametrize("text", ["", "~(", "a\nb", "x" * 501])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        Condition.parse(text)


@pytest.mark.parametrize("text", ["ip", "host", "path", "query", "uri", "header:x-tenant", "cookie:Sid"])
def test_a_key_is_a_part_of_a_request(text: str) -> None:
    assert str(Key.parse(text)) == text


@pytest.mark.parametrize("text", ["", "moon", "header", "header:", "ip:1", "cookie:a-b", "IP"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        Key.parse(text)


@pytest.mark.parametrize(
    "text", ["round_robin", "least_conn", "random", "first", "source", "uri", "header:x-a", "query:user"]
)
def test_a_balance_is_one_of_the_known_ways(text: str) -> None:
    assert str(Balance.parse(text)) == text


@pytest.mark.parametrize("text", ["", "fastest", "header", "uri:x", "header:", "query:a-b"])
def test_what_is_no_balance_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        Balance.parse(text)


@pytest.mark.parametrize("text", ["https://example.com/new?a=b", "http://x", "/new", "/$path", "https://$host$path"])
def test_an_address_is_http_or_a_path(text: str) -> None:
    assert str(Url.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "ftp://x", "//evil", "/\\evil", "javascript:alert(1)", "https://", "https://a b", "https://[", "/a\nb", "/é"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not an address"):
        Url.parse(text)
