"""Any text in each kind of place: HAProxy itself says what it read."""

from __future__ import annotations

import random

import pytest

from gen.bundle import Bundle, File
from gen.proxies.haproxy.literal import Expression, Word, argument, format_of, literal
from gen.proxies.haproxy.tokens import check, lines
from tests.property.hostile import corpus
from tests.support.binaries import BINARIES, proxy_of
from tests.support.proxy import HaproxyRunner
from tests.support.runner import talk

NASTY = ["'", '"', "\\", "$", "%", "#", "{", "}", " ", "[", "]", "(", ")", ",", ";", "|", "-", "\xa0", "\u2028", "\x85"]
PIECES = [
    *NASTY,
    "a",
    "é",
    "if",
    "or",
    "||",
    "!",
    "--",
    "-f",
    "%%",
    "%[",
    "${HOME}",
    "$HOME",
    "\\n",
    "\\x41",
    "\\1",
    "}",
]
DIGEST = "d" * 64
BINARY = pytest.mark.parametrize("name", [name for name in BINARIES if proxy_of(name) == "haproxy"])


def texts() -> list[str]:
    chance = random.Random(5)
    drawn = ["".join(chance.choices(PIECES, k=chance.randint(1, 9))) for _ in range(150)]
    known = [line.value for line in corpus() if line.value.isprintable() and 0 < len(line.value) < 2000]
    return list(dict.fromkeys([*PIECES, *known, *drawn]))


def places(text: str) -> list[str]:
    """Lines that answer with a text: as a word, in a format, as an argument of a fetch, and found by a pattern."""
    said = "http-request return status 200 content-type text/plain"
    foreign = Expression(f"str({argument(text)})")
    return [
        f"{said} string \x01{literal(text)}\x02",
        f"{said} lf-string \x01{literal(format_of(text))}\x02",
        f"{said} lf-string \x01{literal(format_of(foreign))}\x02",
    ]


def bundle(found: list[str]) -> Bundle:
    parts = [
        "#\ndefaults\n    mode http\n    timeout connect 1s\n    timeout client 9s\n    timeout server 9s\nfrontend f\n"
    ]
    parts.append("    bind unix@run/confirm.sock\n")
    parts.append(f"    http-request return status 200 content-type text/plain string {DIGEST} if {{ path /digest }}\n")
    for number, text in enumerate(found):
        for place, line in enumerate(places(text)):
            parts.append(f"    {line} if {{ path \x01{literal(Word(f'/{place}/{number}'))}\x02 }}\n")
        pattern = f"http-request set-var(txn.t) \x01{literal(Expression(f'str({argument(text)})'))}\x02"
        parts.append(f"    {pattern} if {{ path /3/{number} }}\n")
        parts.append(f"    acl t{number} var(txn.t) -m str -- \x01{literal(text)}\x02\n")
        parts.append(f"    http-request return status 204 if {{ path /3/{number} }} t{number}\n")
    file = File(name="haproxy.cfg", content=check("".join(parts)).encode())
    return Bundle(main=file.name, files=(file,), digest=DIGEST)


@BINARY
def test_every_text_is_read_as_it_was_meant_in_every_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = texts()
    with HaproxyRunner(BINARIES[name]) as runner:
        monkeypatch.chdir(runner.directory)
        runner.run(bundle(found))
        socket = runner.directory / "run" / "confirm.sock"
        for number, text in enumerate(found):
            for place in range(3):
                answer = talk(socket, f"GET /{place}/{number} HTTP/1.0\r\n\r\n".encode())
                assert answer.partition(b"\r\n\r\n")[2] == text.encode(), (place, text)
            answer = talk(socket, f"GET /3/{number} HTTP/1.0\r\n\r\n".encode())
            assert answer.startswith(b"HTTP/1.1 204"), text


@BINARY
def test_every_spelling_is_read_as_our_tokenizer_reads_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spellings that no value of ours has: what our own tokenizer takes them for."""
    spelled = [
        "a\\ b",
        '"a\'b"',
        "'a'b\"c\"",
        "a\\#b",
        "\\x41",
        '"\\x41\\\\"',
        "a\\b",
        "\\'",
        '"\\$a"',
        "$a",
        "a'#'b#c",
        "\\$b",
    ]
    parts = [bundle([]).files[0].content.decode()]
    for number, word in enumerate(spelled):
        parts.append(f"    acl n{number} path /{number}\n")
        parts.append(f"    http-request set-header X-{number} {word}\n")
        said = f"http-request return status 200 content-type text/plain lf-string %[req.fhdr(X-{number})]"
        parts.append(f"    {said} if n{number}\n")
    text = "".join(parts)
    with HaproxyRunner(BINARIES[name]) as runner:
        monkeypatch.chdir(runner.directory)
        runner.run(Bundle(main="haproxy.cfg", files=(File(name="haproxy.cfg", content=text.encode()),), digest=DIGEST))
        for number, word in enumerate(spelled):
            answer = talk(runner.directory / "run" / "confirm.sock", f"GET /{number} HTTP/1.0\r\n\r\n".encode())
            assert answer.partition(b"\r\n\r\n")[2].decode() == next(lines(f"{word}\n"))[0], word
