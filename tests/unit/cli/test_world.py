"""Which source a command reads: a flag says so, or the setting `swarm`."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from gen.cli.world import World, world_options


def world(*arguments: str) -> World:
    """What a command with these flags is given."""
    given: list[World] = []

    @click.command()
    @world_options
    def command(world: World) -> None:
        given.append(world)

    command.main(list(arguments), standalone_mode=False)
    return given[0]


@pytest.mark.parametrize(
    ("arguments", "setting", "source"),
    [
        ((), "", "docker"),
        (("--docker",), "", "docker"),
        (("--swarm",), "", "swarm"),
        (("--swarm", "tcp://manager:2376"), "", "swarm"),
        ((), "default", "swarm"),
        (("--docker",), "default", "docker"),
        (("--docker", "unix:///here.sock"), "default", "docker"),
        (("--snapshot", "world.json"), "default", "snapshot"),
        (("-f", "compose.yml"), "default", "compose"),
    ],
)
def test_a_flag_counts_more_than_the_setting(
    arguments: tuple[str, ...], setting: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAIRWAY_SWARM", setting)
    assert world(*arguments).source().name == source


def test_the_url_of_a_manager_is_the_settings_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAIRWAY_SWARM", "tcp://other:2376")
    assert world("--swarm", "tcp://manager:2376").settings.manager == "tcp://manager:2376"
    assert world("--swarm").settings.manager == ""


def test_engines_stand_beside_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAIRWAY_ENGINES", "old=ssh://old")
    both = world("--engine", "lab=ssh://lab", "--engine", "dev@10.0.0.5=unix:///dev.sock", "--snapshot", "x.json")
    assert [engine.name for engine in both.settings.engines] == ["lab", "dev"]
    assert both.source().name == "snapshot"
    assert world("--docker", "none").source().name == "file"
    assert [engine.name for engine in world().settings.engines] == ["old"]
