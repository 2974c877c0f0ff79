"""The app in a real browser: how soon photos are there while an album is measured, and afterwards.

python -m bench.browser PHOTOS, a folder that has not been measured yet; its facts stay there.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from photo_ranker.models.store import models_folder

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from web_browser import CHROMIUM, Server

COMPLETE = """() => {
  const { top, bottom } = document.querySelector(".grid").getBoundingClientRect();
  const cells = [...document.querySelectorAll(".cell[data-photo]")].filter((cell) => {
    const at = cell.getBoundingClientRect();
    return at.bottom > top && at.top < bottom;
  });
  return cells.length > 0 && cells.every((cell) => cell.querySelector("img.here"));
}"""
"""Whether all cells on the screen show their pictures."""

FLICK = """(to) => new Promise((done) => {
  const grid = document.querySelector(".grid"), from = grid.scrollTop, way = to * (grid.scrollHeight - grid.clientHeight) - from;
  let frame = 0;
  const step = () => {
    frame += 1;
    grid.scrollTop = from + (way * frame) / 20;
    frame < 20 ? requestAnimationFrame(step) : done();
  };
  requestAnimationFrame(step);
})"""  # noqa: E501
"""Scrolls the grid to a share of its height, in 20 frames."""

LONG_TASKS = """window.longTasks = [];
new PerformanceObserver((seen) => longTasks.push(...seen.getEntries().map((one) => one.duration)))
  .observe({ type: "longtask", buffered: true });"""

STEP = """async () => {
  const image = () => document.querySelector(".viewer .stage-image"), before = image()?.getAttribute("src");
  const began = performance.now();
  document.querySelector(".viewer").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  const isHere = () => image()?.getAttribute("src") !== before && image()?.complete && image()?.naturalWidth;
  while (!isHere()) {
    if (performance.now() - began > 10000) throw new Error("the next photo does not come");
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - began;
}"""
"""Milliseconds until the viewer shows the next photo."""

SCORED = "() => document.querySelector('.cell .score')"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    with tempfile.TemporaryDirectory() as home:
        _use_new_cache(Path(home) / "cache")
        server = Server(Path(home), parser.parse_args().photos)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1280, "height": 850})
                page.set_default_timeout(120_000)
                page.add_init_script(LONG_TASKS)
                page.goto(server.url)
                _measure(page, server)
                browser.close()
        finally:
            server.stop()


def _use_new_cache(cache: Path) -> None:
    """A cache that holds the models, but no thumbnails of an earlier run."""
    shutil.copytree(models_folder(), cache / "models")
    os.environ["PHOTO_RANKER_CACHE"] = str(cache)


def _measure(page: Any, server: Server) -> None:
    page.wait_for_selector(".album-title")
    began = time.perf_counter()
    page.click(".album-title")
    _until(page, "() => document.querySelector('.cell img.here')")
    print(f"first thumbnail after {time.perf_counter() - began:.2f} s", flush=True)
    _flicks(page, 15, "while it is measured")
    _say_memory(server.process_id)
    while page.evaluate("async () => (await (await fetch('api/jobs')).json()).jobs.some((job) => !job.ended_at)"):
        time.sleep(2)
    page.reload()
    page.wait_for_selector(".cell img.here")
    _flicks(page, 25, "measured")
    page.evaluate("document.querySelector('.grid').scrollTop = 0")
    _until(page, COMPLETE)
    page.locator(".cell[data-photo]").first.click()
    page.wait_for_selector(".viewer .stage-image")
    _say("step of the viewer", [_stepped(page) for _ in range(50)], "ms")
    album = page.url.split("#/")[1].split("/")[0]
    _say("events shown", [_events(page, server, album) for _ in range(4)], "s")
    _say("events scored again", [_scored_again(page) for _ in range(5)], "s")
    _say_memory(server.process_id)


def _flicks(page: Any, times: int, what: str) -> None:
    """Scroll far, and see how long it takes until the screen is complete."""
    chance, seconds = random.Random(4), []
    page.evaluate("longTasks.length = 0")
    for _ in range(times):
        page.evaluate(FLICK, chance.random())
        seconds.append(_timed(lambda: _until(page, COMPLETE)))
    _say(f"screen complete after a flick, {what}", seconds, "s")
    long = page.evaluate("longTasks.filter((duration) => duration > 100).length")
    print(f"tasks over 100 ms meanwhile: {long}", flush=True)


def _stepped(page: Any) -> float:
    page.wait_for_timeout(250)
    taken: float = page.evaluate(STEP)
    return taken


def _events(page: Any, server: Server, album: str) -> float:
    page.goto(f"{server.address}#/{album}/photos")
    page.wait_for_selector(".cell img.here")
    page.wait_for_timeout(500)

    def show() -> None:
        page.goto(f"{server.address}#/{album}/event")
        _until(page, SCORED)

    return _timed(show)


def _scored_again(page: Any) -> float:
    page.wait_for_timeout(2500)

    def score() -> None:
        with page.expect_response(lambda answer: "/event?" in answer.url) as answer:
            page.get_by_role("button", name="Look again").click()
        answer.value.finished()

    return _timed(score)


def _until(page: Any, holds: str) -> None:
    page.wait_for_function(holds, polling=20)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _say(what: str, values: list[float], unit: str) -> None:
    values.sort()
    middle, late = values[len(values) // 2], values[len(values) * 95 // 100]
    digits = 0 if unit == "ms" else 2
    shown = ", ".join(
        f"{word} {value:.{digits}f}" for word, value in (("median", middle), ("p95", late), ("worst", values[-1]))
    )
    print(f"{what} ({len(values)} times): {shown} {unit}", flush=True)


def _say_memory(process: int) -> None:
    """Print what the server and its jobs take; shared pages are divided among those that share them. Linux only."""
    facts = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in _family(process)]
    server, *jobs = [int(text.split("Pss:")[1].split()[0]) // 1024 for text in facts]
    print(f"memory: {server} MB for the server, {sum(jobs)} MB for its jobs", flush=True)


def _family(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


if __name__ == "__main__":
    main()
