"""Whatever lies under the names of the app's own files, nothing else changes, and the app goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from photo_ranker.errors import FileRefused
from photo_ranker.web import WebOptions, storage
from photo_ranker.web.app import create_app
from web.conftest import HOME

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX"), pytest.mark.timeout(60)]

KINDS: dict[str, Callable[[Path, Path], object]] = {
    "link": lambda path, other: path.symlink_to(other),
    "link to nowhere": lambda path, other: path.symlink_to(other.with_name("nowhere")),
    "second name": lambda path, other: path.hardlink_to(other),
    "pipe": lambda path, _: os.mkfifo(path),
    "folder": lambda path, _: path.mkdir(),
}


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.jpg"
    path.write_bytes(b"a photo")
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_file_is_never_read_or_written_through_it(kind: str, tmp_path: Path, other: Path) -> None:
    path = tmp_path / "home" / "count.json"
    path.parent.mkdir()
    KINDS[kind](path, other)
    if kind in {"pipe", "folder"}:
        with pytest.raises(FileRefused):
            storage.write_value(path, 1)
    else:
        storage.write_value(path, 1)
        assert storage.read_value(path, int) == 1
    assert other.read_bytes() == b"a photo"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["marks.json", "album.json", "count.json"])
def test_the_app_goes_on(name: str, kind: str, options: WebOptions, album: str, other: Path) -> None:
    place = options.home / "albums" / album.rpartition("/")[2]
    (place / name).unlink(missing_ok=True)
    KINDS[kind](place / name, other)
    with TestClient(create_app(options), base_url=HOME) as client:
        assert client.get("/api/albums").status_code == 200
        assert client.get(f"{album}/photos").status_code == 200
    assert other.read_bytes() == b"a photo"
    assert not other.with_name("nowhere").exists()


def test_what_a_killed_server_has_left_goes_at_the_next_start(options: WebOptions, album: str) -> None:
    place = options.home / "albums" / album.rpartition("/")[2]
    left = [place / "tmpabcd_123", options.home / "jobs" / ".photo-ranker-abcd_123"]
    for path in left:
        path.touch()
        os.utime(path, (0, 0))
    with TestClient(create_app(options), base_url=HOME):
        assert not any(path.exists() for path in left)
