"""The interface of all decoders, and how errors of libraries become reasons that users understand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import msgspec

from photo_ranker.core.installation import failure_of_ours
from photo_ranker.errors import FormatNotInstalled, PhotoRankerError, PhotoUnreadable
from photo_ranker.images.exif import Exif

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from photo_ranker.settings import MeasureSettings

__all__ = ["Decoded", "Decoder", "Limits", "check_size", "understood"]

_CODEC_MISSING = re.compile(r"decoder \w+ not available|support not installed")
"""Messages of a Pillow that was built without a format's library, as some systems ship it."""


class Limits(msgspec.Struct, frozen=True):
    """Sizes beyond which a file is refused before memory is allocated for it."""

    max_pixels: int
    """Width times height."""
    max_file_bytes: int
    """Size of the file."""

    @classmethod
    def of(cls, settings: MeasureSettings) -> Limits:
        """The limits that the user has set."""
        return cls(settings.max_pixels, settings.max_file_bytes)


class Decoder(Protocol):
    """One opened file of one format: the header is read, the picture is not."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as stored, at full scale."""

    @property
    def exif(self) -> Exif:
        """What the camera wrote."""

    @property
    def turn(self) -> int:
        """EXIF orientation that ``pixels`` still needs; 1 where the decoder turns by itself."""

    @property
    def shrinks(self) -> tuple[int, ...]:
        """Divisors of the sides that it offers while decoding, ascending, 1 included."""

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """The picture as stored, RGB."""


class Decoded:
    """Pixels that are there already, in the role of a decoder: a frame of a film, or a developed RAW."""

    shrinks = (1,)
    exif = Exif()

    def __init__(self, pixels: NDArray[np.uint8], turn: int = 1) -> None:
        self._pixels = pixels
        self.size = (pixels.shape[1], pixels.shape[0])
        self.turn = turn

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """All of them: there is no reduced scale."""
        assert shrink == 1
        return self._pixels


def check_size(size: tuple[int, int], limits: Limits) -> None:
    """Refuse a picture without pixels or with too many of them."""
    width, height = size
    if width < 1 or height < 1:
        raise PhotoUnreadable("damaged: the picture has no pixels")
    if width * height > limits.max_pixels:
        millions = width * height / 1e6
        many = f"{millions / 1000:,.0f} gigapixels" if millions >= 1000 else f"{millions:,.0f} megapixels"
        raise PhotoUnreadable(f"{many}: larger than max_pixels")


@contextmanager
def understood() -> Iterator[None]:
    """Turn any exception of a decoder into :class:`PhotoUnreadable`, unless the installation is to blame."""
    try:
        yield
    except PhotoRankerError:
        raise
    except Exception as error:
        if ours := failure_of_ours(error):
            raise ours from error
        if _CODEC_MISSING.search(str(error)):
            raise FormatNotInstalled(f"this Pillow cannot read it: {error}") from error
        raise PhotoUnreadable(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    message = " ".join(str(error).split())
    if isinstance(error, EOFError) or any(word in message.lower() for word in ("truncat", "premature", "end of file")):
        return "cut off in the middle"
    if type(error).__name__ == "DecompressionBombError":
        return "more pixels than its decoder takes"
    return f"damaged ({message[:200].lower()})" if message else "damaged"
