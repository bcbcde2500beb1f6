"""Pictures of hostile worlds: whatever a name or a label says, it stays the text of its box, in every format."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from gen.picture.chart import Box, Chart, Column
from gen.picture.page import page
from gen.picture.svg import ROOMY, cut, svg
from gen.picture.text import dot, dot_word, mermaid, mermaid_word, plain
from tests.property.hostile import LONG

TEXTS = (
    *LONG,
    '"]; a1 --> evil["x',
    "a\nclick a1 href 'javascript:alert(1)'",
    "%%{init: {'securityLevel': 'loose'}}%%",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</style></svg><!-- ]]> &amp; &#34; #34; #quot;",
    "\\",
    '\\"',
    "\\N\\l\\",
    "`**bold**`",
    "a\x00b\x1b[31m\u202eright\u2028left\ud800\ufffe",
    "漢字" * 60,
    "end",
    "",
)
MERMAID = re.compile(r'  [a-h]\d+\["(?:[A-Za-z0-9 .\-_/:,()=]|#\d+;)*"\]:::(?:plain|good|warn|bad)')
DOT = re.compile(r'    [a-h]\d+ \[label="(?:[^"\\\n]|\\["\\])*", fillcolor="#[0-9a-f]{6}"\];')


def chart(text: str) -> Chart:
    """Four boxes of the text, tied together."""
    boxes = [Box(key=f"{letter}1", title=text, note=text, mood="bad") for letter in "abcd"]
    columns = tuple(Column(name=box.key, boxes=(box,)) for box in boxes)
    return Chart(title="Test", columns=columns, lines=(("a1", "b1"), ("b1", "c1"), ("c1", "d1")))


class Tags(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def seen(text: str) -> Tags:
    found = Tags()
    found.feed(page(chart(text)))
    found.close()
    return found


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
def test_a_mermaid_graph_has_the_lines_of_its_chart_and_no_other(text: str) -> None:
    lines, usual = (mermaid(chart(each)).split("\n") for each in (text, "usual"))
    assert [line for line in lines[1:5] if not MERMAID.fullmatch(line)] == []
    assert (lines[:1], lines[5:]) == (usual[:1], usual[5:])
    back = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), mermaid_word(text)[1:-1])
    assert back == plain(text)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
def test_a_dot_graph_has_the_statements_of_its_chart_and_no_other(text: str) -> None:
    lines, usual = (dot(chart(each)).split("\n") for each in (text, "usual"))
    boxes = [line for line in lines if "label=" in line[:16]]
    assert len(boxes) == 4
    assert [line for line in boxes if not DOT.fullmatch(line)] == []
    assert [line for line in lines if line not in boxes] == [line for line in usual if "label=" not in line]
    assert re.sub(r"\\(.)", r"\1", dot_word(text)[1:-1]) == plain(text)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
def test_an_svg_has_the_elements_of_its_chart_and_no_other(text: str) -> None:
    made, usual = (ElementTree.fromstring(svg(chart(each)).encode()) for each in (text, "usual"))
    if text:
        assert [(one.tag, sorted(one.keys())) for one in made.iter()] == [
            (one.tag, sorted(one.keys())) for one in usual.iter()
        ]
    titles = [one.text for one in made.iter() if one.tag.endswith("}title")]
    assert not text or titles[1:] == [f"{plain(text)} - {plain(text)}"] * 4
    assert "://" not in "".join(value for one in made.iter() for value in one.attrib.values())


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
def test_a_page_has_the_elements_of_its_chart_and_no_other(text: str) -> None:
    made = seen(text)
    assert not text or made.tags == seen("usual").tags
    assert {"script", "img", "a", "link", "iframe"}.isdisjoint(tag for tag, _ in made.tags)
    assert not text or "".join(made.texts).count(plain(text)) >= 8


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:20]))
def test_a_text_does_not_leave_its_box(text: str) -> None:
    shown = cut(text)
    assert sum(1 if one.isascii() or one == "…" else 2 for one in shown) <= ROOMY.cells
    assert shown == plain(text) or shown.endswith("…")
