"""The gallery as a browser shows it, from disk. Needs chromium: apt install chromium."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

from builders import a_record
from photo_ranker.exporters.html import GalleryPhoto, Room, write_gallery
from photo_ranker.records import PhotoRecord
from web_browser import CHROMIUM, IN_A_BROWSER

pytestmark = IN_A_BROWSER


def picture(path: str, record: PhotoRecord, side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side // 2), (len(path) * 20, 90, 160)).save(buffer, "JPEG")
    return buffer.getvalue()


def test_a_viewer_for_keys_and_buttons(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    names = ("a.jpg", "bb.jpg", "ccc.jpg")
    write_gallery(tmp_path / "pages", [Room("Anna", [GalleryPhoto(name, a_record()) for name in names])], picture)
    said: list[str] = []
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        )
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((tmp_path / "pages" / "index.html").as_uri())
        page.get_by_role("link", name="Anna (3)").click()
        page.wait_for_function("() => [...document.querySelectorAll('.photos img')].every(image => image.naturalWidth)")
        page.locator(".photos a").first.focus()
        page.keyboard.press("Enter")
        viewer = page.locator("dialog[open]")
        assert "1 / 3" in viewer.locator("p").inner_text()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("End")
        assert "3 / 3 ccc.jpg" in viewer.locator("p").inner_text()
        page.get_by_role("button", name="Previous photo").click()
        assert "2 / 3" in viewer.locator("p").inner_text()
        page.wait_for_function("() => document.querySelector('dialog img').naturalWidth === 1600")
        page.keyboard.press("Escape")
        assert viewer.count() == 0
        page.wait_for_function("() => document.activeElement.href?.endsWith('001-0002.jpg')")  # "close" comes later
        browser.close()
    assert said == []
