"""Paths: the one form in which they are compared, and what a label may say of them."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import Path, normalize


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b/"),
        ("//a///b", "/a/b"),
        ("/a/./b", "/a/b"),
        ("/a/.", "/a/"),
        ("/a/b/..", "/a/"),
        ("/a/../b", "/b"),
        ("/a%2fb", "/a/b"),
        ("/x/..%2fa", "/a"),
        ("/%61", "/a"),
        ("/a%252fb", "/a%2fb"),
        ("/%2e%2e/a", None),
        ("/..", None),
        ("/a/../..", None),
        ("/a?b=/../..", "/a"),
        ("/a#b", "/a"),
        ("/caf%C3%A9", "/caf\xc3\xa9"),
        ("/a%3Fb", "/a?b"),
        ("/...", "/..."),
        ("a", None),
        ("", None),
        ("*", None),
        ("/%", None),
        ("/%zz", None),
        ("/a%00", None),
    ],
)
def test_every_spelling_of_a_path_is_compared_in_one_form(raw: str, path: str | None) -> None:
    assert normalize(raw) == path


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("/", "prefix", "/"),
        ("/api", "prefix", "/api"),
        ("/api/", "prefix", "/api"),
        ("=/", "exact", "=/"),
        ("=/api/", "exact", "=/api/"),
        ("/caf%c3%a9", "prefix", "/café"),
        ("~^/v[0-9]+/", "regex", "~^/v[0-9]+/"),
    ],
)
def test_a_path_is_a_prefix_exact_or_a_regex(text: str, kind: str, written: str) -> None:
    path = Path.parse(text)
    assert (path.kind, str(path)) == (kind, written)
    assert Path.parse(written) == path


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("/", ["/", "/a"], []),
        ("/api", ["/api", "/api/", "/api/x"], ["/apiary", "/", "/API"]),
        ("=/api", ["/api"], ["/api/", "/api/x"]),
        ("=/", ["/"], ["/a"]),
        (r"~\.php$", ["/a.php"], ["/a.php\n", "/a.php/x"]),
        ("/é", ["/\xc3\xa9", "/\xc3\xa9/x"], ["/é"]),
    ],
)
def test_which_normalised_paths_match(pattern: str, yes: list[str], no: list[str]) -> None:
    path = Path.parse(pattern)
    assert [path.matches(raw) for raw in yes + no] == [True] * len(yes) + [False] * len(no)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begin with a slash"),
        ("api", "begin with a slash"),
        ("=api", "begin with a slash"),
        ("//a", "no request has such a path"),
        ("/a/../b", "no request has such a path"),
        ("/a/%2e%2e", "no request has such a path"),
        ("/a%0ab", "control characters"),
        ("/%ff", "not UTF-8"),
        ("/" + "a" * 250, "more than 250 bytes"),
        ("~(", "a regular expression"),
    ],
)
def test_a_path_that_no_request_can_have_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        Path.parse(text)


def test_paths_rank_exact_then_longest_prefix_then_regex() -> None:
    texts = ["~^/a", "/", "/api/v1", "=/a", "/api"]
    assert [str(path) for path in sorted(map(Path.parse, texts), key=lambda path: path.rank)] == [
        "=/a",
        "/api/v1",
        "/api",
        "/",
        "~^/a",
    ]
