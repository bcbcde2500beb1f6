"""Answers of an engine that are no lists of what was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from gen.errors import SourceError
from gen.sources.docker_endpoint import find_endpoint
from gen.sources.docker_engine import tables

ENDPOINT = find_endpoint("unix:///run/docker.sock", {})


@pytest.mark.parametrize("found", [None, {}, "", "<html>", [1], [None], [[]], [{}], [{"Id": ""}], [{"Id": 7}], 3])
def test_what_is_no_list_of_containers_says_nothing_about_them(found: Any) -> None:
    with pytest.raises(SourceError, match=r"the answer is no list of containers: .*") as raised:
        tables(ENDPOINT, "containers", found)
    assert "unix:///run/docker.sock" in str(raised.value) and raised.value.hint


def test_one_entry_among_others_that_is_none_spoils_the_list() -> None:
    good = {"Id": "a" * 64}
    assert tables(ENDPOINT, "containers", [good, {"ID": "node"}]) == (good, {"ID": "node"})
    with pytest.raises(SourceError):
        tables(ENDPOINT, "containers", [good, {"Names": ["/a"]}])


def test_a_long_answer_is_shortened() -> None:
    with pytest.raises(SourceError, match="…") as raised:
        tables(ENDPOINT, "networks", "x" * 10_000)
    assert len(str(raised.value)) < 200
