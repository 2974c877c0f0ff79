"""The second process: decodes files that it is sent, and may crash without harm. isolated.py is the other end."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import Any

from photo_ranker.core.installation import failure_of_ours
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images.decoders import DECODERS
from photo_ranker.images.decoders.base import Limits
from photo_ranker.images.decoders.isolated import EXHAUSTED, Head, receive, send

__all__ = ["reply"]


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
    exif = asdict(decoder.exif)
    return {"size": decoder.size, "turn": decoder.turn, "shrinks": decoder.shrinks, "exif": exif}, b""


def _serve() -> None:
    import warnings

    from PIL import Image

    warnings.simplefilter("ignore")  # about metadata that we do not read
    Image.MAX_IMAGE_PIXELS = None  # our own limits apply
    # Replies go through a copy of stdout: a library that prints would write into them.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    send(replies, {"ready": True})
    while True:
        head, data = receive(sys.stdin.buffer, lambda head: bytearray(head["bytes"]))
        send(replies, *reply(head, bytes(data)))


if __name__ == "__main__":
    try:
        _serve()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the other end is gone
    except MemoryError:
        os._exit(EXHAUSTED)
