"""An app over an album that was indexed before, without any model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from web_browser import CHROMIUM
from web_helpers import make_album

HOME = "http://127.0.0.1:8765"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def no_spare_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may change what the processes of jobs find: none is begun ahead."""
    monkeypatch.setattr("photo_ranker.web.job_runner.WAIT_SECONDS", 60.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_album(tmp_path / "wedding", photos=6)


@pytest.fixture
def options(tmp_path: Path, folder: Path) -> WebOptions:
    return WebOptions(home=tmp_path / "home", folders=(folder,))


@pytest.fixture
def client(options: WebOptions) -> Iterator[TestClient]:
    with TestClient(create_app(options), base_url=HOME) as client:
        yield client


@pytest.fixture
def album(client: TestClient) -> str:
    """Address of the album."""
    return f"/api/albums/{client.get('/api/albums').json()['albums'][0]['id']}"


@pytest.fixture
def session(client: TestClient) -> str:
    """Address of an empty session."""
    made = client.post("/api/albums/sessions", json={"title": "Uploads"})
    return f"/api/albums/{made.json()['id']}"


SERVER_IS_GONE = tuple(
    f"ERR_{why}"
    for why in (
        "CONNECTION_REFUSED",
        "CONNECTION_RESET",
        "INTERNET_DISCONNECTED",
        "SOCKET_NOT_CONNECTED",
        "EMPTY_RESPONSE",
        "INCOMPLETE",
        "CONTENT_LENGTH_MISMATCH",
    )
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    yield from watched(browser.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True))


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    yield from watched(browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))


def watched(context: Any) -> Iterator[Any]:
    """A page in which nothing may go wrong, and which may ask no other machine."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if "127.0.0.1" not in request.url else None)
    yield page
    # Addresses of a server that was killed on purpose are the one thing that may fail.
    assert [text for text in wrong if not any(name in text for name in SERVER_IS_GONE)] == []
    context.close()
