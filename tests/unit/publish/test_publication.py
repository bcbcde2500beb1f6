"""Publishing: what is made, what is used again, what is removed, and who wins when two do it."""

from __future__ import annotations

from typing import Any

import pytest

from gen.publish.cluster import OutOfSequence, Refused
from gen.publish.publication import carry_out
from gen.publish.rollout import Rollout
from gen.sources.docker_read import Json
from tests.unit.publish.fake import FakePublishing, Said, cluster_of, edge, planned
from tests.unit.sources.fake_swarm import service, task


def publish(client: FakePublishing) -> Rollout:
    return carry_out(cluster_of(client), planned(client), Said().watched())


def add_host(client: FakePublishing, name: str, host: str) -> None:
    client.held_services.append(service(name, labels={"fairway.host": host, "fairway.port": "80"}))
    client.held_tasks.append(task(name, 1, address="10.77.1.9/24"))


def container(client: FakePublishing) -> Json:
    found: Json = client.edge["Spec"]["TaskTemplate"]["ContainerSpec"]
    return found


def test_a_release_is_made_and_the_service_gets_it_in_one_update() -> None:
    client = FakePublishing(edge())
    plan = planned(client)
    assert [str(change) for change in plan.changes if "route" in change.what] == [
        "+ route web.test/ on web: balance round_robin, protocol http"
    ]
    rollout = publish(client)
    assert (rollout.state, rollout.running, client.updates) == ("completed", 1, 1)
    assert {one["File"]["Name"] for one in container(client)["Secrets"]} == {
        "/srv/fairway/current/haproxy.cfg",
    }
    assert "/srv/fairway/current/maps/hosts.map" in {one["File"]["Name"] for one in container(client)["Configs"]}
    assert container(client)["Labels"]["fairway-release"] == plan.wanted.digest


def test_the_same_release_again_changes_nothing() -> None:
    client = FakePublishing(edge())
    publish(client)
    names = client.names()
    assert planned(client).is_empty
    assert publish(client).state == "completed"
    assert (client.updates, client.names()) == (1, names)


def test_what_did_not_change_is_used_again_and_what_swarm_could_go_back_to_stays() -> None:
    client = FakePublishing(edge())
    publish(client)
    first = client.names()
    add_host(client, "blog", "blog.test")
    plan = planned(client)
    assert [change.what for change in plan.changes if change.sign == "+" and "route" in change.what] == [
        "route blog.test/ on web"
    ]
    assert "exact.map" not in " ".join(piece.path for piece in plan.missing)
    publish(client)
    second = client.names()
    assert first < second
    add_host(client, "shop", "shop.test")
    publish(client)
    gone = first - client.names()
    assert gone == first - named(client.edge["PreviousSpec"]) - named(client.edge["Spec"]) != set()


def named(spec: Any) -> set[str]:
    inner = spec["TaskTemplate"]["ContainerSpec"]
    return {one["ConfigName"] for one in inner["Configs"]} | {one["SecretName"] for one in inner["Secrets"]}


def test_a_release_whose_tasks_fail_is_told_and_leaves_nothing_behind() -> None:
    client = FakePublishing(edge())
    publish(client)
    before, names = container(client), client.names()
    add_host(client, "blog", "blog.test")
    client.outcome = client.go_back
    said = Said()
    rollout = carry_out(cluster_of(client), planned(client), said.watched())
    assert rollout.state == "rolled back"
    (failure,) = rollout.failures
    assert (failure.node, failure.message) == ("node-1", "task: non-zero exit (1)")
    assert any("failed: task: non-zero exit (1)" in line for line in said)
    assert (container(client), client.names()) == (before, names)
    client.outcome = client.complete
    assert publish(client).state == "completed", "what Swarm says of the last update is not about this one"


def test_a_version_that_was_counted_on_is_read_again() -> None:
    client = FakePublishing(edge())

    def count_on() -> None:
        client.edge["Version"]["Index"] += 1

    client.before_update = count_on
    assert publish(client).state == "completed"


def test_what_the_operator_changed_meanwhile_is_kept() -> None:
    client = FakePublishing(edge())

    def change() -> None:
        client.edge["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] = "haproxy:next"
        client.edge["Version"]["Index"] += 1

    client.before_update = change
    assert publish(client).state == "completed"
    assert container(client)["Image"] == "haproxy:next"


def test_of_two_that_publish_at_once_one_stops() -> None:
    client = FakePublishing(edge())
    publish(client)
    add_host(client, "blog", "blog.test")
    first = planned(client)

    def other() -> None:
        add_host(client, "shop", "shop.test")
        publish(client)

    client.before_update = other
    with pytest.raises(OutOfSequence, match="service edge was changed meanwhile") as trouble:
        carry_out(cluster_of(client), first, Said().watched())
    assert trouble.value.exit_code == 75
    assert client.updates == 2


def test_an_update_that_is_under_way_is_not_cut_off() -> None:
    client = FakePublishing(edge())
    client.edge["UpdateStatus"] = {"State": "updating", "StartedAt": "now"}
    with pytest.raises(OutOfSequence, match="another update is under way"):
        publish(client)
    assert (client.updates, client.names()) == (0, set())


def test_a_file_that_is_too_large_is_named() -> None:
    client = FakePublishing(edge())
    for number in range(3):
        add_host(client, f"many{number}", ",".join(f"{'x' * 60}{at}.{number}.test" for at in range(40)))
    plan = planned(client)
    large = max(plan.missing, key=lambda piece: len(piece.content))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.unit.publish.fake.MOST", len(large.content))
        with pytest.raises(Refused) as trouble:
            carry_out(cluster_of(client), plan, Said().watched())
    assert large.path in str(trouble.value)
    assert f"{len(large.content)} bytes" in str(trouble.value)
    assert client.updates == 0
