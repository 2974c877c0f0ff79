"""Small pictures that are made while a photo is measured, for the pages of the app."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.images import Limits
from photo_ranker.images.thumbnails import SMALL_SIDE, Thumbnails, thumbnails_folder
from photo_ranker.models.store import sample_photo
from photo_ranker.settings import MeasureSettings


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "astronaut.jpg"
    Image.open(sample_photo("astronaut.png")).convert("RGB").save(path)
    return path


def test_a_page_finds_the_small_picture_without_opening_the_photo(photo: Path) -> None:
    record = AnalyserSpec(thumbnails=True).open().analyse(photo)
    photo.unlink()
    thumbnails = Thumbnails(Limits.of(MeasureSettings()), thumbnails_folder())
    jpeg = thumbnails.whole(str(photo), record, SMALL_SIDE)
    assert max(Image.open(io.BytesIO(jpeg)).size) == SMALL_SIDE


def test_commands_make_none(photo: Path) -> None:
    AnalyserSpec().open().analyse(photo)
    assert not thumbnails_folder().exists()
