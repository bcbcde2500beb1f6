"""A container's users and groups, by the text of its files."""

from __future__ import annotations

import io
import tarfile

import pytest

from gen.control.accounts import group_of, number_of, only_file

PASSWD = "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:102:nginx:/:/sbin/nologin\nbroken\n"
GROUPS = "root:x:0:\nnginx:x:102:\nweb:x:33:nginx\nodd:x:y:\nbroken\n"


@pytest.mark.parametrize(
    ("account", "group"),
    [("nginx", 102), ("101", 102), ("5000", 0), ("nginx:web", 33), ("101:7", 7), ("nobody", None), ("nginx:no", None)],
)
def test_the_group_of_an_images_user(account: str, group: int | None) -> None:
    assert group_of(account, passwd=PASSWD, groups=GROUPS) == group


def test_the_first_group_that_exists_counts() -> None:
    assert number_of(("nobody", "odd", "web", "nginx"), GROUPS) == 33
    assert number_of(("nobody",), GROUPS) is None
    assert number_of(("root",), "") is None


def test_the_file_in_an_archive_is_read_and_a_link_is_not_followed() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(link)
        assert only_file(target.getvalue()) == ""
        entry = tarfile.TarInfo("group")
        entry.size = len(GROUPS)
        archive.addfile(entry, io.BytesIO(GROUPS.encode()))
    assert only_file(target.getvalue()) == GROUPS
