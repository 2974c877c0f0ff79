"""What jobs tell of their work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from fakes import FakeSpec, write_photo
from photo_ranker.metadata import FolderLock, cache_place
from photo_ranker.settings import Settings
from photo_ranker.web import UploadLimits
from photo_ranker.web.job_process import Call, index_job


def a_call(kind: str, place: Path, **params: Any) -> Call:
    return Call(kind, params, Settings(), str(place), 1, None, asdict(UploadLimits()), lambda *_: None)


def test_facts_that_are_kept_elsewhere_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    write_photo(folder / "a.jpg")
    enter = FolderLock.__enter__

    def closed(self: FolderLock) -> FolderLock:
        if self._place == folder:
            raise PermissionError(13, "Permission denied")
        return enter(self)

    monkeypatch.setattr(FolderLock, "__enter__", closed)
    monkeypatch.setattr("photo_ranker.analysis.AnalyserSpec", lambda _, **__: FakeSpec())
    told = index_job(a_call("index", tmp_path / "place", folder=str(folder), recursive=False))
    assert told["found"] == 1
    assert told["kept_elsewhere"] == [{"folder": str(folder), "place": str(cache_place(folder))}]
