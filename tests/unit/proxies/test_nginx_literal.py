"""How nginx spells values: each as exactly one token, whatever it holds."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen.errors import TemplateError
from gen.proxies.nginx.literal import Expression, MapKey, Pattern, Plain, Word, expression, literal, quote
from gen.proxies.nginx.numbers import larger_than
from gen.proxies.nginx.tokens import tokens
from gen.values import Cidr, Duration, HeaderValue, Name, Rate, Regex, Resolver, Size, Status

NASTY = ["a b\"; } server { # \\ ' $x", "$", "${x}", "\\", '"', "~^a", "=", "#", "é", "\\$", "", "default"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "on"),
        (False, "off"),
        (7, "7"),
        (Word("$fw_x"), "$fw_x"),
        (Name("shop.1"), "shop.1"),
        (Cidr.parse("2001:db8::/32"), "2001:db8::/32"),
        (Resolver.parse("[fd00::53]:5353"), "[fd00::53]:5353"),
        (Status(404), "404"),
        (Duration(90_000), "90s"),
        (Duration(1500), "1500ms"),
        (Duration(86_400_000), "1d"),
        (Size(8 * 1024**2), "8388608"),
        (Rate(10, 1), "rate=10r/s"),
        (Rate(5, 60), "rate=5r/m"),
        ("a $b", '"a ${fw_dollar}b"'),
        (HeaderValue('"\\'), '"\\"\\\\"'),
        (Plain("a $b"), '"a $b"'),
        (Expression("${x}y"), '"${x}y"'),
        (Pattern(r"^a\.b\z"), r'"~^a\\.b\\z"'),
        (MapKey("default"), r'"\\default"'),
    ],
)
def test_each_type_has_its_spelling(value: object, written: str) -> None:
    assert literal(value) == written


@pytest.mark.parametrize("value", [Word("a b"), Word("a;"), Word('"'), Word("#a"), Word(""), Word("a{")])
def test_what_is_not_bare_does_not_stand_bare(value: Word) -> None:
    with pytest.raises(TemplateError, match="is not a bare word"):
        literal(value)


@pytest.mark.parametrize("value", ["a\nb", "\x00", "\x1b", "\x7f", "\ud800", "x" * 4001, Rate(1, 3600), None, 1.5, ()])
def test_what_cannot_be_written_is_refused(value: object) -> None:
    with pytest.raises(TemplateError):
        literal(value)


@given(
    st.text(
        alphabet=st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=200
    )
)
def test_any_text_is_one_token_that_reads_back(text: str) -> None:
    kind, token, _ = next(tokens(quote(text) + ";"))
    assert kind == "word"
    unescaped = token[1:-1].replace("\\\\", "\x00").replace('\\"', '"').replace("\x00", "\\")
    assert unescaped == text


def test_an_expression_keeps_foreign_dollars_apart() -> None:
    assert expression("a$b", Word("$host"), Expression("$x"), "{") == "a${fw_dollar}b${host}$x{"


def test_nginx_reads_every_position_as_it_was_meant(tmp_path: Path) -> None:
    """Text in each kind of position, given to the real parser: as many directives as were written, no more."""
    lines = [f"add_header X {literal(text)};" for text in NASTY]
    keys = [f"{literal(MapKey(text))} {number};" for number, text in enumerate(NASTY)]
    patterns = [f"{literal(Pattern(Regex.parse(text).pcre))} 1;" for text in ("^/v[0-9]+/", 'a"b', r"\$", "a b;{}#")]
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ client_body_temp_path {tmp_path}/t;"
        + "".join(f"{kind}_temp_path {tmp_path}/t;" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
        + 'geo $fw_dollar { default "$"; } '
        + f"map $uri $fw_a {{ {' '.join(keys)} }} map $uri $fw_b {{ {' '.join(patterns)} }}"
        + f"server {{ listen unix:{tmp_path}/s; {' '.join(lines)} return 200 {literal(Expression('$fw_a$fw_b'))}; }} }}"
    )
    done = subprocess.run(
        ["nginx", "-t", "-q", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("limit", [0, 1, 8, 9, 10, 19, 99, 100, 101, 109, 199, 989, 999, 1000, 1024, 1999])
def test_larger_than_is_exact_around_its_limit(limit: int) -> None:
    pattern = re.compile(larger_than(limit).replace(r"\z", r"\Z"))
    for number in {*range(2200), limit * 10, limit * 10 + 1, limit * 11}:
        assert bool(pattern.search(str(number))) is (number > limit), number
        assert bool(pattern.search(f"00{number}")) is (number > limit), number


@pytest.mark.parametrize("limit", [8_388_608, 2**31 - 1, 2**53])
def test_larger_than_is_exact_for_sizes_that_people_write(limit: int) -> None:
    pattern = re.compile(larger_than(limit).replace(r"\z", r"\Z"))
    near = {limit + step for step in range(-300, 300)}
    assert {number for number in near if pattern.search(str(number))} == {n for n in near if n > limit}
    for text in ("", "x", "-1", f"{limit + 1}x", f"{limit + 1}\n", "1e99"):
        assert not pattern.search(text)
