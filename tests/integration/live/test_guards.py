"""Live changes that cannot go on: whatever happens, what is confirmed is what is served, on the disk and in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen.apply import Applied, Applier, Refused
from gen.bundle import Bundle
from gen.errors import DirectoryError
from tests.integration.live.site import ROUND_ROBIN, Config, Site, can, line
from tests.support.servers import Servers
from tests.support.wait import eventually


@pytest.fixture
def config(site: Site, servers: Servers) -> Config:
    """One server that answers for a.test."""
    config = site.config.backend("up_a", *ROUND_ROBIN, line(servers.open("one"))).host("a.test", "up_a")
    assert site.apply(config).how == "start"
    return config


def with_another(config: Config, servers: Servers, *words: str) -> Config:
    return config.backend("up_a", *config.backends["up_a"], line(servers.open("two"), *words))


def test_a_fairway_that_starts_again_goes_on_live(site: Site, config: Config, servers: Servers) -> None:
    again = Applier(site.directory, site.control, site.commands, capabilities=can(site.binary))
    outcome = again.apply(with_another(config, servers).bundle())
    assert isinstance(outcome, Applied)
    assert outcome.how == "live"
    assert site.who("a.test") == {"one", "two"}


def test_a_refused_command_is_repaired_by_a_reload(site: Site, config: Config, servers: Servers) -> None:
    """Somebody took away what we are about to change."""
    name = f"up_a/{site.servers('up_a')[0][0]}"
    site.ask(f"set server {name} state maint", f"del server {name}")
    outcome = site.apply(config.backend("up_a", *(text.replace("100", "7") for text in config.backends["up_a"])))
    assert (outcome.how, outcome.reasons) == ("reload", ())
    assert f"`set server {name} weight 7` was answered: No such server." in outcome.repaired
    assert site.who("a.test") == {"one"}


def test_what_haproxy_would_refuse_is_refused_and_the_old_is_loaded_again(
    site: Site, config: Config, servers: Servers
) -> None:
    """The commands are right, one server's word is not: neither while HAProxy runs nor in the file."""
    new = with_another(config, servers, "observe nonsense")
    outcome = site.applier.apply(new.host("b.test", "up_a").bundle())
    assert isinstance(outcome, Refused)
    assert "nonsense" in outcome.reason
    assert site.applier.confirmed() == site.directory.current() == config.bundle().digest
    assert (site.who("a.test"), site.who("b.test")) == ({"one"}, {"503"})


def test_what_only_the_check_refuses_is_told_afterwards(site: Site, config: Config, servers: Servers) -> None:
    """It is made when there is time: here a file is gone that is only read at a start."""
    page = site.directory.path / "run" / "503.http"
    page.write_bytes(b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n")
    config = replace(config, frontend=f"errorfile 503 {page}")
    site.apply(config)
    page.unlink()
    assert site.apply(with_another(config, servers)).how == "live"
    assert not site.applier.is_checked
    refused = site.applier.settle()
    assert isinstance(refused, Refused)
    assert "503.http" in refused.reason
    assert site.applier.is_checked


def test_a_haproxy_that_was_reloaded_by_somebody_else_is_not_taken_for_another(
    site: Site, config: Config, servers: Servers
) -> None:
    """It then has what is on the disk, and so nothing that was left by live changes."""
    gone = config.backend("up_a", *ROUND_ROBIN)
    site.live(with_another(config, servers))
    site.live(gone)
    worker = site.worker()
    site.control.signal("USR2")
    eventually(lambda: site.worker() != worker)
    outcome = site.apply(config)
    assert outcome.how == "live"
    assert site.who("a.test") == {"one"}


def test_a_reload_that_swallows_the_commands_is_noticed_and_repaired(
    site: Site, config: Config, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reloads between the commands and the switch: the next worker has read the old files."""
    write, worker = site.directory.write, site.worker()

    def is_another() -> bool:
        site.control.signal("USR2")
        return site.worker() != worker

    def reload_and_write(bundle: Bundle) -> None:
        eventually(is_another, every=1.0)
        write(bundle)

    monkeypatch.setattr(site.directory, "write", reload_and_write)
    outcome = site.apply(with_another(config, servers))
    assert (outcome.how, outcome.repaired) == ("reload", "it was loaded anew, or ended, during a live change")
    assert site.applier.confirmed() == site.directory.current() == outcome.digest
    assert site.who("a.test") == {"one", "two"}


def test_a_restart_serves_what_was_changed_live(site: Site, config: Config, servers: Servers) -> None:
    new = with_another(config, servers)
    site.live(new)
    site.control.stop()
    site.control.start()
    eventually(lambda: site.applier.confirmed() == new.bundle().digest)
    assert site.who("a.test") == {"one", "two"}


def test_a_fairway_that_broke_off_in_between_reloads(site: Site, config: Config, servers: Servers) -> None:
    """The digest was set to nothing valid before the first command."""
    new = with_another(config, servers)
    site.ask("set map maps/release.map digest changing")
    outcome = site.apply(new)
    assert (outcome.how, outcome.reasons) == ("reload", ("what it serves is not known here",))
    assert site.who("a.test") == {"one", "two"}


def test_a_disk_that_is_full_leaves_a_change_to_be_written_later(
    site: Site, config: Config, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = with_another(config, servers).bundle()

    def refuse(*_: object) -> None:
        raise DirectoryError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(type(site.directory), "write", refuse)
        with pytest.raises(DirectoryError):
            site.applier.apply(new)
    assert site.applier.confirmed() == new.digest != site.directory.current()
    assert isinstance(outcome := site.applier.apply(new), Applied)
    assert (outcome.how, site.directory.current()) == ("live", new.digest)


def test_no_state_of_servers_outlives_the_configuration(site: Site, config: Config, servers: Servers) -> None:
    """A state file would bring the old address back under the same name."""
    moved = servers.open("moved")
    old = config.backends["up_a"][-1]
    new = " ".join([*old.split()[:2], f"127.0.0.1:{moved.port}", *old.split()[3:]])
    outcome = site.apply(config.backend("up_a", *ROUND_ROBIN, new))
    assert outcome.how == "reload"
    assert "has other words under the same name" in outcome.reasons[0]
    assert site.who("a.test") == {"moved"}
