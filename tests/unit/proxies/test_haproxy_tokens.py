"""The proof that no value changed the structure of a text for HAProxy."""

from __future__ import annotations

import pytest

from gen.errors import TemplateError
from gen.proxies.haproxy.tokens import check, lines

OPEN, CLOSE, INSERT = "\x01", "\x02", "\x03"


def marked(text: str) -> str:
    """`«…»` stands for the marks around an expression, `‹…›` for an inserted block."""
    return text.translate({ord("«"): OPEN, ord("»"): CLOSE, ord("‹"): INSERT, ord("›"): INSERT})


def inside(line: str) -> str:
    return f"\nfrontend f\n    {line}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b\n", ["a", "b"]),
        ("a  \t b \n", ["a", "b"]),
        ("a\\ b\n", ["a b"]),
        ("'a b' \"c d\"\n", ["a b", "c d"]),
        ("a'b c'\"d e\"f\n", ["ab cd ef"]),
        ("a#b\n", ["a"]),
        ("a\\#b 'c#d' \"e#f\" # g\n", ["a#b", "c#d", "e#f"]),
        ("'a\\\\b' \"a\\\\b\" a\\\\b\n", ["a\\\\b", "a\\b", "a\\b"]),
        ("'it'\\''s'\n", ["it's"]),
        ("'\\n' \"\\n\" \\n \\t\\r\n", ["\\n", "\n", "\n", "\t\r"]),
        ("'\\x41' \"\\x41\" \\x41\n", ["\\x41", "A", "A"]),
        ('a\\b "a\\b" \\.\n', ["a\\b", "a\\b", "\\."]),
        ('$a \'$a\' \\$a "\\$a" "$a"\n', ["$a", "$a", "\\$a", "$a", "$a"]),
        ("\"a'b\" '\"'\n", ["a'b", '"']),
        ("\\'a\\\"\n", ["'a\""]),
        ("'' a\n", ["", "a"]),
    ],
)
def test_text_is_read_as_haproxy_reads_it(text: str, words: list[str]) -> None:
    assert list(lines(text)) == [tuple(words)]


@pytest.mark.parametrize("text", ["a 'b\n", 'a "b\n', "a b\\\n", "a \\\tb\n", "a 'b\nc'\n", "a \\xg0\n", "a", "a\n b"])
def test_text_that_haproxy_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        list(lines(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment with 'quotes and «marks\n".replace("«", ""),
        "\nbackend «b» from fairway\n    server «s» «127.0.0.1:80» weight «1»\n",
        inside("acl a path -m str -- «-f»"),
        inside("acl «a» «path» -m str -- «'}'» «if»"),
        inside("http-request deny if «a» !{ path -m str -- «'a b'» «or» }"),
        inside("http-request set-header X «'if { a }'» if «a» or «b»"),
        inside("http-request set-header X «if»"),
        inside("no option «x»").replace("no option «x»", "no log"),
        inside('log-format "$HOME"'),
        inside(" ".join(["x"] * 64)),
        "# First.\nglobal\n    a b\n‹0›‹1›\n",
        "\nglobal\n    a b‹0›‹1›\n",
        "‹0›\n",
    ],
)
def test_expressions_that_are_one_word_of_data_pass(text: str) -> None:
    assert check(marked(text)) == marked(text).replace(OPEN, "").replace(CLOSE, "")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("a x«b»", "not one whole word: "),
        ("a «b»x", "not one whole word"),
        ("a «b»«c»", "not one whole word"),
        ("a «b c»", "not one whole word"),
        ("a «b\n    c»", "not one whole word"),
        ("a «'b'\\»'c", "not one whole word"),
        ("a «#b»", "not one whole word"),
        ("a «b#c»", "not one whole word"),
        ("a «»", "not one whole word"),
        ("a '«b»'", "not one whole word"),
        ("# «b»", "not one whole word"),
        ("a «b'»", "no HAProxy configuration"),
        ("«a» b", "where a keyword belongs: 'a'"),
        ("no «log»", "where a keyword belongs"),
        ("default no «log»", "where a keyword belongs"),
        ("a «''»", "an empty word"),
        ('a ""', "an empty word"),
        ('a «"$HOME"»', "would expand"),
        ('a «"\\\\$HOME"»', "would expand"),
        ('a «"\\n"»', "would expand"),
        ("a «\\r»", "would expand"),
        ("a «\\x00»", "would expand"),
        ("acl a path «-f» x", "begins an option"),
        ("x if { path «'-f'» x }", "begins an option"),
        ("x if { path -- «'}'» }", "change a condition"),
        ("x if «a» «or» b", "change a condition"),
        ("x unless «!a»", "change a condition"),
        ("x unless «{»", "change a condition"),
        (".if a", "before the configuration is"),
        ("backend b", "sections start in column 0"),
        ("a b\nc d", "sections start in column 0 and what they hold is indented, unlike 'c'"),
        ("a b\n«backend» c", "where a keyword belongs"),
        (" ".join(["x"] * 65), "a line of 65 words"),
        ("a \x0b b", "control character"),
        ("a b\r", "control character"),
        ("a\x00", "control character"),
        ("‹0› b", "nothing may stand behind a block"),
        ("# ‹0›", "no HAProxy configuration"),
    ],
)
def test_what_would_change_the_structure_is_refused(line: str, why: str) -> None:
    with pytest.raises(TemplateError) as error:
        check(marked(inside(line)))
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("backend b\n", "begin on a line of its own"),
        (" a b\n", "begin on a line of its own"),
        ("\nglobal\n    a", "the last line has no end: 'a'"),
    ],
)
def test_a_text_is_made_of_whole_lines(text: str, why: str) -> None:
    with pytest.raises(TemplateError, match=why):
        check(marked(text))
