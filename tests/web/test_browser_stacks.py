"""Bursts as one cell each: opened in place, marked one by one or all together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def stacked(page: Any) -> Any:
    """Six photos of two bursts, as two cells."""
    page.get_by_label("Stacks").check()
    cells = page.locator(".cell[data-photo]")
    playwright.expect(cells).to_have_count(2)
    playwright.expect(page.locator(".stack-count")).to_have_text(["3", "3"])
    playwright.expect(page.locator(".toolbar [role=status]")).to_have_text("6 photos")
    return cells


def test_a_stack_opens_in_place_and_a_reload_keeps_it_open(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        cells = stacked(page)
        top = cells.nth(0).get_attribute("data-photo")
        page.locator(".stack-count").first.click()
        playwright.expect(cells).to_have_count(4)
        playwright.expect(page.locator(".cell.in-stack")).to_have_count(3)
        assert cells.nth(0).get_attribute("data-photo") == top
        page.reload()
        playwright.expect(cells).to_have_count(4)
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("s")  # from within the stack
        playwright.expect(cells).to_have_count(2)
        playwright.expect(page.locator(".cell.focused")).to_have_attribute("data-photo", str(top))
        page.keyboard.press("s")
        playwright.expect(cells).to_have_count(4)
        page.get_by_label("Stacks").uncheck()
        playwright.expect(cells).to_have_count(6)


def test_a_key_marks_the_photo_on_top_and_a_selected_stack_as_a_whole(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        stacked(page)
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        page.keyboard.press("x")
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
        playwright.expect(page.locator(".selection")).to_have_text("3 selected")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press("4")
        page.locator(".toast", has_text="4 stars: 3 photos").wait_for()
        page.get_by_label("Stacks").uncheck()
        playwright.expect(page.locator(".cell .flag.reject")).to_have_count(1)
        playwright.expect(page.locator(".cell .stars")).to_have_count(3)
        page.keyboard.press("z")
        playwright.expect(page.locator(".cell .stars")).to_have_count(0)


def test_a_phone_opens_a_stack_with_a_finger(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        cells = stacked(phone)
        phone.locator(".stack-count").nth(1).tap()
        playwright.expect(cells).to_have_count(4)
        assert phone.locator(".viewer").count() == 0
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
