"""The page in a real browser while the server is away, and in more tabs than a browser has connections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, SECONDS, Server, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def test_a_server_that_is_away_is_told_of_once_and_what_is_missing_comes_later(page: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", make_album(tmp_path / "album", photos=600))
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        server.kill()
        for _ in range(12):
            page.evaluate("document.querySelector('.grid').scrollTop += 1500")
            page.wait_for_timeout(60)
        page.wait_for_selector(".cell:not(:has(img.here))")
        page.locator(".toast", has_text="Photo Ranker is not responding").wait_for()
        assert page.locator(".toast").count() == 1
        server.start_where_it_was()
        playwright.expect(page.locator(".cell:not(:has(img.here))")).to_have_count(0, timeout=15 * SECONDS)
    finally:
        server.stop()


def test_a_view_that_did_not_come_is_shown_when_the_server_is_back(page: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", make_album(tmp_path / "album", photos=6))
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        server.kill()
        page.click("nav >> text=Event")
        page.locator(".toast", has_text="Photo Ranker is not responding").wait_for()
        server.start_where_it_was()
        page.get_by_text("Find the best photos", exact=True).wait_for(timeout=15 * SECONDS)
    finally:
        server.stop()


def test_a_view_that_did_not_come_is_asked_for_by_a_click_and_when_the_network_is_back(
    page: Any, tmp_path: Path
) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.context.set_offline(True)
        page.click("nav >> text=Event")
        page.locator(".toast", has_text="Photo Ranker is not responding").wait_for()
        page.evaluate(
            "addEventListener('online', (event) => event.stopImmediatePropagation(), { capture: true, once: true })"
        )
        page.context.set_offline(False)
        page.click("nav >> text=Event")
        page.get_by_text("Find the best photos", exact=True).wait_for(timeout=15 * SECONDS)
        page.context.set_offline(True)
        page.click("nav >> text=People")
        page.locator(".toast", has_text="Photo Ranker is not responding").wait_for()
        page.context.set_offline(False)
        page.get_by_role("button", name="Find people").wait_for(timeout=15 * SECONDS)


def test_a_mark_that_was_not_stored_is_withdrawn(page: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", make_album(tmp_path / "album", photos=6))
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        server.kill()
        page.locator(".grid").focus()
        page.keyboard.press("p")
        page.locator(".toast", has_text="Not marked: photo_").wait_for()
        assert page.locator(".toast", has_text="Picked").count() == 0
        assert page.locator(".cell .flag:visible").count() == 0
        server.start_where_it_was()
    finally:
        server.stop()


TELL_BY_HAND = """
window.EventSource = class extends EventTarget {
  constructor() {
    super();
    this.readyState = 1;
    window.tell = (jobs) => this.dispatchEvent(new MessageEvent("jobs", { data: JSON.stringify({ jobs }) }));
  }
  close() {}
};
"""


EVENT_JOB = {
    "id": "1",
    "kind": "event",
    "state": "done",
    "ended_at": "1",
    "progress": {},
    "result": {},
    "created_at": "1",
}


def album_of(page: Any) -> str:
    """The album that the page shows."""
    return str(page.url.split("#/")[1].split("/")[0])


def test_a_job_that_ended_before_it_was_seen_at_work_is_noticed(page: Any, tmp_path: Path) -> None:
    """A small album is scored within the time between two looks of the server at its jobs."""
    page.add_init_script(TELL_BY_HAND)
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.evaluate("tell([])")
        with page.expect_response(lambda answer: "/event?" in answer.url):
            page.click("text=Event")
        page.get_by_text("Find the best photos", exact=True).wait_for()
        job = {**EVENT_JOB, "album": album_of(page)}
        with page.expect_request(lambda asked: "/event?" in asked.url):
            page.evaluate("(job) => tell([job])", job)
        failed = {**job, "id": "2", "state": "failed", "ended_at": "2", "problem": {"detail": "no room"}}
        page.evaluate("(job) => tell([job])", failed)
        page.locator(".toast", has_text="no room").wait_for()


def test_a_view_hears_of_a_job_that_ended_while_it_loaded(page: Any, tmp_path: Path) -> None:
    page.add_init_script(TELL_BY_HAND)
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        page.evaluate("tell([])")
        held: list[Any] = []

        def hold(route: Any) -> None:
            held.append(route)

        page.route("**/event?*", hold, times=1)
        with page.expect_request(lambda asked: "/event?" in asked.url):
            page.click("text=Event")
        page.evaluate("(job) => tell([job])", {**EVENT_JOB, "album": album_of(page)})
        with page.expect_request(lambda asked: "/event?" in asked.url):
            held[0].continue_()


WATCH_EVENT_SOURCES = """
    window.sources = [];
    window.EventSource = class extends EventSource {
        constructor(...words) {
            super(...words);
            window.sources.push(this);
        }
    };
    let state = "visible";
    Object.defineProperty(document, "visibilityState", { get: () => state });
    window.look = (now) => {
        state = now;
        document.dispatchEvent(new Event("visibilitychange"));
    };
"""


def test_a_hidden_tab_holds_no_connection(page: Any, tmp_path: Path) -> None:
    page.add_init_script(WATCH_EVENT_SOURCES)
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=6)):
        open_now = "sources.filter((source) => source.readyState !== EventSource.CLOSED).length"
        assert page.evaluate(open_now) == 1
        page.evaluate("look('hidden')")
        assert page.evaluate(open_now) == 0
        page.evaluate("look('visible')")
        page.wait_for_timeout(300)
        assert page.evaluate(open_now) == 1
        assert page.evaluate("sources.at(-1).readyState === EventSource.OPEN")
