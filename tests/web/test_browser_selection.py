"""Selecting photos in a real browser: by mouse, keys and finger, as in file managers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def cell(page: Any, place: int) -> Any:
    return page.locator(f'.cell[data-place="{place}"]')


def selected(page: Any) -> list[int]:
    return sorted(int(one.get_attribute("data-place")) for one in page.locator(".cell[aria-selected=true]").all())


def test_ranges_begin_at_the_photo_that_was_clicked_last(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=12)):
        cell(page, 5).click(modifiers=["Control"])
        cell(page, 2).click(modifiers=["Shift"])
        assert selected(page) == [2, 3, 4, 5]
        cell(page, 8).click(modifiers=["Shift"])
        assert selected(page) == [5, 6, 7, 8], "the range turns around its anchor"
        cell(page, 0).click(modifiers=["Control"])
        cell(page, 2).click(modifiers=["Control", "Shift"])
        assert selected(page) == [0, 1, 2, 5, 6, 7, 8], "Ctrl keeps what is selected elsewhere"
        page.keyboard.press("Escape")
        assert selected(page) == []


def test_keys_select_a_range_and_everything(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=300)):
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        for _ in range(3):
            page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowLeft")
        assert selected(page) == [1, 2, 3], "going back takes the last one out again"
        page.keyboard.press("Control+a")
        playwright.expect(page.locator(".selection")).to_have_text("300 selected")
        assert page.evaluate("String(getSelection())") == ""


def test_escape_clears_the_selection_wherever_the_focus_is(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        cell(page, 1).click(modifiers=["Control"])
        page.get_by_role("button", name="Export").click()
        with page.expect_download():
            page.get_by_role("button", name="ZIP of the photos").click()
        page.wait_for_selector("dialog", state="detached")
        page.locator(".toolbar input.find").focus()
        page.keyboard.press("Escape")
        assert selected(page) == [1], "the key belongs to the field"
        page.get_by_role("button", name="Export").click()
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        assert selected(page) == [1], "the key has closed the dialog"
        page.keyboard.press("Escape")
        assert selected(page) == []


def test_the_check_box_of_a_photo_selects_it_and_does_not_open_it(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        for place in (1, 4):
            cell(page, place).hover()
            cell(page, place).locator(".tick").click()
        assert selected(page) == [1, 4]
        assert page.locator("dialog").count() == 0
        cell(page, 2).click()
        page.wait_for_selector(".viewer")


REST_A_FINGER_ON = """(place) => new Promise((done) => {
    const cell = document.querySelector(`.cell[data-place="${place}"]`);
    const how = { bubbles: true, pointerType: "touch", cancelable: true };
    const tell = (name) => cell.dispatchEvent(new PointerEvent(name, how));
    tell("pointerdown");
    setTimeout(() => {
        tell("pointerup");
        tell("click");
        done();
    }, 600);
})"""


def test_a_finger_selects_by_resting_and_goes_on_by_tapping(browser: Any, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    try:
        with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
            page.evaluate(REST_A_FINGER_ON, 2)
            assert selected(page) == [2]
            cell(page, 3).tap()
            assert selected(page) == [2, 3]
            cell(page, 2).locator(".tick").tap()
            cell(page, 3).locator(".tick").tap()
            assert selected(page) == []
            page.evaluate(REST_A_FINGER_ON, 5)
            page.get_by_role("button", name="Clear the selection").tap()
            assert selected(page) == []
            cell(page, 3).tap()
            page.wait_for_selector(".viewer")
    finally:
        context.close()


def test_a_selection_on_a_phone_moves_no_photo(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        before = cell(phone, 0).bounding_box()
        cell(phone, 0).locator(".tick").tap()
        assert selected(phone) == [0]
        phone.get_by_role("button", name="Clear the selection").tap(trial=True)
        assert cell(phone, 0).bounding_box() == before


def test_the_tools_of_a_phone_leave_room_for_photos(phone: Any, tmp_path: Path) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        tops = [one.bounding_box()["y"] for one in phone.locator(".toolbar > select").all()]
        filters = phone.get_by_role("button", name="Filters").bounding_box()
        assert {filters["y"], *tops} == {filters["y"]}, "in one row"
        assert phone.locator(".grid").bounding_box()["height"] >= 480


def test_large_text_leaves_all_tabs_of_a_phone_in_view(browser: Any, tmp_path: Path) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 740}, locale="de-DE").new_page()
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        page.evaluate("document.documentElement.dataset.text = 'large'")
        last = page.locator(".tabs a").last.bounding_box()
        assert last["x"] + last["width"] <= 360
    page.context.close()
