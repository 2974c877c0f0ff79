"""No screen, report or gallery keeps anybody out: axe finds nothing, in either theme, and the words are plain."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from builders import a_ranked_photo, a_ranking, a_record, some_signals
from photo_ranker.exporters import html
from photo_ranker.exporters.html import GalleryPhoto, Room, write_gallery
from photo_ranker.images.thumbnails import SmallPictures
from photo_ranker.questions.answer import Unreadable
from web_browser import A_JOB, AXE, IN_A_BROWSER, Server, jargon_on, open_first, until_closed
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


class Judge:
    """A page whose screens are looked at one after the other."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

    def look(self, screen: str) -> None:
        self.page.wait_for_timeout(300)
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.add_script_tag(content=self._axe)
        assert [f"{screen}: {found}" for found in self.page.evaluate(AXE)] == []
        if screen != "documentation":  # which is for programmers
            assert [f"{screen}: {found}" for found in jargon_on(self.page)] == []


@pytest.fixture(params=["dark", "light"])
def judge(browser: Any, request: pytest.FixtureRequest) -> Iterator[Judge]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 850}, color_scheme=request.param, bypass_csp=True, accept_downloads=True
    )
    yield Judge(context.new_page())
    context.close()


@pytest.mark.timeout(900)
def test_the_screens_of_the_app(judge: Judge, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", make_album(tmp_path / "album", photos=8))
    page = judge.page
    try:
        page.goto(f"{server.address}login")
        judge.look("login")
        page.goto(server.url)
        page.wait_for_selector(".album-card .cover img")
        judge.look("albums")
        page.get_by_role("button", name="Menu").click()
        judge.look("menu")
        page.get_by_role("link", name="Settings").click()
        page.wait_for_selector(".settings")
        page.get_by_label("Smallest face", exact=True).fill("60")
        page.get_by_role("button", name="Reset Smallest face").click()
        judge.look("settings")
        page.get_by_label("How faces are recognised", exact=True).select_option("sface")
        page.get_by_role("button", name="Use it").wait_for()
        judge.look("cost of another way")
        page.keyboard.press("Escape")
        until_closed(page)
        page.go_back()
        page.get_by_role("button", name="Open a folder").click()
        page.get_by_role("button", name="Browse").click()
        page.wait_for_selector(".folder-field [role=status]:visible")
        judge.look("folder")
        page.keyboard.press("Escape")
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        page.locator(".cell").nth(1).click(modifiers=["Control"])
        page.keyboard.press("x")
        page.locator(".cell").nth(2).click()
        page.wait_for_selector(".viewer .face-chip")
        judge.look("viewer")
        page.keyboard.press("d")
        page.wait_for_selector(".draw-frame")
        judge.look("drawing a face")
        page.keyboard.press("Escape")
        page.locator(".viewer .face-name").first.click()
        page.wait_for_selector(".whose")
        judge.look("whose face")
        page.keyboard.press("Escape")
        page.wait_for_selector(".whose", state="detached")
        page.keyboard.press("e")
        page.wait_for_selector(".burst-head")
        judge.look("burst")
        page.keyboard.press("Escape")
        page.wait_for_selector(".burst", state="detached")
        page.keyboard.press("Escape")
        until_closed(page)
        judge.look("photos")
        page.get_by_label("Stacks").check()
        page.locator(".stack-count").first.click()
        page.wait_for_selector(".cell.in-stack")
        judge.look("stacks")
        page.get_by_label("Stacks").uncheck()
        page.locator(".stack-count").first.wait_for(state="detached")
        page.get_by_role("button", name="Filters").click()
        page.get_by_label("Search in names of files and people").fill("nothing of the kind")
        page.get_by_text("No photo passes the filters.").wait_for()
        judge.look("filters")
        page.get_by_role("button", name="Clear filters").click()
        page.get_by_role("button", name="Export").click()
        page.get_by_label("Folder to copy to").fill(str(tmp_path / "copies"))
        page.get_by_role("button", name="Copy there").click()
        page.get_by_role("button", name="Copy 8 files").wait_for()
        judge.look("export")
        page.get_by_role("button", name="Stars and names").click()
        page.wait_for_selector(".preview p")
        judge.look("sidecars")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        judge.look("keys")
        page.keyboard.press("Escape")
        _guests(judge, server.address)
        open_first(page)
        page.keyboard.press("c")
        page.wait_for_selector(".compare .pane img")
        judge.look("compare")
        page.keyboard.press("Escape")
        _people_and_questions(judge)
        page.goto(f"{server.address}docs")
        judge.look("documentation")
    finally:
        server.stop()


def test_an_empty_start_and_the_sample(judge: Judge, tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    page = judge.page
    try:
        page.goto(server.url)
        page.get_by_role("button", name="Try a small sample album").wait_for()
        judge.look("empty start")
        page.get_by_role("button", name="Try a small sample album").click()
        page.wait_for_selector(".cell img.here")
        page.click(".brand")
        page.get_by_role("button", name="Remove the sample").wait_for()
        judge.look("albums with the sample")
    finally:
        server.stop()


def _guests(judge: Judge, address: str) -> None:
    page, photos = judge.page, judge.page.url
    page.get_by_role("button", name="Share with guests").click()
    judge.look("share")
    page.get_by_label("For whom").fill("Aunt Rosa")
    page.get_by_role("button", name="Make the link").click()
    page.wait_for_selector(".qr")
    judge.look("link for guests")
    link = page.get_by_label("The link", exact=True).input_value()
    page.goto(f"{address}#/guests")
    page.wait_for_selector(".guest-link")
    with page.expect_response(lambda answer: answer.url.endswith("/find-me")):
        page.get_by_label("album", exact=True).check()
    judge.look("guests")
    page.goto(link)
    page.wait_for_selector(".guest-cell")
    page.locator(".guest-cell .heart").first.click()
    page.get_by_role("button", name="Favourites (1)").wait_for()
    judge.look("page of a guest")
    page.get_by_role("button", name="Find me").click()
    judge.look("find me")
    page.keyboard.press("Escape")
    page.locator(".guest-open").first.click()
    page.wait_for_selector(".guest-viewer .stage-image")
    judge.look("large photo of a guest")
    page.goto(photos)
    page.wait_for_selector(".cell img.here")


def _people_and_questions(judge: Judge) -> None:
    page = judge.page
    page.click("nav >> text=Best")
    page.wait_for_selector("text=Whose best photos?")
    judge.look("nobody's best")
    page.click("nav >> text=Event")
    page.get_by_text("Find the best photos", exact=True).wait_for()
    judge.look("event")
    page.click("nav >> text=People")
    page.click("text=Find people")
    page.wait_for_selector(".person", timeout=A_JOB)
    judge.look("people")
    page.locator(".jobs .job").first.wait_for(state="detached", timeout=A_JOB)  # it is scored before names
    page.locator(".person .name").first.fill("Anna")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text="Named Anna").wait_for()
    page.locator(".person .name").nth(1).fill("Anna")
    page.keyboard.press("Enter")
    page.wait_for_selector(".same-name")
    judge.look("same name")
    page.keyboard.press("Escape")
    page.locator(".person-face").first.click()
    page.wait_for_selector(".face-tile")
    page.locator(".face-tile").first.click()
    judge.look("person")
    page.get_by_role("link", name="Best photos").click()
    page.wait_for_selector(".cell .score")
    judge.look("best")
    page.click("nav >> text=Event")
    page.wait_for_selector(".cell .score", timeout=A_JOB)
    page.get_by_text("people have changed since").wait_for()
    judge.look("scored event")
    page.evaluate("location.hash = location.hash.replace(/event.*/, 'doubtful')")
    page.wait_for_selector(".doubtful")
    judge.look("questions")


def jpeg(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), (90, 110, 130)).save(buffer, "JPEG")
    return buffer.getvalue()


