"""No screen, report or gallery keeps anybody out: axe finds nothing, in either theme."""

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
from web_browser import IN_A_BROWSER, SECONDS, Server, open_first
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

RUN = """async () => {
    // What moves or fades in is judged where it comes to rest.
    await Promise.all(document.getAnimations().map((one) => one.playState === "running" && one.effect.getTiming().iterations !== Infinity ? one.finished : null));
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message || ""}`));
}"""  # noqa: E501


class Judge:
    """A page whose screens are looked at one after the other."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

    def look(self, screen: str) -> None:
        self.page.wait_for_timeout(300)
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.add_script_tag(content=self._axe)
        assert [f"{screen}: {found}" for found in self.page.evaluate(RUN)] == []


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
        page.wait_for_selector("dialog", state="detached")
        judge.look("photos")
        page.get_by_label("Stacks").check()
        page.locator(".stack-count").first.click()
        page.wait_for_selector(".cell.in-stack")
        judge.look("stacks")
        page.get_by_label("Stacks").uncheck()
        page.locator(".stack-count").first.wait_for(state="detached")
        page.get_by_role("button", name="Export").click()
        judge.look("export")
        page.get_by_role("button", name="XMP sidecars").click()
        page.wait_for_selector(".preview p")
        judge.look("sidecars")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        judge.look("keys")
        page.keyboard.press("Escape")
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


def _people_and_questions(judge: Judge) -> None:
    page = judge.page
    page.click("nav >> text=Best")
    page.wait_for_selector("text=Whose best photos?")
    judge.look("nobody's best")
    page.click("nav >> text=People")
    page.click("text=Find people")
    page.wait_for_selector(".person", timeout=60 * SECONDS)
    judge.look("people")
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
    page.get_by_text("Score the event", exact=True).wait_for()
    judge.look("event")
    page.click("text=Score the event")
    page.wait_for_selector(".cell .score", timeout=60 * SECONDS)
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
