"""People in a real browser: each undo takes back its own decision."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from photo_ranker.metadata import Ledger
from web_browser import A_JOB, IN_A_BROWSER, open_first, opened, second_tab, until_closed
from web_helpers import make_album, make_crowd

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def give_name(page: Any, number: int, name: str) -> None:
    page.locator(".person .name").nth(number).fill(name)
    page.keyboard.press("Enter")
    page.locator(".toast", has_text=f"Named {name}").wait_for()


def undo(page: Any, words: str) -> None:
    with page.expect_response(lambda answer: "/undo" in answer.url):
        page.locator(".toast", has_text=words).get_by_role("button", name="Undo").click()


def test_a_name_that_somebody_has_asks_whether_it_is_the_same_person(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.click("text=People")
        page.wait_for_selector(".person")
        give_name(page, 0, "Anna")
        for number, answer in ((1, "Close"), (1, "No, a different Anna"), (2, "Yes, this one")):
            page.locator(".person .name").nth(number).fill("anna")
            page.keyboard.press("Enter")
            page.locator("dialog").get_by_role("button", name=answer).first.click()
            if answer == "Close":
                playwright.expect(page.locator(".person .name").nth(1)).to_have_value("")
            elif answer.startswith("No"):
                playwright.expect(page.locator(".toast", has_text=re.compile("Named anna"))).to_have_count(1)
                assert names(page) == ["Anna", "anna"]
        playwright.expect(page.locator(".person")).to_have_count(3)


def test_naming_confirms_the_face_that_was_seen_and_keeps_the_keyboard_where_it_is(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("text=People")
        page.click("text=Find people")
        page.wait_for_selector(".person", timeout=A_JOB)
        give_name(page, 0, "Anna")
        assert page.evaluate("document.activeElement.value") == "Anna"
        page.locator(".person-face").first.click()
        page.wait_for_selector(".face-tile")
        assert page.locator(".face-tile").count() == 6
        assert page.locator(".face-tile .confirmed").count() == 1
        page.get_by_role("button", name="All correct").click()
        playwright.expect(page.locator(".face-tile .confirmed")).to_have_count(6)


def test_the_photo_of_a_face_is_a_click_away_and_back_returns_to_the_person(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("text=People")
        page.click("text=Find people")
        page.locator(".person-face").first.click()
        tiles = page.locator(".face-tile")
        tiles.first.click()
        person = page.url
        see = page.get_by_role("button", name="See the photo")
        assert see.is_visible()
        tiles.last.click()
        assert not see.is_visible(), "two are chosen"
        tiles.first.click()
        photo = (tiles.last.get_attribute("aria-label") or "").split(" ")[-1]
        see.click()
        page.locator("dialog.viewer h2", has_text=photo).wait_for()
        page.keyboard.press("Escape")
        until_closed(page)
        page.go_back()
        tiles.first.wait_for()
        assert page.url == person


def test_selected_faces_are_counted_and_move_no_face_of_a_phone(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        phone.click("text=People")
        phone.click("text=Find people")
        phone.locator(".person-face").first.tap()
        told = phone.locator(".toolbar.second [role=status]")
        playwright.expect(told).to_have_text("6 faces")
        tile = phone.locator(".face-tile").first
        before = tile.bounding_box()
        tile.tap()
        playwright.expect(told).to_have_text("6 faces · 1 selected")
        assert tile.bounding_box() == before
        phone.get_by_role("button", name="Not this person", exact=True).tap(trial=True)


def test_the_focus_goes_to_the_next_person_when_one_is_hidden(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.click("text=People")
        second = page.locator(".person").nth(2).get_attribute("data-id")
        page.locator(".person").nth(1).get_by_role("button", name="Hide").focus()
        page.keyboard.press("Enter")
        playwright.expect(page.locator(".person")).to_have_count(3)
        playwright.expect(page.locator(f"[data-id={second}]").get_by_role("button", name="Hide")).to_be_focused()


def test_a_merge_shows_who_is_merged_and_takes_a_name_at_once(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.click("text=People")
        page.wait_for_selector(".person")
        give_name(page, 0, "Anna")
        page.locator(".person").first.get_by_role("button", name="Merge").click()
        playwright.expect(page.locator("dialog .chip")).to_have_text("Anna")
        playwright.expect(page.get_by_label("Search a name")).to_be_focused()


def names(page: Any) -> list[str]:
    return sorted(field.input_value() for field in page.locator(".person .name").all() if field.input_value())


TWO_PAIRS = """{ total: 2, pairs: [
    { one: a, other: b, people: ["p1", "p2"] }, { one: c, other: d, people: ["p3", "p4"] }
] }"""
SEVEN_PAIRS = """{ total: 7, pairs: [
    { one: a, other: b, people: ["p80", "p20"] }, { one: a, other: c, people: ["p80", "p7"] },
    { one: b, other: c, people: ["p20", "p7"] }, { one: c, other: d, people: ["p1", "p2"] }
] }"""


def test_each_undo_takes_back_the_name_that_its_note_tells_of(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.click("text=People")
        page.wait_for_selector(".person")
        other = second_tab(page, ".person")
        give_name(page, 0, "Anna")
        give_name(page, 1, "Ben")
        give_name(other, 2, "Carla")
        undo(page, "Named Anna")
        page.wait_for_timeout(500)
        assert names(page) == ["Ben", "Carla"]
        page.locator(".toolbar").click()
        with page.expect_response(lambda answer: "/undo" in answer.url):
            page.keyboard.press("z")
        page.wait_for_timeout(500)
        assert names(page) == ["Carla"]


def test_a_name_that_another_tab_has_given_is_not_replaced_unasked(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 2)):
        page.click("text=People")
        page.wait_for_selector(".person")
        other = second_tab(page, ".person")
        give_name(page, 0, "Anna")
        field = other.locator(".person .name").first
        asks = other.locator("dialog")
        field.fill("Berta")
        other.keyboard.press("Enter")
        playwright.expect(asks).to_contain_text("has been named Anna in the meantime")
        asks.get_by_role("button", name="Keep Anna").click()
        playwright.expect(field).to_have_value("Anna")
        give_name(page, 0, "Dora")
        field.fill("Carla")
        other.keyboard.press("Enter")
        playwright.expect(asks).to_contain_text("has been named Dora in the meantime")
        asks.get_by_role("button", name="Name them Carla").click()
        playwright.expect(field).to_have_value("Carla")
        page.evaluate("dispatchEvent(new Event('focus'))")
        playwright.expect(page.locator(".person .name").first).to_have_value("Carla")


def test_photos_without_faces_are_said_to_have_none(page: Any, tmp_path: Path) -> None:
    folder = make_album(tmp_path / "album", photos=3)
    with Ledger(folder, lambda _: None) as ledger:
        for name, record in list(ledger.records.items()):
            ledger.put(name, msgspec.structs.replace(record, faces=()))
    with opened(page, tmp_path / "home", folder):
        page.click("nav >> text=People")
        says = page.locator(".empty")
        playwright.expect(says).to_have_text("There are no faces in these photos.")
        page.get_by_label("Search people by name").fill("Anna")
        playwright.expect(says).to_have_text("No person has that name.")


def test_an_undo_is_seen_after_the_page_of_its_decision_was_left(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("text=People")
        page.click("text=Find people")
        page.wait_for_selector(".person", timeout=A_JOB)
        page.locator(".person-face").first.click()
        page.locator(".face-tile").first.click()
        page.keyboard.press("n")
        playwright.expect(page.locator(".face-tile")).to_have_count(5)
        page.click("nav >> text=People")
        photos = page.locator(".person-line > .muted").first
        playwright.expect(photos).to_have_text("5 photos")
        with page.expect_response(lambda answer: "/undo" in answer.url):
            page.keyboard.press("z")
        playwright.expect(photos).to_have_text("6 photos")
        page.locator(".toast", has_text="Undone: ").wait_for()


def test_an_undo_says_what_it_took_back_where_nothing_else_shows_it(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 2)):
        page.click("text=People")
        page.wait_for_selector(".person")
        give_name(page, 0, "Anna")
        give_name(page, 1, "Ben")
        page.click("nav >> text=Photos")
        page.wait_for_selector(".cell img.here")
        page.keyboard.press("z")
        page.locator(".toast", has_text="Undone: Named Ben").wait_for()
        page.reload()
        page.wait_for_selector(".cell img.here")
        page.keyboard.press("z")
        page.locator(".toast", has_text="Undone: Named Anna").wait_for()


GIVE_PAIRS = """
    const real = window.fetch;
    window.fetch = async (address, options) => {
        if (!String(address).endsWith("/people/doubtful")) return real(address, options);
        const album = String(address).split("/")[3];
        const { photos } = await (await real(`/api/albums/${album}/photos`)).json();
        const faceOf = async (photo) => {
            const { faces } = await (await real(`/api/albums/${album}/photos/${photo.id}`)).json();
            const { id, name, version } = photo;
            if (faces.length) return { id: faces[0].face.id, photo: id, photo_name: name, version, name: null };
            await new Promise((done) => setTimeout(done, 100)); // it is not measured yet
            return faceOf(photo);
        };
        const [a, b, c, d] = await Promise.all(photos.slice(0, 4).map(faceOf));
        return Response.json(PAIRS);
    };
