"""A plan as a comment, read by the parser that GitHub reads with: nothing of a label is more than code."""

from __future__ import annotations

from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from gen.plan import Change, Plan
from gen.plan.markdown import markdown
from gen.plan.removals import Removal
from gen.proxies.live import Way

MARK = "ZQZ"
OURS = {"h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "pre", "details"}
labels = st.text(alphabet="`|\\ x@<>![]()#*\n\t~_&;\"'-:ж\x1b\u202e", max_size=14).map(lambda s: s.replace("x", MARK))


class Page(HTMLParser):
    """What stands outside code, and which elements there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.free = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.free += data if not {"code", "pre"} & set(self.open) else ""


@given(labels, labels, labels, labels)
def test_no_label_leaves_its_code(what: str, detail: str, problem: str, line: str) -> None:
    changes = (Change(sign="+", what=f"r {what}", detail=detail), Change(sign="-", what=what))
    plan = Plan(changes=changes, diff=f"+{line}\n", digest="0" * 16, ways=(Way(what=detail, how="live"),))
    text = markdown(plan, problems=(problem, line), exceeding=[Removal(kind="route", before=9, gone=9, left=0)])
    page = Page()
    page.feed(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
    assert MARK not in page.free and "@" not in page.free, text
    assert set(page.seen) <= OURS | {"summary"}, text
    assert page.seen.count("tr") == 1 + len(changes), text
    assert page.seen.count("details") == 1, text
