"""An nginx that somebody else started."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.apply import Applied, Applier
from gen.control import Local
from gen.errors import ProxyError
from gen.proxies.nginx.commands import NginxCommands
from tests.integration.nginx.site import Site
from tests.integration.serving import page, until
from tests.support.proxy import free_port


def test_a_running_nginx_is_reloaded_by_its_pid_file(site: Site) -> None:
    port = free_port()
    site.applier.apply(site.bundle(port, "one"))
    local = Local(NginxCommands(), site.directory.path)
    outcome = Applier(site.directory, local, NginxCommands()).apply(site.bundle(port, "two"))
    assert isinstance(outcome, Applied)
    assert outcome.how == "reload"
    assert until(lambda: page(port) == "two")


def test_without_a_running_nginx_the_release_is_in_place_and_the_error_says_how_to_start(site: Site) -> None:
    bundle = site.bundle(free_port(), "one")
    local = Local(NginxCommands(), site.directory.path)
    with pytest.raises(ProxyError, match=r"nginx is not running: its pid file .*nginx.pid: No such file") as caught:
        Applier(site.directory, local, NginxCommands()).apply(bundle)
    assert f"-c {site.directory.layout.current}/nginx.conf" in caught.value.hint
    assert site.directory.current() == bundle.digest


@pytest.mark.parametrize(("text", "why"), [("", "holds ''"), ("x1", "holds 'x1'"), ("1", "process 1 is not nginx")])
def test_a_pid_file_that_names_no_nginx_is_not_believed(site: Site, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "nginx.pid").write_text(text)
    local = Local(NginxCommands(), site.directory.path, pid_file=tmp_path / "nginx.pid")
    assert not local.is_running()
    with pytest.raises(ProxyError, match=why):
        local.signal("HUP")
