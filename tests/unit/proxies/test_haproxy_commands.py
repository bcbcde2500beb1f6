"""Words for HAProxy, and HAProxy's words understood: 2.6's, 3.0's and 3.2's."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from gen.proxies.commands import Fault, Layout, Loads, Verdict
from gen.proxies.haproxy.commands import HaproxyCommands

HAPROXY = HaproxyCommands()
LAYOUT = Layout(root=PurePosixPath("/d"))
CONF = "/d/current/haproxy.cfg"


def emerg(message: str, line: int = 0) -> Fault:
    return Fault(level="emerg", message=message, file=CONF if line else "", line=line)


def test_the_master_has_a_socket_and_a_pid_file_and_a_successor_takes_its_sockets() -> None:
    argv = HAPROXY.start(LAYOUT)
    assert argv == ("haproxy", "-W", "-S", "/d/run/master.sock,mode,600", "-p", "/d/run/haproxy.pid", "-f", CONF)
    assert HAPROXY.succeed(LAYOUT, 7) == (*argv, "-x", "/d/run/admin.sock", "-sf", "7")
    assert HAPROXY.check(PurePosixPath("/x/haproxy.cfg"), LAYOUT) == ("haproxy", "-c", "-f", "/x/haproxy.cfg")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (f"config : parsing [{CONF}:16] : unknown keyword 'x' in 'f'", emerg("unknown keyword 'x' in 'f'", 16)),
        (f"config : Parsing [{CONF}:13]: failed to parse", emerg("failed to parse", 13)),
        (f"Parsing [{CONF}:13]: failed to parse", emerg("failed to parse", 13)),
        (f"config : [{CONF}:22] : 'server b/t' : weight", emerg("'server b/t' : weight", 22)),
        (f"Binding [{CONF}:4] for frontend f: cannot bind", emerg("frontend f: cannot bind", 4)),
        (f"config : parsing [{CONF}:5]: unmatched quote:\n  x 'abc\n    ^", emerg("unmatched quote: x 'abc", 5)),
        (f"config : proxy 'f' is twice, declared at {CONF}:9.", emerg(f"proxy 'f' is twice, declared at {CONF}:9.", 9)),
        ("config : missing timeouts for frontend 'f'.", emerg("missing timeouts for frontend 'f'.")),
        ("[/usr/sbin/haproxy.main()] Cannot chroot(/x).", emerg("Cannot chroot(/x).")),
    ],
)
def test_every_form_of_a_message_is_read(said: str, fault: Fault) -> None:
    text = f"[NOTICE]   (1) : haproxy version is 3\n[ALERT]    (31) : {said}\n[ALERT]    (31) : {said}\n"
    assert HAPROXY.faults(text) == (fault,)


def test_the_lines_below_a_warning_belong_to_it_and_others_do_not() -> None:
    text = (
        "[WARNING]  (24) : config : parsing acl keyword 'path' :\n  no pattern to match.\n  Use '-m found'.\n\n"
        "Proxy <HTTPCLIENT> stopped.\n[DIAG]     (24) : duplicate\n"
    )
    message = "parsing acl keyword 'path' : no pattern to match. Use '-m found'."
    assert HAPROXY.faults(text) == (Fault(level="warn", message=message),)


def test_conclusions_count_only_where_nothing_else_is_said() -> None:
    end = "[ALERT]    (7) : config : Fatal errors found in configuration.\n"
    assert HAPROXY.faults(end) == (emerg("Fatal errors found in configuration."),)
    assert HAPROXY.faults(f"[ALERT]    (7) : config : why\n{end}") == (emerg("why"),)
    assert len(HAPROXY.faults(f"[WARNING]  (7) : config : odd\n{end}")) == 2


def test_what_befalls_servers_and_old_workers_is_not_the_end() -> None:
    text = "[ALERT]    (7) : backend 'b' has no server available!\n[ALERT]    (7) : Current worker (9) exited\n"
    assert [fault.level for fault in HAPROXY.faults(text)] == ["warn", "warn"]
    assert HAPROXY.is_fatal(emerg("x"))
    assert not HAPROXY.is_fatal(HAPROXY.faults(text)[0])


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            "frontend f: cannot bind socket (Address already in use) for [127.0.0.1:80]",
            "port 80 on 127.0.0.1 is in use by another process",
            "ss -ltnp sport = :80",
        ),
        (
            "frontend f: protocol tcpv4: cannot bind socket (Address in use) for [:::80].",
            "port 80 on :: is in use by another process",
            "ss -ltnp",
        ),
        (
            "frontend f: cannot bind socket (Permission denied) for [0.0.0.0:80]",
            "haproxy may not listen on port 80 of 0.0.0.0",
            "CAP_NET_BIND_SERVICE",
        ),
        (
            "frontend f: cannot bind socket (Cannot assign requested address) for [10.9.9.9:80]",
            "10.9.9.9 is not an address of this host, haproxy cannot listen on its port 80",
            "ip address",
        ),
        ("frontend f: cannot bind UNIX socket (No such file) [/x/y.sock]", "", "/x/y.sock"),
        ("unknown keyword 'x' in 'frontend' section", "", "haproxy -v"),
        ("unable to stat SSL certificate from file 'certs/a.pem' : No such file or directory.", "", "may the user"),
        ("Cannot raise FD limit to 200029, limit is 20000.", "", "ulimit -n"),
        ("cannot find user id for 'x' (0:Success)", "", "create it"),
        ("something new", "", ""),
    ],
)
def test_explanations(said: str, message: str, hint: str) -> None:
    found = HAPROXY.explain(emerg(said))
    assert found.message == (message or said)
    assert hint in found.hint


def test_a_host_that_is_not_found_may_be_the_isolations_fault() -> None:
    assert HAPROXY.wants_network(emerg("'server b/s' : could not resolve address 'x'."))
    assert not HAPROXY.wants_network(emerg("unknown keyword"))


@pytest.mark.parametrize(
    ("reply", "digest"),
    [(b"HTTP/1.1 200 OK\r\n\r\nabc", "abc"), (b"HTTP/1.0 503 Service Unavailable\r\n\r\nabc", ""), (b"", "")],
)
def test_only_a_success_is_an_answer(reply: bytes, digest: str) -> None:
    assert HAPROXY.answer(reply) == digest


def test_the_master_tells_what_came_of_a_reload() -> None:
    assert HAPROXY.verdict(b"Success=1\n--\n[WARNING]  (1) : odd\n") == Verdict(accepted=True)
    assert HAPROXY.verdict(b"Success=0\n--\n[ALERT]    (1) : why\n") == Verdict(accepted=False, faults=(emerg("why"),))
    assert HAPROXY.verdict(b"Success=0\n--\nAnother reload is still in progress.\n") == Verdict()
    assert HAPROXY.verdict(b"") == Verdict()


@pytest.mark.parametrize(
    ("row", "loads"),
    [
        (b"9596            master          3 [failed: 2]   0d00h00m11s     2.6.12-1", Loads(reloads=3, failed=2)),
        (b"9596            master          4               0d00h00m11s     2.6.12-1", Loads(reloads=4, failed=0)),
        (b"9602            worker          2               0d00h00m08s     2.6.12-1", None),
    ],
)
def test_the_master_counts_its_reloads(row: bytes, loads: Loads | None) -> None:
    assert HAPROXY.loads(b"#<PID>          <type>          <reloads>\n" + row + b"\n# workers\n") == loads
