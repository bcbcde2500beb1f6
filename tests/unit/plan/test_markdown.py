"""A plan as a comment: whatever is in a label stays code."""

from __future__ import annotations

import re

import pytest

from gen.plan import Change, Plan
from gen.plan.markdown import MOST, code, markdown
from gen.plan.removals import Removal
from gen.proxies.live import Way

HOSTILE = ("`", "``` x", "a|b", "<img src=x>", "@everyone", "![x](http://x.test/)", "a\n# b", "\x1b[31m", "")


def plan(*changes: Change, diff: str = "", ways: tuple[Way, ...] = ()) -> Plan:
    return Plan(changes=changes, diff=diff, digest="0123456789abcdef", ways=ways)


def test_changes_stand_in_a_table_and_differences_behind_a_fold() -> None:
    changes = (Change(sign="+", what="route a.test/", detail="protocol http"), Change(sign="-", what="route b.test/"))
    text = markdown(plan(*changes, diff="--- a\n+++ b\n+x\n", ways=(Way(what="server x", how="live"),)))
    assert "1 added, 1 removed." in text
    assert "| + | `route a.test/` | `protocol http` |" in text
    assert "| - | `route b.test/` |  |" in text
    assert "- live: `server x`" in text
    assert "```diff\n--- a\n+++ b\n+x\n```" in text


def test_nothing_to_do_is_said() -> None:
    assert markdown(plan()) == "### Fairway plan\n\nNothing would change.\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_labels_text_stays_code_of_one_line(text: str) -> None:
    shown = code(text)
    ticks = re.match("`+", shown)
    assert ticks and shown.endswith(ticks[0]) and "\n" not in shown and "\x1b" not in shown
    assert not re.search(rf"(?<!`){ticks[0]}(?!`)", shown[len(ticks[0]) : -len(ticks[0])])
    assert not re.search(r"(?<!\\)\|", shown)


def test_a_difference_cannot_end_its_fence() -> None:
    text = markdown(plan(diff="+`````\n+@everyone <script>\n"))
    assert text.count("``````") == 2
    assert text.index("@everyone") < text.rindex("``````")


def test_a_comment_has_room_for_it() -> None:
    changes = tuple(Change(sign="+", what=f"route {number}.test/" + "x" * 1000) for number in range(1000))
    problems = ["y" * 1000] * 1000
    text = markdown(plan(*changes, diff="+z\n" * 100_000), problems=problems)
    assert len(text) <= MOST
    assert len(re.findall(r"and 9\d\d more", text)) == 2
    few = markdown(plan(changes[0], diff="+z\n" * 100_000))
    assert re.search(r"\[\d+ more lines\]", few) and few.rstrip().endswith("</details>")


def test_what_needs_somebodys_word_is_said() -> None:
    text = markdown(plan(), exceeding=[Removal(kind="route", before=10, gone=9, left=1)])
    assert "9 of 10 routes would go: `apply` asks for `--allow-removals`" in text
