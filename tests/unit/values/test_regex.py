"""Regular expressions: the subset that every engine reads alike, written anew and safe to run."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import Regex


@pytest.mark.parametrize(
    ("text", "pcre"),
    [
        ("^/v[0-9]+/", r"^\/v[0-9]+\/"),
        ("a$", r"a\z"),
        ("(a|b)c", "(?:a|b)c"),
        ("(?:a)", "(?:a)"),
        ("(?i)abc", "(?i)abc"),
        (r"\d\w\s\b\.", r"\d\w\s\b\."),
        ("a{2,3}?", "a{2,3}?"),
        ("[^a-z]", "[^a-z]"),
        ("[]a]", r"[\]a]"),
        ("[a-]", r"[a\-]"),
        ("a b;{}", None),
    ],
)
def test_a_pattern_is_written_anew(text: str, pcre: str | None) -> None:
    if pcre is None:
        assert all(mark in Regex.parse(text).pcre for mark in (r"\ ", r"\;", r"\{", r"\}"))
    else:
        assert Regex.parse(text).pcre == pcre


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 512 printable"),
        ("a" * 513, "1 to 512 printable"),
        ("é", "1 to 512 printable"),
        ("a\nb", "1 to 512 printable"),
        ("(", "not closed"),
        (")", "a \\) too many"),
        ("*a", "nothing before \\*"),
        ("a**", "a repetition of nothing"),
        ("a++", "a repetition of nothing"),
        ("(a+)+", "a repetition of a repetition"),
        ("((a*)b)*", "a repetition of a repetition"),
        ("(a{2,}){3,}", "a repetition of a repetition"),
        ("^*", "a repetition of nothing"),
        ("$+", "a repetition of nothing"),
        (r"\b*", "a repetition of nothing"),
        ("(?<name>a)", "only \\(\\?:"),
        ("(?=a)", "only \\(\\?:"),
        ("(?P<n>a)", "only \\(\\?:"),
        (r"(a)\1", "is not among"),
        (r"\Q", "is not among"),
        ("\\", "ends too early"),
        ("[a", "ends too early"),
        ("[z-a]", "bad character range"),
        (r"[\d-z]", "a range needs single characters"),
        ("a+" * 9, "more than 8 unbounded"),
        ("(" * 12 + "a" + ")" * 12, "too many groups"),
        ("a{3,2}", "regular expression"),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        Regex.parse(text)


def test_the_end_is_the_very_end() -> None:
    assert Regex.parse("a$").matches("a")
    assert not Regex.parse("a$").matches("a\n")


def test_a_pattern_is_searched_for_in_bytes() -> None:
    assert Regex.parse("b.d").matches("abcd")
    assert Regex.parse("^..$").matches("\xc3\xa9")
    assert not Regex.parse(".").matches("\n")


def test_equal_texts_are_equal_patterns() -> None:
    assert Regex.parse("a$") == Regex.parse("a$")
    assert hash(Regex.parse("a$")) == hash(Regex.parse("a$"))
