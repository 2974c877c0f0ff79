"""Back, Forward, reloads and slow answers in a real browser: what is shown is what the address says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, open_first, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def view(page: Any) -> str:
    """The view of the address, once the history has come to rest."""
    page.wait_for_timeout(400)
    return str(page.url).split("/")[-1].split("?")[0]


def dialogs(page: Any) -> Any:
    return playwright.expect(page.locator("dialog[open]"))


def test_back_closes_the_viewer_and_then_leaves_the_view(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("nav >> text=People")
        page.click("nav >> text=Photos")
        open_first(page)
        page.go_back()
        dialogs(page).to_have_count(0)
        assert view(page) == "photos"
        page.go_back()
        assert view(page) == "people"
        page.go_forward()
        assert view(page) == "photos"
        page.go_forward()
        dialogs(page).to_have_count(1)
        page.go_back()
        dialogs(page).to_have_count(0)
        page.go_back()
        assert view(page) == "people"


def test_a_closed_dialog_leaves_nothing_in_the_history(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("nav >> text=People")
        page.click("nav >> text=Photos")
        for _ in range(2):
            open_first(page)
            page.keyboard.press("Escape")
            dialogs(page).to_have_count(0)
        open_first(page)
        page.keyboard.press("c")
        page.wait_for_selector(".compare .pane img")
        assert view(page) == "photos"
        dialogs(page).to_have_count(1)
        page.go_back()
        dialogs(page).to_have_count(0)
        page.get_by_role("button", name="Export").click()
        page.go_back()
        dialogs(page).to_have_count(0)
        open_first(page)
        page.reload()
        dialogs(page).to_have_count(1)
        page.go_back()
        dialogs(page).to_have_count(0)
        assert view(page) == "photos"
        page.go_back()
        assert view(page) == "people"


def test_another_view_closes_the_viewer_and_back_opens_it_again(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        open_first(page)
        page.locator(".viewer .face-chip").first.click()
        page.wait_for_selector(".cell .score")
        dialogs(page).to_have_count(0)
        assert view(page) == "best"
        open_first(page)
        page.evaluate("location.hash = location.hash.replace(/best.*/, 'event')")
        dialogs(page).to_have_count(0)
        assert view(page) == "event"
        for below in ("best", "photos"):
            for is_open in (1, 0):
                page.go_back()
                assert view(page) == below
                dialogs(page).to_have_count(is_open)


SLOW_PEOPLE_AND_WEIGHTS = """
    const real = window.fetch;
    window.fetch = async (address, options) => {
        const answer = await real(address, options);
        if (/named=true&hidden=true|weights/.test(String(address))) await new Promise((done) => setTimeout(done, 600));
        return answer;
    };
"""


@pytest.mark.parametrize("left_after_ms", [200, 800])
def test_a_slow_answer_does_not_draw_over_another_view(page: Any, tmp_path: Path, left_after_ms: int) -> None:
    page.add_init_script(SLOW_PEOPLE_AND_WEIGHTS)
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.click("nav >> text=Best")
        page.wait_for_timeout(left_after_ms)
        page.click("nav >> text=Photos")
        page.wait_for_timeout(1600)
        assert page.locator(".panel").count() == 0
        assert page.locator(".toast").count() == 0
        assert page.locator(".cell img.here").count() == 6


def test_a_photo_that_comes_late_does_not_open_over_another_view(page: Any, tmp_path: Path) -> None:
    held: list[Any] = []
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=3)):
        page.locator(".cell").nth(1).dblclick()
        page.wait_for_url("**photo=*")
        page.route("**/photos?*", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks what it is given
        page.reload()
        page.wait_for_selector(".toolbar")
        page.evaluate("location.hash = '#/settings'")
        page.locator("h1", has_text="Settings").wait_for()
        for route in held:
            route.continue_()
        page.wait_for_timeout(800)
        assert page.locator("dialog").count() == 0
        assert page.url.endswith("#/settings")
