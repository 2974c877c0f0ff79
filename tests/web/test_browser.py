"""The page in a real browser, from the upload to the export. Needs chromium: make e2e."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from web_browser import A_JOB, IN_A_BROWSER, SECONDS, Server, opened, until_closed
from web_helpers import make_album, make_crowd

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """The demo album, as a ZIP."""
    subprocess.run([sys.executable, "scripts/make_demo.py", str(tmp_path / "demo")], check=True, capture_output=True)
    keep = re.compile(r"portrait|pair|three\.|other_(actor|astronaut|red)|moment_blurred\.|chips")
    archive = tmp_path / "party.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for photo in sorted((tmp_path / "demo/photos").iterdir()):
            if keep.search(photo.name):
                opened.write(photo, photo.name)
    return archive


def order(page: Any) -> list[str]:
    """The photos of the grid as they are shown."""
    page.wait_for_timeout(500)
    cells = page.locator(".cell[data-photo]").all()
    return [
        text
        for _, text in sorted(
            (int(cell.get_attribute("aria-posinset")), cell.get_attribute("data-photo")) for cell in cells
        )
    ]


@pytest.mark.timeout(600)
def test_from_upload_to_the_album_taken_home(page: Any, photos: Path, tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    try:
        page.goto(server.url)
        page.set_input_files("input[type=file]", str(photos))
        page.wait_for_url("**/photos")
        page.wait_for_selector(".job progress[value]")  # indexing tells how far it is
        server.kill()  # and goes on where it was
        server.start()
        page.goto(f"{server.url}{page.url.split('/', 3)[3]}")
        page.wait_for_selector(".cell img.here", timeout=A_JOB)
        page.wait_for_selector(".jobs:empty", state="attached", timeout=A_JOB)
        page.reload()
        page.wait_for_selector(".cell img.here")
        count = len(zipfile.ZipFile(photos).namelist())
        # A page that has just been opened shows no jobs for a moment, so that they may go on here.
        page.wait_for_selector(f'.toolbar [role=status]:text-is("{count} photos")', timeout=A_JOB)
        page.wait_for_selector(".jobs:empty", state="attached", timeout=A_JOB)

        _name_merge_undo(page)
        _rank_by_reference(page, tmp_path / "demo/reference.jpg")
        _change_a_weight(page)
        picked = _pick_with_keys(page)
        _take_home(page, photos, picked)
    finally:
        server.stop()


def _name_merge_undo(page: Any) -> None:
    page.click("text=People")
    page.wait_for_selector(".person")
    people = page.locator(".person").count()
    assert people >= 2
    first, second = page.locator(".person .name").nth(0), page.locator(".person .name").nth(1)
    first.fill("Ross <b>G</b>")
    first.press("Enter")
    page.wait_for_selector(".toast >> text=Named")
    second.fill("Ross <b>G</b>")
    second.press("Enter")
    page.get_by_role("button", name="Yes, the same person").click()
    page.wait_for_selector(".toast >> text=Merged into Ross")
    playwright.expect(page.locator(".person")).to_have_count(people - 1)
    page.locator(".toast", has_text="Merged into Ross").get_by_role("button", name="Undo").click()
    playwright.expect(page.locator(".person")).to_have_count(people)
    page.locator(".person").nth(1).drag_to(page.locator(".person").nth(0))
    playwright.expect(page.locator(".person")).to_have_count(people - 1)
    page.locator("h1, .toolbar").first.click()
    page.keyboard.press("z")
    playwright.expect(page.locator(".person")).to_have_count(people)
    page.reload()
    page.wait_for_selector(".person")
    assert page.locator(".person .name").nth(0).input_value() == "Ross <b>G</b>"


def _rank_by_reference(page: Any, reference: Path) -> None:
    page.click("nav >> text=Best")
    page.wait_for_selector("text=Whose best photos?")
    page.set_input_files(".drop-zone input[type=file]", str(reference))
    page.wait_for_selector(".cell .score")
    assert page.locator(".cell .score").count() >= 6


def _change_a_weight(page: Any) -> None:
    before = order(page)
    with page.expect_response(lambda answer: answer.url.endswith("/rank")) as got:
        page.locator("#w-single_smile").fill("0")
    assert "weights" in got.value.request.post_data
    for slider in page.locator("input[id^=w-single_]").all():
        slider.fill(str(slider.get_attribute("max")) if slider.get_attribute("id") == "w-single_size" else "0")
    after = order(page)
    assert sorted(after) == sorted(before)
    assert after != before


def _pick_with_keys(page: Any) -> list[str]:
    wanted = order(page)[:3]
    page.locator(".grid").focus()
    page.keyboard.press("Home")
    for key in ("Shift+P", "Shift+P", "Shift+P", "x", "4"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    page.keyboard.press("z")  # takes the four stars back
    page.wait_for_timeout(500)
    page.reload()
    page.wait_for_selector(".cell .flag.reject")
    assert page.locator(".cell .flag.pick").count() == 3
    assert page.locator(".cell .stars").count() == 0
    page.keyboard.press("c")
    page.wait_for_selector(".compare .pane img")
    page.keyboard.press("Escape")
    until_closed(page)
    page.wait_for_timeout(300)  # the history leaves the comparison
    page.select_option("select[aria-label='Which photos']", "picks")
    playwright.expect(page.locator(".cell")).to_have_count(3)
    assert sorted(order(page)) == sorted(wanted)
    return [str(cell.get_attribute("aria-label")).split(",")[0] for cell in page.locator(".cell").all()]


def _take_home(page: Any, photos: Path, picked: list[str]) -> None:
    page.click("text=Export")
    with page.expect_download() as got:
        page.click("text=ZIP of the photos")
    taken = zipfile.ZipFile(got.value.path())
    source = zipfile.ZipFile(photos)
    assert sorted(name.split("_", 1)[1] for name in taken.namelist()) == sorted(picked)
    for name in taken.namelist():
        assert taken.read(name) == source.read(name.split("_", 1)[1])


SLOW_FIRST_MARK = """
    const real = window.fetch;
    let isFirst = true;
    window.fetch = async (address, options) => {
        if (isFirst && options?.method === "PUT" && String(address).endsWith("/marks")) {
            isFirst = false;
            await new Promise((done) => setTimeout(done, 700));
        }
        return real(address, options);
    };
