"""YAML text → trees with places."""

from __future__ import annotations

import pytest

from gen.errors import InputError
from gen.sources.compose.reading import read_documents
from gen.sources.compose.tree import Node, Sequence, Table, shown


def table(text: str) -> Table:
    (document,) = read_documents(text, "f.yaml")
    assert isinstance(document, Table)
    return document


def texts(node: Node | None) -> dict[str, str]:
    assert isinstance(node, Table)
    return {key: shown(entry.value) for key, entry in node.entries.items()}


@pytest.mark.parametrize("text", ["on", "0x", "22:22", "1.0.0", "1e", "2020-01", "yes", "'0123'", "'1.0'"])
def test_scalars_that_are_no_numbers_keep_their_text(text: str) -> None:
    assert texts(table(f"a: {text}")) == {"a": repr(text.strip("'"))}


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_null_is_nothing_only_without_quotes(text: str) -> None:
    assert texts(table(f'a: {text}\nb: "{text}"')) == {"a": "nothing", "b": repr(text)}


def test_every_node_knows_its_place() -> None:
    entry = table("a:\n  b: [x, y]\n").section("a").entries["b"]
    assert isinstance(entry.value, Sequence)
    places = (entry.key.place, entry.value.place, entry.value.items[1].place)
    assert [str(place) for place in places] == ["f.yaml:2:3", "f.yaml:2:6", "f.yaml:2:10"]


def test_merge_keys_give_what_is_not_there_and_the_first_of_several_wins() -> None:
    root = table("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: own\n")
    assert texts(root.find("c")) == {"x": "'own'", "y": "'1'", "z": "'2'"}


def test_a_repeated_key_is_a_fault_and_the_last_counts() -> None:
    root = table("a: 1\nb: 2\na: 3\n")
    assert texts(root) == {"a": "'3'", "b": "'2'"}
    (fault,) = root.faults
    assert (str(fault.place), fault.message) == ("f.yaml:3:1", "key 'a' is given twice, first in line 1")


def test_a_key_that_is_no_text_is_a_fault() -> None:
    (fault,) = table("? [a]\n: b\n").faults
    assert fault.message == "found a list as a key; a key is text"


def test_all_documents_of_a_file_are_read() -> None:
    assert len(read_documents("a: 1\n---\nb: 2\n", "f.yaml")) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a: "x', "f.yaml:1:6: this is not YAML"),
        ("a: b: c", "f.yaml:1:5: this is not YAML: mapping values are not allowed"),
        ("a: *b", "f.yaml:1:4: an alias has no anchor before it"),
        ("services: {a: *b}", "f.yaml:1:15: alias *b has no anchor &b before it"),
        ("services: &a [*a]", "f.yaml:1:15: alias *a is inside of what it stands for"),
        ("a: \x01", "f.yaml:1:1: this is not YAML"),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_documents(text, "f.yaml")
    assert str(caught.value).startswith(message)


def test_an_explosion_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]" for i in range(1, 30)]
    with pytest.raises(InputError, match="more than 1000000 values once aliases are followed"):
        read_documents("\n".join(lines), "f.yaml")


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 5000 + "x"])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="nested deeper than 64 levels"):
        read_documents(text, "f.yaml")


def test_nesting_by_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 80))]
    with pytest.raises(InputError, match="once aliases are followed"):
        read_documents("\n".join(lines), "f.yaml")
