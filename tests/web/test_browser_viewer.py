"""The viewer: zoom, pan, swipe, the photos around, and whose faces are seen; with mouse, keys and fingers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import A_JOB, IN_A_BROWSER, open_first, opened, until_closed
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

TALLEST = 44
"""Pixels that a finger needs."""


def photo(page: Any) -> dict[str, float]:
    """Where the photo is on the screen."""
    box: dict[str, float] = page.locator(".viewer .stage-hold").bounding_box()
    return box


def share(box: dict[str, float], x: float, y: float) -> tuple[float, float]:
    """Which point of the photo is at a place of the screen."""
    return (x - box["x"]) / box["width"], (y - box["y"]) / box["height"]


def middle(page: Any) -> tuple[float, float]:
    box = page.locator(".viewer .stage").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def is_zoomed(page: Any) -> bool:
    return bool(page.locator(".viewer .stage.zoomed").count())


def wait_for_step(page: Any, number: int) -> None:
    playwright.expect(page.locator(".viewer h2")).to_contain_text(f" {number} of ")


def test_the_wheel_zooms_to_the_pointer_and_a_drag_moves_the_photo(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        open_first(page)
        before = photo(page)
        x, y = before["x"] + 0.7 * before["width"], before["y"] + 0.4 * before["height"]
        page.mouse.move(x, y)
        page.mouse.wheel(0, -400)
        page.wait_for_selector(".viewer .stage.zoomed")
        after = photo(page)
        assert after["width"] > 2 * before["width"]
        assert share(after, x, y) == pytest.approx((0.7, 0.4), abs=0.01)
        page.mouse.down()
        page.mouse.move(x - 60, y + 30, steps=3)
        page.mouse.up()
        assert share(photo(page), x - 60, y + 30) == pytest.approx((0.7, 0.4), abs=0.01)
        page.mouse.wheel(0, 2000)
        page.wait_for_selector(".viewer .stage:not(.zoomed)")
        assert photo(page) == before


def test_a_double_click_zooms_and_escape_shows_the_whole_photo_before_it_closes(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        open_first(page)
        page.mouse.dblclick(*middle(page))
        page.wait_for_selector(".viewer .stage.zoomed")
        page.mouse.dblclick(*middle(page))
        page.wait_for_selector(".viewer .stage:not(.zoomed)")
        for key in ("z", "+"):
            page.keyboard.press(key)
            page.wait_for_selector(".viewer .stage.zoomed")
            page.keyboard.press("Escape")
            page.wait_for_selector(".viewer .stage:not(.zoomed)")
        page.keyboard.press("Escape")
        until_closed(page)


def test_the_full_picture_is_fetched_when_zoomed_and_the_neighbours_before_they_are_shown(
    page: Any, tmp_path: Path
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        ids = [cell.get_attribute("data-photo") for cell in page.locator(".cell[data-photo]").all()]
        open_first(page)
        wanted = {f"{name}/pictures/large" for name in ids[:3]}
        page.wait_for_timeout(500)
        assert {name for name in wanted if any(name in url for url in asked)} == wanted
        assert not [url for url in asked if "/pictures/full" in url]
        page.mouse.dblclick(*middle(page))
        page.wait_for_timeout(500)
        assert [url for url in asked if f"{ids[0]}/pictures/full" in url]
        page.keyboard.press("ArrowRight")
        wait_for_step(page, 2)
        assert not is_zoomed(page), "another photo is shown whole"


def test_the_filmstrip_leads_to_the_photos_around(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=60)):
        open_first(page)
        strip = page.locator(".filmstrip .film-frame")
        playwright.expect(strip).to_have_count(21)
        strip.nth(15).click()
        wait_for_step(page, 16)
        playwright.expect(page.locator(".film-frame[aria-current]")).to_have_attribute("aria-label", "photo_00015.jpg")
        box = page.locator(".film-frame[aria-current]").bounding_box()
        assert 0 <= box["x"] < 1100, "what is shown is in view"
        page.keyboard.press("ArrowRight")  # keys go on after a click
        wait_for_step(page, 17)


def test_one_key_goes_from_face_to_face_and_back_to_the_whole_photo(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        open_first(page)
        page.keyboard.press("ArrowRight")
        wait_for_step(page, 2)
        playwright.expect(page.locator(".viewer .face-item")).to_have_count(2)
        faces = [card.get_attribute("data-face") for card in page.locator(".viewer .face-item").all()]
        seen = []
        for _ in faces:
            page.keyboard.press("f")
            here = page.locator(".viewer .face-item[aria-current]")
            seen.append(here.get_attribute("data-face"))
            box = page.locator(f'.face-box[data-face="{seen[-1]}"]').bounding_box()
            assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == pytest.approx(middle(page), abs=3)
        assert seen == faces
        page.keyboard.press("f")
        assert not is_zoomed(page)


def test_a_face_is_named_and_corrected_where_it_is_seen(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("text=People")
        page.click("text=Find people")
        page.wait_for_selector(".person", timeout=A_JOB)
        page.click("nav >> text=Photos")
        page.wait_for_selector(".cell img.here")
        open_first(page)
        page.keyboard.press("ArrowRight")
        wait_for_step(page, 2)
        names = page.locator(".viewer .face-name")
        playwright.expect(names).to_have_text(["Who is this?", "Who is this?"])
        for number, name in enumerate(("Anna", "Ben")):
            names.nth(number).click()
            page.get_by_label("Name", exact=True).fill(name)
            page.keyboard.press("Enter")
            page.locator(".toast", has_text=f"Named {name}").wait_for()
        playwright.expect(names).to_have_text(["Anna", "Ben"])
        names.nth(0).locator("xpath=..").locator(".face-look").click()
        page.keyboard.press("ArrowRight")
        wait_for_step(page, 3)
        page.wait_for_selector(".viewer .stage.zoomed")  # Anna is there too, and stays large
        page.keyboard.press("ArrowLeft")
        wait_for_step(page, 2)
        playwright.expect(names).to_have_text(["Anna", "Ben"])
        page.keyboard.press("Escape")
        names.nth(0).click()  # it is somebody new after all, in this photo alone
        page.get_by_label("Name", exact=True).fill("Clara")
        page.keyboard.press("Enter")
        playwright.expect(names).to_have_text(["Clara", "Ben"])
        names.nth(0).click()
        page.locator(".face-pick", has_text="Ben").click()
        playwright.expect(names).to_have_text(["Ben", "Ben"])
        for after in (["Clara", "Ben"], ["Anna", "Ben"]):
            page.keyboard.press("Shift+Z")
            playwright.expect(names).to_have_text(after)
        names.nth(0).click()
        page.get_by_role("button", name="Not Anna").click()
        playwright.expect(names).to_have_text(["Who is this?", "Ben"])


def touch(session: Any, kind: str, *points: tuple[float, float]) -> None:
    fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def drag(page: Any, *ways: tuple[tuple[float, float], tuple[float, float]]) -> None:
    """Fingers go from one place to another, all at the same time."""
    session = page.context.new_cdp_session(page)
    touch(session, "touchStart", *(start for start, _ in ways))
    for step in range(1, 6):
        places = [(a[0] + (b[0] - a[0]) * step / 5, a[1] + (b[1] - a[1]) * step / 5) for a, b in ways]
        touch(session, "touchMove", *places)
    touch(session, "touchEnd")


def test_fingers_swipe_pinch_and_tap_twice(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        phone.locator(".cell").first.tap()
        phone.wait_for_selector(".viewer .face-item")
        x, y = middle(phone)
        drag(phone, ((x + 100, y), (x - 100, y)))
        wait_for_step(phone, 2)
        drag(phone, ((x - 100, y), (x + 100, y)))
        wait_for_step(phone, 1)
        before = photo(phone)
        drag(phone, ((x - 30, y), (x - 120, y)), ((x + 30, y), (x + 120, y)))
        phone.wait_for_selector(".viewer .stage.zoomed")
        assert photo(phone)["width"] > 2.5 * before["width"]
        drag(phone, ((x + 100, y), (x - 100, y)))
        wait_for_step(phone, 1)  # a zoomed photo is moved, and not left
        session = phone.context.new_cdp_session(phone)
        for is_whole in (True, False):
            for _ in range(2):
                touch(session, "touchStart", (x, y))
                touch(session, "touchEnd")
            phone.wait_for_selector(f".viewer .stage{':not(.zoomed)' if is_whole else '.zoomed'}")


def test_a_phone_has_a_sheet_to_pull_up_and_targets_for_fingers(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        phone.locator(".cell").nth(1).tap()
        phone.wait_for_selector(".viewer .face-item")
        small = phone.evaluate(
            """(least) => [...document.querySelectorAll(".viewer button, .viewer a")]
                .filter((one) => one.checkVisibility() && !one.matches(".sheet-handle"))
                .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < least)
                .map((one) => one.outerHTML)""",
            TALLEST,
        )
        assert small == []
        # The photo has the whole screen; what is known of it lies over its edges.
        assert phone.locator(".viewer > .stage").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
        side = phone.locator(".viewer-side")
        closed = side.bounding_box()
        drag(phone, ((200, closed["y"] + 15), (200, closed["y"] - 150)))
        phone.wait_for_function("() => document.querySelector('.viewer-side').offsetHeight > 300")
        assert phone.locator(".viewer > .stage").bounding_box()["height"] > 200  # it is seen beside the sheet
        phone.wait_for_selector(".filmstrip")
        handle = phone.locator(".sheet-handle").bounding_box()
        drag(phone, ((200, handle["y"] + 5), (200, handle["y"] + 120)))
        phone.wait_for_function("() => document.querySelector('.viewer-side').offsetHeight < 150")
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [(667, 375), (844, 390)])
def test_a_phone_on_its_side_gives_the_photo_its_height(phone: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    phone.set_viewport_size({"width": width, "height": height})
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=4)):
        phone.locator(".cell").nth(1).tap()
        phone.wait_for_selector(".viewer .face-item")
        stage = phone.locator(".viewer > .stage").bounding_box()
        beside = [phone.locator(f".viewer > .{one}").bounding_box() for one in ("face-strip", "viewer-side")]
        assert stage["height"] >= 0.8 * height
        assert all(box["x"] >= stage["x"] + stage["width"] for box in beside), "nothing lies over the photo"
        assert phone.evaluate("document.documentElement.scrollWidth") == width


def open_burst(page: Any) -> Any:
    """The second photo's burst: three frames of Anna and Ben."""
    open_first(page)
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 2)
    page.keyboard.press("e")
    heads = page.locator(".burst .burst-head")
    playwright.expect(heads).to_have_count(3)
    return heads


