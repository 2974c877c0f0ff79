"""The second process: decodes what it is sent, and may crash without harm. See apart.py for the other end.

A message is the length of its head (4 bytes), the head (msgpack), and ``bytes`` more bytes of data.
"""

from __future__ import annotations

import os
import struct
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from photo_ranker.errors import PhotoUnreadable
from photo_ranker.installation import failure_of_ours

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EXHAUSTED", "answer", "receive", "send"]

EXHAUSTED = 75
"""Exit code of a second process that got no memory."""

LENGTH = struct.Struct("<I")

Head = dict[str, Any]


def send(stream: BinaryIO, head: Head, data: Any = b"") -> None:
    """Write one message; ``data`` is anything that holds bytes."""
    body = memoryview(data).cast("B") if len(data) else memoryview(b"")
    packed = msgspec.msgpack.encode(head | {"bytes": len(body)})
    stream.write(LENGTH.pack(len(packed)) + packed)
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO, room: Callable[[Head], Any]) -> tuple[Head, Any]:
    """Read one message into the room that is made for its data; :class:`EOFError` when the other end is gone."""
    (length,) = LENGTH.unpack(_exactly(stream, bytearray(LENGTH.size)))
    head: Head = msgspec.msgpack.decode(_exactly(stream, bytearray(length)))
    return head, _exactly(stream, room(head))


def _exactly(stream: BinaryIO, buffer: Any) -> Any:
    left = memoryview(buffer).cast("B") if len(buffer) else memoryview(b"")
    while left:
        count = stream.readinto(left)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        left = left[count:]
    return buffer


def answer(head: Head, data: bytes) -> tuple[Head, Any]:
    """Open a photo and describe it, or decode it when ``shrink`` is given."""
    try:
        return _answer(head, data)
    except PhotoUnreadable as error:
        return {"failure": [type(error).__name__, error.reason]}, b""
    except Exception as error:
        ours = failure_of_ours(error)
        if ours is None:
            raise  # the process dies of it, and the other end says so
        return {"failure": [type(ours).__name__, ours.message, ours.advice]}, b""


def _answer(head: Head, data: bytes) -> tuple[Head, Any]:
    from photo_ranker.images.decoders.base import Limits
    from photo_ranker.images.decoders.registry import DECODERS

    decoder = DECODERS[head["kind"]](data, Limits(**head["limits"]))
    if head["shrink"]:
        pixels = decoder.pixels(head["shrink"])
        return {"shape": pixels.shape}, pixels
    exif = {"orientation": decoder.exif.orientation, "taken_at": decoder.exif.taken_at}
    exif |= {"utc_offset": decoder.exif.utc_offset, "camera": decoder.exif.camera}
    return {"size": decoder.size, "turn": decoder.turn, "shrinks": decoder.shrinks, "exif": exif}, b""


def _serve() -> None:
    import warnings

    from PIL import Image

    warnings.simplefilter("ignore")  # about metadata that we do not read
    Image.MAX_IMAGE_PIXELS = None  # our own limits hold
    # Libraries that print would otherwise write into our messages.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    send(replies, {"ready": True})
    while True:
        head, data = receive(sys.stdin.buffer, lambda head: bytearray(head["bytes"]))
        send(replies, *answer(head, bytes(data)))


if __name__ == "__main__":
    try:
        _serve()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the other end is gone
    except MemoryError:
        os._exit(EXHAUSTED)
