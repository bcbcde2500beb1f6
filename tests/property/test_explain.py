"""Whatever the labels: every route can be explained, every workload's way told, and what is shown is so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gen.explain.answer import answer
from gen.explain.journey import journey, urls
from gen.explain.question import door, question
from gen.plan import shown
from gen.sources.redaction import redacted_value
from gen.state import Workload
from tests.property.test_build import modest, sane, wild, workloads
from tests.unit.explain.worlds import basis

worlds = workloads(st.one_of(sane, wild))
proxies = st.sampled_from(["nginx", "haproxy"])


@given(worlds, proxies)
@modest
def test_every_route_is_explained_by_its_own_urls(found: list[Workload], proxy: str) -> None:
    of = basis(*found, proxy=proxy)
    texts = {file.name: shown(file.content) for file in of.bundle.files}
    known = {workload.name for workload in found}
    for route in of.model.routes:
        for url in urls(route, of):
            asked = question(url)
            for listener in door(of.model, asked).listeners:
                told = answer(asked, listener, of)
                assert [one.verdict for one in told.tried].count("answers") == (told.route is not None)
                if told.route is None:
                    continue
                assert {one.workload for one in told.route.shares} <= known
                assert told.route.shares, "nobody asked for it"
                assert any(line.is_own for line in told.route.lines)
                for line in told.route.lines:
                    own = texts[line.file][line.number - 1].rstrip("\n")
                    assert line.text == redacted_value("", own)


@given(worlds, proxies)
@modest
def test_every_workload_has_its_way_told_and_what_is_wrong_is_said(found: list[Workload], proxy: str) -> None:
    of = basis(*found, proxy=proxy)
    for workload in found:
        told = list(journey(workload, of))
        assert told
        for problem in of.model.problems:
            if problem.origin.workload == workload.name and problem.severity == "error":
                assert any(problem.message in one.found and one.level == "fail" for one in told), problem


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://a.test/", "tcp://", "http://a.test:"]))
@modest
def test_any_text_is_a_question_or_is_refused(text: str, start: str) -> None:
    try:
        asked = question(start + text)
    except ValueError as error:
        assert "write for example" in str(error)
    else:
        assert asked.target.startswith("/")
        assert asked.target.isascii()
        assert not set(asked.host) & set("/ \r\n\x00")
