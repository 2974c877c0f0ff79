"""A wedding of many photos, made in a few seconds: variants of sample photos, in bursts, over two parts of a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

from photo_files import exif
from photo_ranker.models.store import sample_photo

__all__ = ["make_wedding"]

DATE_TIME_ORIGINAL = 0x9003
START = datetime(2024, 6, 1, 14, 0, tzinfo=UTC)

FACES = (
    ("astronaut.png", (178, 62, 91, 112)),
    ("t1.jpg", (745, 347, 98, 127)),
    ("t1.jpg", (1129, 272, 94, 125)),
    ("t1.jpg", (54, 259, 118, 140)),
    ("t1.jpg", (909, 59, 101, 140)),
    ("t1.jpg", (462, 268, 110, 145)),
    ("t1.jpg", (264, 147, 104, 123)),
)
"""Sample photo, and where one of its people is: the first is in every third burst."""

SIZE = (270, 240)
"""Small, since these tests look at the app and not at the photos."""


def make_wedding(folder: Path, photos: int) -> Path:
    """Write the photos: three a burst, every tenth burst a place without anybody, a pause after the first half."""
    folder.mkdir()
    for number in range(photos):
        burst, frame = divmod(number, 3)
        taken = START + timedelta(minutes=2 * burst, seconds=frame, hours=3 * (number >= photos // 2))
        picture = _place(burst) if burst % 10 == 9 else _person(burst, frame)
        told = exif({}, {DATE_TIME_ORIGINAL: taken.strftime("%Y:%m:%d %H:%M:%S")})
        picture.save(folder / f"IMG_{number + 1:04}.jpg", quality=85, exif=told)
    return folder


def _person(burst: int, frame: int) -> Image.Image:
    """Somebody, each time a little elsewhere, in other light, and one frame of a burst out of focus."""
    name, (left, top, width, height) = FACES[0 if burst % 3 == 0 else 1 + burst % (len(FACES) - 1)]
    whole = _sample(name)
    x = left - 0.6 * width + burst % 7 + frame
    y = max(0, top - 0.4 * height + burst % 5)
    crop = whole.crop((int(x), int(y), int(x + 2.2 * width), int(y + 2.2 * width * SIZE[1] / SIZE[0]))).resize(SIZE)
    lit = ImageEnhance.Brightness(crop).enhance(0.8 + 0.05 * (burst % 9))
    return lit.filter(ImageFilter.GaussianBlur(3)) if frame == 2 else lit


@cache
def _sample(name: str) -> Image.Image:
    with Image.open(sample_photo(name)) as opened:
        return opened.convert("RGB")


def _place(burst: int) -> Image.Image:
    return Image.linear_gradient("L").resize(SIZE).rotate(burst).convert("RGB")
