"""How HAProxy spells values: each as exactly one word, whatever it holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen.errors import TemplateError
from gen.proxies.haproxy.literal import Expression, Word, exactly, format_of, literal, quote
from gen.proxies.haproxy.tokens import check, read, tokens
from gen.values import Cidr, Duration, HeaderName, HeaderValue, Name, Size, Status

TEXT = st.text(
    alphabet=st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\x7f"), min_size=1
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (7, "7"),
        (Word("127.0.0.1:80"), "127.0.0.1:80"),
        (Word("if a"), "'if a'"),
        (Name("shop.1"), "shop.1"),
        (HeaderName.parse("X-A"), "X-A"),
        (Cidr.parse("2001:db8::/32"), "2001:db8::/32"),
        (Status(404), "404"),
        (Duration(90_000), "90000ms"),
        (Duration(2**40), "2147483647ms"),
        (Size(8 * 1024**2), "8388608"),
        ("a $b", "'a $b'"),
        ("it's", "'it'\\''s'"),
        (HeaderValue('"\\#'), "'\"\\#'"),
        (format_of("50% of ", Expression("var(txn.a)"), "%[env(HOME)]"), "'50%% of %[var(txn.a)]%%[env(HOME)]'"),
    ],
)
def test_a_value_is_spelled_by_its_type(value: object, written: str) -> None:
    assert literal(value) == written


@pytest.mark.parametrize(
    "text", ["", "a\nb", "a\rb", "a\x00", "a\tb", "\x7f", "\x1b", "\ud800", "x" * 4001, "é" * 2001]
)
def test_what_haproxy_cannot_be_given_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        literal(text)


@pytest.mark.parametrize("value", [True, None, 1.5, ("a",), b"a"])
def test_what_has_no_spelling_is_refused(value: object) -> None:
    with pytest.raises(TemplateError):
        literal(value)


@given(TEXT)
def test_any_text_is_one_word_that_reads_back(text: str) -> None:
    ((kind, word, _),) = tokens(quote(text))
    assert (kind, read(word)) == ("word", text)


@given(TEXT)
def test_any_text_passes_as_data(text: str) -> None:
    assert check(f"\nfrontend f\n    x \x01{literal(text)}\x02 if {{ y -- \x01{literal('x' + text)}\x02 }}\n")


@given(TEXT)
def test_an_exact_pattern_is_found_in_its_own_text_alone(text: str) -> None:
    pattern = re.compile(exactly(text).encode())
    assert pattern.fullmatch(text.encode())
    assert not pattern.fullmatch(text.encode() + b"x")
