"""Which engine is meant: the Docker CLI's order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from gen.errors import SourceError
from gen.sources.docker_endpoint import DEFAULT_SOCKET, Endpoint, Tls, find_endpoint


def add_context(store: Path, name: str, host: str, *, tls: bool = False) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = store / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    if tls:
        add_material(store / "contexts" / "tls" / digest / "docker")
    return str(store / "contexts" / "tls" / digest / "docker")


def add_material(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("ca", "cert", "key"):
        (folder / f"{name}.pem").touch()


def test_nothing_said_means_the_default_socket() -> None:
    assert find_endpoint(None, {}) == Endpoint(url=DEFAULT_SOCKET, origin="the default")


def test_the_order_is_url_then_host_then_context_then_current_context(tmp_path: Path) -> None:
    for name in ("one", "two"):
        add_context(tmp_path, name, f"ssh://me@{name}")
    (tmp_path / "config.json").write_text('{"currentContext": "one"}')
    environment = {"DOCKER_CONFIG": str(tmp_path)}
    assert find_endpoint(None, environment).url == "ssh://me@one"
    environment["DOCKER_CONTEXT"] = "two"
    assert find_endpoint(None, environment).url == "ssh://me@two"
    environment["DOCKER_HOST"] = "tcp://three"
    assert find_endpoint(None, environment).url == "tcp://three:2375"
    assert find_endpoint("unix:///four", environment).url == "unix:///four"


def test_the_context_store_lies_under_home(tmp_path: Path) -> None:
    add_context(tmp_path / ".docker", "one", "tcp://one:1")
    assert find_endpoint(None, {"HOME": str(tmp_path), "DOCKER_CONTEXT": "one"}).host == "one"


def test_tls_verify_reads_the_certificate_path(tmp_path: Path) -> None:
    add_material(tmp_path / "tls")
    environment = {"DOCKER_HOST": "tcp://one", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path / "tls")}
    found = find_endpoint(None, environment)
    paths = {name: str(tmp_path / "tls" / f"{name}.pem") for name in ("ca", "cert", "key")}
    assert (found.url, found.tls) == ("tcp://one:2376", Tls(**paths, verify=True))


def test_a_context_brings_its_own_tls_material(tmp_path: Path) -> None:
    folder = add_context(tmp_path, "one", "tcp://one:2376", tls=True)
    found = find_endpoint(None, {"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "one"})
    assert found.tls is not None
    assert (found.tls.ca, found.tls.verify) == (f"{folder}/ca.pem", True)


def test_an_unknown_context_is_told_with_those_that_exist(tmp_path: Path) -> None:
    add_context(tmp_path, "one", "tcp://one:1")
    with pytest.raises(SourceError, match=r"DOCKER_CONTEXT: there is no context 'tow'; there are: default, one"):
        find_endpoint(None, {"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "tow"})


@pytest.mark.parametrize("url", ["one", "ftp://one", "tcp://", "ssh://one/path", "tcp://one:port", "unix://"])
def test_what_is_no_url_of_an_engine_is_refused(url: str) -> None:
    with pytest.raises(SourceError, match=r"DOCKER_HOST: .* is not the URL of an engine"):
        find_endpoint(None, {"DOCKER_HOST": url})


def test_an_unreadable_configuration_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(SourceError, match=r"config\.json cannot be read"):
        find_endpoint(None, {"DOCKER_CONFIG": str(tmp_path)})
