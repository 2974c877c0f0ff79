from __future__ import annotations

from pathlib import Path

import pytest

from photo_ranker.errors import MetadataError
from photo_ranker.metadata import METADATA_NAME, read_ahead
from photo_ranker.metadata.storage import EMPTY, read_text, write_text


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))


def test_what_was_read_ahead_is_taken_once(tmp_path: Path) -> None:
    write_text(tmp_path, [b"old"])
    read_ahead(tmp_path)
    read_ahead(tmp_path / "nowhere")
    assert read_text(tmp_path) == b"old"
    write_text(tmp_path, [b"new"])
    assert read_text(tmp_path) == b"new"


def test_nothing_ahead_is_no_mistake(tmp_path: Path) -> None:
    read_ahead(tmp_path)
    assert read_text(tmp_path) == EMPTY


def test_what_cannot_be_read_is_said_by_whoever_wants_it(tmp_path: Path) -> None:
    (tmp_path / METADATA_NAME).mkdir()
    read_ahead(tmp_path)
    with pytest.raises(MetadataError, match="is a folder, not a plain file"):
        read_text(tmp_path)
