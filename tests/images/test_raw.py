"""Camera RAW: the preview where it is large enough, else the developed sensor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from photo_files import BLUE, GREEN, RED, YELLOW, corners, dng, encoded, opened, quarters, same_colours
from photo_ranker.errors import PhotoUnreadable

PREVIEW = encoded(quarters(1200, 720), "JPEG", quality=95)


def test_a_large_preview_is_the_picture(tmp_path: Path) -> None:
    photo = opened(tmp_path, dng((2400, 1440), PREVIEW, (1200, 720)), "a.DNG")
    assert (photo.info.format, photo.info.width, photo.info.height) == ("raw", 1200, 720)
    assert same_colours(corners(photo.picture().pixels), [RED, GREEN, BLUE, YELLOW])


def test_a_preview_shrinks_while_it_is_decoded(tmp_path: Path) -> None:
    picture = opened(tmp_path, dng((2400, 1440), PREVIEW, (1200, 720)), "a.DNG").picture(300)
    assert picture.pixels.shape == (180, 300, 3)
    assert picture.scale == 0.25


@pytest.mark.parametrize(("orientation", "size"), [(1, (1200, 720)), (6, (720, 1200)), (8, (720, 1200))])
def test_a_thumbnail_is_not_enough(tmp_path: Path, orientation: int, size: tuple[int, int]) -> None:
    thumbnail = encoded(quarters(160, 96), "JPEG")
    photo = opened(tmp_path, dng((2400, 1440), thumbnail, (160, 96), orientation), "a.DNG")
    assert (photo.info.width, photo.info.height) == size
    pixels = photo.picture().pixels
    assert pixels.shape == (size[1], size[0], 3)
    assert not same_colours(corners(pixels), [RED, GREEN, BLUE, YELLOW], within=60)


def test_facts_come_from_the_file_itself(tmp_path: Path) -> None:
    info = opened(tmp_path, dng((2400, 1440), PREVIEW, (1200, 720), orientation=6), "a.DNG").info
    assert (info.taken_at, info.camera, info.orientation) == ("2024-06-01T15:04:05", "Builder One", 6)


@pytest.mark.parametrize(
    "data", [b"FUJIFILMCCD-RAW " + bytes(500), b"FOVb" + bytes(500), b"IIRO\x08\0\0\0" + bytes(500)]
)
def test_a_raw_that_is_none_inside(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PhotoUnreadable) as refused:
        opened(tmp_path, data, "a.raf")
    assert "b'" not in refused.value.reason


WITHOUT_RAWPY = """
import sys
sys.modules["rawpy"] = None
from pathlib import Path
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images.decoders import Limits
from photo_ranker.images.decoders.jpeg import RawDecoder
try:
    RawDecoder(Path(sys.argv[1]).read_bytes(), Limits(10**8, 10**8))
except PhotoUnreadable as error:
    print(error.reason)
"""


def test_without_the_extra_the_reason_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    path.write_bytes(dng((2400, 1440), PREVIEW, (1200, 720)))
    said = subprocess.run([sys.executable, "-c", WITHOUT_RAWPY, path], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "camera RAW needs photo-ranker[raw]: pip install 'photo-ranker[raw]'"
