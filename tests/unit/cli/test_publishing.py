"""`fairway publish` as it is called: what it prints, how it ends, and what it never shows."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gen.cli.group import fairway
from gen.errors import FairwayError
from tests.unit.publish.fake import FakePublishing, edge
from tests.unit.sources.fake_swarm import published, service, task

HASH = "$5$salt$kpa26zwgX83BPSR8d7w93OIXbFt/d3UOTZaAu5vsTM6"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePublishing:
    """A manager at the end of every URL."""
    from gen.publish import cluster
    from gen.sources import swarm

    manager = FakePublishing(edge())
    monkeypatch.chdir(tmp_path)
    for module, name in ((cluster, "Cluster"), (swarm, "SwarmSource")):
        monkeypatch.setattr(module, name, partial(getattr(module, name), open_client=lambda endpoint: manager))
    return manager


def run(*options: str) -> Result:
    common = ["publish", "--swarm", "tcp://manager:2376", "--proxy", "haproxy", "--set", "control=none"]
    return CliRunner().invoke(fairway, [*common, *options], standalone_mode=False)


def code(result: Result) -> int:
    if isinstance(result.exception, FairwayError):
        return result.exception.exit_code
    assert result.exception is None
    return int(result.return_value)


def test_it_says_what_it_would_do_does_it_and_then_has_nothing_to_do(client: FakePublishing) -> None:
    planned = run("--service", "edge", "--dry-run")
    assert code(planned) == 2
    assert "+ route web.test/ on web" in planned.output
    assert "service edge: release" in planned.output
    assert client.names() == set()
    done = run("--service", "edge")
    assert code(done) == 0
    assert "edge: 1 task serves release" in done.stdout
    assert (code(run("--service", "edge", "--dry-run")), client.updates) == (0, 1)
    again = run("--set", "proxy_service=edge")
    assert "as before" in again.stdout
    assert client.updates == 1


def test_servers_that_nobody_will_follow_are_told(client: FakePublishing) -> None:
    assert "1 server is known by its address: publish again" in run("--service", "edge", "--dry-run").stderr
    assert "address" not in run("--service", "edge", "--dry-run", "--set", "resolve=dns").stderr


def test_a_listener_whose_port_is_not_published_is_told(client: FakePublishing) -> None:
    assert "does not publish" not in run("--service", "edge", "--dry-run").stderr
    client.edge["Spec"]["EndpointSpec"]["Ports"] = [published(80, 80, "host")]
    told = run("--service", "edge", "--dry-run").stderr
    assert "note: listener websecure: the service edge does not publish the port 443" in told
    assert "listener web:" not in told


def test_a_release_that_is_taken_back_says_whose_task_failed(client: FakePublishing) -> None:
    client.outcome = client.go_back
    failed = run("--service", "edge")
    assert code(failed) == 1
    assert "was rolled back: rollback completed; task edge-task-" in str(failed.exception)
    assert getattr(failed.exception, "hint", "").startswith("docker service logs --tail 20 edge-task-")
    assert failed.stdout == ""


def test_an_update_that_does_not_end_is_left_alone(client: FakePublishing) -> None:
    client.outcome = lambda: client.edge.update(UpdateStatus={"State": "updating", "StartedAt": "now"})
    slow = run("--service", "edge", "--timeout", "0")
    assert code(slow) == 1
    assert "the update goes on" in str(slow.exception)


@pytest.mark.parametrize(
    ("name", "said"),
    [("none", "the swarm has no service 'none'"), ("web", "no label fairway.proxy, so it may not be a haproxy")],
)
def test_a_service_that_is_none_of_the_proxies_is_left_alone(client: FakePublishing, name: str, said: str) -> None:
    refused = run("--service", name)
    assert code(refused) == 69
    assert said in str(refused.exception)
    assert (client.updates, client.names()) == (0, set())


def test_a_directory_in_which_no_socket_can_be_opened_is_refused(client: FakePublishing) -> None:
    refused = run("--service", "edge", "--directory", f"/{'x' * 120}")
    assert code(refused) == 73
    assert "too long for a unix socket" in str(refused.exception)
    assert client.updates == 0


def test_errors_are_told_and_stop_it_where_that_is_asked(client: FakePublishing) -> None:
    bad = service("bad", labels={"fairway.host": "bad.test", "fairway.basic_auth": "no colon"})
    client.held_services.append(bad)
    strict = run("--service", "edge", "--strict")
    assert (code(strict), client.updates) == (1, 0)
    assert "bad: fairway.basic_auth" in strict.stderr
    assert code(run("--service", "edge")) == 0


def test_what_nobody_can_check_is_not_published_unless_that_is_said(client: FakePublishing) -> None:
    unchecked = run("--service", "edge", "--set", "control=auto", "--set", "proxy_binary=/no/such/haproxy")
    assert code(unchecked) == 69
    assert "its own check cannot be made" in str(unchecked.exception)
    assert client.updates == 0


def test_neither_labels_nor_nodes_write_to_the_terminal_and_hashes_stay_in_the_swarm(client: FakePublishing) -> None:
    evil = "\x1b[2Jevil\r\nforged"
    labels = {"fairway.host": "web.test", "fairway.port": "8080", "fairway.basic_auth": f"alice:{HASH}"}
    labels |= {f"fairway.x{evil}": "1"}
    client.held_services[1] = service("web", labels=labels)
    client.held_tasks = [task("web", 1)]
    client.outcome = client.go_back
    client.held_nodes[0]["Description"]["Hostname"] = evil
    for options in (("--dry-run",), ()):
        result = run("--service", "edge", *options)
        told = result.output + result.stderr
        assert "\x1b" not in told
        assert "\nforged" not in told
        assert HASH not in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-f", "compose.yml"), "reads a swarm and no other source"),
        (("--swarm", "default"), "which service is the proxies'?"),
        ((), "reads a swarm and no other source"),
    ],
)
def test_what_is_missing_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(fairway, ["publish", *options], standalone_mode=False)
    assert said in str(result.exception)
