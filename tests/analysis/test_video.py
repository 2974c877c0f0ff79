"""Films of real faces through the real models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.analysis.analyser import Analyser
from photo_ranker.images import Limits
from photo_ranker.images.thumbnails import Thumbnails
from photo_ranker.records import PhotoRecord
from pictures import picture, scaled
from video_files import panned, write_video

LIMITS = Limits(10**8, 10**9)


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return AnalyserSpec().open()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One woman alone, then six people, each for a second and a half."""
    one = panned(scaled(picture("astronaut.png"), 1.3), (600, 480), 15)
    many = panned(scaled(picture("t1.jpg"), 0.6), (600, 480), 15)
    return write_video(tmp_path_factory.mktemp("film") / "film.avi", one + many)


@pytest.fixture(scope="module")
def record(analyser: Analyser, film: Path) -> PhotoRecord:
    return analyser.analyse(film)


def test_everyone_counts_once_with_a_moment(record: PhotoRecord) -> None:
    assert record.is_video
    assert record.picture is not None
    seen = [face for face in record.faces if (face.frames or 0) > 1]
    assert 5 <= len(seen) <= 8
    assert len({face.id for face in record.faces}) == len(record.faces)
    assert all(face.mesh is not None and face.at_seconds is not None for face in seen)
    first = [face for face in seen if (face.at_seconds or 0) < 1.45]
    assert len(first) == 1, "one woman alone in the first scene"


def test_the_woman_of_a_photo_is_found_in_the_film(analyser: Analyser, record: PhotoRecord, tmp_path: Path) -> None:
    from photo_ranker.core.codec import decode_unit_rows
    from photo_ranker.models.store import sample_photo

    (reference,) = analyser.analyse(sample_photo("astronaut.png")).faces
    rows = decode_unit_rows([face.embedding or b"" for face in (reference, *record.faces)])
    cosines = rows[1:] @ rows[0]
    assert float(cosines.max()) > 0.6
    assert float(np.sort(cosines)[-2]) < 0.4


def test_what_is_known_is_not_measured_again(analyser: Analyser, film: Path, record: PhotoRecord) -> None:
    assert analyser.analyse(film, record) == record
    assert analyser.analyse(film) == record, "every run finds the same"


def test_a_thumbnail_shows_the_moment(film: Path, record: PhotoRecord) -> None:
    made = Thumbnails(LIMITS)(str(film), record, record.faces[0], 200)
    assert made is not None
    assert made.photo[:3] == made.face[:3] == b"\xff\xd8\xff"
    assert made.photo != Thumbnails(LIMITS).whole(str(film), record, 100)
