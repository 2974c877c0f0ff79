"""What a user has set, in a real browser: a reload and Back find it in the address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, open_first, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def top_place(page: Any) -> int:
    """The place of the first photo that is seen."""
    return int(
        page.evaluate(
            """() => {
                const top = document.querySelector(".grid").getBoundingClientRect().top;
                const isSeen = (cell) => cell.getBoundingClientRect().bottom > top + 8;
                const cells = [...document.querySelectorAll(".cell")].filter(isSeen);
                return Math.min(...cells.map((cell) => Number(cell.dataset.place)));
            }"""
        )
    )


def test_order_filter_and_place_outlast_a_reload_and_another_view(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=400)):
        page.select_option("select[aria-label='Order']", "name")
        page.select_option("select[aria-label='Which photos']", "unrejected")
        playwright.expect(page.locator(".toolbar [role=status]")).to_have_text("400 photos")
        page.wait_for_timeout(400)  # the answer to the last choice begins at the top
        page.evaluate("document.querySelector('.grid').scrollTop = 4000")
        page.wait_for_timeout(400)
        before = top_place(page)
        assert before > 50
        for leave in (
            page.reload,
            lambda: (page.click("nav >> text=People"), page.wait_for_timeout(400), page.go_back()),
        ):
            leave()
            page.wait_for_selector(".cell img.here")
            page.wait_for_timeout(400)
            assert abs(top_place(page) - before) <= 8, "within a row"
            assert page.locator("select[aria-label='Order']").input_value() == "name"
            assert page.locator("select[aria-label='Which photos']").input_value() == "unrejected"


def test_the_open_photo_outlasts_a_reload_and_can_be_sent_as_a_link(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        open_first(page)
        page.keyboard.press("ArrowRight")
        playwright.expect(page.locator(".viewer h2")).to_contain_text("photo_00001.jpg")
        page.reload()
        playwright.expect(page.locator(".viewer h2")).to_contain_text("photo_00001.jpg 2 of 6")
        link = page.url
        page.keyboard.press("Escape")
        playwright.expect(page.locator("dialog")).to_have_count(0)
        assert "photo=" not in page.url
        other = page.context.new_page()
        other.goto(link)
        playwright.expect(other.locator(".viewer h2")).to_contain_text("photo_00001.jpg")
        other.go_back()
        playwright.expect(other.locator("dialog")).to_have_count(0)
        other.wait_for_selector(".cell img.here")


def test_filters_and_weights_of_the_best_outlast_a_reload(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        open_first(page)
        page.locator(".viewer .face-chip").first.click()
        page.wait_for_selector(".cell .score")
        page.click("label:text-is('Group')")
        page.get_by_label("One of each burst").check()
        page.locator("#w-single_smile").fill("0")
        page.wait_for_timeout(300)
        count = page.locator(".toolbar [role=status]").inner_text()
        page.evaluate("localStorage.clear()")
        page.reload()
        page.wait_for_selector(".cell .score")
        assert page.locator("#kind-group").is_checked()
        assert page.get_by_label("One of each burst").is_checked()
        assert page.locator("#w-single_smile").input_value() == "0"
        assert page.locator(".toolbar [role=status]").inner_text() == count


def test_undo_outlasts_a_reload_and_spares_what_was_given_since(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        for place, key in ((0, "x"), (1, "4")):
            page.locator(".grid").focus()
            page.keyboard.press("Home")
            for _ in range(place):
                page.keyboard.press("ArrowRight")
            with page.expect_response(lambda answer: answer.url.endswith("/marks")):
                page.keyboard.press(key)
        page.reload()
        page.wait_for_selector(".cell .stars")
        page.keyboard.press("z")
        playwright.expect(page.locator(".cell .stars")).to_have_count(0)
        playwright.expect(page.locator(".cell .flag.reject")).to_have_count(1)
        other = page.context.new_page()
        other.goto(page.url)
        other.wait_for_selector(".cell .flag.reject")
        other.keyboard.press("Home")
        with other.expect_response(lambda answer: answer.url.endswith("/marks")):
            other.keyboard.press("p")
        page.keyboard.press("z")
        page.locator(".toast", has_text="Marked differently since").wait_for()
        playwright.expect(page.locator(".cell .flag.pick")).to_have_count(1)
