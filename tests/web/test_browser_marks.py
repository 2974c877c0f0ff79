"""Marks in a real browser: of two tabs, by finger, and taken back."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from photo_ranker.metadata import Ledger
from web_browser import IN_A_BROWSER, SECONDS, open_first, opened, second_tab
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def press_on_first(page: Any, keys: str) -> None:
    """Type in the grid, the first photo in focus, and wait for the server."""
    page.locator(".grid").focus()
    page.keyboard.press("Home")
    for key in keys:
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press(key)


def first_mark(page: Any) -> Any:
    """What the server has of the first photo."""
    return page.evaluate(
        """async () => {
            const album = location.hash.split("/")[1];
            return (await (await fetch(`/api/albums/${album}/photos?limit=1`)).json()).photos[0].mark;
        }"""
    )


def test_two_tabs_keep_each_others_marks(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        other = second_tab(page, ".cell img.here")
        press_on_first(page, "5")
        press_on_first(other, "p")
        assert first_mark(page) == {"flag": "pick", "stars": 5}
        with other.expect_response(lambda answer: answer.url.endswith("/marks")):
            other.keyboard.press("z")
        assert first_mark(page) == {"flag": None, "stars": 5}


def test_undo_spares_what_another_tab_has_given_since(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        other = second_tab(page, ".cell img.here")
        press_on_first(page, "3")
        press_on_first(other, "5")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press("z")
        assert first_mark(page) == {"flag": None, "stars": 5}
        page.locator(".toast", has_text="Marked differently since").wait_for()
        assert page.locator(".toast", has_text="Undone").count() == 0
        playwright.expect(page.locator(".cell .stars")).to_have_text("★★★★★")
        press_on_first(page, "1")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press("z")
        assert first_mark(page) == {"flag": None, "stars": 5}, "what nobody has changed is taken back"


def test_a_tab_that_is_seen_again_shows_new_marks_and_keeps_its_selection(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        other = second_tab(page, ".cell img.here")
        other.locator(".cell").nth(2).click(modifiers=["Control"])
        press_on_first(page, "4")
        assert other.locator(".cell .stars").count() == 0
        other.evaluate("dispatchEvent(new Event('focus'))")
        playwright.expect(other.locator(".cell .stars")).to_have_text("★★★★")
        assert other.locator(".cell[aria-selected=true]").count() == 1


def test_each_undo_takes_back_the_mark_that_its_note_tells_of(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        press_on_first(page, "p4")
        page.locator(".toast", has_text="Picked").get_by_role("button", name="Undo").click()
        playwright.expect(page.locator(".cell .flag")).to_have_count(0)
        playwright.expect(page.locator(".cell .stars")).to_have_text("★★★★")
        press_on_first(page, "2")
        page.locator(".toast", has_text="4 stars").get_by_role("button", name="Undo").click()
        page.locator(".toast", has_text="Marked differently since").wait_for()
        playwright.expect(page.locator(".cell .stars")).to_have_text("★★")


def test_a_long_selection_holds_photos_that_were_never_near_the_screen(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=600)):
        page.locator(".cell").first.click(modifiers=["Control"])
        page.locator(".grid").focus()
        page.keyboard.press("End")
        page.locator('.cell[aria-posinset="600"]').click(modifiers=["Shift"])
        playwright.expect(page.locator(".selection")).to_have_text("600 selected")
        page.get_by_role("button", name="Export").click()
        playwright.expect(page.locator(".export p").first).to_have_text("600 selected photos")
        page.keyboard.press("Escape")
        page.locator(".grid").focus()
        with page.expect_response(lambda answer: answer.url.endswith("/marks")) as got:
            page.keyboard.press("x")
        assert len(got.value.json()["before"]) == 600
        page.reload()
        page.wait_for_selector(".cell .flag.reject")


def test_buttons_of_the_viewer_give_marks_and_take_them_back(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        open_first(page)
        for button, mark in (
            ("Pick (P)", {"flag": "pick", "stars": 0}),
            ("4 stars", {"flag": "pick", "stars": 4}),
            ("Pick (P)", {"flag": None, "stars": 4}),
            ("4 stars", {"flag": None, "stars": 0}),
            ("Reject (X)", {"flag": "reject", "stars": 0}),
        ):
            with page.expect_response(lambda answer: answer.url.endswith("/marks")):
                page.locator(".viewer").get_by_role("button", name=button).click()
            assert first_mark(page) == mark
        assert page.locator(".viewer .face-chip").count() == 1, "the faces stay"


def test_a_note_in_the_viewer_can_be_clicked(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        open_first(page)
        row = page.locator(".viewer .star-row")
        playwright.expect(row).to_have_text("☆☆☆☆☆")
        page.keyboard.press("3")
        playwright.expect(row).to_have_text("★★★☆☆")
        page.locator(".toast", has_text="3 stars").get_by_role("button", name="Undo").click(timeout=3 * SECONDS)
        playwright.expect(row).to_have_text("☆☆☆☆☆")
        page.keyboard.press("2")
        page.keyboard.press("Escape")
        page.locator(".toast", has_text="2 stars").get_by_role("button", name="Undo").click(timeout=3 * SECONDS)
        playwright.expect(page.locator(".cell .stars")).to_have_count(0)


def test_a_filter_shows_what_passes_it_also_after_a_mark_was_taken_back(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        press_on_first(page, "x")
        page.select_option("select[aria-label='Which photos']", "rejects")
        playwright.expect(page.locator(".cell")).to_have_count(1)
        press_on_first(page, "u")
        playwright.expect(page.locator(".cell")).to_have_count(0)
        page.keyboard.press("z")
        playwright.expect(page.locator(".cell")).to_have_count(1)


def album_with_a_copy(tmp_path: Path) -> Path:
    """Three photos and a copy of the first."""
    album = make_album(tmp_path / "album", photos=3)
    shutil.copy2(album / "photo_00000.jpg", album / "copy.jpg")
    with Ledger(album, lambda _: None) as ledger:
        record = ledger.records["photo_00000.jpg"]
        stamp = msgspec.structs.replace(record.stamp, mtime_ns=(album / "copy.jpg").stat().st_mtime_ns)
        ledger.put("copy.jpg", msgspec.structs.replace(record, stamp=stamp))
    return album


def test_an_export_says_that_it_leaves_copies_out(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", album_with_a_copy(tmp_path)):
        page.get_by_role("button", name="Export").click()
        playwright.expect(page.locator(".export > .muted")).to_have_text("4 photos")
        preview = page.locator(".export > .preview")
        playwright.expect(preview).to_contain_text("3 photos")
        playwright.expect(preview).to_contain_text("1 copy of another photo left out")


def test_of_two_copies_the_one_that_was_not_rejected_is_exported(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", album_with_a_copy(tmp_path)):
        page.locator(".cell", has_text="copy.jpg").click(modifiers=["Control"])
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press("x")
        playwright.expect(page.locator(".cell .flag.reject")).to_have_count(1)
        page.select_option("select[aria-label='Which photos']", "unrejected")
        playwright.expect(page.locator(".cell")).to_have_count(3)
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as got:
            page.get_by_role("button", name="ZIP of the photos").click()
        with zipfile.ZipFile(got.value.path()) as archive:
            assert sorted(archive.namelist()) == [f"photo_{number:05}.jpg" for number in range(3)]
