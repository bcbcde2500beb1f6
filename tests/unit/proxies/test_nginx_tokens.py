"""The proof that no value changed the structure of a rendered text."""

from __future__ import annotations

import pytest

from gen.errors import TemplateError
from gen.proxies.nginx.tokens import check, tokens

OPEN, CLOSE = "\x01", "\x02"


def marked(text: str) -> str:
    """`«…»` stands for the marks around an expression."""
    return text.replace("«", OPEN).replace("»", CLOSE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b;", ["a", "b", ";"]),
        ("a \"b c\" 'd;e';", ["a", '"b c"', "'d;e'", ";"]),
        ('a "b\\"c";', ["a", '"b\\"c"', ";"]),
        ("a { b c; }", ["a", "{", "b", "c", ";", "}"]),
        ("a # b; {\nc;", ["a", "c", ";"]),
        ("a b#c;", ["a", "b#c", ";"]),
        ("a ${x}y;", ["a", "${x}y", ";"]),
        ("a b\\;c;", ["a", "b\\;c", ";"]),
    ],
)
def test_text_is_read_as_nginx_reads_it(text: str, words: list[str]) -> None:
    assert [token for _, token, _ in tokens(text)] == words


@pytest.mark.parametrize("text", ['a "b', 'a "b"c;', "a 'b'\"c\";"])
def test_text_that_nginx_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="no nginx configuration"):
        list(tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "a «b»;",
        'a «"b; } c"»;',
        "map $x $y { «k» «v»; }",
        "geo $y { «10.0.0.0/8» 1; default 0; }",
        "a { b «c»; }",
        "if ( «$x» = 0 ) { return 403; }",
    ],
)
def test_expressions_that_are_one_word_of_data_pass(text: str) -> None:
    assert check(marked(text)) == text.replace("«", "").replace("»", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a x«b»;", "not one whole word: 'a xb;'"),
        ("a «b»x;", "not one whole word"),
        ("a «b»«c»;", "not one whole word"),
        ("a «b c»;", "not one whole word"),
        ("a «b;c»;", "not one whole word"),
        ("a «»;", "not one whole word"),
        ('a "«b»";', "not one whole word"),
        ("# «b»\na b;", "not one whole word"),
        ("«a» b;", "where a directive's name belongs: 'a'"),
        ("x { «a» b; }", "where a directive's name belongs"),
        ("map $x $y { a b; } «c» d;", "where a directive's name belongs"),
        ("«a» { b c; }", "where a directive's name belongs"),
        ("a {", "ends inside 'a'"),
        ("a { b", "ends inside"),
        ("a b", "ends inside 'b'"),
        ("a; }", "a } that nothing opened"),
        ("a { b }", "a directive without ;"),
        ("{ a; }", "a block without a name"),
        ("a;;", "a ; without a directive"),
        ("a " + "x" * 4200 + ";", "too long"),
    ],
)
def test_whatever_else_an_expression_would_be_is_refused(text: str, why: str) -> None:
    with pytest.raises(TemplateError) as refused:
        check(marked(text))
    assert why in str(refused.value)
