"""Two to six photos side by side: the same face in the middle of each, and one after the other is thrown out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, opened, until_closed
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

ANNA, BEN = (60 / 240, 75 / 160), (170 / 240, 75 / 160)
"""The middle of their faces as shares of the photo."""
FACE = 90 / 160
"""The height of a face."""


def compare(page: Any, photos: int) -> Any:
    """Select photos from the first on, and compare them."""
    page.locator(".grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    for _ in range(photos - 1):
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ")
    page.keyboard.press("c")
    panes = page.locator(".compare .pane:not([hidden])")
    playwright.expect(panes).to_have_count(min(photos, 6))
    playwright.expect(page.locator(".compare .pane-label .signs")).to_have_count(min(photos, 6))
    return panes


def seen(pane: Any) -> tuple[float, float, float]:
    """Which point of the photo is in the middle of the pane, and how large its face is there."""
    hold, stage = pane.locator(".stage-hold").bounding_box(), pane.locator(".stage").bounding_box()
    x = (stage["x"] + stage["width"] / 2 - hold["x"]) / hold["width"]
    y = (stage["y"] + stage["height"] / 2 - hold["y"]) / hold["height"]
    return x, y, FACE * hold["height"] / min(stage["width"], stage["height"])


def test_all_panes_show_the_same_face_in_the_same_size_and_zoom_together(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        panes = compare(page, 4)
        for pane in panes.all():
            assert seen(pane) == pytest.approx((*ANNA, 0.45), abs=0.01)
        page.keyboard.press("ArrowRight")  # the second shows Ben too
        page.keyboard.press("f")
        for number, face in enumerate((ANNA, BEN, ANNA, BEN)):
            assert seen(panes.nth(number)) == pytest.approx((*face, 0.45), abs=0.01)
        box = panes.nth(2).locator(".stage").bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.wheel(0, -280)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2, steps=2)
        page.mouse.up()
        moved = [seen(pane) for pane in panes.all()]
        for (x, y, size), face in zip(moved, (ANNA, BEN, ANNA, BEN), strict=True):
            assert size == pytest.approx(0.9, rel=0.05)
            assert x < face[0] - 0.02
            assert y == pytest.approx(face[1], abs=0.01)
        page.keyboard.press("z")
        for pane in panes.all():
            assert seen(pane)[:2] == pytest.approx((0.5, 0.5), abs=0.01)


def test_one_after_the_other_is_thrown_out_until_the_best_is_left(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        panes = compare(page, 3)
        page.keyboard.press("o")
        playwright.expect(panes).to_have_count(2)
        panes.nth(1).get_by_role("button", name="Throw out").click()
        playwright.expect(page.locator(".compare h2")).to_have_text("Best of 3")
        page.keyboard.press("o")
        playwright.expect(panes).to_have_count(1)
        page.keyboard.press("Shift+Z")
        playwright.expect(panes).to_have_count(2)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Delete")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.get_by_role("button", name="Pick it").click()
        page.keyboard.press("Escape")
        until_closed(page)
        playwright.expect(page.locator(".cell .flag")).to_have_count(1)
        playwright.expect(page.locator(".cell[data-flag=pick]")).to_have_attribute("aria-posinset", "2")


def test_more_than_six_are_not_compared_and_one_goes_with_its_neighbour(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        compare(page, 7)
        page.locator(".toast", has_text="the first 6 of 7").wait_for()
        page.keyboard.press("Escape")
        until_closed(page)
        page.keyboard.press("Escape")
        page.keyboard.press("End")
        page.keyboard.press("c")
        names = page.locator(".compare .pane-label b")
        playwright.expect(names).to_have_text(["photo_00007.jpg", "photo_00006.jpg"])
        page.keyboard.press("ArrowLeft")
        playwright.expect(names).to_have_text(["photo_00007.jpg", "photo_00005.jpg"])
        page.keyboard.press("s")
        playwright.expect(names).to_have_text(["photo_00005.jpg", "photo_00007.jpg"])


def test_a_phone_compares_three_above_one_another(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        panes = compare(phone, 3)
        boxes = [pane.bounding_box() for pane in panes.all()]
        assert [box["x"] for box in boxes] == [0, 0, 0]
        assert boxes[0]["height"] > 200
        out = panes.nth(0).get_by_role("button", name="Throw out")
        assert min(out.bounding_box()["width"], out.bounding_box()["height"]) >= 44
        out.tap()
        playwright.expect(panes).to_have_count(2)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_a_finger_selects_is_compared_and_marked(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        for number in (0, 1):
            phone.locator(".cell .tick").nth(number).tap()
        phone.get_by_role("button", name="Compare the selected").tap()
        playwright.expect(phone.locator(".compare .pane")).to_have_count(2)
        phone.get_by_role("button", name="Close").tap()
        phone.wait_for_selector("dialog", state="detached")
        with phone.expect_response(lambda answer: answer.url.endswith("/marks")):
            phone.get_by_role("button", name="Reject the selected").tap()
        playwright.expect(phone.locator(".cell .flag.reject")).to_have_count(2)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
