"""A diff that leaves out what both begin and end with leads from one file to the other, like one that does not."""

from __future__ import annotations

import difflib
import re

from hypothesis import given
from hypothesis import strategies as st

from gen.plan.unified import unified

lines = st.lists(st.sampled_from(["a\n", "b\n", "@@ -1 +1 @@\n", "}\n", "\n", "d\n", "e\n", "f\n", "g\n"]), max_size=30)
HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")


def patched(before: list[str], diff: str) -> list[str]:
    """What `patch` makes of it, which trusts the numbers of the hunks."""
    after: list[str] = []
    read = 0
    left = right = 0
    for line in diff.splitlines(keepends=True)[2:]:
        if left == right == 0:
            found = HUNK.fullmatch(line)
            assert found, line
            left, right = (int(found[place] or 1) if found[place] != "0" else 0 for place in (2, 4))
            start = int(found[1]) - (left > 0)
            after += before[read:start]
            read = start
            assert int(found[3]) - (right > 0) == len(after)
            continue
        if line[0] in " -":
            assert before[read] == line[1:]
            read, left = read + 1, left - 1
        if line[0] in " +":
            after.append(line[1:])
            right -= 1
    return after + before[read:]


@given(lines, lines, lines, lines)
def test_it_leads_from_one_file_to_the_other(
    head: list[str], tail: list[str], before: list[str], after: list[str]
) -> None:
    old, new = [*head, *before, *tail], [*head, *after, *tail]
    diff = unified(old, new, old="installed/a", new="planned/a")
    assert (patched(old, diff) if diff else old) == new
    assert bool(diff) == (old != new)


def test_it_is_what_difflib_says_where_little_differs() -> None:
    old = [f"{number}\n" for number in range(100)]
    new = ["0.5\n", *old[1:50], "x\n", *old[51:97], *old[98:]]
    assert unified(old, new, old="a", new="b") == "".join(difflib.unified_diff(old, new, "a", "b"))


def test_a_block_that_moved_goes_here_and_comes_there() -> None:
    old = [f"{number}\n" for number in range(20)]
    diff = unified(old, [*old[5:], *old[:5]], old="a", new="b").splitlines()
    assert [line[0] for line in diff[2:] if line[0] in "+-"] == ["-"] * 5 + ["+"] * 5


def test_a_last_line_without_an_end_is_told() -> None:
    no_end = "\\ No newline at end of file\n"
    assert unified(["a"], ["a\n"], old="a", new="b") == f"--- a\n+++ b\n@@ -1 +1 @@\n-a\n{no_end}+a\n"
