"""Dialogs in a real browser: they keep what was typed, and nothing is written before it was shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from web_browser import A_JOB, IN_A_BROWSER, Server, opened, until_closed
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def test_a_folder_is_chosen_from_a_list_or_typed_with_a_tilde(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home of me"
    make_album(home / "Pictures" / "wedding", photos=3)
    monkeypatch.setenv("HOME", str(home))
    server = Server(tmp_path / "data", make_album(tmp_path / "other", photos=1))
    try:
        page.goto(server.url)
        page.get_by_role("button", name="Open a folder").click()
        field = page.get_by_label("Folder", exact=True)
        page.get_by_role("button", name="Browse").click()
        page.get_by_role("button", name="Pictures", exact=True).click()
        page.get_by_role("button", name="wedding", exact=True).click()
        playwright.expect(page.locator(".folder-field [role=status]")).to_have_text("3 photos in this folder")
        assert field.input_value() == str(home / "Pictures" / "wedding")
        field.fill("~/Pictures/wedding")
        page.get_by_role("button", name="Open", exact=True).click()
        playwright.expect(page.locator(".cell img.here")).to_have_count(3)
    finally:
        server.stop()


def test_a_dialog_stays_open_when_the_server_refuses(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=3)):
        page.get_by_role("button", name="Export").click()
        field = page.get_by_label("Folder to copy to")
        field.fill("/nowhere/at/all")
        refusal = {"detail": "there is no folder /nowhere/at", "advice": "give its whole path", "status": 404}
        page.evaluate(
            """(refusal) => {
                const real = window.fetch;
                window.fetch = async (address, options) =>
                    String(address).endsWith("/exports/preview") && options.body.includes("/nowhere")
                        ? new Response(JSON.stringify(refusal), {
                              status: 404,
                              headers: { "Content-Type": "application/problem+json" },
                          })
                        : real(address, options);
            }""",
            refusal,
        )
        page.get_by_role("button", name="Copy there").click()
        playwright.expect(page.locator("dialog [role=alert]:visible")).to_contain_text("There is no folder /nowhere/at")
        assert field.input_value() == "/nowhere/at/all"


def look_at_sidecars(page: Any) -> None:
    """Give the first photo four stars, and ask what would be written."""
    page.locator(".grid").focus()
    page.keyboard.press("Home")
    with page.expect_response(lambda answer: answer.url.endswith("/marks")):
        page.keyboard.press("4")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Stars and names").click()
    playwright.expect(page.locator(".preview")).to_contain_text("photo_00000.jpg.xmp 4 stars")


def test_sidecars_are_shown_before_they_are_written(page: Any, tmp_path: Path) -> None:
    album = make_album(tmp_path / "album", photos=3)
    with opened(page, tmp_path / "home", album):
        look_at_sidecars(page)
        assert not list(album.glob("*.xmp")), "a look writes nothing"
        page.get_by_role("button", name="Write them").click()
        page.locator(".toast", has_text="Stars and names of 1 photo written").wait_for(timeout=A_JOB)
        assert [path.name for path in album.glob("*.xmp")] == ["photo_00000.jpg.xmp"]


def test_sidecars_that_cannot_be_written_are_named(page: Any, tmp_path: Path) -> None:
    album = make_album(tmp_path / "album", photos=1)
    with opened(page, tmp_path / "home", album):
        look_at_sidecars(page)
        (album / "photo_00000.jpg.xmp").write_text("no XMP")
        page.get_by_role("button", name="Write them").click()
        told = page.locator(".toast", has_text="stars and names of 1 photo could not be written")
        told.filter(has_text="photo_00000.jpg.xmp").wait_for(timeout=A_JOB)
        assert (album / "photo_00000.jpg.xmp").read_text() == "no XMP"


def test_a_copy_is_shown_before_it_is_written(page: Any, tmp_path: Path) -> None:
    target = tmp_path / "best"
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=3)):
        page.get_by_role("button", name="Export").click()
        playwright.expect(page.locator(".export > .preview")).to_contain_text("3 photos")
        page.get_by_label("Folder to copy to").fill(str(target))
        page.get_by_role("button", name="Copy there").click()
        preview = page.locator("form .preview")
        playwright.expect(preview).to_contain_text(f"Into {target}")
        assert preview.locator("li").all_inner_texts() == [f"photo_0000{number}.jpg" for number in range(3)]
        assert not target.exists(), "a look writes nothing"
        page.get_by_label("Numbered, the best first: 001_…").check()
        page.get_by_role("button", name="Copy 3 files").click()  # another export than the one that was shown
        playwright.expect(preview).to_contain_text("001_photo_00000.jpg")
        assert not target.exists()
        page.get_by_role("button", name="Copy 3 files").click()
        page.locator(".toast", has_text="3 files copied").wait_for(timeout=A_JOB)
        assert len(list(target.glob("00*_photo_*.jpg"))) == 3


@pytest.mark.parametrize(("width", "height"), [(1200, 800), (390, 844)])
def test_the_button_that_confirms_a_copy_is_in_view(page: Any, tmp_path: Path, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=40)):
        page.get_by_role("button", name="Export").click()
        page.get_by_label("Folder to copy to").fill(str(tmp_path / "best"))
        page.get_by_role("button", name="Copy there").click()
        playwright.expect(page.get_by_role("button", name="Copy 40 files")).to_be_in_viewport(ratio=1)


def test_a_double_click_makes_one_link(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=1)):
        page.get_by_role("button", name="Share with guests").click()
        page.get_by_label("For whom").fill("Aunt Rosa")
        page.get_by_role("button", name="Make the link").dblclick()
        page.get_by_label("The link", exact=True).wait_for()
        page.goto(page.url.split("#")[0] + "#/guests")
        playwright.expect(page.locator(".guest-link")).to_have_count(1)


def test_a_copy_tells_which_files_are_gone(page: Any, tmp_path: Path) -> None:
    album = make_album(tmp_path / "album", photos=3)
    with opened(page, tmp_path / "home", album):
        (album / "photo_00001.jpg").unlink()
        page.get_by_role("button", name="Export").click()
        page.get_by_label("Folder to copy to").fill(str(tmp_path / "best"))
        page.get_by_role("button", name="Copy there").click()
        page.get_by_role("button", name=re.compile(r"Copy \d files")).click()
        page.locator(".toast", has_text="2 files copied").wait_for(timeout=A_JOB)
        playwright.expect(page.locator(".toast.bad")).to_contain_text("photo_00001.jpg")


def test_a_double_click_opens_one_dialog_that_stays(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        page.get_by_role("button", name="Export").dblclick()
        page.wait_for_timeout(400)
        assert page.locator("dialog[open]").count() == 1
        page.wait_for_timeout(400)  # else the next would be the third click of three
        page.mouse.click(5, 5)
        until_closed(page)
        page.locator(".cell").nth(1).dblclick()
        page.route(re.compile("people.named=true"), lambda route: (page.wait_for_timeout(200), route.continue_()))
        page.locator(".face-name").first.dblclick()
        page.locator(".whose").first.wait_for()
        page.wait_for_timeout(600)
        assert page.locator(".whose").count() == 1
