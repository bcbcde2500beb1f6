"""Settings: defaults < file < environment < flags, and messages that say where a bad one came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.errors import SettingsError
from gen.settings import Settings, load
from gen.values import CacheZone, Duration, Listen, ListenAddress, Size


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "fairway.yml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def refused(tmp_path: Path, text: str = "", *flags: tuple[str, str]) -> str:
    with pytest.raises(SettingsError) as error:
        load(file=written(tmp_path, text), variables={}, flags=flags)
    return str(error.value).replace(f"{tmp_path}/", "")


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(file=written(tmp_path, ""), variables={}) == Settings()


def test_the_file_is_looked_for_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(file=None, variables={}) == Settings()
    written(tmp_path, "workers: 3")
    assert load(file=None, variables={}).workers == 3


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "workers: 1\nkeepalive: 1\nkeep_releases: 1")
    settings = load(
        file=file,
        variables={"FAIRWAY_KEEPALIVE": "2", "FAIRWAY_KEEP_RELEASES": "2"},
        flags=[("keep_releases", "3")],
    )
    assert (settings.workers, settings.keepalive, settings.keep_releases) == (1, 2, 3)


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    variables = {"FAIRWAY_VERSION": "x", "WORKERS": "9", "FAIRWAY": "y"}
    assert load(file=written(tmp_path, ""), variables=variables) == Settings()


def test_lists_and_mappings_may_be_written_in_yaml(tmp_path: Path) -> None:
    text = "listeners:\n  - web=8080\n  - six=[::1]:8443/tls\ncache_zones: {default: 1g, images: 2g/1d}\n"
    settings = load(file=written(tmp_path, text), variables={})
    assert settings.listeners == (Listen("web", 8080), Listen("six", 8443, "::1", tls=True))
    assert settings.cache_zones == (
        CacheZone("default", Size(1024**3), Duration(7 * 86_400_000)),
        CacheZone("images", Size(2 * 1024**3), Duration(86_400_000)),
    )


def test_a_bad_setting_of_the_file_is_named_with_its_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "workers: 1\nkeepalive: many\n") == (
        "fairway.yml:2:12: keepalive: 'many' is not a whole number; write for example 1"
    )


def test_a_bad_variable_and_a_bad_flag_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="FAIRWAY_WORKERS: 'x' is not a whole number"):
        load(file=written(tmp_path, ""), variables={"FAIRWAY_WORKERS": "x"})
    assert refused(tmp_path, "", ("worker", "1")) == (
        "--set worker: there is no such option (did you mean --set workers?)"
    )


def test_all_bad_settings_are_named_at_once(tmp_path: Path) -> None:
    assert refused(tmp_path, "", ("workers", "x"), ("proxy", "apache")).count("; --set") == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("worker: 1", "did you mean workers?"),
        ("- a", "settings are a mapping"),
        ("a: [", "not YAML"),
        ("\x00", "not YAML"),
        ("listeners: []", "there has to be one"),
        ("listeners: [a=80, a=81]", "each needs a name of its own"),
        ("listeners: [a=80, b=80]", "the same address and port"),
        ("listeners: [a=80, b=0.0.0.0:80]", "the same address and port 80"),
        ("listeners: ['a=80', 'b=[::]:80']", "the same address and port 80"),
        ("listeners: ['a=[::1]:80', 'b=[0:0::1]:80']", "the same address and port 80"),
        ("listeners: ['a=300.0.0.1:80']", "300.0.0.1 is no address"),
        ("listeners: [a]", "'a' is not a listener; write for example web=80"),
        ("listeners: [a=70000]", "'70000' is not a number from 1 to 65535"),
        ("directory_inside: here", "directory_inside: 'here' is not absolute"),
        ("cache_zones: [default]", "'default' is not a cache zone"),
        ("trusted_proxies: 10.0.0.1/8", "host bits are set"),
        ("engines: [lab=ssh://a, lab=ssh://b]", "engines: two are called 'lab'"),
        ("engines: [ssh://a]", "'ssh://a' is not an engine; write for example lab=ssh://deploy@lab.example"),
        ("unknown_host: 200", "a number from 400 to 599"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, why: str) -> None:
    assert why in refused(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.yml: No such file"):
        load(file=str(tmp_path / "absent.yml"), variables={})


def test_the_proxys_directory_is_ours_unless_it_sees_another() -> None:
    assert Settings(directory="/a").proxy_directory == "/a"
    assert Settings(directory="/a", directory_inside="/b").proxy_directory == "/b"


@pytest.mark.parametrize("name", ["stats", "metrics"])
def test_what_only_haproxy_shows_is_not_promised_of_another(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, f"{name}: 127.0.0.1:8404").startswith(f"{name}: nginx has none")
    found = load(file=written(tmp_path, f"proxy: haproxy\n{name}: 127.0.0.1:8404"), variables={})
    assert getattr(found, name) == ListenAddress("127.0.0.1", 8404)


def test_the_statistics_page_is_no_clients_port(tmp_path: Path) -> None:
    text = "proxy: haproxy\nlisteners: web=127.0.0.1:8404\nstats: "
    assert "has the port 8404" in refused(tmp_path, text + "127.0.0.1:8404")
    assert load(file=written(tmp_path, text + "127.0.0.2:8404"), variables={}).stats is not None


@pytest.mark.parametrize("text", ["a=1/udp/tls", "a=1/tcp/udp", "a=1/tls/tls", "a=1/sctp", "a=1/", "a=/tcp"])
def test_a_listener_has_words_that_go_together(tmp_path: Path, text: str) -> None:
    assert "is not a listener" in refused(tmp_path, f"listeners: [{text}]")


def test_listeners_of_tcp_and_udp_may_have_the_same_port(tmp_path: Path) -> None:
    found = load(file=written(tmp_path, "listeners: [dns=53/udp, dot=53/tcp]"), variables={}).listeners
    assert [str(listen) for listen in found] == ["dns=53/udp", "dot=53/tcp"]
    assert "same address and port" in refused(tmp_path, "listeners: [web=80, db=80/tcp]")


def test_a_listener_for_the_proxy_protocol_needs_somebody_to_trust(tmp_path: Path) -> None:
    assert "Name them in trusted_proxies" in refused(tmp_path, "listeners: [web=80/proxy]")
    load(file=written(tmp_path, "listeners: [web=80/tls/proxy]\ntrusted_proxies: [10.0.0.0/8]"), variables={})


def test_redirects_lead_to_the_port_of_https_alone(tmp_path: Path) -> None:
    found = load(file=written(tmp_path, "listeners: [mqtts=8883/tcp/tls, secure=444/tls]"), variables={})
    assert found.https_suffix == ":444"


@pytest.mark.parametrize(
    ("said", "manager", "engine"),
    [
        ("", "", ""),
        ("swarm: default", "", ""),
        ("swarm: tcp://manager:2376", "tcp://manager:2376", "tcp://manager:2376"),
        ("swarm: tcp://manager:2376\ndocker: unix:///here.sock", "tcp://manager:2376", "unix:///here.sock"),
    ],
)
def test_the_proxys_container_is_on_the_manager_unless_an_engine_is_named(
    tmp_path: Path, said: str, manager: str, engine: str
) -> None:
    settings = load(file=written(tmp_path, said), variables={})
    assert (settings.manager, settings.engine) == (manager, engine)


def test_the_proxies_of_a_service_are_neither_one_container_nor_joined_to_networks(tmp_path: Path) -> None:
    both = refused(tmp_path, "proxy_service: edge\nproxy_container: proxy")
    assert both == "proxy_service: proxy_container names one container; say one of the two"
    joined = refused(tmp_path, "proxy_service: edge\njoin: [shop]")
    assert "docker service update --network-add NETWORK edge" in joined
