from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import fsspec
import pytest

from fakes import FakeSpec, InlinePool, write_photo
from photo_ranker.errors import PhotoOutOfReach, UserError
from photo_ranker.indexing import IndexOptions, Report, index
from photo_ranker.indexing.interfaces import Outcome
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.scaleout import index_anywhere, is_url
from photo_ranker.scaleout.remote import _Storage

URL = "memory://bucket/photos"


@pytest.fixture(autouse=True)
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> fsspec.AbstractFileSystem:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    files = fsspec.filesystem("memory")
    files.store.clear()
    for number in range(6):
        put(files, f"/bucket/photos/{number % 2}/{number}.jpg", tmp_path, f"faces=2 picture {number}")
    put(files, "/bucket/photos/0/bad.jpg", tmp_path, "unreadable")
    files.pipe_file("/bucket/photos/0/notes.txt", b"notes")
    return files


def put(files: fsspec.AbstractFileSystem, path: str, scratch: Path, orders: str) -> None:
    files.pipe_file(path, write_photo(scratch / "one.jpg", orders).read_bytes())


def run(url: str = URL, spec: FakeSpec | None = None, **options: Any) -> Report:
    return index_anywhere(
        [url], spec or FakeSpec(), IndexOptions(**{"recursive": True} | options), make_pool=InlinePool
    )


def facts(text: bytes) -> dict[str, object]:
    """The file's content but for the times of the files."""
    photos: dict[str, dict[str, dict[str, int]]] = json.loads(text)["photos"]
    return {name: {**record, "stamp": {**record["stamp"], "mtime_ns": 0}} for name, record in photos.items()}


def test_the_metadata_lies_beside_the_photos(bucket: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    report = run()
    assert (report.analysed, report.faces, len(report.unreadable)) == (6, 12, 1)
    assert report.unreadable == [(f"{URL}/0/bad.jpg", "not a photo")]
    assert (f"{URL}/0/notes.txt", "not a photo") in report.skipped
    bucket.get("/bucket/photos", str(tmp_path / "copy"), recursive=True)
    for number in "01":
        (tmp_path / "copy" / number / METADATA_NAME).unlink()
    index([str(tmp_path / "copy")], FakeSpec(), IndexOptions(recursive=True), make_pool=InlinePool)
    for number in "01":
        here = (tmp_path / "copy" / number / METADATA_NAME).read_bytes()
        assert facts(bucket.cat_file(f"/bucket/photos/{number}/{METADATA_NAME}")) == facts(here)


def test_a_second_run_fetches_nothing(bucket: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    written = bucket.modified(f"/bucket/photos/0/{METADATA_NAME}")
    fetched: list[str] = []
    fetch = _Storage.fetch

    def tell(storage: _Storage, path: str, folder: Path) -> Path:
        fetched.append(Path(path).name)
        return fetch(storage, path, folder)

    monkeypatch.setattr(_Storage, "fetch", tell)
    report = run()
    assert (report.fresh, report.analysed) == (6, 0)
    assert set(fetched) == {METADATA_NAME}
    assert bucket.modified(f"/bucket/photos/0/{METADATA_NAME}") == written


def test_only_what_is_new_is_measured(bucket: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    run()
    put(bucket, "/bucket/photos/1/new.jpg", tmp_path, "faces=1 a new picture")
    bucket.rm("/bucket/photos/0/0.jpg")
    report = run()
    assert (report.fresh, report.analysed, report.dropped) == (5, 1, 1)
    assert "0.jpg" not in facts(bucket.cat_file(f"/bucket/photos/0/{METADATA_NAME}"))


def test_this_folder_only(bucket: fsspec.AbstractFileSystem) -> None:
    assert run(f"{URL}/1", recursive=False).found == 3


def test_a_dry_run_writes_nothing(bucket: fsspec.AbstractFileSystem) -> None:
    assert run(dry_run=True).analysed == 7
    assert not bucket.exists(f"/bucket/photos/0/{METADATA_NAME}")


def test_what_is_measured_goes_there_while_the_run_is_at_work(bucket: fsspec.AbstractFileSystem) -> None:
    """A run that is killed loses what came since."""
    seen: list[bool] = []

    class OneByOne(InlinePool):
        """The first folder is done, and its file closed, while the second is at work."""

        @property
        def has_room(self) -> bool:  # type: ignore[override]
            return not self._jobs

        def wait(self, seconds: float) -> list[Outcome]:
            deadline = time.monotonic() + 5
            while (late := "/1/" in self._jobs[0].path) and time.monotonic() < deadline:
                if bucket.exists(f"/bucket/photos/0/{METADATA_NAME}"):
                    break
                time.sleep(0.02)
            if late:
                seen.append(bucket.exists(f"/bucket/photos/0/{METADATA_NAME}"))
            return super().wait(seconds)

    index_anywhere([URL], FakeSpec(), IndexOptions(recursive=True), make_pool=OneByOne, save_seconds=0.05)
    assert seen == [True] * 3


def test_no_object_lies_outside(bucket: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    bucket.store["/bucket/photos/../../out.jpg"] = bucket.store["/bucket/photos/0/0.jpg"]
    assert run().found == 7


def test_an_object_that_cannot_be_had_may_be_had_another_time(tmp_path: Path) -> None:
    with pytest.raises(PhotoOutOfReach, match="no such file"):
        _Storage(URL).fetch("0/missing.jpg", tmp_path)


def test_addresses_that_lead_nowhere() -> None:
    with pytest.raises(UserError, match="nothing at"):
        run("memory://nowhere")
    with pytest.raises(UserError, match="cannot be opened"):
        run("nosuch://bucket")
    assert is_url(URL)
    assert not is_url("/photos")
