"""Options: fields of a dataclass from text, with the problems on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from gen.errors import BadValue, Origin
from gen.options import Entry, decode, find, option, options_of, split_list
from gen.values import Duration, HeaderName, HeaderValue, Name


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One field of each kind."""

    time: Duration = option(main=True, help="A time.", example="1s")
    names: tuple[Name, ...] = option(default=(), help="Names.", example="a, b")
    is_on: bool = option(default=False, help="A switch.", example="on")
    count: int = option(default=1, bounds=(1, 5), help="A number.", example="2")
    text: str = option(default="", help="A text.", example="x")
    word: Literal["red", "blue"] = option(default="red", help="A word.", example="blue")
    from_: Name | None = option(default=None, help="A name or none.", example="a")
    headers: tuple[tuple[HeaderName, HeaderValue], ...] = option(default=(), help="Open.", example="headers.X-A=1")


@dataclass(frozen=True, kw_only=True)
class Open:
    """Its main option is open, so every key is one of its."""

    set: tuple[tuple[HeaderName, HeaderValue], ...] = option(main=True, help="Open.", example="open.X-A=1")


def decoded(owner: type[Any], **texts: str) -> tuple[dict[str, Any], list[str]]:
    keys = {name.replace("__", "."): text for name, text in texts.items()}
    entries = {
        key: Entry(text=text, origin=Origin(source="test", workload="shop", key=f"fairway.sample.{key}".rstrip(".")))
        for key, text in keys.items()
    }
    found = decode(owner, {"" if key == "main" else key: entry for key, entry in entries.items()})
    return dict(found.values), [str(problem) for problem in found.problems]


def test_each_kind_of_field_is_read_by_its_annotation() -> None:
    values, problems = decoded(
        Sample,
        time="2s",
        names="a, b",
        is_on="yes",
        count="5",
        text=" x ",
        word="BLUE",
        headers__X_A="1",
        **{"from": "z"},
    )
    assert problems == ["shop: fairway.sample.headers.X_A: 'X_A' is not the name of a header; write for example X-Env"]
    assert values == {
        "time": Duration(2000),
        "names": ("a", "b"),
        "is_on": True,
        "count": 5,
        "text": "x",
        "word": "blue",
        "from_": "z",
    }


def test_the_short_form_means_the_main_option() -> None:
    assert decoded(Sample, main="3s")[0] == {"time": Duration(3000)}


def test_short_and_long_form_together_are_no_guess() -> None:
    entries = {
        suffix: Entry(
            text=text, origin=Origin(source="test", workload="shop", key=f"fairway.sample{suffix and '.time'}")
        )
        for suffix, text in {"": "1s", "time": "9s"}.items()
    }
    found = decode(Sample, entries)
    assert found.values == {"time": Duration(1000)}
    assert [str(problem) for problem in found.problems] == [
        "shop: fairway.sample.time: fairway.sample is the short form of it, and counts (leave one out)"
    ]


def test_an_open_option_takes_each_key() -> None:
    values, _ = decoded(Sample, **{"headers.X-B": "2", "headers.X-A": ""})
    assert values == {"headers": (("X-A", ""), ("X-B", "2"))}


def test_an_open_main_option_needs_no_name() -> None:
    assert decoded(Open, **{"X-A": "1"})[0] == {"set": (("X-A", "1"),)}
    assert find(Open, "") is None


def test_an_open_option_without_a_key_is_unknown() -> None:
    assert decoded(Sample, headers="1")[1] == [
        "shop: fairway.sample.headers: there is no such option (write for example fairway.sample.headers.X-A=1)"
    ]


def test_the_short_form_of_an_open_option_shows_the_long_one() -> None:
    origin = Origin(source="test", workload="shop", key="fairway.open")
    problems = decode(Open, {"": Entry(text="1", origin=origin)}).problems
    assert [problem.hint for problem in problems] == ["write for example fairway.open.X-A=1"]


def test_a_bad_value_is_a_problem_of_its_key() -> None:
    values, problems = decoded(Sample, count="9", word="green")
    assert values == {}
    assert problems == [
        "shop: fairway.sample.count: '9' is not a number from 1 to 5; write for example 1",
        "shop: fairway.sample.word: 'green' is not one of red, blue; write for example red",
    ]


def test_an_unknown_key_names_the_nearest_or_all() -> None:
    _, problems = decoded(Sample, tiem="1s", zzz="1")
    assert problems == [
        "shop: fairway.sample.tiem: there is no such option (did you mean fairway.sample.time?)",
        "shop: fairway.sample.zzz: there is no such option "
        "(known here: time, names, is_on, count, text, word, from, headers)",
    ]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ()),
        ("a", ("a",)),
        (" a ,, b,", ("a", "b")),
        ('"a, b", c', ("a, b", "c")),
        ('"a ""b"""', ('a "b"',)),
        ('a"b', ('a"b',)),
    ],
)
def test_a_list_is_comma_separated_and_quoted_as_in_csv(text: str, items: tuple[str, ...]) -> None:
    assert split_list(text) == items


def test_a_list_keeps_each_item_once() -> None:
    assert decoded(Sample, names="a, b, a")[0] == {"names": ("a", "b")}


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "x" * 100_001])
def test_a_list_with_control_characters_or_without_end_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        split_list(text)


def test_options_tell_what_the_reference_prints() -> None:
    by_name = {option.name: option for option in options_of(Sample)}
    assert [(name, o.kind) for name, o in by_name.items()] == [
        ("time", "duration"),
        ("names", "list of name"),
        ("is_on", "yes or no"),
        ("count", "number"),
        ("text", "text"),
        ("word", "`red`, `blue`"),
        ("from", "name"),
        ("headers", "header value"),
    ]
    assert (by_name["time"].is_required, by_name["count"].is_required) == (True, False)


def test_an_annotation_that_nobody_can_read_is_the_authors_mistake() -> None:
    @dataclass(frozen=True)
    class Wrong:
        field: dict[str, str] = option(help="?", example="?")

    with pytest.raises(TypeError, match="no way to read text as"):
        options_of(Wrong)
