"""Scrolling through many photos in a real browser: what is looked at is asked for, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, SECONDS, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

FLICK_TO_THE_END = """() => new Promise((done) => {
    const grid = document.querySelector(".grid");
    const step = () => {
        grid.scrollTop += 1.5 * grid.clientHeight;
        if (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 1) requestAnimationFrame(step);
        else done();
    };
    requestAnimationFrame(step);
})"""

SEEN = """() => {
    const view = document.querySelector(".grid").getBoundingClientRect();
    return [...document.querySelectorAll(".cell")].filter((cell) => {
        const { top, bottom } = cell.getBoundingClientRect();
        return bottom > view.top && top < view.bottom;
    }).map((cell) => cell.dataset.photo);
}"""


def complete(page: Any) -> None:
    """Wait until no cell near the screen lacks its picture."""
    playwright.expect(page.locator(".cell:not(:has(img.here))")).to_have_count(0, timeout=20 * SECONDS)


def photo_of(url: str) -> str:
    found = re.search("/photos/(p[0-9a-f]+)/pictures/small", url)
    return found[1] if found else ""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_album(tmp_path_factory.mktemp("many") / "many", photos=2400)


def test_a_flick_asks_for_what_it_ends_at_and_for_the_middle_of_it_first(page: Any, tmp_path: Path, many: Path) -> None:
    with opened(page, tmp_path / "home", many):
        page.wait_for_timeout(1000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(photo_of(request.url)))
        page.evaluate(FLICK_TO_THE_END)
        page.wait_for_selector('.cell[aria-posinset="2400"] img.here', timeout=20 * SECONDS)
        complete(page)
        pictures = [photo for photo in asked if photo]
        cells = page.locator(".cell").count()
        seen = set(page.evaluate(SEEN))
    assert len(pictures) <= cells + 30, "hardly any of the photos on the way"
    assert set(pictures[-cells:][: len(seen) // 2]) <= seen, "those that are seen come before the spare rows"
    assert sum("/photos?" in url for url in asked) == 0


def test_pictures_that_leave_the_view_are_broken_off(page: Any, tmp_path: Path, many: Path) -> None:
    with opened(page, tmp_path / "home", many):
        complete(page)
        held: list[Any] = []
        broken: list[str] = []
        page.route("**/pictures/small*", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks what it is given
        page.on("requestfailed", lambda request: broken.append(photo_of(request.url)))
        for top in (6000, 30_000):
            page.evaluate("(top) => (document.querySelector('.grid').scrollTop = top)", top)
            page.wait_for_timeout(600)
        assert len(held) == 8, "a few at once"
        assert sorted(broken) == sorted(photo_of(route.request.url) for route in held[:4])
        page.unroute("**/pictures/small*")  # lets the others go on
        complete(page)


def test_what_a_job_finds_is_asked_for_when_all_pictures_are_here(page: Any, tmp_path: Path, many: Path) -> None:
    with opened(page, tmp_path / "home", many):
        album = page.url.split("#/")[1].split("/")[0]
        facts = {"id": "1", "kind": "index", "album": album, "state": "running", "created_at": "2026-11-26T10:00:00Z"}
        progress = {"done": 1, "total": 2400, "words": ""}
        job = facts | {"progress": progress, "result": None, "problem": None, "ended_at": None}
        told = f"retry: 200\nevent: jobs\ndata: {json.dumps({'jobs': [job]})}\n\n"
        page.route(
            "**/api/jobs/events", lambda route: route.fulfill(body=told, headers={"Content-Type": "text/event-stream"})
        )
        page.reload()
        complete(page)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        with page.expect_request("**/timeline*"):
            pass
        held: list[Any] = []
        broken: list[str] = []
        page.route("**/pictures/small*", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks what it is given
        page.on("requestfailed", lambda request: broken.append(request.url))
        page.evaluate("document.querySelector('.grid').scrollTop = 30000")
        page.wait_for_timeout(500)
        asked.clear()
        page.wait_for_timeout(4000)
        waiting = [route for route in held if route.request.url not in broken]
        assert len(waiting) == 4
        assert asked == [url for url in asked if "/jobs/events" in url]
        assert asked, "the job goes on"
        with page.expect_request("**/timeline*", timeout=20 * SECONDS):
            page.unroute("**/pictures/small*")
            for route in waiting:
                route.continue_()
        complete(page)


HOLD_PHOTOS = """
    const real = window.fetch;
    const free = new Promise((resolve) => (window.letGo = resolve));
    window.fetch = async (address, options) => {
        if (String(address).includes("/photos?")) await free;
        return real(address, options);
    };
"""


def test_photos_that_are_long_in_coming_show_that_they_come(page: Any, tmp_path: Path) -> None:
    turns = "getComputedStyle(document.querySelector('.grid'), '::after').animationName.includes('turn')"
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        assert not page.evaluate(turns)
        page.add_init_script(HOLD_PHOTOS)
        page.reload()
        page.wait_for_selector(".grid")
        assert page.evaluate(turns)
        page.evaluate("letGo()")
        page.wait_for_selector(".cell img.here")
        assert not page.evaluate(turns)
