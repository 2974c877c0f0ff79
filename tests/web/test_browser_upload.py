"""Uploads in a real browser that are not waited for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, Server
from web_helpers import make_album, small_jpeg

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

HOLD_ALL_BUT_TWO_FILES = """
    const real = window.fetch;
    const held = new Promise((done) => (window.letGo = done));
    let sent = 0;
    window.fetch = async (address, options) => {
        if (String(address).includes("/files?") && (sent += 1) > 2) await held;
        return real(address, options);
    };
"""

FILES = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": small_jpeg(n)} for n in range(5)]

IS_WARNED = """() => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
}"""


@pytest.fixture
def server(page: Any, tmp_path: Path) -> Iterator[Server]:
    """The page shows the albums: one; two of the files of the next upload arrive at once."""
    server = Server(tmp_path / "home", make_album(tmp_path / "wedding", photos=6))
    page.add_init_script(HOLD_ALL_BUT_TWO_FILES)
    page.goto(server.url)
    page.wait_for_selector(".album-card")
    yield server
    server.kill()


@pytest.mark.usefixtures("server")
def test_leaving_during_an_upload_asks_first_and_its_end_does_not_call_back(page: Any) -> None:
    assert not page.evaluate(IS_WARNED)
    page.set_input_files("input[type=file]", FILES)
    page.wait_for_selector(".upload-rows .complete")
    assert page.evaluate(IS_WARNED)
    page.locator(".album-title", has_text="wedding").click()
    page.wait_for_selector(".cell img.here")
    with page.expect_response("**/index"):
        page.evaluate("letGo()")
    page.locator(".toast", has_text="are here").wait_for()
    assert page.locator("#title").inner_text() == "wedding"
    assert not page.evaluate(IS_WARNED)


@pytest.mark.usefixtures("server")
def test_a_session_whose_upload_broke_off_is_indexed_when_it_is_opened(page: Any) -> None:
    page.set_input_files("input[type=file]", FILES)
    page.wait_for_selector(".upload-rows .complete")
    page.reload()
    with page.expect_response(lambda answer: answer.url.endswith("/index")) as got:
        page.locator(".album-title", has_text="Photos of").click()
    assert got.value.json()["kind"] == "index"
