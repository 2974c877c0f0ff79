from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from builders import a_face
from photo_ranker.images import Limits, open_photo
from photo_ranker.images.thumbnails import (
    FACE_SIDE,
    SmallPictures,
    Thumbnails,
    face_square,
    thumbnails_folder,
)
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

LIMITS = Limits.of(Settings().measure)
FACE = a_face(box=(600.0, 200.0, 100.0, 120.0))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    return thumbnails_folder()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """1600 x 800 px, grey, with a red square where the face is, lying on its side as phones store it."""
    pixels = np.full((800, 1600, 3), 120, np.uint8)
    pixels[200:320, 600:700] = (220, 20, 20)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.jpg"
    Image.fromarray(np.ascontiguousarray(np.rot90(pixels))).save(path, quality=95, exif=exif)
    return path


def record_of(path: Path) -> PhotoRecord:
    opened = open_photo(path, LIMITS)
    return PhotoRecord(stamp=opened.stamp, width=opened.info.width, height=opened.info.height)


def make(path: Path, folder: Path | None = None, face: Face = FACE, long_side: int = 400) -> SmallPictures:
    made = Thumbnails(LIMITS, folder)(str(path), record_of(path), face, long_side)
    assert made is not None
    return made


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


def test_the_photo_is_upright_and_as_large_as_asked(photo: Path) -> None:
    assert opened(make(photo).photo).size == (400, 200)
    assert opened(make(photo, long_side=1280).photo).size == (1280, 640)


def test_a_small_photo_is_not_blown_up(photo: Path) -> None:
    assert opened(make(photo, long_side=5000).photo).size == (1600, 800)


def test_the_face_fills_its_square(photo: Path) -> None:
    face = opened(make(photo).face)
    assert face.size == (FACE_SIDE, FACE_SIDE)
    pixels = np.asarray(face).astype(int)
    red = pixels[..., 0] - pixels[..., 1] > 100
    rows, columns = np.nonzero(red)
    # 100 x 120 px of a square of 1.45 x 120.
    assert (np.ptp(columns) + 1) / FACE_SIDE == pytest.approx(100 / 174, abs=0.02)
    assert (np.ptp(rows) + 1) / FACE_SIDE == pytest.approx(120 / 174, abs=0.02)
    assert np.mean(columns) / FACE_SIDE == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_face_that_lies_is_shown_upright(photo: Path, tmp_path: Path, quarters: int) -> None:
    pixels = np.asarray(opened(make(photo, long_side=1600).photo)).copy()
    pixels[200:220, 600:700] = (20, 20, 220)  # the hair
    lying, path = np.ascontiguousarray(np.rot90(pixels, quarters)), tmp_path / "lying.png"
    Image.fromarray(lying).save(path)
    across, down = {0: (600, 200), 1: (200, 1600 - 700), 2: (1600 - 700, 800 - 320), 3: (800 - 320, 600)}[quarters]
    wide, high = (100, 120) if quarters % 2 == 0 else (120, 100)
    eyes = {
        0: ((0.3, 0.4), (0.7, 0.4)),
        1: ((0.4, 0.7), (0.4, 0.3)),
        2: ((0.7, 0.6), (0.3, 0.6)),
        3: ((0.6, 0.3), (0.6, 0.7)),
    }
    left, right = ((across + x * wide, down + y * high) for x, y in eyes[quarters])
    face = Face.of("f1", (across, down, wide, high), (left, right, (0, 0), (0, 0), (0, 0)), 0.9)
    shown = np.asarray(opened(make(path, face=face).face)).astype(int)
    blue = np.nonzero(shown[..., 2] - shown[..., 0] > 100)[0]
    red = np.nonzero(shown[..., 0] - shown[..., 2] > 100)[0]
    assert len(blue) > 500
    assert blue.mean() < red.min()


def test_they_are_kept_and_found_again(photo: Path, cache: Path) -> None:
    first, record = make(photo, cache), record_of(photo)
    assert {path.read_bytes() for path in cache.iterdir()} == {first.photo, first.face}
    photo.unlink()
    assert Thumbnails(LIMITS, cache)(str(photo), record, FACE, 400) == first
    assert Thumbnails(LIMITS, cache)(str(photo), record, FACE, 401) is None, "this size was never made"


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_what_is_kept_is_for_the_user_alone(photo: Path, cache: Path) -> None:
    make(photo, cache)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in cache.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_without_a_folder_nothing_is_kept(photo: Path, cache: Path) -> None:
    make(photo)
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_does_no_harm(photo: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"a file where the folder should be")
    assert make(photo, blocked) == make(photo)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
@pytest.mark.timeout(20)
def test_what_was_planted_in_the_cache_is_neither_read_nor_written(photo: Path, cache: Path, tmp_path: Path) -> None:
    wanted = make(photo, cache)
    (tmp_path / "other.jpg").write_bytes(b"another photo")
    first, second = sorted(cache.iterdir())
    first.unlink()
    first.symlink_to(tmp_path / "other.jpg")
    second.unlink()
    os.mkfifo(second)
    assert make(photo, cache) == wanted
    assert (tmp_path / "other.jpg").read_bytes() == b"another photo"


def test_what_a_killed_run_has_left_in_the_cache_goes(photo: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "tmpabcd_123").touch()
    os.utime(cache / "tmpabcd_123", (0, 0))
    make(photo, cache)
    assert {path.suffix for path in cache.iterdir()} == {".jpg"}


def test_a_photo_that_has_changed_gives_none(photo: Path, cache: Path) -> None:
    record = record_of(photo)
    Image.new("RGB", (50, 50)).save(photo)
    assert Thumbnails(LIMITS, cache)(str(photo), record, FACE, 400) is None
    assert not cache.exists()


def test_a_photo_that_is_gone_gives_none(photo: Path) -> None:
    record = record_of(photo)
    photo.unlink()
    assert Thumbnails(LIMITS)(str(photo), record, FACE, 400) is None


@given(
    st.tuples(
        st.floats(-500, 3000, width=32), st.floats(-500, 3000, width=32),
        st.floats(0.5, 4000, width=32), st.floats(0.5, 4000, width=32),
    ),
    st.integers(1, 3000),
    st.integers(1, 3000),
)  # fmt: skip
def test_the_square_lies_inside_the_picture(box: tuple[float, float, float, float], width: int, height: int) -> None:
    x, y, side = face_square(box, width, height)
    assert side >= 1
    assert 0 <= x <= width - side
    assert 0 <= y <= height - side
