"""Of many hosts, nginx refuses fragments at unknown ones and where a guard could be avoided; of few, everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from gen.proxies.nginx.fragments import EVERYWHERE
from tests.support.world import Maker, instance, model_of, settings, workload


def refusing(labels: Mapping[str, Mapping[str, str]]) -> set[str]:
    """The names of the server blocks that refuse fragments."""
    found = (
        workload(name, own, instance(name, f"10.0.{number // 250}.{number % 250 + 1}", 80))
        for number, (name, own) in enumerate(labels.items())
    )
    maker = Maker("nginx")
    model = maker.fit(model_of(found, settings("/srv/fairway", listeners="web=8080")))
    return {name for site in maker.proxy.view(model).sites if site.refuses_fragments for name in site.names or ("",)}


def hosts(count: int) -> dict[str, dict[str, str]]:
    return {f"w{number}": {"fairway.host": f"h{number}.test"} for number in range(count)}


def test_few_hosts_all_refuse_fragments() -> None:
    assert refusing(hosts(3)) == {"", "h0.test", "h1.test", "h2.test"}


def test_of_many_hosts_those_of_guarded_workloads_refuse_them() -> None:
    twice = {
        "fairway.host": "open.test",
        "fairway.routes.admin.host": "closed.test",
        "fairway.routes.admin.ip_allow": "10.0.0.1",
    }
    guarded = {"fairway.host": "guarded.test", "fairway.ip_allow": "10.0.0.1"}
    found = refusing(hosts(EVERYWHERE) | {"twice": twice, "guarded": guarded})
    assert found == {"", "open.test", "closed.test", "guarded.test"}
