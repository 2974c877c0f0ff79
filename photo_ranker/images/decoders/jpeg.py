"""JPEG, decoded as fast as possible, even if the file's end is missing; camera RAW, read through its embedded JPEG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from photo_ranker.errors import FormatNotInstalled, PhotoUnreadable
from photo_ranker.images.decoders.base import Decoded, Decoder, Limits, check_size, understood
from photo_ranker.images.exif import Exif, read_exif
from photo_ranker.images.layout import JpegLayout, exif_block, lay_out
from photo_ranker.images.sniff import TIFF_MAGICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["JpegDecoder", "RawDecoder"]

MOST_MISSING = 0.1
"""Share of the rows that a cut file may lack: viewers show such files, and few faces are in the last tenth."""

MOST_SCANS = 100
"""Progressive files have about ten; each costs a whole decoding, so thousands would take hours."""

FILL = 128
"""The grey with which libjpeg fills the rows that are missing."""


class JpegDecoder:
    """A JPEG file; the first picture if it holds several (MPO, motion photo)."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._layout = lay_out(data)
        self.size = (self._layout.width, self._layout.height)
        check_size(self.size, limits)
        if len(self._layout.scans) > MOST_SCANS:
            raise PhotoUnreadable("damaged: too many passes over the picture")
        self.exif: Exif = read_exif(exif_block(data, self._layout))
        self.turn = self.exif.orientation
        self.shrinks = (1, 2, 4, 8)
        self._data = data
        if not self._layout.complete:
            self._mend()

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """The picture as stored, at 1, 1/2, 1/4 or 1/8 of its size."""
        with understood():
            # Rounded up, as libjpeg does.
            wanted = tuple(-(-side // shrink) for side in self.size)
            pixels = None if self._layout.components == 4 else _fast(self._data, wanted)
            return _with_pillow(self._data, wanted) if pixels is None else pixels

    def _mend(self) -> None:
        if not self._layout.scans or not _has_detail(self._layout):
            raise PhotoUnreadable("cut off in the middle")
        # An interrupted copy often ends in zeros, which would be decoded as a pattern; cut them and end the file.
        self._data = self._data.rstrip(b"\0") + b"\xff\xd9"
        # 100 rows are enough to judge a share of a tenth, and cost little to decode.
        shrink = next(shrink for shrink in (8, 4, 2, 1) if self.size[1] >= 100 * shrink or shrink == 1)
        pixels = self.pixels(shrink)
        fill = pixels[-1, -1] if self._layout.components == 4 else FILL
        missing = 0
        while missing < len(pixels) and (pixels[-1 - missing] == fill).all():
            missing += 1
        if missing > MOST_MISSING * len(pixels):
            raise PhotoUnreadable("cut off in the middle")


def _has_detail(layout: JpegLayout) -> bool:
    """Whether a cut progressive file holds all rows in all but the finest detail."""
    if not layout.progressive:
        return True
    seen: set[int] = set()
    for scan in layout.scans[:-1]:  # the last one is the cut one
        if scan.component == layout.scans[0].component and scan.shift <= 1:
            seen.update(range(scan.first, scan.last + 1))
    return len(seen) == 64


def _fast(data: bytes, wanted: tuple[int, ...]) -> NDArray[np.uint8] | None:
    # simplejpeg is libjpeg-turbo like OpenCV and Pillow. OpenCV writes libjpeg's complaints to stderr, and Pillow
    # takes twice as long at full scale, because it copies the picture from four bytes a pixel into three.
    import simplejpeg

    try:
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(
            data, colorspace="RGB", min_width=wanted[0], min_height=wanted[1], strict=False
        )
    except ValueError:  # it refuses rare kinds of colour sampling and versions of the header
        return None
    return pixels


def _with_pillow(data: bytes, wanted: tuple[int, ...]) -> NDArray[np.uint8]:
    import io

    from PIL import JpegImagePlugin

    from photo_ranker.images.decoders.pillow import to_rgb

    picture: Any = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    picture.draft(None, wanted)
    return to_rgb(picture)


# Camera RAW: nearly every camera writes a preview into it, which needs no developing.

FLIPS = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's ``flip`` -> EXIF orientation."""

ENOUGH = 1000
"""px: a preview with a shorter long side is only a thumbnail (old cameras write 160 px), so the RAW is developed."""


class RawDecoder:
    """A RAW file; its size is that of the preview, or of the picture developed at half size."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        with understood():
            self._inner = _readable(data, limits)
        self.size = self._inner.size
        self.turn = self._inner.turn
        self.shrinks = self._inner.shrinks
        own = read_exif(data)
        self.exif: Exif = own if own != Exif() else self._inner.exif

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """The preview as stored."""
        return self._inner.pixels(shrink)


def _readable(data: bytes, limits: Limits) -> Decoder:
    try:
        import rawpy
    except ModuleNotFoundError as error:
        raise FormatNotInstalled("camera RAW needs photo-ranker[raw]: pip install 'photo-ranker[raw]'") from error
    except (ImportError, OSError) as error:
        raise FormatNotInstalled(f"camera RAW needs rawpy, which does not load here: {error}") from error
    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            check_size((raw.sizes.raw_width, raw.sizes.raw_height), limits)
            return _preview(raw, limits) or _develop(raw)
    except rawpy.LibRawFileUnsupportedError as error:
        if data.startswith(TIFF_MAGICS):
            from photo_ranker.images.decoders.pillow import PillowDecoder

            return PillowDecoder(data, limits, "tiff")  # a plain TIFF with the suffix of a RAW
        raise PhotoUnreadable("camera RAW of a kind that LibRaw does not know") from error
    except rawpy.LibRawUnsufficientMemoryError as error:
        raise MemoryError from error
    except rawpy.LibRawError as error:
        message = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise PhotoUnreadable(f"damaged ({message.lower()})") from error


def _preview(raw: Any, limits: Limits) -> Decoder | None:
    import rawpy

    try:
        preview = raw.extract_thumb()
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    # LibRaw writes the orientation into the EXIF of a JPEG; a bitmap comes as the sensor saw it.
    found: Decoder = (
        JpegDecoder(preview.data, limits)
        if preview.format == rawpy.ThumbFormat.JPEG
        else Decoded(preview.data, FLIPS.get(raw.sizes.flip, 1))
    )
    better = max(raw.sizes.iwidth, raw.sizes.iheight) // 2  # px that developing would give
    return found if max(found.size) >= min(ENOUGH, better) else None


def _develop(raw: Any) -> Decoder:
    turn = FLIPS.get(raw.sizes.flip, 1)  # read before developing, which overwrites it
    # Half size needs no interpolation of colours, and takes a quarter of the time.
    return Decoded(raw.postprocess(half_size=True, use_camera_wb=True, user_flip=0), turn)
