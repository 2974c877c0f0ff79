"""HEIC and HEIF: what iPhones and some Androids write."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from photo_ranker.images.boxes import boxes
from photo_ranker.images.decoders.base import Limits, check_size, understood
from photo_ranker.images.exif import Exif, read_exif

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HeifDecoder"]


class HeifDecoder:
    """A HEIC file; of several pictures the primary one."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        with understood():
            picture = self._open()
            self.size: tuple[int, int] = picture.size
            self.exif: Exif = read_exif(picture.info.get("exif") or b"")
        check_size(self.size, limits)
        # The decoder follows the turn that the container states, and EXIF repeats it. Some programs have lost it from
        # the container on the way; then EXIF is all that is left.
        self.turn = 1 if _states_turn(data) else self.exif.orientation
        self.shrinks = (1,)

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """The picture, turned as the container says."""
        import numpy as np

        from photo_ranker.images.decoders.pillow import to_rgb

        assert shrink == 1
        with understood():
            picture = self._open()
            # Through Pillow it would be copied twice more. This one copy has to be: the memory goes with the file.
            return np.array(picture) if picture.mode == "RGB" else to_rgb(picture.to_pillow())

    def _open(self) -> Any:
        import pi_heif

        pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = pi_heif.options.THUMBNAILS = False
        return pi_heif.open_heif(io.BytesIO(self._data))


def _states_turn(data: bytes) -> bool:
    with suppress(ValueError):  # what is broken behind the facts does not matter here
        for name, start, end in boxes(data, 0, len(data)):
            if name == b"meta":
                return any(turn in data[start:end] for turn in (b"irot", b"imir"))
    return False
