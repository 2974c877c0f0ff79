"""The decoders, which format each of them reads, and the second process in which some of them run.

A new format is a line here and one in sniff.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.core.installation import failure_of_ours
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images.decoders.base import Decoder, Limits

if TYPE_CHECKING:
    from photo_ranker.images.decoders.isolated import Head

__all__ = ["DECODERS", "ISOLATED", "Decoder", "Limits", "decoder_for", "reply", "serve"]

ISOLATED = frozenset(["heic", "raw", "tiff"])
"""Formats that are decoded in a second process, since their libraries may crash (isolated.py)."""


def _jpeg(data: bytes, limits: Limits) -> Decoder:
    from photo_ranker.images.decoders.jpeg import JpegDecoder

    return JpegDecoder(data, limits)


def _heif(data: bytes, limits: Limits) -> Decoder:
    from photo_ranker.images.decoders.pillow import HeifDecoder

    return HeifDecoder(data, limits)


def _raw(data: bytes, limits: Limits) -> Decoder:
    from photo_ranker.images.decoders.jpeg import RawDecoder

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


# The second process: decodes files that it is sent, and may crash without harm. isolated.py is the other end.


def reply(head: Head, data: bytes) -> tuple[Head, Any]:
    """Open a photo and describe it, or decode it when ``shrink`` is given."""
    try:
        return _answer(head, data)
    except PhotoUnreadable as error:
        return {"failure": [type(error).__name__, error.reason]}, b""
    except Exception as error:
        ours = failure_of_ours(error)
        if ours is None:
            raise  # ends this process; the other end reports it
        return {"failure": [type(ours).__name__, ours.message, ours.advice]}, b""


def _answer(head: Head, data: bytes) -> tuple[Head, Any]:
    decoder = DECODERS[head["kind"]](data, Limits(**head["limits"]))
    if head["shrink"]:
        pixels = decoder.pixels(head["shrink"])
        return {"shape": pixels.shape}, pixels
    exif = msgspec.structs.asdict(decoder.exif)
    return {"size": decoder.size, "turn": decoder.turn, "shrinks": decoder.shrinks, "exif": exif}, b""


def serve() -> None:
    """Answer in the second process until the other end is gone."""
    from photo_ranker.images.decoders.isolated import EXHAUSTED

    try:
        _serve()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the other end is gone
    except MemoryError:
        os._exit(EXHAUSTED)


def _serve() -> None:
    import warnings

    from PIL import Image

    from photo_ranker.images.decoders.isolated import receive, send

    warnings.simplefilter("ignore")  # about metadata that we do not read
    Image.MAX_IMAGE_PIXELS = None  # our own limits apply
    # Replies go through a copy of stdout: a library that prints would write into them.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    send(replies, {"ready": True})
    while True:
        head, data = receive(sys.stdin.buffer, lambda head: bytearray(head["bytes"]))
        send(replies, *reply(head, bytes(data)))
