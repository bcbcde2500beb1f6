"""What is remembered about the binary."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from gen.apply import Directory, capabilities, remembered
from gen.proxies.nginx.capabilities import PROBES
from gen.proxies.nginx.commands import NginxCommands
from tests.unit.apply.fake import FakeProxy, completed


def test_the_answer_is_remembered_until_the_modules_change(directory: Directory, proxy: FakeProxy) -> None:
    commands = NginxCommands()
    assert len(capabilities(directory, proxy, commands, probes=PROBES) or ()) == len(PROBES)
    proxy.checks = [completed(1)] * len(PROBES)
    assert len(capabilities(directory, proxy, commands, probes=PROBES) or ()) == len(PROBES)
    assert capabilities(directory, proxy, commands, probes=PROBES, modules=("/m.so",)) == frozenset()


def test_where_nothing_can_be_run_nothing_is_known_or_remembered(directory: Directory, proxy: FakeProxy) -> None:
    proxy.checks = [None] * len(PROBES)
    assert capabilities(directory, proxy, NginxCommands(), probes=PROBES) is None
    assert not Path(directory.layout.run / "capabilities.json").exists()


def test_who_cannot_ask_takes_what_was_found_last(directory: Directory, proxy: FakeProxy) -> None:
    assert remembered(directory) is None
    found = capabilities(directory, proxy, NginxCommands(), probes=PROBES)
    assert remembered(directory) == found


def test_a_damaged_memory_is_asked_again(directory: Directory, proxy: FakeProxy) -> None:
    directory.prepare()
    Path(directory.layout.run / "capabilities.json").write_text("[]")
    assert capabilities(directory, proxy, NginxCommands(), probes=PROBES)


def test_ipv6_is_there_when_only_the_address_is_not_ours() -> None:
    ipv6 = next(probe for probe in PROBES if probe.name == "ipv6")
    assert ipv6.is_supported(1, "bind() to [2001:db8::1]:9 failed (99: Address not available)")
    assert not ipv6.is_supported(1, "socket() [2001:db8::1]:9 failed (97: Address family not supported by protocol)")


def test_no_probe_opens_a_port_of_the_host() -> None:
    for probe in PROBES:
        text = probe.config(PurePosixPath("/d/run/probe.sock"))
        listens = [line for line in text.replace("{", "\n").splitlines() if line.strip().startswith("listen")]
        assert set(listens) <= {' listen "unix:/d/run/probe.sock";', "listen [2001:db8::1]:9;"}
