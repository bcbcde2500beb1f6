"""The lists of certificates: which comes first never changes, so any other may come while HAProxy runs."""

from __future__ import annotations

import pytest

from gen.certificate import Certificate
from gen.memo import Memo
from gen.plan import changes_between
from gen.proxies.haproxy import certs
from gen.table import rows
from gen.values import Secret
from tests.support.world import instance, model_of, settings, workload

INSIDE = "/srv/fairway/tls"


def certificate(name: str, *, fingerprint: str = "0" * 64) -> Certificate:
    is_default = name == "default"
    return Certificate(
        name=name,
        names=("fairway.invalid",) if is_default else (name,),
        certificate_file=f"{INSIDE}/{name}.crt",
        key_file=f"{INSIDE}/{name}.key",
        not_before=0.0,
        not_after=1.0,
        fingerprint=fingerprint,
        is_default=is_default,
        pem=Secret("pem"),
    )


def listed(*hosts: str, **named: str) -> list[str]:
    """The list of the TLS listener where each host has a certificate."""
    workloads = [workload(host, {"fairway.host": host}, instance(host, "10.0.0.1", 80)) for host in hosts]
    known = tuple(map(certificate, ("default", *hosts)))
    model = model_of(workloads, settings("/srv/fairway", proxy="haproxy", **named), certificates=known)
    found = {file.name: file.content.decode() for file in certs.files(model, Memo())}
    return found["certs/websecure.list"].splitlines()


@pytest.mark.parametrize(("unknown", "first"), [("refuse", " fairway.invalid"), ("default", "")])
def test_the_generated_one_comes_first_whoever_comes(unknown: str, first: str) -> None:
    first = f"{INSIDE}/default.both{first}"
    tls = {"listeners": "web=80, websecure=443/tls", "unknown_sni": unknown}
    assert listed(**tls) == [first]
    assert listed("b.test", **tls) == [first, "certs/b.test.pem b.test"]
    assert listed("a.test", "b.test", **tls) == [first, "certs/a.test.pem a.test", "certs/b.test.pem b.test"]


def test_a_certificate_that_was_replaced_is_a_change_that_people_see() -> None:
    a = workload("a", {"fairway.host": "a.test"}, instance("a", "10.0.0.1", 80))
    chosen = settings("/srv/fairway", proxy="haproxy", listeners="web=80, websecure=443/tls")
    before, after = (
        rows(model_of([a], chosen, certificates=(certificate("a.test", fingerprint=mark * 64),))) for mark in "12"
    )
    changes = changes_between(before, after)
    assert list(map(str, changes)) == [f"~ certificate for a.test: fingerprint {'1' * 12} -> {'2' * 12}"]
