"""Filters, order and the timeline in a real browser: they choose, and the address keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from web_browser import A_JOB, IN_A_BROWSER, open_first, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def facts(page: Any) -> Any:
    return playwright.expect(page.locator(".toolbar [role=status]"))


def names(page: Any) -> list[str]:
    """Names of the photos in the order of their places."""
    page.wait_for_timeout(400)
    cells = page.locator(".cell[data-photo]").all()
    told = {int(cell.get_attribute("data-place")): cell.get_attribute("aria-label").split(",")[0] for cell in cells}
    return [told[place][-7:-4] for place in sorted(told)]


def test_filters_and_order_choose_and_outlast_a_reload(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        page.get_by_role("button", name="Filters").click()
        page.select_option("select[aria-label='Number of faces']", "1")
        facts(page).to_have_text("4 photos")
        page.select_option("select[aria-label='Order']", "sharpness")
        assert names(page) == ["006", "004", "002", "000"]
        page.select_option("select[aria-label='Sharpness']", "good")
        facts(page).to_have_text("1 photo")
        page.reload()
        page.wait_for_selector(".cell img.here")
        assert names(page) == ["006"]
        assert page.locator("select[aria-label='Number of faces']").input_value() == "1"
        page.get_by_label("Search in names of files and people").fill("0002")
        page.get_by_text("No photo passes the filters.").wait_for()
        page.get_by_role("button", name="Clear filters").click()
        facts(page).to_have_text("8 photos")
        assert page.locator("select[aria-label='Sharpness']").input_value() == ""
        assert "words" not in page.url


def test_the_timeline_shows_a_part_of_the_time(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=150)):
        bars = page.locator(".timeline button")
        playwright.expect(bars).to_have_count(3)  # photos are a second apart: three minutes
        bars.nth(2).click()
        facts(page).to_have_text("30 photos")
        playwright.expect(bars.nth(2)).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        facts(page).to_have_text("60 photos")
        page.reload()
        facts(page).to_have_text("60 photos")
        playwright.expect(bars.nth(1)).to_have_attribute("aria-pressed", "true")
        bars.nth(1).click()
        facts(page).to_have_text("150 photos")


def test_an_older_timeline_comes_too_late(page: Any, tmp_path: Path) -> None:
    held: list[Any] = []
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=150)):
        playwright.expect(page.locator(".timeline button")).to_have_count(3)
        page.route("**/timeline?*", lambda route: held.append((route, route.fetch())), times=1)
        words = page.get_by_placeholder("Search")
        words.fill("photo")
        page.wait_for_timeout(500)
        with page.expect_response("**/timeline?*"):
            words.fill("photo_00001")
        page.wait_for_timeout(200)
        for route, answer in held:
            route.fulfill(response=answer)
        page.wait_for_timeout(300)
        assert page.locator(".timeline button:visible").count() == 0  # one photo, so no choice of times


def test_the_best_and_events_have_the_same_filters(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        open_first(page)
        page.locator(".viewer .face-chip").first.click()
        page.wait_for_selector(".cell .score")
        page.get_by_role("button", name="Filters", exact=True).click()
        page.select_option("select[aria-label='Number of faces']", "2")
        facts(page).to_have_text("4 photos · 0 unsure")
        page.select_option("select[aria-label='Order']", "time")
        assert names(page) == ["001", "003", "005", "007"]
        page.reload()
        page.wait_for_selector(".cell .score")
        assert names(page) == ["001", "003", "005", "007"]
        page.click("nav >> text=Events")
        page.get_by_role("button", name="Find the best photos").click()
        page.wait_for_selector(".cell .score", timeout=A_JOB)
        page.get_by_label("All photos of a burst").check()
        facts(page).to_have_text("8 photos · 1 event")
        page.get_by_role("button", name="Filters", exact=True).click()
        page.select_option("select[aria-label='Number of faces']", "1")
        page.select_option("select[aria-label='Order']", "name")
        assert names(page) == ["000", "002", "004", "006"]
        page.get_by_role("button", name="Export").click()
        playwright.expect(page.locator(".export > .preview")).to_contain_text("4 photos")


def test_the_panel_tells_what_a_photo_was_taken_with(page: Any, tmp_path: Path) -> None:
    album = make_album(tmp_path / "album", photos=1)
    exif = Image.Exif()
    exif[0x0110] = "X100"
    shot = {0x829A: IFDRational(1, 250), 0xA434: "23mm F2", 0x8827: 400, 0x829D: IFDRational(28, 10)}
    exif.get_ifd(0x8769).update({**shot, 0x920A: IFDRational(23)})
    Image.new("RGB", (240, 160), (90, 120, 60)).save(album / "taken.jpg", "JPEG", exif=exif)
    with opened(page, tmp_path / "home", album):
        page.wait_for_selector(".jobs:empty", state="attached", timeout=A_JOB)
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        lines = page.locator(".viewer-side p.muted")
        playwright.expect(page.locator(".viewer h2")).to_contain_text("photo_00000")
        page.wait_for_timeout(600)
        playwright.expect(lines.filter(has_text="23mm F2")).to_have_count(0)
        page.keyboard.press("ArrowRight")
        playwright.expect(lines.filter(has_text="1/250 s · f/2.8 · ISO 400 · 23 mm")).to_have_count(1)
        playwright.expect(lines.filter(has_text="23mm F2")).to_have_count(1)
