"""Reads a file as an upright RGB picture with its facts: when and with which camera it was taken, and its size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.core.orientation import swaps_sides, turn_of
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images.containers import png_taken_at
from photo_ranker.images.decoders import Decoder, Limits, decoder_for
from photo_ranker.images.exif import Exif, xmp_packet, xmp_taken_at
from photo_ranker.images.hashing import Digests, content_hash, digests, read_once
from photo_ranker.images.sniff import PHOTO_SUFFIXES, RAW_SUFFIXES, VIDEO_SUFFIXES, sniff
from photo_ranker.records import PhotoRecord, Stamp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "PHOTO_SUFFIXES",
    "RAW_SUFFIXES",
    "VIDEO_SUFFIXES",
    "Digests",
    "Limits",
    "OpenPhoto",
    "Picture",
    "content_hash",
    "digests",
    "exif_of",
    "open_photo",
    "photo_of",
    "upright",
]


class Picture(msgspec.Struct, frozen=True, eq=False):
    """An upright picture."""

    pixels: NDArray[np.uint8]
    """RGB, height x width x 3, contiguous."""
    scale: float
    """Its width divided by that of the full picture."""


class OpenPhoto:
    """A photo whose file is in memory; decodes it at any scale, and keeps the last picture."""

    def __init__(self, decoder: Decoder, info: PhotoRecord) -> None:
        self._decoder = decoder
        self.info = info
        """The facts of the file; nothing is measured yet."""
        self.stamp = info.stamp
        self._last: tuple[int, Picture] | None = None

    def picture(self, long_side: int | None = None) -> Picture:
        """The picture at the smallest scale that the decoder offers with a longer side of at least ``long_side``."""
        shrink = self._shrink(long_side)
        if self._last is None or self._last[0] != shrink:
            self._last = None  # frees its memory before the next one is decoded
            pixels = upright(self._decoder.pixels(shrink), self._decoder.turn)
            if pixels.shape[1] > self.info.width or pixels.shape[0] > self.info.height:
                raise PhotoUnreadable("damaged: the picture is larger than its header says")
            self._last = (shrink, Picture(pixels, pixels.shape[1] / self.info.width))
        return self._last[1]

    def _shrink(self, long_side: int | None) -> int:
        if long_side is None:
            return 1
        full = max(self._decoder.size)
        return max(shrink for shrink in self._decoder.shrinks if shrink == 1 or full >= long_side * shrink)


def open_photo(path: Path, limits: Limits) -> OpenPhoto:
    """Read a file once; :class:`PhotoUnreadable` if it is not a photo that we can read."""
    data, found = read_once(path, limits.max_file_bytes)
    return photo_of(data, path.suffix, limits, found.st_mtime_ns)


def photo_of(data: bytes, suffix: str, limits: Limits, mtime_ns: int = 0) -> OpenPhoto:
    """A photo whose content is in memory already; :class:`PhotoUnreadable` if we cannot read it."""
    kind = sniff(data, suffix)
    decoder = decoder_for(kind, data, limits)
    width, height = decoder.size[::-1] if swaps_sides(decoder.turn) else decoder.size
    exif, hashes = decoder.exif, digests(data)
    # Programs that write no EXIF date may write one in XMP.
    taken_at, offset = (exif.taken_at, exif.utc_offset) if exif.taken_at else xmp_taken_at(xmp_packet(data))
    if taken_at is None and kind == "png":
        taken_at = png_taken_at(data)
    info = PhotoRecord(
        stamp=Stamp(len(data), mtime_ns, *hashes),
        width=width,
        height=height,
        orientation=exif.orientation,
        format=kind,
        taken_at=taken_at,
        utc_offset=offset,
        camera=exif.camera,
    )
    return OpenPhoto(decoder, info)


def exif_of(path: Path, limits: Limits) -> Exif:
    """What the camera wrote about a photo, read from its file; :class:`PhotoUnreadable` where that cannot be read."""
    data, _ = read_once(path, limits.max_file_bytes)
    return decoder_for(sniff(data, path.suffix), data, limits).exif


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The picture turned by its EXIF orientation, 1 to 8."""
    import cv2
    import numpy as np

    turn = turn_of(orientation)
    turned: Any = pixels
    # OpenCV needs one pass, a tenth of the time that NumPy takes to copy a transposed view.
    if turn.transposes and turn.mirrors_x != turn.mirrors_y:
        turned = cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE if turn.mirrors_x else cv2.ROTATE_90_COUNTERCLOCKWISE)
    else:
        if turn.transposes:
            turned = cv2.transpose(pixels)
        if turn.mirrors_x or turn.mirrors_y:
            turned = cv2.flip(turned, -1 if turn.mirrors_x and turn.mirrors_y else int(turn.mirrors_x))
    return np.ascontiguousarray(turned)
