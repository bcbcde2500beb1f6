"""Conversations with a runtime API that answers as scripted."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen.control.runtime import MOST_LINE, Conversation
from gen.errors import ProxyError


class Api:
    """Answers each line with what `answers` has for it, and remembers what was sent; a payload ends with an empty line.
    After `lines` lines it hangs up."""

    def __init__(self, path: Path, answers: dict[str, str], *, lines: int = 10_000) -> None:
        self.path, self.answers, self.lines = path, answers, lines
        self.seen: list[str] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as lines:
            for number, raw in enumerate(lines):
                line = raw.decode().rstrip("\n")
                if number == self.lines:
                    return
                payload = ""
                if line.endswith("<<"):
                    while (more := lines.readline()) != b"\n":
                        connection.sendall(b"+ ")
                        payload += more.decode()
                self.seen.append(line + payload)
                connection.sendall(f"{self.answers.get(line, '')}\n> ".encode())


@pytest.fixture
def path() -> Iterator[Path]:
    """Short: a unix socket has room for little more than a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="fairway-") as directory:
        yield Path(directory, "admin.sock")


def test_each_line_has_its_answer_also_where_blank_lines_are_missing(path: Path) -> None:
    api = Api(path, {"del server b/s": "No such server.", "show map m": "0x1 a b\n0x2 c d\n", "set map m a b": ""})
    with Conversation(path) as talk:
        assert talk.ask(["del server b/s", "set map m a b", "show map m"]) == [
            "No such server.",
            "",
            "0x1 a b\n0x2 c d",
        ]
    api.close()


def test_a_payload_ends_with_the_only_empty_line_and_its_prompts_are_no_answer(path: Path) -> None:
    api = Api(path, {"set ssl cert c <<": "Transaction created"})
    with Conversation(path) as talk:
        assert talk.ask(["set ssl cert c <<\none\ntwo\n", "commit ssl cert c"]) == ["Transaction created", ""]
    assert api.seen == ["prompt", "set ssl cert c <<one\ntwo\n", "commit ssl cert c"]
    api.close()


def test_thousands_of_lines_do_not_make_both_sides_wait(path: Path) -> None:
    api = Api(path, {"show map m": "x" * 500})
    with Conversation(path) as talk:
        assert talk.ask(["show map m"] * 5000) == ["x" * 500] * 5000
    api.close()


@pytest.mark.parametrize("line", ["add map m <<\na b\n\nc d", "x" * MOST_LINE])
def test_what_would_be_cut_or_read_as_commands_is_not_sent(path: Path, line: str) -> None:
    api = Api(path, {})
    with Conversation(path) as talk, pytest.raises(ProxyError, match="too long for the runtime API"):
        talk.ask([line])
    assert api.seen == ["prompt"]
    api.close()


def test_a_worker_that_hangs_up_in_between_is_an_error_that_says_so(path: Path) -> None:
    api = Api(path, {}, lines=2)
    with Conversation(path) as talk, pytest.raises(ProxyError, match="closed before the answer was complete"):
        talk.ask(["one", "two", "three"])
    api.close()


def test_nobody_there_is_an_error_that_names_the_socket(path: Path) -> None:
    with pytest.raises(ProxyError, match=r"admin\.sock: No such file"), Conversation(path):
        pass


def test_an_answer_that_does_not_come_is_not_waited_for_forever(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with pytest.raises(ProxyError, match="does not answer in time"), Conversation(path, timeout=0.05):
            pass
