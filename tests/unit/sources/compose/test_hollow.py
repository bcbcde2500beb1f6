"""Which variable was empty where an element of a value begins or ends."""

from __future__ import annotations

import pytest

from gen.sources.compose.interpolation import hollow

VARIABLES = {"EMPTY": "", "SET": "x"}


@pytest.mark.parametrize(
    "text",
    [
        "${EMPTY}.example.com",
        "a.${EMPTY}",
        "$EMPTY",
        "a.test, ${EMPTY}.b.test",
        "a.test,b.${EMPTY} , c.test",
        "fairway.host=${EMPTY}.test",
        "${SET:+$EMPTY}.test",
        "${UNSET:-$EMPTY}.test",
    ],
)
def test_an_empty_variable_at_an_edge_is_named(text: str) -> None:
    assert hollow(text, VARIABLES) == "EMPTY"


def test_one_that_is_not_set_is_empty_too() -> None:
    assert hollow("${UNSET}.test", VARIABLES) == "UNSET"


@pytest.mark.parametrize(
    "text", ["a.test", "a${EMPTY}b", "${SET}.test", "${EMPTY:-}.test", "${UNSET-}.test", "${EMPTY:+x}.test", "$$EMPTY"]
)
def test_what_is_not_cut_or_is_meant_is_let_be(text: str) -> None:
    assert hollow(text, VARIABLES) == ""
