"""The report as a browser shows it. Needs chromium: apt install chromium."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from builders import a_face, a_ranked_photo, a_ranking, some_signals
from photo_ranker.exporters import html
from photo_ranker.models.store import sample_photo
from photo_ranker.questions.answer import Ranking, Unreadable
from photo_ranker.records import Face, PhotoRecord
from web_browser import CHROMIUM, IN_A_BROWSER
from yardstick import multiple_of

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: pip install -e '.[dev]'")

pytestmark = IN_A_BROWSER

EVIL = '<img src=x onerror="document.title=1">.jpg'


@dataclass(frozen=True)
class Pictures:
    photo: bytes
    face: bytes


def plain_pictures(path: str, record: PhotoRecord, face: Face, long_side: int) -> Pictures:
    stream = io.BytesIO()
    Image.new("RGB", (400, 300), (90, 110, 130)).save(stream, "JPEG")
    return Pictures(stream.getvalue(), stream.getvalue())


RANKING = a_ranking(
    a_ranked_photo("album/beach.jpg", score=0.95, taken_at="2024-06-03T10:00:00"),
    a_ranked_photo("album/party_10.jpg", score=0.9, kind="group", people_in_photo=4, taken_at="2024-06-02T10:00:00"),
    a_ranked_photo("album/party_9.jpg", score=0.8, signals=some_signals(smile=0.1), taken_at="2024-06-01T10:00:00"),
    a_ranked_photo(f"album/{EVIL}", score=0.6, signals=some_signals(eyes_open=None)),
    a_ranked_photo("album/blurred.jpg", score=0.3, signals=some_signals(sharpness=0.05), against=("blurred",)),
    unreadable=(Unreadable(f"album/{EVIL}", "empty <b>file</b>"),),
)

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        # Chromium refuses its sandbox to root, which is who runs in containers.
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def open_report(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """A tab that shows a report; at the end nothing may have been fetched and nothing may have gone wrong."""
    complaints: list[str] = []
    contexts = []

    def open_it(ranking: Ranking = RANKING, make: html.PictureMaker = plain_pictures, **wishes: Any) -> Any:
        page = tmp_path / "report.html"
        with page.open("wb") as file:
            file.writelines(html.render(ranking, make))
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | wishes))
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda asked: None if ours(asked.url, page) else complaints.append(f"fetched {asked.url}"))
        tab.goto(page.as_uri())
        return tab

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints


def ours(url: str, page: Path) -> bool:
    return url == page.as_uri() or url.startswith("data:")


def names(tab: Any) -> list[str]:
    found: list[str] = tab.locator(".card .name").all_text_contents()
    return found


ALL = ["beach.jpg", "party_10.jpg", "party_9.jpg", EVIL, "blurred.jpg"]


def test_the_sheet_shows_every_photo_best_first(open_report: Open) -> None:
    tab = open_report()
    assert names(tab) == ALL
    assert tab.locator("#shown").text_content() == "5 photos"
    assert tab.locator("#about").text_content() == "5 photos of 10 show this person"
    playwright.expect(tab.locator(".photo img.there")).to_have_count(5)
    assert tab.locator(".card").first.locator(".why li").all_text_contents() == ["sharp", "smiling"]
    assert tab.locator(".card").nth(1).locator(".tag").text_content() == "Group of 4"
    assert tab.locator(".card").last.locator(".meter").first.get_attribute("aria-label") == "0.05"


def test_signals_are_drawn_as_bars(open_report: Open) -> None:
    tab = open_report()
    assert min(width_of(tab, ".card .meter"), width_of(tab, ".card .signals div")) > 20
    tab.locator(".photo").first.click()
    assert width_of(tab, "#box .meter") > 100


@pytest.mark.parametrize("width", [1280, 390])
def test_times_and_reasons_are_whole(open_report: Open, width: int) -> None:
    words = ("seen more clearly than in most of the photos", "plainer expression than usual")
    ranking = a_ranking(*(a_ranked_photo(taken_at="2024-06-12T15:26:30", reasons=words) for _ in range(4)))
    tab = open_report(ranking, viewport={"width": width, "height": 800})
    inside = "found => found.every(one => one.scrollWidth <= one.clientWidth && \
        one.getBoundingClientRect().right <= one.closest('.words').getBoundingClientRect().right + 1)"
    assert tab.locator(".card .why li, .card .time").evaluate_all(inside)


def test_names_are_shown_as_text(open_report: Open) -> None:
    tab = open_report()
    assert tab.title() == "Photo Ranker · Best photos"
    assert tab.locator("#foot li").text_content() == f"album/{EVIL}: empty <b>file</b>"
    assert tab.locator("#foot b, .card b, .name img").count() == 0
    tab.locator(".photo").nth(3).click()
    assert tab.locator("#box-name").text_content() == EVIL
    assert tab.locator(".path code").text_content() == f"album/{EVIL}"


def test_no_name_pretends_to_be_another(open_report: Open) -> None:
    tab = open_report(a_ranking(a_ranked_photo("album/\u202egpj.exe"), a_ranked_photo("album/a\nb.jpg")))
    assert names(tab) == ["\ufffdgpj.exe", "a\ufffdb.jpg"]


def test_photos_of_two_cards_with_one_name_are_told_apart(open_report: Open) -> None:
    photos = ("shoot/CARD_A/DCIM/IMG_1.JPG", "shoot/CARD_B/DCIM/IMG_1.JPG", "shoot/CARD_B/DCIM/IMG_2.JPG")
    tab = open_report(a_ranking(*map(a_ranked_photo, photos)))
    assert names(tab) == ["IMG_1.JPG · CARD_A", "IMG_1.JPG · CARD_B", "IMG_2.JPG"]


@pytest.mark.parametrize(
    ("choose", "left"),
    [
        (lambda tab: tab.get_by_text("Alone", exact=True).first.click(), [0, 2, 3, 4]),
        (lambda tab: tab.get_by_text("Group", exact=True).click(), [1]),
        (lambda tab: tab.get_by_text("Sharp", exact=True).first.click(), [0, 1, 2, 3]),
        (lambda tab: tab.get_by_text("Smiling", exact=True).click(), [0, 1, 3, 4]),
        (lambda tab: tab.get_by_text("Eyes open", exact=True).first.click(), [0, 1, 2, 4]),
        (lambda tab: tab.get_by_label("Search in names").fill("PARTY"), [1, 2]),
        (lambda tab: tab.get_by_label("Score from").fill("0.8"), [0, 1, 2]),
        (lambda tab: tab.get_by_label("Search in names").fill("nobody"), []),
    ],
)
def test_filters(open_report: Open, choose: Callable[[Any], None], left: list[int]) -> None:
    tab = open_report()
    choose(tab)
    assert names(tab) == [ALL[index] for index in left]
    assert tab.locator("#shown").text_content() == f"{len(left)} of 5 photos"
    assert tab.locator("#nothing").is_visible() == (not left)
    tab.get_by_role("button", name="Clear filters").click()
    playwright.expect(tab.locator(".card")).to_have_count(5)
    assert names(tab) == ALL
    assert tab.locator("#reset").is_hidden()


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("time", ["party_9.jpg", "party_10.jpg", "beach.jpg", EVIL]),
        ("name", [EVIL, "beach.jpg", "blurred.jpg", "party_9.jpg"]),
        ("sharpness", ["beach.jpg", "party_10.jpg", "party_9.jpg", EVIL]),
        ("smile", ["beach.jpg", "party_10.jpg", EVIL, "blurred.jpg"]),
        ("rank", ALL[:4]),
    ],
)
def test_orders(open_report: Open, order: str, first: list[str]) -> None:
    tab = open_report()
    tab.get_by_label("Sort by").select_option(order)
    assert names(tab)[:4] == first


def test_frames_of_one_second_come_in_order(open_report: Open) -> None:
    fractions = {"a.jpg": ".50", "b.jpg": ".432", "c.jpg": ".5", "d.jpg": ".25", "e.jpg": ""}
    photos = [a_ranked_photo(name, taken_at=f"2024-06-01T10:00:00{part}") for name, part in fractions.items()]
    tab = open_report(a_ranking(*photos))
    tab.get_by_label("Sort by").select_option("time")
    assert names(tab) == ["e.jpg", "d.jpg", "b.jpg", "c.jpg", "a.jpg"]


def test_the_large_view_by_keyboard(open_report: Open) -> None:
    tab = open_report()
    tab.locator(".photo").first.focus()
    tab.keyboard.press("Enter")
    box, title = tab.locator("#box"), tab.locator("#box-name")
    assert (box.is_visible(), title.text_content()) == (True, "beach.jpg")
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    assert title.text_content() == "party_9.jpg"
    tab.keyboard.press("ArrowLeft")
    assert title.text_content() == "party_10.jpg"
    tab.keyboard.press("End")
    tab.keyboard.press("ArrowRight")
    assert (title.text_content(), tab.locator("#place").text_content()) == ("blurred.jpg", "5 / 5")
    tab.keyboard.press("Home")
    assert title.text_content() == "beach.jpg"
    tab.keyboard.press("End")
    tab.keyboard.press("Escape")
    assert box.is_hidden()
    tab.locator("[aria-label*='blurred.jpg']:focus").wait_for()


def width_of(tab: Any, selector: str) -> float:
    return float(tab.locator(selector).first.bounding_box()["width"])


def test_zoom_by_keyboard_and_button(open_report: Open) -> None:
    tab = open_report()
    tab.locator(".photo").first.click()
    fit = width_of(tab, ".frame")
    tab.keyboard.press("+")
    tab.keyboard.press("+")
    assert width_of(tab, ".frame") == pytest.approx(2 * fit, rel=0.01)
    tab.keyboard.press("-")
    assert width_of(tab, ".frame") == pytest.approx(1.5 * fit, rel=0.01)
    tab.get_by_role("button", name="Larger").click()
    assert tab.locator("#zoom").text_content() == "2×"
    tab.keyboard.press("0")
    assert width_of(tab, ".frame") == pytest.approx(fit, rel=0.01)
    for _ in range(20):
        tab.keyboard.press("+")
    assert tab.locator("#zoom").text_content() == "8×"


def test_the_face_is_framed_where_it_is(open_report: Open) -> None:
    face = a_face("f1", (1000, 600, 400, 600))
    tab = open_report(a_ranking(a_ranked_photo(face=face)))
    tab.locator(".photo").first.click()
    assert tab.locator(".mark").is_hidden()
    tab.keyboard.press("f")
    frame, mark = tab.locator(".frame").bounding_box(), tab.locator(".mark").bounding_box()
    # The record is 4000 x 3000 px.
    assert (mark["x"] - frame["x"]) / frame["width"] == pytest.approx(0.25, abs=0.01)
    assert (mark["y"] - frame["y"]) / frame["height"] == pytest.approx(0.2, abs=0.01)
    assert mark["width"] / frame["width"] == pytest.approx(0.1, abs=0.01)


def test_stepping_follows_the_filters(open_report: Open) -> None:
    tab = open_report()
    tab.get_by_text("Alone", exact=True).first.click()
    tab.locator(".photo").first.click()
    tab.get_by_role("button", name="Next photo").click()
    assert tab.locator("#box-name").text_content() == "party_9.jpg"
    tab.get_by_role("button", name="Close").click()
    assert tab.locator("#box").is_hidden()


def test_arrows_walk_over_the_sheet(open_report: Open) -> None:
    tab = open_report(viewport={"width": 760, "height": 900})
    tab.locator(".photo").first.focus()
    columns = tab.evaluate("getComputedStyle(document.getElementById('sheet')).gridTemplateColumns.split(' ').length")
    assert columns == 2
    visited = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "End", "Home"):
        tab.keyboard.press(key)
        visited.append(tab.locator(".card:focus-within .name").text_content())
    assert visited == [ALL[1], ALL[3], ALL[2], ALL[0], ALL[4], ALL[0]]


def test_every_stop_of_the_tab_key_can_be_seen(open_report: Open) -> None:
    tab = open_report()
    stops = []
    for _ in range(14):
        tab.keyboard.press("Tab")
        stops.append(
            tab.evaluate(
                """() => {
                    const here = document.activeElement;
                    const ring = (one) => one && parseFloat(getComputedStyle(one).outlineWidth) >= 2
                        && getComputedStyle(one).outlineStyle !== 'none';
                    const what = here.id || here.name || here.className;
                    return [what, Boolean(ring(here) || ring(here.nextElementSibling))];
                }"""
            )
        )
    assert [what for what, _ in stops[:11]] == [
        "skip", "view", "theme", "text", "kind", "sharpness", "smile", "eyes_open", "score", "sort", "photo",
    ]  # fmt: skip
    assert all(seen for _, seen in stops), stops


@pytest.mark.parametrize("with_box", [False, True])
def test_every_control_has_a_name(open_report: Open, with_box: bool) -> None:
    tab = open_report()
    if with_box:
        tab.locator(".photo").first.click()
    nodes = tab.context.new_cdp_session(tab).send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "checkbox", "combobox", "radio", "searchbox", "slider", "textbox", "dialog"}
    controls = [
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert len(controls) >= (8 if with_box else 15)
    assert all(name.strip() for _, name in controls), controls


def lightness(tab: Any) -> int:
    return int(tab.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])"))


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_it_starts_in_the_system_s_light_and_can_change(open_report: Open, scheme: str, other: str) -> None:
    tab = open_report(color_scheme=scheme)
    bright = {"light": True, "dark": False}
    assert (lightness(tab) > 128) is bright[scheme]
    tab.locator("#theme").click()
    assert (lightness(tab) > 128) is bright[other]


@pytest.mark.parametrize("width", [360, 390, 768, 1400])
def test_no_width_needs_sideways_scrolling(open_report: Open, width: int) -> None:
    tab = open_report(viewport={"width": width, "height": 780})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    overflowing = "[...document.querySelectorAll('.card *')].filter((e) => e.scrollWidth > e.clientWidth + 1 && "
    overflowing += "getComputedStyle(e).textOverflow !== 'ellipsis' && getComputedStyle(e).display !== 'inline').length"
    assert tab.evaluate(overflowing) == 0
    tab.locator(".photo").first.click()
    assert tab.evaluate("document.getElementById('box').scrollWidth") <= width


def test_a_phone_has_all_filters_behind_one_button(open_report: Open) -> None:
    tab = open_report(viewport={"width": 360, "height": 740}, has_touch=True)
    search = tab.get_by_label("Search in names")
    assert search.is_hidden()
    button = tab.get_by_role("button", name="Filters")
    button.tap()
    assert button.get_attribute("aria-expanded") == "true"
    search.fill("party")
    assert names(tab) == ["party_10.jpg", "party_9.jpg"]
    fingers = ".modes button, .filters input[type=search], .filters select, .segments span, .only span"
    heights = tab.locator(fingers).evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert min(heights) >= 40, "a finger needs room"


def test_compact_shows_more_at_once(open_report: Open) -> None:
    tab = open_report()
    tab.get_by_role("button", name="Compact").click()
    assert tab.locator(".card .signals").first.is_hidden()
    assert width_of(tab, ".photo") < 230


def test_a_lost_photo_and_an_empty_answer_say_so(open_report: Open) -> None:
    tab = open_report(a_ranking(a_ranked_photo()), lambda *_: None)
    playwright.expect(tab.locator(".photo.gone")).to_have_count(1)
    tab.locator(".photo").first.click()
    assert tab.locator("#box-name").text_content() == "a.jpg"
    tab = open_report(a_ranking())
    assert tab.locator("#nothing").text_content() == "This person is in none of the photos."


@pytest.mark.perf
def test_500_photos_open_hardly_later_than_their_pictures_alone(
    browser: Any, open_report: Open, tmp_path: Path
) -> None:
    with Image.open(sample_photo("t1.jpg")) as photo:
        whole, face = io.BytesIO(), io.BytesIO()
        photo.resize((512, 354)).save(whole, "JPEG", quality=78)
        photo.crop((470, 250, 620, 400)).resize((224, 224)).save(face, "JPEG", quality=78)
    made = Pictures(whole.getvalue(), face.getvalue())
    ranking = a_ranking(*(a_ranked_photo(f"album/IMG_{number}.jpg") for number in range(500)))
    plain = tmp_path / "plain.html"
    pictures = (base64.b64encode(one).decode() for one in (made.photo, made.face))
    plain.write_text("".join(f'<img loading=lazy src="data:image/jpeg;base64,{one}">' for one in pictures) * 500)

    def seconds(tab: Any) -> float:
        return float(tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")) / 1000

    def alone() -> float:
        tab = browser.new_page()
        tab.goto(plain.as_uri())
        taken = seconds(tab)
        tab.close()
        return taken

    def in_report() -> float:
        tab = open_report(ranking, lambda *_: made)
        playwright.expect(tab.locator(".photo img.there").nth(3)).to_be_visible()
        playwright.expect(tab.locator(".card")).to_have_count(500)
        return seconds(tab)

    times = multiple_of(alone, in_report, 3)
    print(f"a report of 500 photos, times a page of their pictures alone: {times:.2f}")
    assert times < 2.5
