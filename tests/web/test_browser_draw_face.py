"""A face that was missed is drawn in the viewer: with the mouse, the keys and a finger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pictures import on_grey, picture, scaled
from web_browser import A_JOB, IN_A_BROWSER, Server, open_first, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

FACE = (0.494, 0.484)
"""Where the face is, as shares of the photo; it is too small for the detector."""
HALF = (0.012, 0.02)


@contextmanager
def missed(page: Any, tmp_path: Path) -> Iterator[None]:
    """The viewer with a photo in which a face is not found."""
    album = tmp_path / "album"
    album.mkdir()
    Image.fromarray(on_grey(scaled(picture("astronaut.png"), 0.13), 1600, 1200)).save(album / "far.png")
    server = Server(tmp_path / "home", album)
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        page.locator(".jobs .job").first.wait_for(state="detached", timeout=A_JOB)
        page.locator(".cell[data-photo]").first.click()
        page.get_by_role("button", name="Add a face").wait_for(timeout=A_JOB)
        yield
    finally:
        server.stop()


def at(page: Any, *share: float) -> tuple[float, float]:
    """A place of the photo on the screen."""
    hold = page.locator(".viewer .stage-hold").bounding_box()
    return hold["x"] + share[0] * hold["width"], hold["y"] + share[1] * hold["height"]


def corners(page: Any) -> tuple[tuple[float, float], tuple[float, float]]:
    (x, y), (wide, tall) = FACE, HALF
    return at(page, x - wide, y - tall), at(page, x + wide, y + tall)


def expect_faces(page: Any, count: int) -> None:
    playwright.expect(page.locator(".viewer .face-item")).to_have_count(count, timeout=A_JOB)


def test_a_box_makes_a_face_that_can_be_named_and_taken_back(page: Any, tmp_path: Path) -> None:
    with missed(page, tmp_path):
        page.keyboard.press("d")
        start, end = corners(page)
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(*end, steps=4)
        page.mouse.up()
        page.get_by_role("button", name="Save").click()
        page.locator(".toast", has_text="Face added").wait_for()
        expect_faces(page, 1)
        box = page.locator(".face-box").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        assert middle == pytest.approx(at(page, *FACE), abs=8), "it is where it was drawn"
        page.locator(".viewer .face-name").click()
        page.get_by_label("Name", exact=True).fill("Eileen")
        page.keyboard.press("Enter")
        playwright.expect(page.locator(".viewer .face-name")).to_have_text("Eileen")
        page.reload()
        playwright.expect(page.locator(".viewer .face-name")).to_have_text("Eileen")
        page.keyboard.press("Shift+Z")
        playwright.expect(page.locator(".viewer .face-name")).to_have_text("Who is this?")
        page.keyboard.press("Shift+Z")
        expect_faces(page, 0)


def drawn(page: Any, save: Callable[[], object] | None = None) -> list[float]:
    """Save the box; gives what was sent, and asks the server for nothing: the faces of this album are invented."""
    by_key = partial(page.keyboard.press, "Enter")
    page.route("**/people/drawn", lambda route: route.fulfill(json={"id": 1, "job": "0", "overruled": []}))
    with page.expect_request("**/people/drawn") as sent:
        (save or by_key)()
    page.locator(".toast", has_text="Face added").wait_for()
    box: list[float] = sent.value.post_data_json["box"]
    return box


def test_the_keys_alone_draw_one_and_escape_draws_none(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        open_first(page)
        page.keyboard.press("d")
        frame = page.locator(".draw-frame")
        before = frame.bounding_box()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        after = frame.bounding_box()
        assert after["x"] - before["x"] == pytest.approx(8, abs=1)
        assert after["height"] - before["height"] == pytest.approx(8, abs=1)
        page.keyboard.press("Escape")
        playwright.expect(frame).to_have_count(0)
        playwright.expect(page.locator(".viewer")).to_be_visible()
        page.keyboard.press("d")
        x, y, width, height = drawn(page)
        assert (x + width / 2, y + height / 2) == pytest.approx((120, 80), abs=1), "the middle of what is seen"
        page.keyboard.press("d")
        page.keyboard.press("ArrowRight")  # the next face, and no other photo
        playwright.expect(page.locator(".viewer h2")).to_contain_text(" 1 of 2")


def test_a_finger_draws_one_on_a_phone(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        phone.locator(".cell").first.tap()
        phone.get_by_role("button", name="Add a face").tap()
        session = phone.context.new_cdp_session(phone)
        start, end = at(phone, 0.5, 0.25), at(phone, 0.75, 0.75)
        for kind, *places in (("touchStart", start), ("touchMove", end), ("touchEnd",)):
            points = [{"x": x, "y": y, "id": 0} for x, y in places]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        box = phone.locator(".draw-frame").bounding_box()
        assert (box["x"], box["y"]) == pytest.approx(start, abs=3)
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        save = phone.get_by_role("button", name="Save")
        assert drawn(phone, save.tap) == pytest.approx([120, 40, 60, 80], abs=2)
