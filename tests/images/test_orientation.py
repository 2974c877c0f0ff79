"""All eight ways to hold a camera give the same upright picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.orientation import AGREES_BELOW, differences
from photo_files import (
    BLUE,
    GREEN,
    ORIENTATION,
    RED,
    TINY_HEIC,
    YELLOW,
    corners,
    dng,
    encoded,
    exif,
    noise,
    opened,
    quarters,
    same_colours,
)

UPRIGHT = [RED, GREEN, BLUE, YELLOW]


def stored(upright: NDArray[Any], orientation: int) -> NDArray[Any]:
    """What a camera stores, so that this orientation makes it upright again."""
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 1)[::-1],
        8: np.rot90(upright, -1),
    }[orientation]
    if orientation == 7:
        turned = upright[::-1, ::-1].transpose(1, 0, 2)
    return np.ascontiguousarray(turned)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_format_comes_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    data = encoded(stored(quarters(), orientation), kind, exif=exif({ORIENTATION: orientation}))
    photo = opened(tmp_path, data)
    assert photo.info.orientation == orientation
    assert (photo.info.width, photo.info.height) == (320, 192)
    pixels = photo.picture().pixels
    assert pixels.shape == (192, 320, 3)
    assert pixels.flags.c_contiguous
    assert same_colours(corners(pixels), UPRIGHT)


@pytest.mark.parametrize("shrink", [1, 2, 4, 8])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_scale_equals_the_upright_original(tmp_path: Path, orientation: int, shrink: int) -> None:
    upright = noise(640, 384)
    options = {"quality": 97, "subsampling": 0}
    original = opened(tmp_path, encoded(upright, "JPEG", **options), "a.jpg").picture(640 // shrink)
    data = encoded(stored(upright, orientation), "JPEG", exif=exif({ORIENTATION: orientation}), **options)
    turned = opened(tmp_path, data, "b.jpg").picture(640 // shrink)
    assert turned.scale == original.scale == 1 / shrink
    assert turned.pixels.shape == original.pixels.shape
    # Coded twice with different blocks: single pixels differ, the picture does not.
    assert np.abs(turned.pixels.astype(int) - original.pixels).mean() < 1.5


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_impossible_orientations_mean_upright(tmp_path: Path, orientation: int) -> None:
    data = encoded(quarters(), "JPEG", exif=exif({ORIENTATION: orientation}))
    photo = opened(tmp_path, data)
    assert photo.info.orientation == 1
    assert same_colours(corners(photo.picture().pixels), UPRIGHT)


def test_heic_turned_by_its_container_is_not_turned_again(tmp_path: Path) -> None:
    photo = opened(tmp_path, TINY_HEIC)
    assert photo.info.orientation == 6
    assert same_colours(corners(photo.picture().pixels), [BLUE, RED, YELLOW, GREEN])


def test_heic_whose_container_is_silent_is_turned_by_exif(tmp_path: Path) -> None:
    photo = opened(tmp_path, TINY_HEIC.replace(b"irot", b"free"))
    assert (photo.info.width, photo.info.height) == (48, 64)
    assert same_colours(corners(photo.picture().pixels), [BLUE, RED, YELLOW, GREEN])


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_raw_is_turned_as_the_camera_was_held(tmp_path: Path, orientation: int) -> None:
    preview = stored(quarters(320, 192), orientation)
    size = (preview.shape[1], preview.shape[0])
    photo = opened(tmp_path, dng((600, 400), encoded(preview, "JPEG", quality=95), size, orientation), "a.dng")
    assert (photo.info.width, photo.info.height) == (320, 192)
    assert same_colours(corners(photo.picture().pixels), UPRIGHT)


def test_the_bench_tells_upright_from_turned(tmp_path: Path) -> None:
    folder = tmp_path / "formats" / "exif_orientation"
    folder.mkdir(parents=True)
    for orientation in range(1, 9):
        pixels = stored(noise(640, 384), orientation)
        data = encoded(pixels, "JPEG", quality=95, exif=exif({ORIENTATION: orientation}))
        (folder / f"Landscape_{orientation}.jpg").write_bytes(data)
    (folder / "Landscape_0.jpg").write_bytes(encoded(noise(640, 384)[::-1], "JPEG"))  # lies on its head
    found = differences(tmp_path)
    assert found.pop("Landscape_0") > AGREES_BELOW
    assert list(found) == [f"Landscape_{orientation}" for orientation in range(1, 9)]
    assert max(found.values()) < AGREES_BELOW
