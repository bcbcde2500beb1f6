"""The group that reads private files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

import pytest

from gen.control import Completed, Control
from gen.errors import SettingsError
from gen.proxies.commands import Commands, Place
from gen.proxies.haproxy.commands import HaproxyCommands
from gen.proxies.nginx.commands import NginxCommands
from gen.workers import inner_group, worker_group

OFFICIAL = "nginx version: nginx/1.27\nconfigure arguments: --prefix=/etc/nginx --user=nginx --group=web --with-compat"


@dataclass(slots=True)
class FakeControl:
    groups: dict[str, int]
    version: str | None = OFFICIAL
    starts: bool = True
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, argv: tuple[str, ...], *, timeout: float, isolated: bool = False) -> Completed | None:
        return self.version and Completed(returncode=0, stdout="", stderr=self.version, seconds=0.0)  # type: ignore[return-value]

    def taken(self, places: Iterable[Place]) -> tuple[Place, ...]:
        return ()

    def group_id(self, names: tuple[str, ...]) -> int | None:
        self.asked.append(names)
        return next((self.groups[name] for name in names if name in self.groups), None)


def group(control: FakeControl, user: str = "", commands: Commands | None = None) -> int | None:
    return worker_group(cast(Control, control), commands or NginxCommands(), user=user)


@pytest.mark.parametrize(
    ("version", "names"),
    [
        (OFFICIAL, ("web",)),
        ("configure arguments: --user=nginx", ("nginx",)),
        ("configure arguments: --user='nginx' --with-cc-opt='-g'", ("nginx",)),
        ("configure arguments: --with-threads", ("nogroup", "nobody")),
        ("", ("nogroup", "nobody")),
    ],
)
def test_nginx_tells_as_whom_its_workers_run(version: str, names: tuple[str, ...]) -> None:
    assert NginxCommands().worker_groups(version) == names


def test_the_compiled_group_counts_where_no_user_is_set() -> None:
    assert group(FakeControl(groups={"web": 7, "nobody": 9})) == 7
    assert group(FakeControl(groups={"nobody": 9}, version=None)) == 9
    assert group(FakeControl(groups={})) is None


def test_the_users_own_group_counts_where_one_is_set() -> None:
    assert group(FakeControl(groups={"www-data": 33, "web": 7}), user="www-data") == 33


def test_a_user_without_a_group_of_his_name_is_an_error() -> None:
    with pytest.raises(SettingsError, match="no group 'staff'"):
        group(FakeControl(groups={"web": 7}), user="staff")


def test_where_only_the_master_reads_them_no_group_is_looked_for_by_name() -> None:
    control = FakeControl(groups={"haproxy": 7})
    assert group(control, user="haproxy", commands=HaproxyCommands()) is None
    assert control.asked == [()]


def test_haproxys_workers_enter_the_inner_directory_and_read_no_private_files() -> None:
    control = cast(Control, FakeControl(groups={"haproxy": 7}))
    assert inner_group(control, HaproxyCommands(), user="", group=None) == 7
    assert inner_group(control, HaproxyCommands(), user="edge", group=None) is None
    assert inner_group(control, NginxCommands(), user="", group=9) == 9