"""


def test_each_undo_takes_back_the_answer_that_its_note_tells_of(page: Any, tmp_path: Path) -> None:
    page.add_init_script(GIVE_PAIRS.replace("PAIRS", TWO_PAIRS))
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.goto(page.url.replace("/photos", "/doubtful"))
        page.wait_for_selector(".pair")
        decisions = []
        for key, words in (("y", "The same person"), ("n", "Two people")):
            with page.expect_response(lambda answer: answer.url.endswith("/answer")) as got:
                page.keyboard.press(key)
            decisions.append(got.value.json()["id"])
            page.locator(".toast", has_text=words).wait_for()
        with page.expect_response(lambda answer: "/undo" in answer.url) as got:
            page.locator(".toast", has_text="The same person").get_by_role("button", name="Undo").click()
        assert got.value.json()["id"] == decisions[0]


def test_a_question_fits_a_phone_on_its_side(phone: Any, tmp_path: Path) -> None:
    phone.set_viewport_size({"width": 740, "height": 360})
    phone.add_init_script(GIVE_PAIRS.replace("PAIRS", TWO_PAIRS))
    with opened(phone, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        phone.goto(phone.url.replace("/photos", "/doubtful"))
        answer = phone.get_by_role("button", name="Not the same", exact=True).bounding_box()
        assert answer["y"] + answer["height"] <= 360


def test_the_number_of_pairs_falls_by_all_that_an_answer_settles(page: Any, tmp_path: Path) -> None:
    page.add_init_script(GIVE_PAIRS.replace("PAIRS", SEVEN_PAIRS))
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.goto(page.url.replace("/photos", "/doubtful"))
        left = page.locator("[role=status]", has_text="left")
        for key, words in (
            (None, "7 questions left"),
            ("y", "5 questions left, 1 answered"),
            ("n", "4 questions left, 2 answered"),
        ):
            if key:
                page.keyboard.press(key)
            page.wait_for_function("words => document.body.innerText.includes(words)", arg=words)
        assert left.count() == 1


def test_keys_answer_after_a_click(page: Any, tmp_path: Path) -> None:
    page.add_init_script(GIVE_PAIRS.replace("PAIRS", TWO_PAIRS))
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.goto(page.url.replace("/photos", "/doubtful"))
        page.get_by_role("button", name="Skip").click()
        page.keyboard.press("n")
        page.locator(".toast", has_text="Two people").wait_for()


def test_a_note_tells_what_a_decision_overrules(page: Any, tmp_path: Path) -> None:
    page.add_init_script(GIVE_PAIRS.replace("PAIRS", TWO_PAIRS))
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        page.goto(page.url.replace("/photos", "/doubtful"))
        overruling = "Two people. This overrules “merged Person 1 into Person 0” for 1 face"
        for key, words in (("y", "The same person"), ("n", overruling)):
            page.reload()
            page.wait_for_selector(".pair")
            page.keyboard.press(key)
            page.locator(".toast", has_text=words).wait_for()


def test_what_is_no_face_is_said_in_the_viewer_and_taken_back(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 4)):
        open_first(page)
        chips = page.locator(".viewer .face-item")
        chips.get_by_role("button", name="is not a face").first.click()
        page.locator(".toast", has_text="Not a face").wait_for()
        page.locator(".viewer h3", has_text="Not faces").wait_for()
        assert page.locator(".viewer .face-box").count() == 0
        chips.get_by_role("button", name="This is a face").click()
        page.locator(".viewer .face-box").wait_for()


def test_all_faces_of_a_person_are_said_to_be_none_by_two_keys(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 3)):
        page.goto(page.url.replace("/photos", "/people"))
        page.locator(".person-face").first.click()
        page.locator(".face-tile").first.wait_for()
        page.keyboard.press("a")
        page.keyboard.press("f")
        page.locator(".toast", has_text="Not a face").wait_for()
        page.wait_for_function("() => document.querySelectorAll('.face-tile').length === 0")


def test_keys_decide_about_one_face_after_the_other(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("text=People")
        page.click("text=Find people")
        page.locator(".person-face").first.click(timeout=A_JOB)
        tiles = page.locator(".face-tile")
        playwright.expect(tiles).to_have_count(6)
        tiles.first.focus()
        page.keyboard.press(" ")
        page.keyboard.press("n")
        playwright.expect(tiles).to_have_count(5)
        page.keyboard.press("a")
        assert page.locator(".face-tile[aria-selected=true]").count() == 5


def test_a_double_click_decides_about_faces_once(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 3)):
        page.goto(page.url.replace("/photos", "/people"))
        page.locator(".person-face").first.click()
        page.locator(".face-tile").first.click()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/not") else None)
        page.get_by_role("button", name="Not this person").dblclick()
        page.locator(".toast", has_text="Not this person").first.wait_for()
        page.wait_for_timeout(300)
        assert len(asked) == 1
        assert page.locator(".toast").count() == 1


def test_an_older_answer_about_a_person_comes_too_late(page: Any, tmp_path: Path) -> None:
    held: list[Any] = []
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 3)):
        page.goto(page.url.replace("/photos", "/people"))
        page.locator(".person-face").first.click()
        page.locator(".face-tile").first.wait_for()
        matters = page.get_by_label("How much the person matters")
        page.route(re.compile(r"/people/p\w+$"), lambda route: held.append((route, route.fetch())), times=1)
        page.evaluate("dispatchEvent(new Event('changed'))")
        page.wait_for_timeout(500)
        assert len(held) == 1
        with page.expect_response(lambda answer: answer.request.method == "GET" and "/people/p" in answer.url):
            matters.select_option("main")
        page.wait_for_timeout(200)
        for route, answer in held:
            route.fulfill(response=answer)
        page.wait_for_timeout(300)
        assert matters.input_value() == "main"


CUT_WITH_DOTS = """(place) => {
    const one = document.querySelector(place);  // found anew each time: the page may have drawn it again
    one?.blur();  // a field that is typed in shows all of it
    const style = one && getComputedStyle(one);
    return style?.textOverflow === "ellipsis" && style.display !== "flex";
}"""


def test_the_page_of_a_person_with_a_long_name_is_no_wider_than_the_screen(page: Any, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 1)):
        page.goto(page.url.replace("/photos", "/people"))
        give_name(page, 0, "W" * 100)
        page.wait_for_function(CUT_WITH_DOTS, arg=".person .name")
        page.locator(".person-face").first.click()
        page.locator("h1", has_text="WWW").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.click(".brand")
        page.wait_for_function(CUT_WITH_DOTS, arg=".album-title")


def test_somebody_who_was_merged_elsewhere_goes_from_the_pages(browser: Any, tmp_path: Path) -> None:
    page = browser.new_context().new_page()  # the refusals that are meant here are errors of its console
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 3)):
        page.goto(page.url.replace("/photos", "/people"))
        page.locator(".person").nth(2).wait_for()
        gone, into = (page.locator(".person").nth(number).get_attribute("data-id") for number in (0, 1))
        people = re.sub(r"/#/(\w+)/people", r"/api/albums/\1/people", page.url)
        page.evaluate(
            """([people, ask]) => fetch(`${people}/merge`, {
                method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(ask),
            })""",
            [people, {"into": into, "others": [gone]}],
        )
        page.locator(f"[data-id={gone}]").get_by_role("button", name="Hide").click()
        playwright.expect(page.locator(f"[data-id={gone}]")).to_have_count(0)
        page.locator(".toast", has_text="no such person").wait_for()
        page.evaluate("(gone) => (location.hash += `/${gone}`)", gone)
        page.wait_for_timeout(800)
        assert page.url.endswith("/people")
        assert page.locator(".person").count() == 2
    page.context.close()
