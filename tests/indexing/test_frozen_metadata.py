"""A metadata file of November 2025's format stays fresh: no later version may measure its photos again by accident."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NoReturn

import pytest

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.indexing import IndexOptions, refresh
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.settings import Settings

FROZEN = Path(__file__).with_name("frozen_metadata.json")
"""One photo with one face, as it was written when its keys were first frozen; only a new measurement may change it."""

LATER = {"mesh", "face", "look"}
"""Parts that later versions measure besides or otherwise: each face is looked at twice for its mesh since version 2."""


def keys(settings: Settings = Settings()) -> dict[str, str]:  # noqa: B008
    return AnalyserSpec(settings.measure).keys()


def with_what_came_later() -> bytes:
    """The file as it is once those parts are measured."""
    written = json.loads(FROZEN.read_bytes())
    for photo in written["photos"].values():
        photo["parts"] |= {part: keys()[part] for part in LATER}
    return json.dumps(written).encode()


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "album"
    folder.mkdir()
    photo = folder / "IMG_1.jpg"
    photo.write_bytes(b"photo")
    os.utime(photo, ns=(1_700_000_000_000_000_000,) * 2)
    (folder / METADATA_NAME).write_bytes(with_what_came_later())
    return folder


def no_pool(spec: object, size: int, photo_seconds: float) -> NoReturn:
    raise AssertionError("a fresh photo is measured again")


@pytest.mark.parametrize("values", [{}, {"min_face": 100, "single_smile": 9.0, "sharpness": (0.0, 1.0)}])
def test_it_is_fresh_whatever_is_tuned_but_measuring(album: Path, values: dict[str, object]) -> None:
    spec = AnalyserSpec(Settings(**values).measure)
    found, report = refresh([str(album)], spec, IndexOptions(workers=1), make_pool=no_pool)
    assert (report.fresh, report.analysed) == (1, 0)
    assert (album / METADATA_NAME).read_bytes() == with_what_came_later()
    (face,) = found.faces
    assert face.mesh is not None
    assert face.figures is not None
    assert (face.id, face.engine, face.mesh.yaw, face.figures.sharpness) == ("f0123456789abcdef", "sface", 1.25, 2.1234)


def test_only_what_came_later_is_measured_anew() -> None:
    (photo,) = json.loads(FROZEN.read_bytes())["photos"].values()
    assert {part for part, key in keys().items() if photo["parts"].get(part) != key} == LATER


def test_another_way_of_measuring_is_another_key() -> None:
    usual, other = (keys(Settings(detect_side=side)) for side in (1024, 640))
    assert {part for part, key in usual.items() if other[part] != key} == {"detect", "embed", "mesh", "face", "look"}