def test_the_report(judge: Judge, tmp_path: Path) -> None:
    ranking = a_ranking(
        a_ranked_photo("album/beach.jpg", score=0.95, taken_at="2024-06-03T10:00:00"),
        a_ranked_photo("album/party.jpg", score=0.9, kind="group", people_in_photo=4, taken_at="2024-06-02T10:00:00"),
        a_ranked_photo("album/dull.jpg", score=0.6, signals=some_signals(eyes_open=None, smile=0.1)),
        a_ranked_photo("album/blurred.jpg", score=0.3, signals=some_signals(sharpness=0.05), against=("blurred",)),
        unreadable=(Unreadable("album/broken.jpg", "empty file"),),
    )
    path = tmp_path / "report.html"
    with path.open("wb") as file:
        file.writelines(html.render(ranking, lambda *_: SmallPictures(jpeg(400), jpeg(200))))
    page = judge.page
    page.goto(path.as_uri())
    page.wait_for_selector("text=beach.jpg")
    judge.look("report")
    page.locator("li img, article img, button img").first.click()
    judge.look("large photo of the report")


def test_the_gallery(judge: Judge, tmp_path: Path) -> None:
    photos = [GalleryPhoto(name, a_record()) for name in ("a.jpg", "bb.jpg", "ccc.jpg")]
    write_gallery(tmp_path / "pages", [Room("Anna", photos)], lambda path, record, side: jpeg(side))
    page = judge.page
    page.goto((tmp_path / "pages" / "index.html").as_uri())
    judge.look("gallery")
    page.get_by_role("link", name="Anna (3)").click()
    page.wait_for_selector(".photos img")
    judge.look("room of the gallery")
    page.locator(".photos a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    judge.look("large photo of the gallery")
