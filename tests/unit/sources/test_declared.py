"""Files of routes: what they say becomes workloads, and a mistake costs itself alone."""

from __future__ import annotations

import pytest
import yaml

from gen.sources.declared import Declared, read

NAS = """
routes:
  nas:
    servers: [10.0.0.5:5000, "[fd00::5]:5000"]
    host: [nas.example.com, 'a,b"c']
    rate_limit: {rate: 10/s, burst: 20}
    compress:
    routes:
      admin: {path: /admin, headers: {X-Env: beta}}
"""


def labels(found: Declared) -> dict[str, str]:
    return {label.key: label.value for label in found.workloads[0].labels}


def problems(text: str, **options: bool) -> list[str]:
    return [str(problem) for problem in read(text, "r.yml", **options).problems]


def test_what_stands_below_a_name_are_its_labels_and_servers() -> None:
    found = read(NAS, "r.yml")
    (nas,) = found.workloads
    assert (nas.id, nas.name, nas.kind, found.problems) == ("file:nas", "nas", "file", ())
    assert labels(found) == {
        "fairway.compress": "",
        "fairway.host": '"nas.example.com","a,b""c"',
        "fairway.rate_limit.burst": "20",
        "fairway.rate_limit.rate": "10/s",
        "fairway.routes.admin.headers.X-Env": "beta",
        "fairway.routes.admin.path": "/admin",
    }
    assert [(one.name, one.addresses[0].host, one.ports[0].number) for one in nas.instances] == [
        ("nas 10.0.0.5:5000", "10.0.0.5", 5000),
        ("nas fd00::5:5000", "fd00::5", 5000),
    ]


def test_each_label_knows_its_place() -> None:
    (nas,) = read(NAS, "r.yml").workloads
    places = {label.key: (label.file, label.line, label.column) for label in nas.labels}
    assert places["fairway.rate_limit.burst"] == ("r.yml", 6, 37)
    assert places["fairway.routes.admin.path"] == ("r.yml", 9, 21)


def test_words_are_text_as_they_are_written() -> None:
    assert labels(read("routes: {a: {servers: n:1, tls: off, weight: 010, port: 0x1F}}", "r.yml")) == {
        "fairway.port": "0x1F",
        "fairway.tls": "off",
        "fairway.weight": "010",
    }


def test_a_url_says_how_to_speak_to_its_servers() -> None:
    text = "routes: {a: {servers: https://nas.lan}, b: {servers: 'http://nas', protocol: https}}"
    found = read(text, "r.yml")
    assert labels(found) == {"fairway.protocol": "https"}
    assert found.workloads[0].instances[0].addresses[0].is_name
    assert problems(text) == [
        "r.yml:1:44: b: servers: its servers are of http, its protocol is https; that one counts",
    ]
    assert problems("routes: {a: {servers: [https://a, http://b]}}") == [
        "r.yml:1:35: a: servers: http: its servers speak https already"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "r.yml:1:1: a file of routes is a mapping"),
        ("routes: []", "r.yml:1:9: routes: routes is a mapping of names"),
        ("hosts: {}", "r.yml:1:1: hosts: a file of routes has the key routes alone"),
        ("routes: {a b: {}}", "r.yml:1:10: routes: 'a b' is not a name"),
        ("routes: {a: x}", "r.yml:1:13: a: routes: options are a mapping"),
        ("routes: {a: {host: a.test}}", "r.yml:1:13: a: servers: nobody answers"),
        ("routes: {a: {servers: [1.2.3.4]}}", "r.yml:1:24: a: servers: '1.2.3.4' is not a server (it has no port)"),
        ("routes: {a: {servers: {b: c}}}", "r.yml:1:23: a: servers: 'a mapping or a list' is not a server"),
        ("routes: {a: {servers: n:1, host: [[b]]}}", "r.yml:1:28: a: fairway.host: this is neither a text"),
        ("routes: {a: {servers: n:1, x: {y: 1}, x: {y: 2}}}", "r.yml:1:39: a: fairway.x.y: it stands here twice"),
        ("routes: {a: {servers: n:1, tcp: {b: {}}}}", "r.yml:1:34: a: fairway.tcp.b: this is neither a text"),
        ("routes: {a: {servers: n:1}, a: {servers: n:2}}", "r.yml:1:29: a: routes: this name stands here twice"),
        ("routes: {a: &x {servers: n:1, y: *x}}", "a: fairway.y.y.y.y.y.y.y.y: this is neither"),
    ],
)
def test_a_mistake_says_where_and_what_would_be_right(text: str, said: str) -> None:
    (problem,) = problems(text)
    assert said in problem


def test_other_settings_of_the_settings_file_are_not_its_business() -> None:
    assert problems("listeners: [web=80]\nroutes: {}", whole=False) == []
    assert read("", "r.yml", whole=False) == Declared()


def test_aliases_cannot_multiply_options_without_end() -> None:
    levels = ["a: &a0 {" + ", ".join(f"k{n}: v" for n in range(8)) + "}"]
    for level in range(1, 6):
        levels.append(f"b{level}: &a{level} {{" + ", ".join(f"k{n}: *a{level - 1}" for n in range(8)) + "}")
    found = read("routes: {x: {servers: n:1, " + ", ".join(levels) + "}}", "r.yml")
    assert "it has more than 1000 options" in str(found.problems[-1])
    assert found.workloads[0].labels == ()


def test_what_is_not_yaml_is_told_by_yaml() -> None:
    with pytest.raises(yaml.YAMLError):
        read("routes: {", "r.yml")
