"""The page of a running daemon in a browser, while containers come and go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.engine import Engine
from tests.e2e.fairway import Fairway, on_both
from tests.support.browser import PHONE, visit
from tests.support.proxy import free_port

pytestmark = pytest.mark.docker
WRONG = {"fairway.host": "second.test", "fairway.rate_limit.rate": "<b>often</b>"}


@on_both
def test_an_open_page_follows_the_containers_and_keeps_what_is_open(
    browser: Browser, engine: Engine, new_fairway: Callable[..., Fairway], proxy: str
) -> None:
    engine.run("fw-page", labels={"fairway.host": "first.test"})
    place = engine.published_at if engine.private else "127.0.0.1"
    fairway = new_fairway(status=f"{place}:{free_port()}").start()
    with visit(browser, f"http://{fairway.settings['status']}/", screen=PHONE) as seen:
        page = seen.page
        expect(page.locator("#routes tbody tr")).to_have_count(1)
        page.locator("details summary").first.click()
        page.locator("input").fill("test")
        container = engine.run("fw-second", labels=WRONG)
        fairway.serves("second.test")
        expect(page.locator("#routes tbody tr")).to_have_count(2, timeout=20_000)
        expect(page.locator("#problems li")).to_contain_text("'<b>often</b>' is not a rate")
        expect(page.locator("details[open]")).to_have_count(1)
        expect(page.locator("input")).to_have_value("test")
        assert page.locator("#picture svg .head").last.text_content() == "networks (1)"
        page.locator("#releases summary", has_text="second.test").or_(page.locator("#releases summary")).first.click()
        page.locator("#releases details[open] .more").first.click()
        expect(page.locator("pre .add", has_text="second.test").first).to_be_visible()
        page.go_back()
        container.remove(force=True)
        expect(page.locator("#routes tbody tr")).to_have_count(1, timeout=20_000)
        expect(page.locator("#problems")).to_contain_text("None.")
