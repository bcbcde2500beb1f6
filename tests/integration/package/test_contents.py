"""What lies in the sdist and in the wheel: all that is needed, the same by every way, and nothing else."""

from __future__ import annotations

import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import cmarkgfm

import gen
from tests.integration.package.conftest import Built, build
from tests.support.cli import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = ("pyproject.toml", "README.md", "LICENSE")
"""What a build reads beside the package and its templates."""
NO_ONES = ("__pycache__", ".cache", ".pyc", ".git/", ".venv", ".pem", ".key", ".egg-info", ".env", "_cache/")


def own(top: str) -> set[str]:
    """The files of this tree below a directory, by their paths."""
    files = (path for path in (ROOT / top).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_the_wheel_has_the_package_with_its_templates_and_nothing_else(built: Built) -> None:
    about = f"fairway-{gen.__version__}.dist-info/"
    described = {about + name for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert built.names == own("gen") | {f"gen/{name}" for name in own("templates")} | described
    assert {"gen/py.typed", "gen/templates/nginx/nginx.conf.j2", "gen/templates/haproxy/haproxy.cfg.j2"} < built.names


def test_the_sdist_has_what_it_takes_to_build_test_and_read(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
        links = [member.name for member in archive.getmembers() if not (member.isfile() or member.isdir())]
    assert links == []
    assert own("gen") | own("templates") | own("examples") | set(NEEDED) <= names
    assert [name for name in sorted(names) if any(part in name for part in NO_ONES)] == []
    assert {name.partition("/")[0] for name in names} <= _known()


def _known() -> set[str]:
    """What the project's repository holds at its top; where there is none, as in an unpacked sdist, what lies there."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        return {path.name for path in ROOT.iterdir()}
    return {line.partition("/")[0] for line in listed.stdout.splitlines()} | {"PKG-INFO"}


def test_a_wheel_of_the_sdist_is_the_wheel_of_the_tree(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as one, zipfile.ZipFile(built.wheel_of_sdist) as other:
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


def test_a_second_build_has_the_same_bytes(built: Built, tmp_path: Path) -> None:
    build(ROOT, tmp_path, "sdist", "wheel")
    assert (tmp_path / built.wheel.name).read_bytes() == built.wheel.read_bytes()
    assert (tmp_path / built.sdist.name).read_bytes() == built.sdist.read_bytes()


def test_the_command_is_the_only_entry_point(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
        assert wheel.read(name).decode().split("\n") == ["[console_scripts]", "fairway = gen.cli:main", ""]


def test_it_says_of_itself_what_the_project_says(built: Built) -> None:
    said = built.metadata
    assert (said["Name"], said["Version"]) == ("fairway", gen.__version__)
    assert (said["Requires-Python"], said["License-Expression"]) == (PROJECT["requires-python"], "MIT")
    assert said["Summary"] == PROJECT["description"]
    needed = said.get_all("Requires-Dist") or []
    assert sorted(one for one in needed if "extra" not in one) == sorted(PROJECT["dependencies"])
    assert said.get_all("Provides-Extra") == sorted(PROJECT["optional-dependencies"])
    assert "paramiko>=3.5; extra == 'ssh'" in needed
    assert said.get_all("Classifier") == PROJECT["classifiers"]
    assert (said["Keywords"] or "").split(",") == PROJECT["keywords"]


def test_its_description_is_the_readme_and_renders(built: Built) -> None:
    said = built.metadata
    assert said["Description-Content-Type"] == "text/markdown"
    text = str(said.get_payload())
    assert text.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    page = cmarkgfm.github_flavored_markdown_to_html(text)
    assert "<h1>Fairway</h1>" in page
    assert "<table>" in page
