"""What is read from the log while waiting."""

from __future__ import annotations

from pathlib import Path

from gen.apply import Directory
from gen.apply.confirm import ErrorLog, await_digest, refusal
from gen.proxies.commands import Commands, Fault, Verdict
from gen.proxies.nginx.commands import NginxCommands
from tests.unit.apply.fake import FakeProxy

NGINX: Commands = NginxCommands()


def test_only_what_was_added_is_read(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    path.write_text("old\n")
    log = ErrorLog(path)
    assert log.added() == ""
    with path.open("a") as out:
        out.write("new\n")
    assert log.added() == "new\n"


def test_what_a_proxy_says_elsewhere_counts_from_the_beginning_on(tmp_path: Path) -> None:
    asked: list[float] = []
    log = ErrorLog(tmp_path / "error.log", lambda since: asked.append(since) or "said elsewhere")  # type: ignore[func-returns-value]
    (tmp_path / "error.log").write_text("logged, ")
    assert log.added() == log.added() == "logged, said elsewhere"
    assert len(set(asked)) == 1


def test_a_log_that_was_emptied_meanwhile_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    path.write_text("a long old line\n")
    log = ErrorLog(path)
    path.write_text("new\n")
    assert log.added() == "new\n"


def test_a_log_that_appears_later_is_read_whole(tmp_path: Path) -> None:
    log = ErrorLog(tmp_path / "error.log")
    (tmp_path / "error.log").write_text("first\n")
    assert log.added() == "first\n"


def test_a_proxy_that_gave_up_is_not_waited_for(proxy: FakeProxy) -> None:
    directory = Directory(proxy.path)
    directory.prepare()
    log_file = Path(directory.layout.error_log)
    log = ErrorLog(log_file)
    log_file.write_text(
        "2026/11/23 15:37:45 [emerg] 1#1: bind() to 0.0.0.0:80 failed (98: Address in use)\n"
        "2026/11/23 15:37:45 [emerg] 1#1: still could not bind()\n"
    )
    result = await_digest("11111111", NGINX, directory.layout, log=log, timeout=3600)
    assert not result.confirmed
    assert result.faults[0].message.startswith("bind() to 0.0.0.0:80")


def test_a_refusal_without_words_is_explained_by_what_was_logged(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    log = ErrorLog(path)
    path.write_text("nginx: [emerg] why\n")
    assert refusal(Verdict(accepted=False), NGINX, log) == (Fault(level="emerg", message="why"),)


def test_a_refusal_with_its_own_words_needs_no_log(tmp_path: Path) -> None:
    why = (Fault(level="emerg", message="why"),)
    assert refusal(Verdict(accepted=False, faults=why), NGINX, ErrorLog(tmp_path / "error.log")) == why
