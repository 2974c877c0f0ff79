"""A journey: 300 photos are culled by keys alone, to the best of the best."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, opened, until_closed
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

PHOTOS = 300


def shown(page: Any) -> Any:
    return playwright.expect(page.locator(".toolbar [role=status]"))


@pytest.mark.timeout(600)
def test_three_hundred_photos_by_keys_alone(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=PHOTOS)):
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        for number in range(PHOTOS):
            playwright.expect(page.locator(".viewer h2")).to_contain_text(f" {number + 1} of {PHOTOS}")
            page.keyboard.press("Shift+X" if number % 3 else "Shift+P")
        page.keyboard.press("Escape")
        until_closed(page)
        page.goto(page.url.split("?")[0] + "?show=picks")
        shown(page).to_have_text("100 photos")
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        for _ in range(3):
            page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("c")
        playwright.expect(page.locator(".compare .pane-label .signs")).to_have_count(4)
        for _ in range(3):
            page.keyboard.press("o")
        playwright.expect(page.locator(".compare h2")).to_have_text("Best of 4")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press("5")
        page.keyboard.press("Escape")
        until_closed(page)
        page.goto(page.url.split("?")[0] + "?show=starred")
        shown(page).to_have_text("1 photo")
