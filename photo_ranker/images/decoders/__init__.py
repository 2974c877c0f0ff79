"""Decoders, one file per library, and which reads what. A new format is a line here and one in sniff.py."""

from __future__ import annotations

from collections.abc import Callable

from photo_ranker.images.decoders.base import Decoder, Limits

__all__ = ["DECODERS", "ISOLATED", "Decoder", "Limits", "decoder_for"]

ISOLATED = frozenset(["heic", "raw", "tiff"])
"""Formats that are decoded in a second process, since their libraries may crash (isolated.py)."""


def _jpeg(data: bytes, limits: Limits) -> Decoder:
    from photo_ranker.images.decoders.jpeg import JpegDecoder

    return JpegDecoder(data, limits)


def _heif(data: bytes, limits: Limits) -> Decoder:
    from photo_ranker.images.decoders.pillow import HeifDecoder

    return HeifDecoder(data, limits)


def _raw(data: bytes, limits: Limits) -> Decoder:
    from photo_ranker.images.decoders.raw import RawDecoder

    return RawDecoder(data, limits)


def _pillow(kind: str) -> Callable[[bytes, Limits], Decoder]:
    def opened(data: bytes, limits: Limits) -> Decoder:
        from photo_ranker.images.decoders.pillow import PillowDecoder

        return PillowDecoder(data, limits, kind)

    return opened


# Imports stand inside the functions: a library is loaded with the first photo of its format.
DECODERS: dict[str, Callable[[bytes, Limits], Decoder]] = {
    "avif": _pillow("avif"),
    "bmp": _pillow("bmp"),
    "gif": _pillow("gif"),
    "heic": _heif,
    "jpeg": _jpeg,
    "png": _pillow("png"),
    "raw": _raw,
    "tiff": _pillow("tiff"),
    "webp": _pillow("webp"),
}


def decoder_for(kind: str, data: bytes, limits: Limits) -> Decoder:
    """Open a file whose format is known; nothing is decoded yet."""
    if kind in ISOLATED:
        from photo_ranker.images.decoders.isolated import IsolatedDecoder

        return IsolatedDecoder(kind, data, limits)
    return DECODERS[kind](data, limits)
