"""An album in a real browser while it is being measured."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photo_ranker.metadata import Ledger
from photo_ranker.records import PhotoRecord
from web_browser import A_JOB, IN_A_BROWSER, NEVER_INDEX, SECONDS, Server, open_first, opened
from web_helpers import make_album, small_jpeg

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def forget(folder: Path, names: list[str]) -> dict[str, PhotoRecord]:
    """Take what was measured out of the metadata; gives it, so that it can be put back."""
    with Ledger(folder, lambda _: None) as ledger:
        records = {name: ledger.records[name] for name in names}
        for name in names:
            ledger.drop(name)
    return records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_album(tmp_path / "wedding", photos=8)


@pytest.fixture
def server(tmp_path: Path, folder: Path) -> Iterator[Server]:
    server = Server(tmp_path / "home", folder)
    yield server
    server.stop()


def test_photos_are_shown_before_they_are_measured_and_keep_their_marks(
    page: Any, tmp_path: Path, folder: Path
) -> None:
    records = forget(folder, [f"photo_{number:05}.jpg" for number in range(8)])
    page.add_init_script(NEVER_INDEX)
    server = Server(tmp_path / "home", folder)
    try:
        page.goto(server.url)
        page.click(".album-title")
        playwright.expect(page.locator(".cell img.here")).to_have_count(8)
        playwright.expect(page.locator(".toolbar [role=status]")).to_have_text("8 photos · 8 not looked at yet")
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press("4")
        with Ledger(folder, lambda _: None) as ledger:
            for name, record in records.items():
                ledger.put(name, record)
        api = f"{server.address}api/albums/{page.url.split('#/')[1].split('/')[0]}"
        job = page.request.post(f"{api}/index", headers={"Origin": server.address.rstrip("/")})
        assert job.ok, job.text()
        playwright.expect(page.locator(".toolbar [role=status]")).to_have_text("8 photos", timeout=A_JOB)
        playwright.expect(page.locator(".cell .stars")).to_have_text("★★★★")
        page.wait_for_selector(".jobs:empty", state="attached", timeout=A_JOB)
    finally:
        server.stop()
    (kept,) = (tmp_path / "home").rglob("marks.json")
    assert list(json.loads(kept.read_text())["marks"]) == [records["photo_00000.jpg"].stamp.hash]


def test_people_of_photos_that_are_not_measured_are_yet_to_come(page: Any, folder: Path, server: Server) -> None:
    forget(folder, ["photo_00000.jpg"])
    page.add_init_script(NEVER_INDEX)
    page.goto(server.url)
    page.click(".album-title")
    page.click("text=People")
    page.get_by_text("People are found when all photos have been looked at.").wait_for()


def test_photos_are_shown_while_they_arrive(page: Any, server: Server) -> None:
    page.add_init_script(NEVER_INDEX)
    page.goto(server.url)
    page.wait_for_selector(".album-card")
    files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": small_jpeg(n)} for n in range(4)]
    page.set_input_files("input[type=file]", files[:2])
    page.wait_for_url("**/photos")
    playwright.expect(page.locator(".cell img.here")).to_have_count(2)
    page.set_input_files("input[aria-label='Add photos']", files[2:])
    playwright.expect(page.locator(".cell img.here")).to_have_count(4)


def test_an_album_that_the_user_stopped_measuring_stays_stopped(page: Any, folder: Path, server: Server) -> None:
    forget(folder, ["photo_00003.jpg"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/index") else None)
    page.goto(server.url)
    with page.expect_response(lambda answer: answer.url.endswith("/index")) as got:
        page.click(".album-title")
    album = re.search("albums/([0-9a-f]{16})", got.value.url)
    assert album
    page.get_by_role("button", name="Stop; what is done is kept").click()
    page.wait_for_selector("text=Looking at the photos stopped")
    asked.clear()
    page.reload()
    page.wait_for_selector(".cell img.here")
    page.wait_for_timeout(500)
    assert asked == []


def test_what_a_command_has_changed_is_shown_when_the_viewer_is_closed(page: Any, tmp_path: Path, folder: Path) -> None:
    with opened(page, tmp_path / "home", folder):
        open_first(page)
        forget(folder, ["photo_00003.jpg"])
        (folder / "photo_00003.jpg").unlink()
        page.wait_for_timeout(3 * SECONDS)  # the server looks again
        with page.expect_response("**/photos?*"):
            page.evaluate("dispatchEvent(new Event('focus'))")
        page.wait_for_timeout(500)
        page.keyboard.press("Escape")
        playwright.expect(page.locator(".cell[data-photo]")).to_have_count(7)
