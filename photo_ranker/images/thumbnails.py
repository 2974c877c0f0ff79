"""Thumbnails for reports and pages: a whole photo and one face of it, as JPEG, cached for the next time.

They lie in the user's cache folder under the hash of the photo, so a renamed photo keeps them; mode 0600.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from photo_ranker.core import files
from photo_ranker.core.files import cache_folder
from photo_ranker.errors import FileRefused, PhotoUnreadable
from photo_ranker.images import OpenPhoto, open_photo, upright
from photo_ranker.images.decoders import Limits
from photo_ranker.images.video import is_video, open_frame
from photo_ranker.records import Box, Face, PhotoRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SMALL_SIDE", "SmallPictures", "Thumbnails", "face_square", "thumbnails_folder"]

SMALL_SIDE = 320
"""px of the longer side in a grid of photos; an index job of the app makes these in advance."""

FACE_SIDE = 224
"""px of the square that shows a face: on most screens it is sharp at the 132 px of the report."""
FACE_ROOM = 1.45
"""Side of that square, as a multiple of the face's longer side: hair and chin are outside the box."""
JPEG_QUALITY = 78


class SmallPictures(msgspec.Struct, frozen=True):
    """JPEG files of one photo."""

    photo: bytes
    """The whole photo."""
    face: bytes
    """A square around the face."""


class Thumbnails(msgspec.Struct, frozen=True):
    """Makes thumbnails or reads them from the cache; may be called from several threads."""

    limits: Limits
    folder: Path | None = None
    """The cache; None = no cache."""

    def __call__(self, path: str, record: PhotoRecord, face: Face, long_side: int) -> SmallPictures | None:
        """The photo with a longer side of ``long_side`` px at most, and the face; None if it cannot be read."""
        opened = _Opened(Path(path), record, self.limits, face.at_seconds)
        try:
            return SmallPictures(self._whole(opened, long_side), self._face(opened, record, face))
        except PhotoUnreadable:
            return None

    def whole(self, path: str, record: PhotoRecord, long_side: int) -> bytes:
        """The photo alone, as JPEG; raises ``PhotoUnreadable``."""
        return self._whole(_Opened(Path(path), record, self.limits, record.moment), long_side)

    def keep(self, photo: OpenPhoto, at_hand: int) -> None:
        """Keep the small picture of a photo that is decoded already, with a longer side of ``at_hand`` px or more."""
        self._kept(f"{photo.stamp.hash}-{SMALL_SIDE}", lambda: _scaled(photo.picture(at_hand).pixels, SMALL_SIDE))

    def face(self, path: str, record: PhotoRecord, face: Face) -> bytes:
        """The face alone, as JPEG; raises ``PhotoUnreadable``."""
        return self._face(_Opened(Path(path), record, self.limits, face.at_seconds), record, face)

    def _whole(self, opened: _Opened, long_side: int) -> bytes:
        return self._kept(f"{opened.name}-{long_side}", lambda: opened.whole(long_side))

    def _face(self, opened: _Opened, record: PhotoRecord, face: Face) -> bytes:
        square = face_square(face.box, record.width, record.height)
        orientation = _orientation(face)
        place = "-".join(str(value) for value in (*square, *([orientation] if orientation != 1 else [])))
        return self._kept(f"{opened.name}-face-{place}", lambda: opened.square(square, orientation))

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        if self.folder is None:
            return make()
        path = self.folder / f"{name}.jpg"
        with contextlib.suppress(OSError, FileRefused):
            return files.read(path)
        jpeg = make()
        # A cache that cannot be written must not fail the report.
        with contextlib.suppress(OSError, FileRefused):
            files.tidy_cache(files.private_folder(self.folder))
            files.replace(path, [jpeg], sync="none")
        return jpeg


def thumbnails_folder() -> Path:
    """The folder of cached thumbnails; it may not exist yet."""
    return cache_folder() / "thumbnails"


def face_square(box: Box, width: int, height: int) -> tuple[int, int, int]:
    """x, y and side of a square around a face, inside the picture."""
    x, y, face_width, face_height = box
    side = max(1, min(round(FACE_ROOM * max(face_width, face_height)), width, height))
    # A little above the middle of the box, which ends at the forehead: the hair should be in the picture.
    left = round(x + face_width / 2 - side / 2)
    top = round(y + 0.46 * face_height - side / 2)
    return min(max(left, 0), width - side), min(max(top, 0), height - side), side


def _orientation(face: Face) -> int:
    """How the face is turned in its picture, as an EXIF orientation: 1, 3, 6 or 8."""
    (left_x, left_y), (right_x, right_y) = face.points[:2]
    quarters = round(math.degrees(math.atan2(right_y - left_y, right_x - left_x)) / 90)
    return (1, 8, 3, 6)[quarters % 4]


class _Opened:
    """A photo, or a frame of a film, that is opened on first use: a cached thumbnail needs no opening."""

    def __init__(self, path: Path, record: PhotoRecord, limits: Limits, at_seconds: float | None) -> None:
        self._path, self._digest, self._limits = path, record.stamp.hash, limits
        is_film = record.is_video or (not self._digest and is_video(path))
        self._at_seconds = at_seconds or 0.0 if is_film else None
        self._photo: OpenPhoto | None = None

    @property
    def name(self) -> str:
        """Identifies the picture; used as a file name."""
        digest = self._digest or self._open().stamp.hash  # nobody has measured it yet
        return digest if self._at_seconds is None else f"{digest}-{round(self._at_seconds * 1000)}ms"

    def _open(self) -> OpenPhoto:
        if self._photo is None:
            if self._at_seconds is None:
                self._photo = open_photo(self._path, self._limits)
            else:
                self._photo = open_frame(self._path, self._at_seconds, self._limits)
            if self._digest and self._photo.stamp.hash != self._digest:
                raise PhotoUnreadable("changed since it was measured")
        return self._photo

    def whole(self, long_side: int) -> bytes:
        return _scaled(self._open().picture(long_side).pixels, long_side)

    def square(self, square: tuple[int, int, int], orientation: int) -> bytes:
        photo = self._open()
        side = square[2]
        longer = max(photo.info.width, photo.info.height)
        picture = photo.picture(min(longer, math.ceil(longer * FACE_SIDE / side)))
        left, top, size = (round(value * picture.scale) for value in square)
        part = upright(picture.pixels[top : top + size, left : left + size], orientation)
        return _jpeg(part, FACE_SIDE / max(part.shape[:2]))


def _scaled(pixels: NDArray[np.uint8], long_side: int) -> bytes:
    return _jpeg(pixels, min(1.0, long_side / max(pixels.shape[:2])))


def _jpeg(pixels: NDArray[np.uint8], scale: float) -> bytes:
    import cv2

    if scale != 1:
        # If the decoder has left little to scale, INTER_AREA looks no better and takes four times as long.
        method = cv2.INTER_AREA if scale < 0.7 else cv2.INTER_LINEAR if scale < 1 else cv2.INTER_CUBIC
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=method)
    written, data = cv2.imencode(
        ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    assert written
    jpeg: bytes = data.tobytes()
    return jpeg
