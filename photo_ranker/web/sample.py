"""The sample album: photos to try the app on, made of three free ones that come with it (``sample_photos``).

Each is what a camera brings home: the same moment sharp and spoilt, two people alone and together, and a thing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from photo_ranker.core import files

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["write_sample"]

FOLDER_NAME = "Sample album"

_BEGIN = datetime(2024, 6, 1, 10, 0, 0)  # noqa: DTZ001 - a camera's wall clock has no zone
_EXIF, _MODEL, _TAKEN = 0x8769, 0x0110, 0x9003
"""Where EXIF has the name of the camera and the time, which stands in a part of its own."""


class _Photo(NamedTuple):
    name: str
    picture: Image
    minutes: float
    """After the first one."""


def write_sample(folder: Path) -> Path:
    """Write the photos into a folder of their own in ``folder``, which tells what they are; gives that folder."""
    album = files.private_folder(folder / FOLDER_NAME)
    for number, photo in enumerate(_photos(), 1):
        data = _encoded(photo.picture, _BEGIN + timedelta(minutes=photo.minutes))
        files.replace(album / f"sample_{number:02}_{photo.name}.jpg", [data], sync="file")
    files.sync_folder(album)
    return album


def _photos() -> Iterator[_Photo]:
    collins, hopper, coffee = map(_shipped, ("collins", "hopper", "coffee"))
    yield from _morning(collins)
    yield _Photo("coffee", coffee, 62)
    yield from _afternoon(hopper)
    together = _beside(collins, hopper)
    yield _Photo("both", together, 305)
    yield _Photo("both_blurred", _blurred(together), 305.05)


def _morning(person: Image) -> Iterator[_Photo]:
    from PIL import ImageOps

    yield _Photo("eileen", person, 0)
    yield _Photo("eileen_blurred", _blurred(person), 0.05)
    yield _Photo("eileen_dark", _lit(person, 0.25), 0.1)
    yield _Photo("eileen_close", person.crop((110, 10, 360, 290)).resize((500, 560)), 4)
    yield _Photo("eileen_tilted", _tilted(ImageOps.mirror(person), 9), 9)


def _afternoon(person: Image) -> Iterator[_Photo]:
    from PIL import ImageOps

    yield _Photo("grace_bright", _lit(person, 1.9), 300)
    yield _Photo("grace", person, 300.05)
    yield _Photo("grace_blurred", _blurred(person), 300.1)
    yield _Photo("grace_mirrored", ImageOps.mirror(person), 303)
    yield _Photo("grace_tilted", _tilted(person, -7), 304)


def _shipped(name: str) -> Image:
    from PIL import Image

    data = resources("photo_ranker.web").joinpath("sample_photos", f"{name}.jpg").read_bytes()
    return Image.open(io.BytesIO(data)).convert("RGB")


def _blurred(picture: Image) -> Image:
    from PIL import ImageFilter

    return picture.filter(ImageFilter.GaussianBlur(4))


def _lit(picture: Image, gain: float) -> Image:
    from PIL import ImageEnhance

    return ImageEnhance.Brightness(picture).enhance(gain)


def _tilted(picture: Image, degrees: float) -> Image:
    """Turned, and cut so that no corner is empty."""
    from PIL import Image

    width, height = picture.size
    turned = picture.rotate(degrees, resample=Image.Resampling.BICUBIC)
    return turned.crop((width // 8, height // 8, width - width // 8, height - height // 8))


def _beside(left: Image, right: Image) -> Image:
    """Two people in one photo, as high as the lower of the two."""
    from PIL import Image

    height = min(left.height, right.height)
    both = Image.new("RGB", (left.width + right.width, height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def _encoded(picture: Image, taken: datetime) -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[_MODEL] = "Sample"
    exif.get_ifd(_EXIF)[_TAKEN] = taken.strftime("%Y:%m:%d %H:%M:%S")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88, exif=exif)
    return file.getvalue()