"""


@pytest.mark.parametrize(("keys", "stars"), [("x4", 1), ("x4z", 0)])
def test_quick_keys_are_kept_in_their_order(page: Any, tmp_path: Path, keys: str, stars: int) -> None:
    page.add_init_script(SLOW_FIRST_MARK)
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.locator(".grid").focus()
        page.keyboard.press("Home")
        with page.expect_response(lambda answer: answer.url.endswith("/marks")):
            page.keyboard.type(keys)
        page.wait_for_timeout(1000)
        page.reload()
        page.wait_for_selector(".cell .flag.reject")
        assert page.locator(".cell .flag").count() == 1
        assert page.locator(".cell .stars").count() == stars


SLOW_PAGES_BY_NAME = """
    const real = window.fetch;
    window.fetch = async (address, options) => {
        const answer = await real(address, options);
        if (String(address).includes("sort=name")) await new Promise((done) => setTimeout(done, 700));
        return answer;
    };
"""


def test_a_late_answer_does_not_hide_a_mark(page: Any, tmp_path: Path) -> None:
    page.add_init_script(SLOW_PAGES_BY_NAME)
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.select_option("select[aria-label='Order']", "name")
        page.wait_for_timeout(200)  # the server has answered by now, and the page has not heard it
        page.locator(".grid").focus()
        page.keyboard.press("x")
        page.wait_for_timeout(1000)
        playwright.expect(page.locator(".cell .flag.reject")).to_have_count(1)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_album(tmp_path_factory.mktemp("large") / "ten thousand", photos=10_000)


@pytest.mark.slow
@pytest.mark.perf
@pytest.mark.timeout(600)
def test_ten_thousand_photos_paint_at_once_and_scroll(page: Any, large: Path, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", large)
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here", timeout=A_JOB)  # the album is read for the first time
        page.reload()
        paint = page.evaluate(
            """() => new Promise((done) => {
                const isHere = () => document.querySelector(".cell img.here");
                const look = () => isHere() ? done(performance.now()) : requestAnimationFrame(look);
                look();
            })"""
        )
        assert paint < 1000
        assert page.locator(".cell").count() < 200
        frames = page.evaluate(
            """() => new Promise((done) => {
                const grid = document.querySelector(".grid");
                const times = [];
                const step = (now) => {
                    times.push(now);
                    grid.scrollTop += 300;
                    times.length < 120 ? requestAnimationFrame(step) : done(times.slice(1).map((t, i) => t - times[i]));
                };
                requestAnimationFrame(step);
            })"""
        )
        assert sorted(frames)[len(frames) * 95 // 100] < 100
        page.locator(".grid").focus()
        page.keyboard.press("End")
        page.wait_for_selector('.cell[aria-posinset="10000"] img.here', timeout=20 * SECONDS)
    finally:
        server.stop()


@pytest.mark.slow
@pytest.mark.perf
@pytest.mark.timeout(600)
def test_five_thousand_people_paint_at_once_and_scroll(page: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", make_crowd(tmp_path / "crowd", 5000))
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here", timeout=A_JOB)
        page.click("text=People")
        page.wait_for_selector(".person")
        page.reload()
        paint = page.evaluate(
            """() => new Promise((done) => {
                const isHere = () => document.querySelector(".person");
                const look = () => isHere() ? done(performance.now()) : requestAnimationFrame(look);
                look();
            })"""
        )
        assert paint < 1000
        page.evaluate("document.querySelector('.scroll').scrollTop = 1e9")
        page.wait_for_selector('.person[aria-posinset="5000"]')
        assert page.locator(".person").count() < 200
        page.locator('.person[aria-posinset="5000"] .name').fill("The Last")
        page.keyboard.press("Enter")
        page.locator(".toast", has_text="Named The Last").wait_for(timeout=3 * SECONDS)
    finally:
        server.stop()


def test_people_are_found_named_and_taken_home_in_folders(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        page.click("text=People")
        page.click("text=Find people")
        page.wait_for_selector(".person", timeout=A_JOB)
        for number, name in enumerate(("Anna", "Ben <b>")):
            page.locator(".person .name").nth(number).fill(name)
            page.keyboard.press("Enter")
            page.locator(".toast", has_text=f"Named {name}").wait_for()
        page.get_by_label("Search people by name").fill("ben")
        page.locator(".person").nth(1).wait_for(state="detached")
        assert page.locator(".person .name").input_value() == "Ben <b>"
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="ZIP of the photos").click()
        with zipfile.ZipFile(waiting.value.path()) as archive:
            assert {name.split("/")[0] for name in archive.namelist()} == {"Anna", "Ben _b_"}


def test_the_event_is_scored_and_its_moments_are_named(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=8)):
        page.click("text=Event")
        page.click("text=Find the best photos")
        page.wait_for_selector(".cell .score", timeout=A_JOB)
        page.get_by_label("What event 1 was").fill("Dinner")
        page.keyboard.press("Enter")
        page.locator(".toast", has_text="Choosing the best photos").last.wait_for()
        for _ in range(60):
            page.wait_for_timeout(500)
            page.reload()
            page.wait_for_selector(".cell .score")
            if page.get_by_label("What event 1 was").input_value() == "Dinner":
                break
        page.locator(".grid").focus()
        page.keyboard.press("Enter")
        page.locator(".viewer .big-score", has_text="Dinner").wait_for()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1400, 390])
def test_every_control_has_a_name_and_nothing_sticks_out(browser: Any, tmp_path: Path, width: int, theme: str) -> None:
    server = Server(tmp_path / "home", make_album(tmp_path / "album", photos=12))
    context = browser.new_context(viewport={"width": width, "height": 850}, color_scheme=theme)
    try:
        page = context.new_page()
        page.goto(server.url)
        page.wait_for_selector(".album-card")
        _look_through(page)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        _look_through(page)
        page.locator(".grid").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".viewer .face-item")
        _look_through(page)
        page.locator(".viewer .face-name").first.click()
        page.wait_for_selector(".whose")
        _look_through(page)
        page.get_by_role("link", name="Best photos", exact=True).click()
        page.wait_for_selector(".cell .score")
        _look_through(page)
        page.get_by_role("button", name="Export").click()
        _look_through(page)
        page.keyboard.press("Escape")
        page.click("text=Event")
        page.get_by_text("Find the best photos", exact=True).wait_for()
        _look_through(page)
        page.click("text=People")
        page.click("text=Find people")
        page.wait_for_selector(".person", timeout=A_JOB)
        _look_through(page)
    finally:
        context.close()
        server.stop()


def _look_through(page: Any) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select")]
            .filter((one) => one.checkVisibility() && !(one.ariaLabel || one.textContent.trim() || one.labels?.length))
            .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    faint = page.evaluate(
        """() => {
            const light = (text) => {
                const bent = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                const [r, g, b] = text.match(/[\\d.]+/g).map((part) => bent(part / 255));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = (one) => {
                for (; one; one = one.parentElement) {
                    const colour = getComputedStyle(one).backgroundColor;
                    if (/^rgb\\(/.test(colour)) return colour;
                }
                return "rgb(0, 0, 0)";
            };
            return [...document.querySelectorAll("button, a, label, p, span, h1, h2, dt, b")]
                .filter((one) => one.checkVisibility())
                .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
                .filter((one) => !one.closest(".stage-over, .signs, .cell[data-flag=reject]"))
                .map((one) => {
                    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
                    return [(a + 0.05) / (b + 0.05), one.outerHTML.slice(0, 120)];
                })
                .filter(([ratio]) => ratio < 4.5);
        }"""
    )
    assert faint == []


def test_two_cameras_with_one_file_name_lose_no_photo(page: Any, tmp_path: Path) -> None:
    album = make_album(tmp_path / "cameras", photos=2)
    size = max(path.stat().st_size for path in album.glob("*.jpg")) + 40_000
    sent = [path.read_bytes().ljust(size, b"\0") for path in sorted(album.glob("*.jpg"))]
    files = [{"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": data} for data in sent]
    server = Server(tmp_path / "home")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    try:
        page.goto(server.url)
        with page.expect_response("**/index"):
            page.set_input_files("input[type=file]", files[:1])
        for again in (files[1:], files):
            with page.expect_response("**/files/standing"):
                page.set_input_files("input[aria-label='Add photos']", again)
            # An index that is asked for may be that of the upload before; the disk says when this one is done.
            for _ in range(100):
                page.wait_for_timeout(100)
                if len(list((tmp_path / "home").rglob("IMG_0001*.jpg"))) == 2:
                    break
        there = {path.name: path.read_bytes() for path in (tmp_path / "home").rglob("IMG_*")}
    finally:
        server.kill()
    assert there == {"IMG_0001.jpg": sent[0], "IMG_0001_2.jpg": sent[1]}
    assert sum("files?name=" in url for url in requests) == 2, "what is there is not sent again"
