"""The best photos in a real browser: what is said while there is nothing to show yet, and how it is laid out."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from photo_ranker.metadata import Ledger
from photo_ranker.models.store import sample_photo
from web_browser import A_JOB, IN_A_BROWSER, NEVER_INDEX, open_first, opened, until_closed
from web_helpers import make_album, make_crowd

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

CHOOSE = """async ([content, name]) => {
    const field = document.querySelector(".drop-zone input[type=file]");
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
    field.files = files.files;
    field.dispatchEvent(new Event("change"));
}"""


def test_what_is_said_until_the_best_are_there(page: Any, tmp_path: Path) -> None:
    """A photo of somebody is being read; photos are not looked at yet; there is none; a filter leaves all out."""
    folder = make_album(tmp_path / "album", photos=4)
    with Ledger(folder, lambda _: None) as ledger:
        record = ledger.records["photo_00003.jpg"]
        ledger.drop("photo_00003.jpg")
    page.add_init_script(NEVER_INDEX)
    with opened(page, tmp_path / "home", folder):
        held: list[Any] = []
        page.route("**/references?*", lambda route: held.append(route))  # noqa: PLW0108 - playwright takes no method
        page.click("nav >> text=Best")
        page.wait_for_selector("text=Whose best photos?")
        page.evaluate(CHOOSE, [base64.b64encode(sample_photo("astronaut.png").read_bytes()).decode(), "who.png"])
        playwright.expect(page.locator(".busy")).to_have_text("Looking for faces in who.png…")
        while not held:
            page.wait_for_timeout(10)
        held[0].continue_()
        page.locator(".chip", has_text="your photo").wait_for(timeout=A_JOB)
        playwright.expect(page.locator(".busy")).to_be_hidden()
        says = page.locator(".grid > .empty")
        playwright.expect(says).to_contain_text("1 photo has not been looked at yet: the best")
        with Ledger(folder, lambda _: None) as ledger:
            ledger.put("photo_00003.jpg", record)
        api = page.url.replace("#/", "api/albums/").partition("/best")[0]
        assert page.request.post(f"{api}/index", headers={"Origin": page.url.split("/#")[0]}).ok
        playwright.expect(says).to_have_text("There is no photo of this person.", timeout=A_JOB)
        page.click("label:text-is('Group')")
        playwright.expect(says).to_have_text("No photo of this person passes the filters.")


LONGEST = "Wolfeschlegelsteinhausen" * 4
"""A name without a place to break it."""

NAME_IT = """async (name) => {
    const { get, patch } = await import("/static/js/api.js");
    const base = `/api/albums/${location.hash.split("/")[1]}/people`;
    const { people } = await get(base);
    await patch(`${base}/${people[0].id}`, { name });
    return people[0].id;
}"""

TEXT_BEGINS = """(element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect().left - element.getBoundingClientRect().left;
}"""

FITS = "(element) => element.scrollWidth <= element.clientWidth"


def test_a_long_name_hides_nothing(page: Any, tmp_path: Path) -> None:
    """In the panel of the best, below a face, and in the dialog that ends a link for guests."""
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 2)):
        person = page.evaluate(NAME_IT, LONGEST)
        open_first(page)
        name = page.locator(".face-name", has_text=LONGEST)
        playwright.expect(name).to_have_attribute("title", LONGEST)
        assert name.evaluate(TEXT_BEGINS) >= 0, "its beginning is shown"
        page.keyboard.press("Escape")
        until_closed(page)
        page.goto(page.url.split("/photos")[0] + f"/best?people={person}")
        page.wait_for_selector(".panel select")
        assert page.locator(".panel").evaluate(FITS)
        page.evaluate(
            """async (title) => {
                const { post } = await import("/static/js/api.js");
                await post("/api/guests", { album: location.hash.split("/")[1], title });
            }""",
            LONGEST,
        )
        page.goto(page.url.split("#")[0] + "#/guests")
        page.get_by_role("button", name="End").click()
        page.get_by_role("button", name="Cancel").wait_for()
        assert page.locator("dialog").evaluate(FITS)


def test_the_best_of_somebody_who_was_merged_names_the_person(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_crowd(tmp_path / "crowd", 3)):
        page.goto(page.url.replace("/photos", "/people"))
        page.locator(".person").nth(2).wait_for()
        gone, into = (page.locator(".person").nth(number).get_attribute("data-id") for number in (0, 1))
        page.evaluate(
            """async ([into, gone]) => {
                const album = location.hash.split("/")[1];
                const { patch, post } = await import("/static/js/api.js");
                await patch(`/api/albums/${album}/people/${into}`, { name: "Anna" });
                await post(`/api/albums/${album}/people/merge`, { into, others: [gone] });
            }""",
            [into, gone],
        )
        for people in (gone, f"{gone},{into}"):
            page.goto("about:blank")
            page.go_back()
            page.evaluate(
                "(people) => (location.hash = `#/${location.hash.split('/')[1]}/best?people=${people}`)",
                people,
            )
            page.wait_for_selector(".cell .score")
            assert page.locator(".chip").all_inner_texts() == ["Anna"]
