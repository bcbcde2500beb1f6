"""A headless Chromium for tests of pages: the system's own, through Playwright; it downloads nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Dialog, Page, sync_playwright

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Where it is; empty where it is not."""
    return next(filter(None, map(shutil.which, _NAMES)), "")


@contextmanager
def started() -> Iterator[Browser]:
    """As root it has no sandbox of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page that somebody looks at: what it complains of, and whom it asks, is remembered."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._asked)
        page.on("request", lambda request: self.asked.add(urlsplit(request.url).netloc))
        page.goto(url)

    def _asked(self, dialog: Dialog) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def is_clean(self) -> bool:
        """Whether nothing was complained of (errors, violations of the policy) and nobody else asked."""
        assert self.complaints == []
        assert self.asked == {urlsplit(self.url).netloc}
        return True


@contextmanager
def visit(browser: Browser, url: str, *, screen: dict[str, int] = DESK, **options: Any) -> Iterator[Visit]:
    """Opens it; at the end it has to have been clean."""
    context = browser.new_context(viewport=screen, **options)  # type: ignore[arg-type]
    try:
        found = Visit(context.new_page(), url)
        yield found
        assert found.is_clean()
    finally:
        context.close()
