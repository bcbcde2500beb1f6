"""The directory of an operator's templates: each file stands for a shipped one, or the run ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.errors import SettingsError, TemplateError
from gen.overrides import with_overrides
from gen.render import Templates
from tests.support.overridden import SHIPPED


def read(directory: Path, **files: bytes) -> Templates:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return with_overrides(SHIPPED, str(directory))


def test_files_stand_for_the_shipped_ones_of_their_paths(tmp_path: Path) -> None:
    found = read(tmp_path, **{"nginx/types.j2": b"a", "haproxy/policies/retry.j2": b"b", "README.md": b"why"})
    assert found.of("nginx") == ("nginx/types.j2",)
    assert found.of("haproxy") == ("haproxy/policies/retry.j2",)
    assert found.file("nginx/types.j2") == f"{tmp_path}/nginx/types.j2"
    assert found.file("nginx/server.j2") == "nginx/server.j2"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("nginx/sever.j2", "nginx/server.j2"),
        ("nginx/policies/ip_alow.j2", "nginx/policies/ip_allow.j2"),
        ("ip_allow.j2", "haproxy/policies/ip_allow.j2 or nginx/policies/ip_allow.j2"),
        ("Nginx/server.j2", "nginx/server.j2"),
        ("nginx/server.j2.bak", "nginx/server.j2"),
    ],
)
def test_a_file_that_stands_for_none_is_an_error(tmp_path: Path, name: str, nearest: str) -> None:
    with pytest.raises(TemplateError) as error:
        read(tmp_path, **{name: b""})
    assert (
        str(error.value)
        == f"template {tmp_path}/{name}: it overrides nothing; the nearest shipped template is {nearest}"
    )


def test_hidden_files_are_ignored_and_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "..data" / "nginx").mkdir(parents=True)
    (tmp_path / "..data" / "nginx" / "types.j2").write_text("a")
    (tmp_path / "nginx").symlink_to("..data/nginx")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("")
    (tmp_path / "haproxy").mkdir()
    (tmp_path / "haproxy" / "again").symlink_to("..")
    assert read(tmp_path, **{".gitignore": b""}).of("nginx") == ("nginx/types.j2",)


def test_a_template_is_text(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"nginx/types\.j2: it is not UTF-8"):
        read(tmp_path, **{"nginx/types.j2": b"\xff"})


def test_a_directory_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not a directory"):
        with_overrides(SHIPPED, str(tmp_path / "absent"))
