"""How the status page looks: on a desk and on a phone, light and dark, with nothing, little and much to tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.browser import DESK, PHONE, Visit, visit
from tests.support.shown import Shown, site, three

WORLDS = {"none": (), "three": three(), "many": tuple(site(f"w{at}", rate_limit__rate="10/s") for at in range(2000))}
COLORS = """() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const box = one.localName === "g" && one.querySelector("rect");
      const found = parse(getComputedStyle(box || one)[box ? "fill" : "backgroundColor"]);
      if (found[3] !== 0) return found.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const text = [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!text || !one.checkVisibility() || ["SCRIPT", "NOSCRIPT", "title"].includes(one.tagName)) continue;
    const style = getComputedStyle(one), ink = parse(one.localName === "text" ? style.fill : style.color).slice(0, 3);
    const [a, b] = [luminance(ink), luminance(behind(one))].sort((x, y) => y - x);
    found.push([one.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05), parseFloat(style.fontSize)]);
  }
  return found;
}"""
TARGETS = """() => [...document.querySelectorAll("a, summary, input")].filter((one) => one.checkVisibility())
  .map((one) => [one.textContent || one.name, one.getBoundingClientRect().height])"""


def is_readable(visit: Visit) -> None:
    page = visit.page
    for folded in page.locator("details > summary").all():
        folded.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    texts: list[tuple[str, float, float]] = page.evaluate(COLORS)
    assert len(texts) > 5
    assert [text for text in texts if text[1] < 4.5 or text[2] < 12] == []
    assert [target for target in page.evaluate(TARGETS) if target[1] < 24] == []


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(("screen", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_it_is_readable(
    browser: Browser, shown: Callable[..., Shown], world: str, screen: dict[str, int], scheme: str
) -> None:
    made = shown().has(*WORLDS[world])
    with visit(browser, made.url, screen=screen, color_scheme=scheme) as seen:
        is_readable(seen)


@pytest.mark.parametrize(("screen", "scheme"), [(DESK, "dark"), (PHONE, "light")], ids=["desk", "phone"])
def test_a_release_is_too(browser: Browser, shown: Callable[..., Shown], screen: dict[str, int], scheme: str) -> None:
    made = shown().has(site("shop")).has(*three())
    with visit(browser, made.url, screen=screen, color_scheme=scheme) as seen:
        is_readable(seen)
        seen.page.locator("#releases .more").first.click()
        seen.page.wait_for_url("**/releases/2-*")
        is_readable(seen)


def test_dark_is_dark_and_light_is_light(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(*three())
    found: dict[str, Any] = {}
    for scheme in ("dark", "light"):
        with visit(browser, made.url, color_scheme=scheme) as seen:
            style = "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
            found[scheme] = seen.page.evaluate(style)
    sums = {scheme: [sum(map(int, text[4:-1].split(", "))) for text in pair] for scheme, pair in found.items()}
    assert sums["dark"][0] > 600 > 200 > sums["dark"][1]
    assert sums["light"][1] > 700 > 250 > sums["light"][0]


def test_what_is_in_trouble_comes_first(browser: Browser, shown: Callable[..., Shown]) -> None:
    made = shown().has(*three())
    with visit(browser, made.url) as seen:
        page = seen.page
        assert "with 1 error" in page.locator("#state").inner_text()
        assert page.locator("#problems li").inner_text().startswith("error wrong")
        assert page.locator("#routes tbody tr").first.inner_text().startswith("ill.test/")
        heads = page.locator("#picture .head").all_text_contents()
        assert [head.split(" ")[0] for head in heads] == ["hosts", "routes", "upstreams", "servers", "networks"]
        assert page.title() == "Fairway: in sync, 1 in error"
