"""The first five minutes in a real browser: three steps and one main action, a menu, and how long work will take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from photo_ranker.metadata import Ledger
from web_browser import IN_A_BROWSER, SECONDS, Server, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


def test_an_empty_start_says_what_to_do_and_has_one_main_action(page: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    try:
        page.goto(server.url)
        steps = page.locator(".steps li b:visible")
        playwright.expect(steps).to_have_text(["Bring your photos", "Say who", "Keep the best"])
        assert page.locator("button.primary:visible").all_inner_texts() == ["Open a folder"]
        page.locator("button.primary").click()
        page.get_by_label("Folder", exact=True).fill(str(make_album(tmp_path / "wedding", photos=2)))
        page.get_by_role("button", name="Open", exact=True).click()
        page.wait_for_selector(".cell img.here")
        page.click(".brand")
        page.wait_for_selector(".album-card")
        playwright.expect(steps).to_have_count(0)
    finally:
        server.stop()


SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => shifts.push(...list.getEntries().flatMap((entry) =>
        entry.sources.map(({ node }) => node?.className || "")))).observe({ type: "layout-shift", buffered: true });
"""


def test_the_place_to_drop_files_does_not_jump_and_asks_no_finger_to_drop(phone: Any, tmp_path: Path) -> None:
    with opened(phone, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        phone.add_init_script(SHIFTS)
        phone.goto(phone.url.split("#")[0] + "#/")
        phone.reload()
        phone.locator(".album-card .cover img").first.wait_for()
        playwright.expect(phone.locator(".drop-zone > p").first).to_contain_text("New album from files")
        assert "drop-zone" not in phone.evaluate("shifts")


def test_what_is_seldom_needed_is_in_the_menu(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        entries = page.locator("#menu > *")
        playwright.expect(entries.first).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        assert [text.split("\n")[0] for text in entries.all_inner_texts()] == [
            "Guests", "Settings", "Keys", "Dark or light", "For programmers"
        ]  # fmt: skip
        entries.filter(has_text="Dark or light").click()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.get_by_role("button", name="Menu").click()
        entries.filter(has_text="Keys").click()
        page.get_by_role("heading", name="Keys").wait_for()
        playwright.expect(entries.first).to_be_hidden()


LEFT = """async () => {
    const { timeLeft, wordsForTime } = await import("/static/js/time_left.js");
    let now = 0;
    const left = timeLeft(() => now);
    const tell = (seconds, done) => ((now = seconds * 1000), left(done, 1000));
    return {
        begun: tell(0, 0),
        soon: tell(1, 20),
        steady: tell(10, 200),
        slower: tell(60, 250),
        again: tell(61, 0),
        words: [4, 30, 100, 3600, 20000].map(wordsForTime),
    };
}"""


def test_the_time_left_follows_how_fast_the_work_goes(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        told = page.evaluate(LEFT)
    assert (told["begun"], told["soon"], told["again"]) == (None, None, None), "nobody can tell yet"
    assert told["steady"] == pytest.approx(40)
    assert told["slower"] == pytest.approx(750), "what was long ago counts no more"
    assert told["words"] == [
        "a few seconds left", "less than a minute left", "about 2 minutes left", "about 60 minutes left",
        "about 6 hours left",
    ]  # fmt: skip


JOB = """
    const real = EventSource;
    window.EventSource = class extends EventTarget {
        constructor(address) {
            super();
            const album = () => location.hash.slice(2, 18);
            const told = (done) => ({ jobs: [{ id: "j", kind: "index", album: album(), state: "running",
                progress: { done, total: 5000, words: `${done} faces found` }, created_at: "2024" }] });
            let done = 100;
            setInterval(() => {
                done += 100;
                this.dispatchEvent(new MessageEvent("jobs", { data: JSON.stringify(told(done)) }));
            }, 250);
        }
    };
"""


def test_progress_tells_what_is_done_and_how_long_it_takes(page: Any, tmp_path: Path) -> None:
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        page.add_init_script(JOB)
        page.reload()
        words = page.locator("#strip .job-words")
        playwright.expect(words).to_contain_text("of 5,000 · ", timeout=15_000)
        playwright.expect(words).to_contain_text("Looking at the photos: ")
        playwright.expect(words).to_contain_text("left", timeout=15_000)


def test_a_phone_has_room_for_what_is_done_and_how_long_it_takes(browser: Any, tmp_path: Path) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 740}, locale="de-DE").new_page()
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=2)):
        page.add_init_script(JOB)
        page.reload()
        words = page.locator("#strip .job-words")
        playwright.expect(words).to_contain_text("noch ", timeout=15_000)
        # What comes last, the faces, may be cut.
        shown = words.evaluate(
            """(one) => {
                const range = document.createRange();
                range.setStart(one.firstChild, 0);
                range.setEnd(one.firstChild, one.textContent.lastIndexOf(" · "));
                return [...range.getClientRects()].every((line) => line.bottom <= one.getBoundingClientRect().bottom);
            }"""
        )
        assert shown, words.text_content()
        assert page.locator("#strip progress").bounding_box()["width"] > 300
    page.context.close()


