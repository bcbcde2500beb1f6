"""What one finds on the status page by clicking, and what a label cannot do there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, expect

from gen.apply import Refused, RolledBack
from tests.support.browser import visit
from tests.support.shown import Shown, site, three
from tests.support.world import instance, workload

HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "quotes": "\"'><svg onload=alert(1)>",
    "control": "\x1b[31mred\x07\x00",
    "turned": "a\u202egnp.exe",
    "long": "x" * 100_000,
    "link": "javascript:alert(1)",
    "surrogate": "a\ud800b",
}
HASH = "$5$saltsalt$Wv7gGKL4yGzYS4yM4Vvk5cm5vBd8VaPyH3YcNJzVXs7"


def test_every_link_leads_somewhere_and_everything_folds_open(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(site("shop")).has(*three())
    with visit(browser, made.url) as seen:
        page = seen.page
        for folded in page.locator("details").all():
            folded.locator("summary").click()
            expect(folded.locator(".times")).to_be_visible()
        links = {link.get_attribute("href") or "" for link in page.locator("a").all()}
        assert {"#routes", "routes.svg", "networks.svg", "healthz", "metrics", "releases"} <= links
        for link in links:
            if link.startswith("#"):
                page.locator(f'header a[href="{link}"]').click()
                expect(page.locator(link)).to_be_in_viewport()
            else:
                assert page.request.get(urljoin(made.url, link)).status == 200, link
        page.locator(".problems a").click()
        expect(page.locator("#routes tbody tr")).to_have_count(1)


def test_a_release_tells_its_times_its_changes_and_its_files(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(site("shop")).has(site("shop"), site("docs"))
    with visit(browser, made.url) as seen:
        page = seen.page
        page.locator("details").first.locator("summary").click()
        page.locator("details[open] .more").click()
        text = page.locator("main").inner_text()
        for told in ("event to confirmed", "110 ms", "31 ms", "12 ms", "+ route docs.test/ on web"):
            assert told in text
        assert any("server_name docs.test" in line for line in page.locator("pre .add").all_inner_texts())
        page.get_by_text("Back to how it stands").click()
        page.locator("details").last.locator("summary").click()
        page.locator("details[open] .more").click()
        expect(page.locator("main")).to_contain_text("the first one since the daemon started")


@pytest.mark.parametrize("outcome", [Refused(reason="bad <b>line</b> 7"), RolledBack(reason="bad <b>line</b> 7")])
def test_what_is_not_served_says_so_at_the_top(
    browser: Browser, shown: Callable[..., Shown], outcome: Refused | RolledBack
) -> None:
    made = shown().has(site("shop")).has(site("shop"), site("docs"), outcome=outcome)
    with visit(browser, made.url) as seen:
        expect(seen.page.locator("#state .bad")).to_contain_text("Out of sync")
        expect(seen.page.locator("#state .bad")).to_contain_text("bad <b>line</b> 7")
        expect(seen.page.locator("details").first).to_contain_text("not served")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_labels_text_is_only_text(browser: Browser, shown: Callable[..., Shown], text: str) -> None:
    labels = {"fairway.host": "evil.test", "fairway.rate_limit.rate": text, "fairway.response_headers.X-A": text[:900]}
    made = shown().has(site("shop")).has(site("shop"), workload(text, labels, instance(text, "10.0.0.7", 80)))
    with visit(browser, made.url) as seen:
        page = seen.page
        everything = page.content()
        page.locator("details").first.locator("summary").click()
        page.locator("details[open] .more").click()
        everything += page.content()
        assert page.locator("main script, main img, main svg[onload], a[href^=javascript]").count() == 0
        assert not any(sign in everything for sign in "\x1b\x07\x00\u202e")
        assert len(everything) < 200_000
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("proxy", ["nginx", "haproxy"])
def test_no_secret_is_anywhere(browser: Browser, shown: Callable[..., Shown], proxy: str) -> None:
    secret = {"request_headers__Authorization": "Basic hush", "request_headers__X-Api-Key": "hush"}
    made = shown(proxy).has(site("shop")).has(site("shop", basic_auth=f"me:{HASH}", **secret))
    with visit(browser, made.url) as seen:
        pages = [seen.page.content()]
        seen.page.locator("details").first.locator("summary").click()
        seen.page.locator("details[open] .more").click()
        pages.append(seen.page.content())
        pages += [
            seen.page.request.get(urljoin(made.url, path)).text() for path in ("/routes", "/releases", "/routes.svg")
        ]
    assert "Authorization" in pages[1] and "basic_auth" in pages[0]
    assert [text for text in pages if "hush" in text or HASH in text] == []
