"""Uploads in a real browser that are not waited for."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photo_ranker.models.store import sample_photo
from web_browser import A_JOB, IN_A_BROWSER, Server
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


@pytest.mark.usefixtures("server")
def test_a_broken_off_upload_says_which_photos_are_missing_and_takes_them(page: Any) -> None:
    page.set_input_files("input[type=file]", FILES)
    page.wait_for_selector(".upload-rows .complete")
    page.reload()
    page.locator(".album-title", has_text="Photos of").click()
    playwright.expect(page.locator(".missing")).to_contain_text("3 files have not arrived: the upload broke off.")
    playwright.expect(page.locator(".missing")).to_contain_text("4.jpg")
    page.evaluate("letGo()")
    with page.expect_response("**/index"):
        page.set_input_files("input[aria-label='Choose the files']", FILES)
    playwright.expect(page.locator(".cell img.here")).to_have_count(5)
    page.reload()
    page.wait_for_selector(".cell img.here")
    assert page.locator(".missing").count() == 0


@pytest.mark.usefixtures("server")
def test_a_cancelled_upload_says_what_stays_and_waits_for_nothing(page: Any) -> None:
    page.set_input_files("input[type=file]", FILES)
    playwright.expect(page.locator(".upload-rows .complete")).to_have_count(2)
    page.locator(".album-title", has_text="Photos of").click()
    page.locator(".upload").get_by_role("button", name="Cancel").click()  # shown here too, where it did not begin
    page.evaluate("letGo()")
    page.locator(".toast", has_text="2 files of 5 had arrived and stay in the album").wait_for()
    playwright.expect(page.locator(".upload")).to_have_count(0)
    assert not page.evaluate(IS_WARNED)
    page.reload()
    playwright.expect(page.locator(".cell img.here")).to_have_count(2)
    assert page.locator(".missing").count() == 0


def test_an_upload_cancelled_before_anything_arrived_leaves_no_album(page: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    page.add_init_script(HOLD_ALL_BUT_TWO_FILES.replace("> 2", "> 0"))
    try:
        page.goto(server.url)
        page.set_input_files("input[type=file]", FILES)
        page.locator(".upload").get_by_role("button", name="Cancel").click()
        page.evaluate("letGo()")
        page.locator(".toast", has_text="No file was kept").wait_for()
        playwright.expect(page.locator(".album-card")).to_have_count(0)
    finally:
        server.kill()


@pytest.mark.usefixtures("server")
def test_each_file_that_is_not_taken_is_named(page: Any) -> None:
    others = [{"name": f"{name}.txt", "mimeType": "text/plain", "buffer": b"x"} for name in ("notes", "list")]
    page.set_input_files("input[type=file]", [FILES[0], *others])
    note = page.locator(".toast", has_text="2 files were not taken")
    for name in ("notes.txt", "list.txt"):
        playwright.expect(note).to_contain_text(name)


@pytest.mark.usefixtures("server")
def test_an_empty_file_is_said_to_be_empty_and_to_be_nothing_else(page: Any) -> None:
    page.set_input_files("input[type=file]", [FILES[0], {**FILES[1], "name": "empty.jpg", "buffer": b""}])
    note = page.locator(".toast", has_text="1 file was not taken")
    playwright.expect(note).to_contain_text("empty.jpg is empty")
    assert page.locator(".toast", has_text="already").count() == 0


def test_two_scans_that_differ_where_no_sample_looks_are_both_taken(page: Any, tmp_path: Path) -> None:
    photo = small_jpeg(1)
    first, second = bytearray(photo.ljust(5_000_000, b"\0")), bytearray(photo.ljust(5_000_000, b"\0"))
    second[1_000_000] = 1
    sent = [bytes(first), bytes(second)]
    files = [{"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": data} for data in sent]
    server = Server(tmp_path / "home")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    try:
        page.goto(server.url)
        with page.expect_response("**/index"):
            page.set_input_files("input[type=file]", files[0])
        for one in (files[1], files[0], files[1]):
            with page.expect_response("**/index"):
                page.set_input_files("input[aria-label='Add photos']", one)
        there = {path.name: path.read_bytes() for path in (tmp_path / "home").rglob("scan*.jpg")}
    finally:
        server.kill()
    assert there == {"scan.jpg": sent[0], "scan_2.jpg": sent[1]}
    assert sum("files?name=" in url for url in requests) == 2, "what is there is not sent again"


@pytest.mark.usefixtures("server")
def test_digests_are_those_of_sha_256(page: Any) -> None:
    """Also by our own code, for plain HTTP: with every length of the last block that matters, and over a slice."""
    told = page.evaluate(
        """async (sizes) => {
            const { sha256, ours } = await import("/static/js/sha256.js");
            const files = sizes.map((size) => new Blob([new Uint8Array(size).map((_, at) => at * 7 + size)]));
            return Promise.all(files.map(async (file) => [await sha256(file), await ours(file)]));
        }""",
        sizes := [0, 1, 55, 56, 63, 64, 65, 1 << 22, (1 << 22) + 3],
    )
    for size, digests in zip(sizes, told, strict=True):
        content = bytes((at * 7 + size) & 255 for at in range(size))
        assert digests == [hashlib.sha256(content).hexdigest()] * 2, size


DROP = """([data, name]) => {
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], name));
    document.getElementById("main").dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: files }));
}"""


def test_a_drop_is_taken_anywhere_on_the_albums_or_answered(page: Any, tmp_path: Path) -> None:
    folder = make_album(tmp_path / "wedding", photos=6)
    server = Server(tmp_path / "home", folder)
    photo = base64.b64encode(small_jpeg(1)).decode()
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        page.evaluate(DROP, [photo, "a.jpg"])
        page.locator(".toast", has_text=f"copy the photos to {folder}").wait_for()
        page.click(".brand")
        page.wait_for_selector(".album-card")
        with page.expect_response(lambda answer: "/files?" in answer.url):
            page.evaluate(DROP, [photo, "a.jpg"])
        page.wait_for_selector(".cell img.here")
    finally:
        server.kill()


def test_a_drop_lands_in_the_album_that_is_shown_and_in_no_other(page: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home", make_album(tmp_path / "wedding", photos=6))
    asked: list[str] = []
    try:
        page.goto(server.url)
        page.wait_for_selector(".album-card")
        ids = page.evaluate("""async () => {
            const { post } = await import("/static/js/api.js");
            const made = [];
            for (const title of ["one", "two"]) made.push((await post("/api/albums/sessions", { title })).id);
            return made;
        }""")
        for session in ids:
            page.goto(f"{server.url.split('#')[0]}#/{session}/photos")
            page.wait_for_selector(".toolbar >> text=Add photos")
        page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
        photo = base64.b64encode(small_jpeg(1)).decode()
        with page.expect_response(lambda answer: f"{ids[1]}/files?" in answer.url):
            page.evaluate(DROP, [photo, "a.jpg"])
        assert not any(ids[0] in url for url in asked)
        asked.clear()
        page.click("nav >> text=Best")
        page.wait_for_selector("text=Whose best photos?")
        who = base64.b64encode(sample_photo("astronaut.png").read_bytes()).decode()
        with page.expect_response("**/references?*"):
            page.evaluate(DROP, [who, "who.png"])
        page.click("nav >> text=Event")
        page.get_by_text("Find the best photos", exact=True).wait_for()
        page.evaluate(DROP, [photo, "nowhere.jpg"])
        page.wait_for_timeout(300)
        assert not any("/files" in url for url in asked)
    finally:
        server.stop()


def zipped(name: str, *seeds: int) -> dict[str, Any]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for seed in seeds:
            archive.writestr(f"{seed}.jpg", small_jpeg(seed))
    return {"name": name, "mimeType": "application/zip", "buffer": file.getvalue()}


def test_what_is_there_already_is_said(page: Any, tmp_path: Path) -> None:
    server, party = Server(tmp_path / "home"), zipped("party.zip", 1, 2)
    try:
        page.goto(server.url)
        page.set_input_files("input[type=file]", party)
        playwright.expect(page.locator(".cell img.here")).to_have_count(2, timeout=A_JOB)
        page.set_input_files("input[aria-label='Add photos']", party)
        page.locator(".toast", has_text="1 file was in this album already").wait_for()
        page.set_input_files("input[aria-label='Add photos']", zipped("more.zip", 1, 2, 3))
        page.locator(".toast", has_text="2 photos of the ZIP were in the album already").wait_for(timeout=A_JOB)
        playwright.expect(page.locator(".cell img.here")).to_have_count(3, timeout=A_JOB)
    finally:
        server.kill()
