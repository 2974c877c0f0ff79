"""A journey: a wedding of 600 photos, from an empty start to a shared album, at a desk and on a phone."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from photo_ranker.metadata import METADATA_NAME
from web_browser import A_JOB, IN_A_BROWSER, SECONDS, Server, until_closed
from wedding import make_wedding

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = [*IN_A_BROWSER, pytest.mark.slow]

PHOTOS = 600
AT_ONCE = 5.0
"""Seconds until the first pictures are there, on a machine that measures at the same time."""


@pytest.fixture(scope="module")
def wedding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wedding(tmp_path_factory.mktemp("photos") / "wedding", PHOTOS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("size", ["page", "phone"], ids=["desk", "phone"])
def test_a_wedding_from_an_empty_start_to_a_shared_album(
    request: pytest.FixtureRequest, browser: Any, tmp_path: Path, wedding: Path, size: str
) -> None:
    page = request.getfixturevalue(size)
    page.set_default_timeout(A_JOB)
    folder = tmp_path / "wedding"
    folder.mkdir()
    for photo in wedding.iterdir():
        shutil.copy2(photo, folder)
    server = Server(tmp_path / "home")
    try:
        page.goto(server.url)
        _open(page, folder, is_known=(wedding / METADATA_NAME).exists())
        shutil.copy2(folder / METADATA_NAME, wedding)  # measuring is slow: the second journey has it from the first
        _find_and_name(page)
        _keep_the_best(page)
        _export(page, tmp_path / "best")
        link = _share(page)
        _visit(browser, link, PHOTOS - 1)
    finally:
        server.stop()


def _open(page: Any, folder: Path, *, is_known: bool) -> None:
    page.get_by_role("button", name="Open a folder").click()
    page.get_by_label("Folder", exact=True).fill(str(folder))
    started = time.monotonic()
    page.get_by_role("button", name="Open", exact=True).click()
    page.wait_for_selector(".cell img.here")
    assert time.monotonic() - started < AT_ONCE
    status = playwright.expect(page.locator(".toolbar [role=status]"))
    if not is_known:
        status.to_have_text(re.compile(rf"{PHOTOS} photos · \d+ not looked at yet"))
    status.to_have_text(f"{PHOTOS} photos", timeout=300 * SECONDS)


def _find_and_name(page: Any) -> None:
    """The first photo shows her: a click on her face, and a name for all photos of her."""
    page.click("nav >> text=People")
    page.get_by_role("button", name="Find people").click()
    page.wait_for_selector(".person", timeout=A_JOB)
    page.wait_for_selector(".jobs:empty", state="attached", timeout=A_JOB)
    largest = page.locator(".person").first
    playwright.expect(largest).to_contain_text("photos")
    largest.locator(".name").fill("Anna")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Named Anna").wait_for()
    largest.locator(".person-face").click()
    page.wait_for_selector(".face-tile")


def _keep_the_best(page: Any) -> None:
    page.get_by_role("link", name="Best photos").click()
    page.wait_for_selector(".cell .score")
    page.locator(".grid").focus()
    page.keyboard.press("Home")
    for key in ("p", "5"):
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press(key)
    page.keyboard.press("End")
    page.wait_for_selector(".cell.focused[data-photo]:not(:first-child)")
    with page.expect_response(lambda answer: answer.url.endswith("/marks")):
        page.keyboard.press("x")
    page.keyboard.press("Home")
    playwright.expect(page.locator(".cell .stars").first).to_have_text("★★★★★")


def _export(page: Any, folder: Path) -> None:
    page.goto(re.sub(r"/best.*", "/photos?show=picks", page.url))
    playwright.expect(page.locator(".toolbar [role=status]")).to_have_text("1 photo")
    page.get_by_role("button", name="Export").click()
    page.get_by_label("Folder to copy to").fill(str(folder))
    page.get_by_role("button", name="Copy there").click()
    page.get_by_role("button", name="Copy 1 file").click()
    page.locator(".toast", has_text="1 file copied").wait_for()
    assert len([one for one in folder.iterdir() if one.suffix == ".jpg"]) == 1


def _share(page: Any) -> str:
    until_closed(page)
    page.get_by_role("button", name="Share with guests").click()
    page.get_by_label("For whom").fill("everybody")
    page.get_by_role("button", name="Make the link").click()
    page.wait_for_selector(".qr")
    link: str = page.get_by_label("The link", exact=True).input_value()
    return link


def _visit(browser: Any, link: str, photos: int) -> None:
    """Somebody else's browser, which knows nothing but the link."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    guest = context.new_page()
    guest.goto(link)
    playwright.expect(guest.locator(".guest-cell img").first).to_be_visible()
    guest.get_by_text(f"{photos} photos").wait_for()
    guest.locator(".guest-cell .heart").first.click()
    guest.get_by_role("button", name="Favourites (1)").wait_for()
    context.close()
