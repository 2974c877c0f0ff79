"""Camera RAW, read by its embedded preview: nearly every camera writes one, and it needs no developing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from photo_ranker.errors import FormatNotInstalled, PhotoUnreadable
from photo_ranker.images.decoders.base import Decoded, Decoder, Limits, check_size, understood
from photo_ranker.images.decoders.jpeg import JpegDecoder
from photo_ranker.images.decoders.pillow import PillowDecoder
from photo_ranker.images.exif import Exif, read_exif
from photo_ranker.images.sniff import TIFF_MAGICS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["RawDecoder"]

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
            return PillowDecoder(data, limits, "tiff")  # a plain TIFF with the suffix of a RAW
        raise PhotoUnreadable("camera RAW of a kind that LibRaw does not know") from error
    except rawpy.LibRawUnsufficientMemoryError as error:
        raise MemoryError from error
    except rawpy.LibRawError as error:
        said = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise PhotoUnreadable(f"damaged ({said.lower()})") from error


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
