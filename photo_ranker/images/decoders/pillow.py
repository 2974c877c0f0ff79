"""PNG, WebP, AVIF, TIFF, BMP and GIF (first frame) through Pillow; HEIC, which phones write, through its plug-in."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from photo_ranker.images.containers import PNG_PICTURE, boxes, png_chunks, png_exif, webp_size
from photo_ranker.images.decoders.base import Limits, check_size, understood
from photo_ranker.images.exif import Exif, read_exif

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HeifDecoder", "PillowDecoder", "to_rgb"]


PAPER = (255, 255, 255)
"""The colour behind transparent pixels: white, as in browsers and most viewers."""


class PillowDecoder:
    """A file that Pillow reads; the pixels are decoded on demand."""

    def __init__(self, data: bytes, limits: Limits, kind: str) -> None:
        if kind == "webp" and (stated := webp_size(data)):
            check_size(stated, limits)  # before opening, which already allocates the canvas
        self._data = _only_picture(data) if kind == "png" else data
        self._kind = kind
        with understood():
            picture = self._open()
            self.size: tuple[int, int] = picture.size
            block = png_exif(data) if kind == "png" else data if kind == "tiff" else picture.info.get("exif", b"")
        check_size(self.size, limits)
        self.exif: Exif = read_exif(block)
        # Pillow turns TIFFs upright by itself.
        self.turn = 1 if kind == "tiff" else self.exif.orientation
        self.shrinks = (1,)

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """The picture as stored; these formats have no reduced scale."""
        assert shrink == 1
        with understood():
            return to_rgb(self._open())

    def _open(self) -> Any:
        return _plugin(self._kind)(io.BytesIO(self._data))


_PLUGINS = {"avif": "Avif", "bmp": "Bmp", "gif": "Gif", "png": "Png", "tiff": "Tiff", "webp": "WebP"}
"""Format -> what Pillow calls its plugin."""


def _plugin(kind: str) -> Callable[[io.BytesIO], Any]:
    # The format's own class, since Image.open would try every plugin and warn of large pictures in its own words. Only
    # its module is imported, since those of AVIF and WebP load libraries of megabytes.
    name = _PLUGINS[kind]
    opened: Callable[[io.BytesIO], Any] = getattr(import_module(f"PIL.{name}ImagePlugin"), f"{name}ImageFile")
    return opened


def _only_picture(data: bytes) -> bytes:
    """A PNG without texts, profiles and further frames, which may be broken or huge though the picture is fine."""
    kept = [data[chunk.start : chunk.end] for chunk in png_chunks(data) if chunk.name in PNG_PICTURE]
    return data[:8] + b"".join(kept)


def to_rgb(picture: Any) -> NDArray[np.uint8]:
    """A picture of any Pillow mode as RGB with eight bits a colour."""
    import numpy as np
    from PIL import Image

    picture.load()
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        return _from_wide_grey(np.asarray(picture))
    if picture.mode == "LAB":
        picture = _from_lab(picture)
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, PAPER)
        picture.paste(layer, mask=layer.getchannel("A"))
    return np.array(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _from_wide_grey(values: NDArray[Any]) -> NDArray[np.uint8]:
    import numpy as np

    numbers = np.nan_to_num(values.astype(np.float32))
    # Integers use 16 bits. Floats go up to 1, or to 255 where a program converted an 8-bit picture.
    top = float(numbers.max(initial=0))
    white = next((white for white in (1.0, 255.0, 65535.0) if top <= white), top) if values.dtype.kind == "f" else 65535
    grey = (numbers.clip(0, white) * (255 / white) + 0.5).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _from_lab(picture: Any) -> Any:
    from PIL import ImageCms

    change = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    return ImageCms.applyTransform(picture, change)


class HeifDecoder:
    """A HEIC file; the primary picture if it holds several."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        with understood():
            picture = self._open()
            self.size: tuple[int, int] = picture.size
            self.exif: Exif = read_exif(picture.info.get("exif") or b"")
        check_size(self.size, limits)
        # The decoder applies the orientation in the container, which EXIF repeats. Some programs drop it from
        # the container when they copy a photo; then only EXIF has it.
        self.turn = 1 if _states_turn(data) else self.exif.orientation
        self.shrinks = (1,)

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """The picture, turned as the container says."""
        import numpy as np

        assert shrink == 1
        with understood():
            picture = self._open()
            # Pillow would copy it twice more. One copy is needed: the pixels are freed with the opened file.
            return np.array(picture) if picture.mode == "RGB" else to_rgb(picture.to_pillow())

    def _open(self) -> Any:
        import pi_heif

        pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = pi_heif.options.THUMBNAILS = False
        return pi_heif.open_heif(io.BytesIO(self._data))


def _states_turn(data: bytes) -> bool:
    with suppress(ValueError):  # damage behind the meta box does not matter here
        for name, start, end in boxes(data, 0, len(data)):
            if name == b"meta":
                return any(turn in data[start:end] for turn in (b"irot", b"imir"))
    return False