JOBS_OF_CARDS = """
    window.EventSource = class extends EventTarget {
        constructor() {
            super();
            window.tell = (jobs) => this.dispatchEvent(new MessageEvent("jobs", { data: JSON.stringify({ jobs }) }));
        }
    };
"""


def test_cards_of_albums_begin_with_what_differs(browser: Any, tmp_path: Path) -> None:
    """On a phone in German only the first words fit: waiting, how far, no faces before any are known, not there."""
    names = ["being_measured", "waiting", "measured", "gone"]
    folders = [make_album(tmp_path / name, photos=2) for name in names]
    for folder in folders[:2]:
        with Ledger(folder, lambda _: None) as ledger:
            for name in list(ledger.records):
                ledger.drop(name)
    server = Server(tmp_path / "home", *folders)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="de-DE")
    page = context.new_page()
    page.add_init_script(JOBS_OF_CARDS)
    try:
        folders[3].rename(tmp_path / "elsewhere")
        page.goto(server.url)
        cards = [page.locator(".album-card", has=page.get_by_text(name, exact=True)) for name in names]
        facts = [card.locator("p").first for card in cards]
        playwright.expect(facts[0]).to_have_text(f"2 Fotos · {folders[0]}")
        playwright.expect(facts[2]).to_have_text(f"2 Fotos · 3 Gesichter · {folders[2]}")
        playwright.expect(facts[3]).to_have_text(f"Der Ordner ist nicht da · {folders[3]}")
        ids = [card.locator(".album-title").get_attribute("href").split("/")[1] for card in cards]
        job = {"kind": "index", "progress": {"done": 18, "total": 46, "words": ""}, "created_at": "2024"}
        states = zip(ids, ("running", "queued", "cancelled"), strict=False)
        page.evaluate(
            "(jobs) => tell(jobs)", [{**job, "id": one, "album": one, "state": state} for one, state in states]
        )
        words = [card.locator(".job-words") for card in cards]
        playwright.expect(words[0]).to_have_text("18 von 46 · Fotos werden angesehen")
        playwright.expect(words[1]).to_have_text("wartet · Fotos werden angesehen")
        playwright.expect(words[2]).to_have_text("angehalten bei 18 von 46 · Fotos werden angesehen")
    finally:
        context.close()
        server.stop()


@pytest.mark.parametrize("size", ["page", "phone"])
def test_an_empty_start_offers_a_sample_that_one_click_removes(
    size: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    page = request.getfixturevalue(size)
    server = Server(tmp_path / "home")
    try:
        page.goto(server.url)
        page.get_by_role("button", name="Try a small sample album").click()
        playwright.expect(page.locator(".cell img.here").nth(5)).to_be_visible(timeout=20 * SECONDS)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        (folder,) = (tmp_path / "home").rglob("Sample album")
        assert len(list(folder.glob("sample_*.jpg"))) == 13
        page.click(".brand")
        page.get_by_role("link", name="Sample album", exact=True).wait_for()
        playwright.expect(page.locator(".try-sample")).to_be_hidden()
        line = page.locator(".sample-line").evaluate(
            "(one) => [one.scrollWidth, one.clientWidth, one.lastChild.offsetHeight]"
        )
        assert line[0] <= line[1], "its words are not cut"
        assert size == "page" or line[2] >= 44
        page.get_by_role("button", name="Remove the sample").click()
        page.locator(".toast", has_text="Sample album deleted").wait_for()
        playwright.expect(page.locator(".album-card")).to_have_count(0)
        playwright.expect(page.locator(".try-sample")).to_be_visible()
    finally:
        server.stop()
