"""Make docs/report.png: python scripts/make_readme_picture.py [PICTURE].

Ranks an album that shows only the public-domain astronaut (other sample photos must not be published)
and takes a screenshot of the report. Needs chromium and playwright (pip install -e '.[e2e]').
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from photo_tricks import (
    Pixels,
    blurred,
    cropped,
    exposed,
    load,
    mirrored,
    resized,
    save,
    tilted,
    turned,
)
from playwright.sync_api import sync_playwright

from photo_ranker.cli import main as photo_ranker
from photo_ranker.models.store import sample_photo

START = datetime(1994, 2, 3, 10, 0, 0)  # noqa: DTZ001 - a camera's wall clock has no zone
HEAD = (226.0, 108.0, 72.0, 92.0)
"""Centre, half width and half height of the head in the sample photo."""


def album(photo: Pixels) -> Iterator[tuple[str, Pixels]]:
    """Names and pictures, in the order they are taken."""
    large = resized(photo, 2)
    head = (HEAD[0] * 2, HEAD[1] * 2, HEAD[2] * 2, HEAD[3] * 2)
    yield "DSC_0101.jpg", cropped(large, 60, 0, 760, 1024)
    yield "DSC_0102.jpg", resized(cropped(photo, 60, 0, 400, 227), 3)
    yield "DSC_0107.jpg", blurred(cropped(large, 0, 0, 980, 640), 7)
    yield "DSC_0108.jpg", exposed(cropped(large, 0, 0, 900, 600), -4)
    yield "DSC_0112.jpg", turned(cropped(large, 0, 0, 1000, 660), head, 24)
    yield "DSC_0115.jpg", mirrored(cropped(large, 0, 0, 820, 560))
    yield "DSC_0119.jpg", tilted(cropped(large, 0, 0, 1024, 700), 16)
    yield "DSC_0120.jpg", exposed(cropped(large, 80, 0, 680, 900), 1.8)
    yield "DSC_0124.jpg", cropped(large, 450, 0, 1024, 430)


def rank(folder: Path) -> Path:
    """Write the album and its report."""
    photo, photos, page = load(sample_photo("astronaut.png")), folder / "photos", folder / "report.html"
    photos.mkdir()
    for number, (name, pixels) in enumerate(album(photo)):
        save(pixels, photos / name, START + timedelta(minutes=4 * number))
    reference = folder / "reference.jpg"
    save(resized(exposed(cropped(photo, 140, 20, 320, 220), 0.2), 2), reference)
    words = ["rank", "--ref", str(reference), "--photos", str(photos), "--no-cache", "--output", str(page)]
    if photo_ranker(words):
        raise SystemExit(1)
    return page


def take(page: Path, picture: Path) -> None:
    """Save a screenshot of the report in a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1400, "height": 1012}, color_scheme="light")
        tab.goto(page.as_uri())
        # Wait until all pictures on the screen are decoded and have faded in.
        tab.locator(".photo img.there").nth(7).wait_for()
        tab.wait_for_timeout(2000)
        tab.screenshot(path=str(picture))
        browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/report.png")
    with tempfile.TemporaryDirectory() as made:
        take(rank(Path(made)), target)
    print(target)
