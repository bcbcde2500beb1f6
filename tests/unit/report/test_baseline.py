"""What is no baseline is said to be none, instead of being taken for one in which nothing was known."""

from __future__ import annotations

import pytest

from gen.errors import InputError
from gen.report import compare


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"problems": {}}', '{"problems": 3}', '{"problems": [{}]}'])
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"old\.json: this is no baseline"):
        compare((), text, name="old.json")


def test_a_baseline_of_another_version_is_refused() -> None:
    with pytest.raises(InputError, match="of version 2; known here: 1"):
        compare((), '{"version": 2, "problems": []}', name="old.json")


@pytest.mark.parametrize("text", ['{"version": 1, "problems": []}', '{"problems": []}'])
def test_a_baseline_with_nothing_in_it_is_one(text: str) -> None:
    assert compare((), text, name="old.json").known == 0