def test_a_burst_is_judged_by_its_faces_side_by_side(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        heads = open_burst(page)
        rows = page.locator(".burst tbody tr")
        playwright.expect(rows).to_have_count(2)
        assert rows.first.locator(".burst-face img").count() == 3
        page.keyboard.press("f")
        playwright.expect(rows).to_have_count(1)
        assert rows.first.locator(".burst-look").first.bounding_box()["width"] >= 200
        page.keyboard.press("f")
        playwright.expect(rows).to_have_count(1)
        page.keyboard.press("f")
        playwright.expect(rows).to_have_count(2)
        page.keyboard.press("ArrowRight")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.press("p")
        playwright.expect(heads.nth(1).locator(".flag.pick")).to_be_visible()
        page.keyboard.press("Shift+Z")
        playwright.expect(page.locator(".burst .flag")).to_have_count(0)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        wait_for_step(page, 6)
        page.keyboard.press("e")
        playwright.expect(heads.nth(2)).to_have_attribute("aria-current", "true")
        heads.nth(0).click()
        page.keyboard.press("ArrowRight")  # keys go on after a click
        playwright.expect(heads.nth(1)).to_have_attribute("aria-current", "true")
        page.keyboard.press("Escape")
        page.wait_for_selector(".burst", state="detached")
        playwright.expect(page.locator(".viewer")).to_be_visible()


SLOW_HISTORY = "const go = history.go.bind(history); history.go = (steps) => void setTimeout(() => go(steps), 400);"
"""A busy machine goes back in its history later than a user types."""


def test_keys_while_the_history_goes_back(page: Any, tmp_path: Path) -> None:
    page.add_init_script(SLOW_HISTORY)
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        open_burst(page)
        page.keyboard.press("Escape")
        page.wait_for_selector(".burst", state="detached")
        page.keyboard.press("e")
        page.wait_for_selector(".burst-head")
        page.wait_for_timeout(1000)
        assert page.locator(".burst").is_visible()
        page.keyboard.press("Escape")
        page.wait_for_selector(".burst", state="detached")
        page.keyboard.press("ArrowRight")
        wait_for_step(page, 3)
        page.wait_for_function("() => history.state?.dialogs === 1 && location.hash.includes('n=2')")
        page.keyboard.press("e")
        page.wait_for_selector(".burst-head")
        for name in ("burst", "viewer"):
            page.keyboard.press("Escape")
            page.wait_for_selector(f".{name}", state="detached")
        page.wait_for_function("() => !history.state && !location.hash.includes('photo=')")
        page.wait_for_timeout(1000)
        assert page.locator("dialog").count() == 0


def test_a_burst_fits_a_phone(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        phone.locator(".cell").nth(1).tap()
        phone.wait_for_selector(".viewer .face-item")
        phone.get_by_role("button", name="Faces of the burst").tap()
        phone.wait_for_selector(".burst-head")
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        phone.locator(".burst-head").nth(2).tap()
        playwright.expect(phone.locator(".burst-head").nth(2)).to_have_attribute("aria-current", "true")
        phone.locator(".burst-head").nth(2).tap()
        wait_for_step(phone, 6)


CUT_OFF = "(one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight"


def test_the_name_of_a_photo_is_read_on_a_small_phone(phone: Any, tmp_path: Path) -> None:
    phone.set_viewport_size({"width": 360, "height": 740})
    album = make_album(tmp_path / "album", photos=6)
    with opened(phone, tmp_path / "home", album):
        phone.locator(".cell").first.tap()
        name = phone.locator(".viewer h2 span").first
        playwright.expect(name).to_have_text("photo_00000.jpg")
        assert not name.evaluate(CUT_OFF)
        phone.set_viewport_size({"width": 740, "height": 360})
        assert not name.evaluate(CUT_OFF)


def test_the_name_in_a_cell_keeps_its_end(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        name = page.locator(".cell .why").nth(3)
        playwright.expect(name).to_have_text("photo_00003.jpg")
        name.evaluate("(one) => one.style.maxWidth = '80px'")
        assert name.locator("span").first.evaluate(CUT_OFF)
        end = name.locator("span").last
        playwright.expect(end).to_have_text("00003.jpg")
        assert end.bounding_box()["width"] + end.bounding_box()["x"] <= name.bounding_box()["x"] + 80


def test_a_phone_on_its_side_leaves_room_for_photos(phone: Any, tmp_path: Path) -> None:
    phone.set_viewport_size({"width": 740, "height": 360})
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        assert phone.locator(".grid").bounding_box()["height"] >= 250
        phone.locator(".tick").first.tap()
        clear = phone.get_by_role("button", name="Clear the selection").bounding_box()
        assert clear["x"] + clear["width"] <= 740
        open_first(phone)
        phone.locator(".viewer .face-name").first.click()
        phone.get_by_role("link", name="Best photos", exact=True).click()
        phone.wait_for_selector(".cell .score")
        assert phone.locator(".grid").bounding_box()["width"] == 740
