"""What the tests in a real browser share: the server as a user starts it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

__all__ = [
    "ALL_WORDS",
    "AXE",
    "A_JOB",
    "CHROMIUM",
    "IN_A_BROWSER",
    "JARGON",
    "NEVER_INDEX",
    "SECONDS",
    "Server",
    "jargon_on",
    "open_first",
    "opened",
    "second_tab",
    "until_closed",
]

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The lightest first."""

CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)

IN_A_BROWSER = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="browser tests need chromium: make e2e"),
]

SECONDS = 1000.0  # in playwright's milliseconds

A_JOB = 180 * SECONDS
"""How long a job may take to end: the app's jobs give way to all else on the machine, such as other tests."""

JARGON = re.compile(
    r"\b(index\w*|metadata|engines?|API|tokens?|JSON|weights?|doubtful|thresholds?|servers?|sidecars?|sessions?|signals?"
    r"|embeddings?|clusters?|take home|nobody in particular|moments?)\b",
    re.IGNORECASE,
)
"""Words that an adult who never saw a terminal need not know, and words that a better one has replaced."""

ALL_WORDS = """() => [...document.querySelectorAll("body, body *:not(script, style)")].flatMap((one) => [
    ...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data),
    ...["aria-label", "title", "placeholder", "alt"].map((name) => one.getAttribute(name) || ""),
]).map((text) => text.trim()).filter(Boolean)"""


NEVER_INDEX = """
    const real = window.fetch;
    window.fetch = async (address, options) =>
        String(address).endsWith("/index") ? Response.json({}) : real(address, options);
"""
"""Run before a page is opened: what is not measured stays unmeasured."""

AXE = """async () => {
    // What moves or fades in is judged where it comes to rest.
    await Promise.all(document.getAnimations().map((one) => one.playState === "running" && one.effect.getTiming().iterations !== Infinity ? one.finished : null));
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message || ""}`));
}"""  # noqa: E501
"""Runs axe, which the page has loaded, over all that is shown."""


def second_tab(page: Any, wanted: str) -> Any:
    """Another tab of the same browser at the same address, once it shows what is wanted."""
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(wanted)
    return other


class Server:
    """``photo-ranker serve`` as a user starts it."""

    def __init__(self, home: Path, *words: Path | str) -> None:
        self._command = [sys.executable, "-m", "photo_ranker", "serve", *map(str, words)]
        self._command += ["--no-browser", "--json", "--port"]
        self._environment = {**os.environ, "PHOTO_RANKER_DATA": str(home)}
        self._environment.pop("PHOTO_RANKER_TOKEN", None)
        self.start()

    def start(self, port: int = 0) -> None:
        """Begin to serve; ``url`` is the link that lets a browser in, ``address`` the same without the token."""
        self._process = subprocess.Popen(
            [*self._command, str(port)], env=self._environment, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdout
        told = json.loads(self._process.stdout.readline())
        self.url, self.address = told["url"], told["address"]
        self.token = told.get("token")

    @property
    def process_id(self) -> int:
        """Process id of the server as it runs now."""
        return self._process.pid

    def start_where_it_was(self) -> None:
        """Start again with the same port and token, as a user does who has chosen a token."""
        port = urlsplit(self.address).port
        assert port
        assert self.token
        self._environment["PHOTO_RANKER_TOKEN"] = self.token
        self.start(port)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(40)
        assert self._process.stdout
        self._process.stdout.close()


@contextmanager
def opened(page: Any, home: Path, album: Path) -> Iterator[Server]:
    """The photos of an album, served as long as they are looked at."""
    server = Server(home, album)
    try:
        page.goto(server.url)
        page.click(".album-title")
        page.wait_for_selector(".cell img.here")
        yield server
    finally:
        server.stop()


def jargon_on(page: Any) -> list[str]:
    """The texts of a page that hold a word of :data:`JARGON`, also those that are only read out or shown as hints."""
    return sorted({text for text in page.evaluate(ALL_WORDS) if JARGON.search(text)})


def open_first(page: Any) -> None:
    """The first photo of the grid in the viewer, with its faces."""
    page.wait_for_selector(".cell[data-photo]")
    page.locator(".grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_selector(".viewer .face-chip")


def until_closed(page: Any) -> None:
    """Wait until no dialog is open and the history has gone back past the last one, so that a page can be opened."""
    page.wait_for_selector("dialog", state="detached")
    page.wait_for_function("() => !history.state?.dialogs")
