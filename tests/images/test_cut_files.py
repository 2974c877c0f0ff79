"""Files that end too early: shown when nearly all is there, refused otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photo_files import TINY_HEIC, dng, encoded, noise, opened, quarters
from photo_ranker.errors import PhotoUnreadable

PICTURE = Image.fromarray(noise(480, 640))

BASELINE: dict[str, tuple[str, dict[str, Any]]] = {
    "colour": ("RGB", {}),
    "fine colour": ("RGB", {"subsampling": 0}),
    "restarts": ("RGB", {"restart_marker_rows": 2}),
    "grey": ("L", {}),
    "cmyk": ("CMYK", {}),
}


def baseline(name: str) -> bytes:
    mode, options = BASELINE[name]
    return encoded(PICTURE.convert(mode), "JPEG", quality=90, **options)


@pytest.mark.parametrize("name", BASELINE)
@pytest.mark.parametrize("kept", [0.3, 0.5, 0.8])
def test_half_a_jpeg_is_refused(tmp_path: Path, name: str, kept: float) -> None:
    data = baseline(name)
    with pytest.raises(PhotoUnreadable, match="cut off in the middle"):
        opened(tmp_path, data[: int(len(data) * kept)])


@pytest.mark.parametrize("name", BASELINE)
@pytest.mark.parametrize("lost", [1, 2, 3, 20, 200])
def test_a_jpeg_without_its_last_bytes_is_shown(tmp_path: Path, name: str, lost: int) -> None:
    data = baseline(name)
    whole = opened(tmp_path, data).picture().pixels
    shown = opened(tmp_path, data[:-lost]).picture().pixels
    rows_of_blocks = 32  # the last bytes belong to the last row of blocks, and its colours reach into the one above
    assert np.array_equal(shown[:-rows_of_blocks], whole[:-rows_of_blocks])


@pytest.mark.parametrize("name", BASELINE)
def test_what_is_shown_is_nine_tenths_there_wherever_it_is_cut(tmp_path: Path, name: str) -> None:
    data = baseline(name)
    whole = opened(tmp_path, data).picture().pixels
    shown = 0
    for kept in np.linspace(0.84, 1.0, 30):
        try:
            photo = opened(tmp_path, data[: int(len(data) * kept)])
        except PhotoUnreadable:
            assert kept < 0.96
            continue
        shown += 1
        same = (photo.picture().pixels == whole).all(axis=(1, 2)).sum()
        assert same >= 0.9 * len(whole) - 32  # less two rows of blocks, the one cut and the one above
    assert 5 <= shown < 30


def test_zeros_in_place_of_the_end_do_not_pass_as_picture(tmp_path: Path) -> None:
    data = baseline("colour")
    half, most = len(data) // 2, int(len(data) * 0.98)
    with pytest.raises(PhotoUnreadable, match="cut off in the middle"):
        opened(tmp_path, data[:half].ljust(len(data), b"\0"))
    shown = opened(tmp_path, data[:most].ljust(len(data), b"\0")).picture().pixels
    whole = opened(tmp_path, data).picture().pixels
    assert np.array_equal(shown[:560], whole[:560])


def test_a_small_picture_that_ends_grey_is_not_taken_for_cut(tmp_path: Path) -> None:
    picture = Image.new("RGB", (64, 64), (128, 128, 128))
    assert opened(tmp_path, encoded(picture, "JPEG")).picture().pixels.mean() == 128


def test_a_progressive_jpeg_needs_its_detail(tmp_path: Path) -> None:
    data = encoded(PICTURE, "JPEG", quality=90, progressive=True)
    whole = opened(tmp_path, data).picture().pixels.astype(int)
    for kept in (0.2, 0.5):
        with pytest.raises(PhotoUnreadable, match="cut off in the middle"):
            opened(tmp_path, data[: int(len(data) * kept)])
    shown = opened(tmp_path, data[: int(len(data) * 0.95)]).picture().pixels
    assert 0 < np.abs(shown - whole).mean() < 3  # grey levels: the finest detail alone is missing


def test_a_cut_header_is_refused(tmp_path: Path) -> None:
    data = baseline("colour")
    for size in range(4, 700, 9):
        with pytest.raises(PhotoUnreadable):
            opened(tmp_path, data[:size])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_other_formats_must_be_whole(tmp_path: Path, kind: str, kept: float) -> None:
    data = encoded(PICTURE, kind)
    with pytest.raises(PhotoUnreadable):
        opened(tmp_path, data[: int(len(data) * kept)]).picture()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_the_reason_says_that_it_was_cut(tmp_path: Path, kind: str) -> None:
    data = encoded(PICTURE, kind)
    with pytest.raises(PhotoUnreadable, match="cut off in the middle"):
        opened(tmp_path, data[: len(data) // 2]).picture()


def test_a_cut_heic_is_refused(tmp_path: Path) -> None:
    for size in range(12, len(TINY_HEIC), 40):
        with pytest.raises(PhotoUnreadable):
            opened(tmp_path, TINY_HEIC[:size]).picture()


def test_a_raw_whose_preview_is_whole_is_shown_though_the_sensor_data_is_cut(tmp_path: Path) -> None:
    data = dng((640, 384), encoded(quarters(), "JPEG"), (320, 192))
    assert opened(tmp_path, data[:-1000], "a.dng").picture().pixels.shape == (192, 320, 3)
    with pytest.raises(PhotoUnreadable):
        opened(tmp_path, data[:1000], "a.dng").picture()
