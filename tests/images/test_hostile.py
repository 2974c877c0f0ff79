"""Damaged and hostile files end as PhotoUnreadable: no other error, no word on stderr, no waiting."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photo_files import ORIENTATION, TINY_HEIC, dng, encoded, exif, noise, opened, quarters
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import Limits

PICTURE = Image.fromarray(noise(96, 64))
LIMITS = Limits(max_pixels=4_000_000, max_file_bytes=10**7)

GOOD = {
    "jpeg": encoded(PICTURE, "JPEG", exif=exif({ORIENTATION: 6})),
    "jpeg progressive": encoded(PICTURE, "JPEG", progressive=True),
    "jpeg cmyk": encoded(PICTURE.convert("CMYK"), "JPEG"),
    "png": encoded(PICTURE, "PNG", exif=exif({ORIENTATION: 6})),
    "png palette": encoded(PICTURE.convert("P"), "PNG", transparency=3),
    "webp": encoded(PICTURE, "WEBP", exif=exif({ORIENTATION: 6})),
    "avif": encoded(PICTURE, "AVIF", exif=exif({ORIENTATION: 6})),
    "gif": encoded(PICTURE, "GIF", save_all=True, append_images=[PICTURE.rotate(90)]),
    "bmp": encoded(PICTURE, "BMP"),
    "tiff": encoded(PICTURE, "TIFF", exif=exif({ORIENTATION: 6})),
    "tiff lzw": encoded(PICTURE, "TIFF", compression="tiff_lzw"),
    "tiff jpeg": encoded(PICTURE, "TIFF", compression="jpeg"),
    "heic": TINY_HEIC,
    "raw": dng((128, 96), encoded(quarters(64, 48), "JPEG"), (64, 48)),
}

calm = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
names = itertools.count()  # a new file each time: the fixture's folder lives for all examples


def try_it(folder: Path, data: bytes, suffix: str = ".jpg") -> None:
    try:
        photo = opened(folder, data, f"{next(names)}{suffix}", LIMITS)
        picture = photo.picture(40)
    except PhotoUnreadable as error:
        reason = error.reason
    else:
        height, width, colours = picture.pixels.shape
        assert colours == 3
        assert 0 < width <= photo.info.width
        assert 0 < height <= photo.info.height
        assert picture.pixels.flags.c_contiguous
        return
    assert 0 < len(reason) < 300
    assert reason.isprintable()


@calm
@given(data=st.binary(max_size=500), start=st.sampled_from([b"", *(good[:16] for good in GOOD.values())]))
def test_random_bytes(tmp_path: Path, capfd: pytest.CaptureFixture[str], data: bytes, start: bytes) -> None:
    try_it(tmp_path, start + data)
    assert capfd.readouterr() == ("", "")


def test_a_picture_larger_than_its_header_says_is_damaged(tmp_path: Path) -> None:
    data = bytearray(TINY_HEIC)
    data[data.index(b"clap") + 31] = 1  # the crop to 48 x 64 that the header asks for is impossible now
    with pytest.raises(PhotoUnreadable, match="larger than its header"):
        opened(tmp_path, bytes(data), "a.heic", LIMITS).picture(40)


@pytest.mark.parametrize("name", GOOD)
@calm
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12))
def test_changed_bytes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(GOOD[name])
    for place, value in changes:
        # Squared: most of the changes into the header, where they hurt most.
        data[int(place * place * len(data))] = value
    try_it(tmp_path, bytes(data), ".dng" if name == "raw" else "")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", GOOD)
@calm
@given(start=st.floats(0, 1), length=st.integers(1, 400))
def test_missing_bytes(tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, start: float, length: int) -> None:
    good = GOOD[name]
    place = int(start * len(good))
    try_it(tmp_path, good[:place] + good[place + length :])
    try_it(tmp_path, good[:place])
    assert capfd.readouterr() == ("", "")
