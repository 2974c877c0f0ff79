"""Every format and every way to store colours becomes the same RGB picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from photo_files import (
    BLUE,
    GREEN,
    RED,
    TINY_HEIC,
    YELLOW,
    corners,
    dng,
    encoded,
    noise,
    opened,
    quarters,
    same_colours,
)

PICTURE = Image.fromarray(quarters())
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
COLOURS = [RED, GREEN, BLUE, YELLOW]
GREYS = [(grey, grey, grey) for grey in np.asarray(PICTURE.convert("L"))[[48, 48, 144, 144], [80, 240, 80, 240]]]


def _lab() -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    changed = ImageCms.applyTransform(PICTURE, ImageCms.buildTransform(srgb, lab, "RGB", "LAB"))
    assert changed is not None
    return changed


def _wide(suffix: str) -> bytes:
    return cv2.imencode(suffix, quarters()[..., ::-1].astype(np.uint16) * 257)[1].tobytes()


def _half_transparent() -> Image.Image:
    picture = PICTURE.convert("RGBA")
    mask = Image.new("L", PICTURE.size, 255)
    mask.paste(0, (0, 0, PICTURE.width // 2, PICTURE.height))
    picture.putalpha(mask)
    return picture


COLOURED: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(PICTURE, "JPEG", quality=95),
    "jpeg progressive": lambda: encoded(PICTURE, "JPEG", quality=95, progressive=True),
    "jpeg 4:4:4": lambda: encoded(PICTURE, "JPEG", quality=95, subsampling=0),
    "jpeg with restarts": lambda: encoded(PICTURE, "JPEG", quality=95, restart_marker_rows=1),
    "jpeg cmyk, inverted as Adobe does": lambda: encoded(PICTURE.convert("CMYK"), "JPEG", quality=95),
    "jpeg mpo": lambda: encoded(PICTURE, "MPO", save_all=True, append_images=[PICTURE.rotate(180)]),
    "png": lambda: encoded(PICTURE, "PNG"),
    "png palette": lambda: encoded(PICTURE.convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
    "png 16 bit": lambda: _wide(".png"),
    "png opaque alpha": lambda: encoded(PICTURE.convert("RGBA"), "PNG"),
    "webp": lambda: encoded(PICTURE, "WEBP", quality=95),
    "webp lossless": lambda: encoded(PICTURE, "WEBP", lossless=True),
    "avif": lambda: encoded(PICTURE, "AVIF", quality=95),
    "bmp": lambda: encoded(PICTURE, "BMP"),
    "gif": lambda: encoded(PICTURE, "GIF"),
    "gif animated": lambda: encoded(PICTURE, "GIF", save_all=True, append_images=[PICTURE.rotate(180)]),
    "webp animated": lambda: encoded(PICTURE, "WEBP", save_all=True, append_images=[PICTURE.rotate(180)], quality=95),
    "png animated": lambda: encoded(PICTURE, "PNG", save_all=True, append_images=[PICTURE.rotate(180)]),
    "tiff": lambda: encoded(PICTURE, "TIFF"),
    "tiff lzw": lambda: encoded(PICTURE, "TIFF", compression="tiff_lzw"),
    "tiff jpeg": lambda: encoded(PICTURE, "TIFF", compression="jpeg"),
    "tiff several pages": lambda: encoded(PICTURE, "TIFF", save_all=True, append_images=[PICTURE.rotate(180)]),
    "tiff 16 bit": lambda: _wide(".tif"),
    "tiff cmyk": lambda: encoded(PICTURE.convert("CMYK"), "TIFF"),
    "tiff lab": lambda: encoded(_lab(), "TIFF"),
    "raw": lambda: dng((640, 384), encoded(PICTURE, "JPEG", quality=95), PICTURE.size),
}

GREY: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(PICTURE.convert("L"), "JPEG", quality=95),
    "png": lambda: encoded(PICTURE.convert("L"), "PNG"),
    "png with alpha": lambda: encoded(PICTURE.convert("LA"), "PNG"),
    "png 16 bit": lambda: encoded(np.asarray(PICTURE.convert("L")).astype(np.uint16) * 257, "PNG"),
    "tiff 16 bit": lambda: encoded(np.asarray(PICTURE.convert("L")).astype(np.uint16) * 257, "TIFF"),
    "tiff 32 bit": lambda: encoded(np.asarray(PICTURE.convert("L")).astype(np.int32) * 257, "TIFF"),
    "tiff float to 1": lambda: encoded((np.asarray(PICTURE.convert("L")) / 255).astype(np.float32), "TIFF"),
    "tiff float to 255": lambda: encoded(np.asarray(PICTURE.convert("L")).astype(np.float32), "TIFF"),
}


@pytest.mark.parametrize("name", COLOURED)
def test_colours_come_out_as_they_went_in(tmp_path: Path, name: str) -> None:
    photo = opened(tmp_path, COLOURED[name](), "photo")
    pixels = photo.picture().pixels
    assert photo.info.format == name.split(maxsplit=1)[0]
    assert (photo.info.width, photo.info.height) == PICTURE.size
    assert pixels.shape == (192, 320, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert same_colours(corners(pixels), COLOURS)


@pytest.mark.parametrize("name", GREY)
def test_grey_comes_out_in_three_equal_colours(tmp_path: Path, name: str) -> None:
    pixels = opened(tmp_path, GREY[name](), "photo").picture().pixels
    assert same_colours(corners(pixels), GREYS, within=3)


def test_black_and_white_fax_pages_are_read(tmp_path: Path) -> None:
    halves = Image.fromarray(quarters()).convert("1", dither=Image.Dither.NONE)
    pixels = opened(tmp_path, encoded(halves, "TIFF", compression="group4"), "fax.tif").picture().pixels
    assert corners(pixels) == [BLACK, WHITE, BLACK, WHITE]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_transparent_parts_are_white(tmp_path: Path, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    pixels = opened(tmp_path, encoded(_half_transparent(), kind, **options), "a").picture().pixels
    assert same_colours(corners(pixels), [WHITE, GREEN, WHITE, YELLOW])


def test_a_transparent_palette_colour_is_white(tmp_path: Path) -> None:
    picture = PICTURE.convert("P", palette=Image.Palette.ADAPTIVE)
    red = picture.getpixel((80, 48))
    pixels = opened(tmp_path, encoded(picture, "GIF", transparency=red), "a.gif").picture().pixels
    assert same_colours(corners(pixels), [WHITE, GREEN, BLUE, YELLOW])


def test_heic_comes_upright_with_its_facts(tmp_path: Path) -> None:
    photo = opened(tmp_path, TINY_HEIC, "IMG_0001.HEIC")
    assert (photo.info.format, photo.info.width, photo.info.height) == ("heic", 48, 64)
    assert (photo.info.taken_at, photo.info.utc_offset) == ("2024-06-01T15:04:05.250", "+02:00")
    assert photo.info.camera == "Apple iPhone 99"
    assert same_colours(corners(photo.picture().pixels), [BLUE, RED, YELLOW, GREEN])


def test_a_png_with_broken_metadata_is_still_a_picture(tmp_path: Path) -> None:
    data = encoded(PICTURE, "PNG")
    broken = b"\0\0\0\x04iCCPjunk\0\0\0\0"  # with a wrong checksum
    pixels = opened(tmp_path, data[:33] + broken + data[33:], "a.png").picture().pixels
    assert same_colours(corners(pixels), COLOURS, within=0)


@pytest.mark.parametrize("long_side", [1, 79, 80, 81, 160, 161, 319, 320, 321, 5000, None])
def test_a_jpeg_comes_at_the_smallest_scale_that_is_large_enough(tmp_path: Path, long_side: int | None) -> None:
    photo = opened(tmp_path, encoded(PICTURE, "JPEG", quality=95))
    sides = [side for side in (40, 80, 160, 320) if long_side is not None and side >= long_side]
    picture = photo.picture(long_side)
    assert picture.pixels.shape[1] == (sides[0] if sides else 320)
    assert picture.scale == picture.pixels.shape[1] / 320
    assert same_colours(corners(picture.pixels), COLOURS)


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (17, 33), (1001, 667)])
@pytest.mark.parametrize("shrink", [1, 2, 4, 8])
def test_odd_sizes_shrink_without_losing_the_edge(tmp_path: Path, size: tuple[int, int], shrink: int) -> None:
    photo = opened(tmp_path, encoded(noise(*size), "JPEG", quality=90))
    picture = photo.picture(max(1, max(size) // shrink))
    height, width = picture.pixels.shape[:2]
    assert abs(width - size[0] * picture.scale) < 1
    assert abs(height - size[1] * picture.scale) <= 1
    assert max(width, height) >= max(1, max(size) // shrink)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_formats_without_scales_come_full(tmp_path: Path, kind: str) -> None:
    picture = opened(tmp_path, encoded(PICTURE, kind), "a").picture(16)
    assert picture.scale == 1.0
    assert picture.pixels.shape == (192, 320, 3)


def test_a_picture_is_kept_until_another_scale_is_asked_for(tmp_path: Path) -> None:
    photo = opened(tmp_path, encoded(PICTURE, "JPEG"))
    small = photo.picture(40)
    assert photo.picture(30) is small
    assert photo.picture().scale == 1.0


def test_the_photo_is_read_once(tmp_path: Path) -> None:
    photo = opened(tmp_path, encoded(PICTURE, "PNG"), "a.png")
    (tmp_path / "a.png").unlink()
    assert same_colours(corners(photo.picture().pixels), COLOURS)
