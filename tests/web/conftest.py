"""An app over an album that was indexed before, without any model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from photo_ranker.web.app import create_app
from photo_ranker.web.options import WebOptions
from web_helpers import make_album

HOME = "http://127.0.0.1:8765"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))


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
