"""The status page becomes a newer one by itself, and leaves what its reader does alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, expect

from tests.support.browser import Visit, visit
from tests.support.shown import Shown, site

MANY = tuple(site(f"w{at:03}") for at in range(60))


def test_what_is_open_typed_and_in_view_stays(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(site("shop")).has(*MANY)
    with visit(browser, made.url) as seen:
        page = seen.page
        page.evaluate("document.body.dataset.same = 'yes'")
        page.locator("details").last.locator("summary").click()
        page.locator("input").fill("w0")
        expect(page.locator("#routes p")).to_contain_text("60 of 60")
        held = page.locator("details[open] .times")
        held.scroll_into_view_if_needed()
        before = held.bounding_box()
        made.has(*MANY, site("w0new"), site("other"))
        expect(page.locator("#routes p")).to_contain_text("61 of 62")
        expect(page.locator("details")).to_have_count(3)
        expect(page.locator("details[open]")).to_have_count(1)
        expect(page.locator("input")).to_have_value("w0")
        expect(page.locator("input")).to_be_focused()
        after = held.bounding_box()
        assert before and after and abs(before["y"] - after["y"]) < 100
        assert page.evaluate("document.body.dataset.same") == "yes"


def test_a_word_narrows_it_while_one_types_and_can_be_sent_on(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(*MANY)
    with visit(browser, made.url) as seen:
        page = seen.page
        page.locator("input").press_sequentially("W059")
        expect(page.locator("#routes tbody tr")).to_have_count(1)
        assert page.url == f"{made.url}?q=W059"
        page.locator("input").fill("nobody")
        expect(page.locator("#routes")).to_contain_text("None of 60 has that word")
        page.locator("input").fill("")
        expect(page.locator("#routes tbody tr")).to_have_count(60)


def test_a_daemon_that_does_not_answer_is_told_until_it_does(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(site("shop"))
    with visit(browser, made.url) as seen:
        expect(seen.page.locator("#away")).to_be_hidden()
        made.leave()
        expect(seen.page.locator("#away")).to_contain_text("No answer from fairway watch since", timeout=15_000)
        expect(seen.page.locator("#routes tbody tr")).to_have_count(1)
        with made:
            expect(seen.page.locator("#away")).to_be_hidden(timeout=15_000)
        refused(seen)


def refused(seen: Visit) -> None:
    """That nobody answered is what the browser itself says, once for each question."""
    others = [said for said in seen.complaints if "ERR_CONNECTION_REFUSED" not in said]
    seen.complaints[:] = others


def test_without_a_script_it_loads_itself_anew_or_holds_still(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(*MANY)
    with visit(browser, made.url, java_script_enabled=False) as seen:
        page = seen.page
        assert page.locator("noscript meta[http-equiv=refresh]").get_attribute("content") == "10"
        page.locator("details").first.locator("summary").click()
        expect(page.locator("details[open] .times")).to_be_visible()
        page.locator("input").fill("w059")
        page.locator("input").press("Enter")
        expect(page.locator("#routes tbody tr")).to_have_count(1)
        page.locator("footer noscript a").click()
        expect(page.locator("footer noscript a")).to_have_attribute("href", "?q=w059")
        assert page.locator("noscript meta").count() == 0
        assert page.locator("input").input_value() == "w059"
        page.locator("footer noscript a").click()
        expect(page.locator("noscript meta")).to_have_count(1)
