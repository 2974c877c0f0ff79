"""The settings page in a real browser: what is set is kept and used, and each is taken back by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, Server, open_first, opened
from web_helpers import make_album, small_jpeg

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def open_settings(page: Any) -> None:
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Settings").click()
    page.wait_for_selector(".settings")


def text_px(page: Any) -> float:
    size: float = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    return size


def test_settings_are_kept_and_taken_back_one_by_one(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        assert text_px(page) == 15
        open_settings(page)
        playwright.expect(page.get_by_role("button", name="Reset ")).to_have_count(0)
        page.get_by_label("Size of the text", exact=True).select_option("larger")
        with page.expect_response(lambda answer: answer.url.endswith("/settings/min_face")):
            page.get_by_label("Smallest face", exact=True).fill("60")
        with page.expect_response(lambda answer: answer.url.endswith("/settings/burst_seconds")):
            page.get_by_label("Pause within a burst", exact=True).fill("30")
        page.get_by_label("Smile", exact=True).fill("5")
        page.reload()
        page.wait_for_selector(".settings")
        assert text_px(page) == 20
        assert page.get_by_label("Smallest face", exact=True).input_value() == "60"
        with page.expect_response(lambda answer: answer.url.endswith("/settings/min_face")):
            page.get_by_role("button", name="Reset Smallest face").click()
        page.get_by_role("button", name="Reset Size of the text").click()
        assert text_px(page) == 15
        page.reload()
        page.wait_for_selector(".settings")
        assert page.get_by_label("Smallest face", exact=True).input_value() == "12"
        assert page.get_by_label("Pause within a burst", exact=True).input_value() == "30"
        assert page.get_by_label("Smile", exact=True).input_value() == "5"
        names = page.get_by_role("button", name="Reset ").evaluate_all("all => all.map((one) => one.ariaLabel)")
        assert names == ["Reset Pause within a burst", "Reset Smile"]


def test_what_matters_is_used_in_the_best(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        open_settings(page)
        page.get_by_label("Smile", exact=True).fill("5")
        page.go_back()
        open_first(page)
        with page.expect_response(lambda answer: answer.url.endswith("/rank")) as got:
            page.locator(".viewer .face-chip").first.click()
        assert got.value.request.post_data_json["weights"] == {"single_smile": 5}
        assert page.locator("#w-single_smile").input_value() == "5"


@pytest.mark.parametrize("size", ["page", "phone"])
def test_what_another_way_to_recognise_faces_costs_is_said_before(
    size: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    page = request.getfixturevalue(size)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.method) if "/api/machine/engine" in one.url else None)
    album = tmp_path / "album"
    album.mkdir()
    (album / "a.jpg").write_bytes(small_jpeg(1))
    with opened(page, tmp_path / "home", album):
        page.locator(".jobs .job").first.wait_for(state="detached", timeout=60_000)
        open_settings(page)
        way = page.get_by_label("How faces are recognised", exact=True)
        assert way.input_value() == ""
        assert "sface" in way.locator("option").evaluate_all("all => all.map((one) => one.value)")
        way.select_option("sface")
        dialog = page.get_by_role("dialog")
        playwright.expect(dialog).to_contain_text("looked at again")
        dialog.get_by_role("button", name="Cancel").click()
        playwright.expect(way).to_have_value("")
        assert asked == [], "nothing happens unasked"
        way.select_option("sface")
        dialog.get_by_role("button", name="Use it").click()
        page.locator(".toast", has_text="one network").wait_for()
        page.reload()
        page.wait_for_selector(".settings")
        playwright.expect(way).to_have_value("sface")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("button", name="Reset How faces are recognised").click()
        dialog.get_by_role("button", name="Use it").click()
        playwright.expect(way).to_have_value("")
        page.get_by_label("Processor or graphics card", exact=True).select_option("cpu")
        page.locator(".toast", has_text="the processor").wait_for()
        page.get_by_role("button", name="Reset Processor or graphics card").click()
        playwright.expect(page.get_by_label("Processor or graphics card", exact=True)).to_have_value("")


SMALL = """() => [...document.querySelectorAll("button, a[href], select, input, summary")]
    .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((one) => !one.closest(".viewer, .hidden-field, .skip") && one.type !== "checkbox" && one.type !== "radio")
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.width && box.height && box.height < 43.5)
    .map(([one, box]) => `${Math.round(box.height)} ${one.outerHTML.slice(0, 120)}`)"""


WIDE = """() => [...document.querySelectorAll("html, .dialog, .home, .toolbar, .filter-row")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 80))"""


def test_a_finger_hits_everything_on_a_phone(browser: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", make_album(tmp_path / "album", photos=70))
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()

    def look(screen: str) -> None:
        page.wait_for_timeout(300)
        assert [f"{screen}: {found}" for found in page.evaluate(SMALL)] == []
        assert page.evaluate(WIDE) == [], screen

    try:
        page.goto(server.url)
        page.wait_for_selector(".album-card .cover img")
        look("albums")
        page.get_by_role("button", name="Menu").click()
        look("menu")
        page.get_by_role("link", name="Settings").click()
        page.wait_for_selector(".settings")
        look("settings")
        page.go_back()
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        page.get_by_role("button", name="Filters").click()
        look("photos")
        page.get_by_role("button", name="Export").click()
        look("export")
        page.keyboard.press("Escape")
        page.click("nav >> text=People")
        page.get_by_role("button", name="Find people").click()
        page.wait_for_selector(".person", timeout=60_000)
        look("people")
        page.locator(".person-face").first.click()
        page.wait_for_selector(".face-tile")
        look("person")
        page.get_by_role("link", name="Best photos").click()
        page.wait_for_selector(".cell .score")
        page.get_by_role("button", name="Filters and what matters").click()
        look("best")
        page.click("nav >> text=Events")
        page.wait_for_selector(".cell .score", timeout=60_000)
        look("events")
    finally:
        context.close()
        server.stop()
