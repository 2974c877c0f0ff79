"""A film plays in the viewer from its best moment, by mouse, key and finger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web.test_browser_axe import Judge, judge  # noqa: F401 - a fixture
from web_browser import IN_A_BROWSER, SECONDS, opened
from web_films import make_film
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

STATE = """() => {
    const film = document.querySelector(".stage-film");
    return { at: film.currentTime, playing: !film.paused, shown: !film.hidden, source: film.getAttribute("src") };
}"""


def album_with(tmp_path: Path, name: str) -> Path:
    folder = make_album(tmp_path / "album", photos=3)
    make_film(folder / name)
    return folder


def open_film(page: Any) -> None:
    """It was taken before the photos."""
    page.locator(".cell[data-photo]").first.click()
    page.get_by_role("button", name="Play").wait_for()
    page.wait_for_selector(".viewer .face-item")


def test_a_film_begins_at_its_best_moment_and_its_faces_are_there_when_it_rests(page: Any, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/film?" in request.url else None)
    with opened(page, tmp_path / "home", album_with(tmp_path, "dance.webm")):
        open_film(page)
        boxes = page.locator(".face-box")
        playwright.expect(boxes).to_have_count(1)  # of the frame that is seen; the other face is at its best later
        assert asked == [], "nothing is fetched before it is played"
        page.evaluate("HTMLMediaElement.prototype.play = async function () { this.dispatchEvent(new Event('asked')); }")
        page.keyboard.press(" ")
        page.wait_for_function("() => !document.querySelector('.stage-film').hidden")
        assert page.evaluate(STATE)["at"] == pytest.approx(1.0, abs=0.1)
        page.evaluate("delete HTMLMediaElement.prototype.play")
        page.reload()
        page.get_by_role("button", name="Play").wait_for()
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("() => document.querySelector('.stage-film').currentTime > 1.2")
        playwright.expect(boxes).to_have_count(0)
        page.keyboard.press(" ")
        page.get_by_role("button", name="Play").wait_for()
        assert not page.evaluate(STATE)["playing"]
        page.locator(".viewer .face-look").last.click()
        page.wait_for_function("() => [1, 2].includes(document.querySelector('.stage-film').currentTime)")
        playwright.expect(boxes).to_have_count(1)
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowRight")
        playwright.expect(page.locator(".viewer h2")).to_contain_text(" 2 of ")
        playwright.expect(page.locator(".film-bar")).to_be_hidden()
        assert page.evaluate(STATE) == {"at": 0, "playing": False, "shown": False, "source": None}


def test_the_slider_goes_to_any_place(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", album_with(tmp_path, "dance.webm")):
        open_film(page)
        slider = page.get_by_label("Place in the film")
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.querySelector('.stage-film').readyState > 0")
        slider.fill("900")
        page.wait_for_function("() => document.querySelector('.stage-film').currentTime > 2.5")
        playwright.expect(page.locator(".film-time")).to_have_text("0:02 of 0:03")


@pytest.mark.parametrize("name", ["dance.avi", "dance.mp4"])
def test_a_film_that_the_browser_cannot_play_says_so(page: Any, tmp_path: Path, name: str) -> None:
    """The second is MPEG-4 of before 2003 in a file of today's kind."""
    with opened(page, tmp_path / "home", album_with(tmp_path, name)):
        open_film(page)
        page.get_by_role("button", name="Play").click()
        problem = page.locator(".film-problem")
        playwright.expect(problem).to_contain_text(f"cannot play films of this kind ({name[-3:].upper()})")
        playwright.expect(page.get_by_role("button", name="Play")).to_have_count(0)
        playwright.expect(page.locator(".stage-image")).to_be_visible()


def test_a_film_whose_file_is_gone_says_that(browser: Any, tmp_path: Path) -> None:
    page = browser.new_page()  # whose console may tell of the failure
    with opened(page, tmp_path / "home", album_with(tmp_path, "dance.webm")):
        open_film(page)
        page.route("**/film?*", lambda route: route.fulfill(status=422, json={"detail": "cannot be opened: gone"}))
        page.get_by_role("button", name="Play").click()
        playwright.expect(page.locator(".film-problem")).to_have_text("cannot be opened: gone")
    page.close()


def test_a_film_on_a_phone(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", album_with(tmp_path, "dance.webm")):
        phone.locator(".cell[data-photo]").first.tap()
        play = phone.get_by_role("button", name="Play")
        play.wait_for()
        box = play.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        play.tap()
        phone.wait_for_function("() => document.querySelector('.stage-film').currentTime > 1.1", timeout=20 * SECONDS)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_keeps_anybody_from_a_film(judge: Judge, tmp_path: Path) -> None:  # noqa: F811
    with opened(judge.page, tmp_path / "home", album_with(tmp_path, "dance.avi")):
        open_film(judge.page)
        judge.look("film")
        judge.page.get_by_role("button", name="Play").click()
        judge.page.locator(".film-problem").wait_for()
        judge.look("film that cannot be played")
