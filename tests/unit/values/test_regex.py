"""Regular expressions: the subset that every engine reads alike, written anew and safe to run."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import Host, Regex
from tests.property import regexes


@pytest.mark.parametrize(
    ("text", "pcre"),
    [
        ("^/v[0-9]+/", r"^\/v[0-9]++\/"),
        ("a$", r"a\z"),
        ("(a|b)c", "(?:a|b)c"),
        ("(?:a)", "(?:a)"),
        ("(?i)abc", "(?i)abc"),
        (r"\d\w\s\b\.", r"\d\w\s\b\."),
        ("a{2,3}?b", "a{2,3}+b"),
        ("^.*?b", "^.*?b"),
        ("^[a-z]*[a-z.]b", r"^[a-z]*[a-z\.]b"),
        ("^(?:/[a-z]+)*$", r"^(?>\/[a-z]++)*+\z"),
        ("^(?:[^/]+/)*x$", r"^(?>[^\/]++\/)*x\z"),
        (".*", "^"),
        (".*a.*", "a"),
        ("^[0-9]+.*a", "^[0-9].*a"),
        ("^.*[0-9]+a", "^.*[0-9]a"),
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
        ("(a+)+", "in more than one way"),
        ("(a|ab)*c", "in more than one way"),
        ("(?:a|a|a|a){0,60}x", "in more than one way"),
        ("^(?:[a-z]*[a-z.]*x)*$", "in more than one way"),
        ("(a?)*b", "what is repeated can be empty"),
        ("(?:^)*b$", "what is repeated can be empty"),
        ("^((a*)[ab])*$", "in more than one way"),
        ("(a{2,}){3,}", "in more than one way"),
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
        ("^.*a.*b.*c.*d", "more than 4,000,000 steps for 1,024 characters"),
        ("(?:(?:ab){99}c){99}", "more than 1,000 parts"),
        ("(" * 12 + "a" + ")" * 12, "too many groups"),
        ("a{3,2}", "no number of times"),
        ("a{0}", "no number of times"),
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


@pytest.mark.parametrize("text", [*regexes.PATHS, *regexes.VALUES])
def test_what_people_write_for_paths_and_values_is_accepted(text: str) -> None:
    assert Regex.parse(text).longest >= 1024


@pytest.mark.parametrize("text", [text for text in regexes.HOSTS if text.startswith("^")])
def test_what_people_write_for_hosts_is_accepted(text: str) -> None:
    assert Host.parse(f"~{text}").regex is not None


def test_a_subject_that_is_too_long_is_never_searched() -> None:
    regex = Regex.parse("foo.*bar")
    assert regex.has_limit
    assert regex.matches("foo" + "a" * (regex.longest - 6) + "bar")
    assert not regex.takes("foobar" + "a" * regex.longest)
    assert not regex.matches("foobar" + "a" * regex.longest)
    assert regex.may_match("a" * (regex.longest + 1))


def test_a_host_regex_that_may_take_long_is_found_in_no_name_that_cannot_be() -> None:
    host = Host.parse(r"~^(?:[a-z-]+\.)+example\.com$")
    assert host.matches("a" * 241 + ".example.com")
    assert not host.matches("a" * 242 + ".example.com")
    assert "{0,253}" in host.pattern
