"""What `haproxy -c` lets pass, and Fairway does not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gen.bundle import Bundle, File
from gen.proxies.haproxy.audit import audit, fewest_files, places
from tests.support.labelled import built, workload
from tests.support.world import Maker

CONF = """#
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend a
    bind 127.0.0.1:18999
    acl sw_1 path -m beg -- /x
    use_backend %[path,map_str(maps/exact.map)]
backend one
backend two
"""


def bundle(conf: str = CONF, **maps: str) -> Bundle:
    files = [File(name=f"maps/{name}.map", content=text.encode()) for name, text in {"exact": ". -\n", **maps}.items()]
    main = File(name="haproxy.cfg", content=conf.encode())
    return Bundle(main=main.name, files=tuple(sorted((main, *files), key=lambda file: file.name)), digest="d" * 64)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (bundle(), []),
        (bundle(exact=". -\n# a one\na one\nb -|sw_1\nc two|sw_1\n"), []),
        (bundle(exact="a one\na one\n"), []),
        (bundle(exact="a one\na two\n"), ["maps/exact.map:2: a leads to one and to two"]),
        (bundle(hosts="a x\nb y\na z\n"), ["maps/hosts.map:3: a leads to x and to z"]),
        (bundle(hosts="a nobody\n"), []),
        (bundle(exact="a three\n"), ["maps/exact.map:1: a leads to a backend three, and there is none"]),
        (bundle(prefix="a\n"), ["maps/prefix.map:1: a leads to a backend , and there is none"]),
        (bundle(exact="a one|sw_2\n"), ["maps/exact.map:1: a leads to a switch sw_2, and there is none"]),
        (bundle(CONF + "frontend b\n    bind 127.0.0.2:18999\n    bind 0.0.0.0:18999\n"), []),
        (
            bundle(CONF + "frontend b\n    bind 127.0.0.1:18999 ssl strict-sni\n"),
            ["two listeners have the same place 127.0.0.1:18999"],
        ),
    ],
)
def test_what_would_go_wrong_without_a_word_is_a_fault(found: Bundle, said: list[str]) -> None:
    faults = [str(fault) for fault in audit(found)]
    assert len(faults) == len(said)
    assert all(fault.startswith(text) for fault, text in zip(faults, said, strict=True)), faults


def test_haproxy_itself_sees_nothing_of_it(tmp_path: Path) -> None:
    """Where a later one does, this is no longer needed."""
    wrong = bundle(CONF + "frontend b\n    bind 127.0.0.1:18999\n", exact="a one\na two\nb three\n")
    assert len(audit(wrong)) == 3
    for file in wrong.files:
        (tmp_path / file.name).parent.mkdir(exist_ok=True)
        (tmp_path / file.name).write_bytes(file.content)
    done = subprocess.run(["haproxy", "-c", "-f", "haproxy.cfg"], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_what_we_render_has_none_of_it() -> None:
    labels = {"fairway.host": "a.test, *.b.test", "fairway.path": "/x, =/y", "fairway.headers.X-A": "1"}
    maker = Maker("haproxy")
    assert audit(maker.bundle(built(workload("shop", labels), workload("all", {"fairway.path": "/"})))) == ()


def test_places_are_those_of_tcp_in_one_spelling() -> None:
    written = (":80,0.0.0.0:80", ":::443 v6only", "[::1]:1 ssl", "unix@run/a.sock", "quic4@:443")
    binds = "".join(f"    bind {one}\n" for one in written)
    expected = (("127.0.0.1", 18999), ("0.0.0.0", 80), ("::", 443), ("::1", 1))
    assert places(CONF + f"frontend b\n{binds}backend three\n    server s 10.0.0.1:80\n") == expected


@pytest.mark.parametrize(
    ("servers", "files"),
    [
        ("server a 10.0.0.1:80 id 1 weight 1", 0),
        ("server a 10.0.0.1:80 check inter 1s", 1),
        ("server a 10.0.0.1:80 check inter 1s agent-check agent-port 1", 2),
        ("server a 10.0.0.1:80 sni str(check)", 0),
        ("server-template a 1-10 shop:80 check", 10),
        ("server-template a 4 shop:80 check", 4),
        ("http-check send uri 'a check server'", 0),
    ],
)
def test_each_check_keeps_a_file(servers: str, files: int) -> None:
    assert fewest_files(bundle(f"{CONF}    {servers}\n")) - fewest_files(bundle()) == files
