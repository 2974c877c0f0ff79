"""Small films, made by OpenCV's writer."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["CODECS", "dated", "panned", "write_video"]

CODECS = {".mp4": "mp4v", ".mov": "mp4v", ".avi": "MJPG", ".mkv": "MJPG", ".webm": "VP80"}


def write_video(path: Path, frames: Iterable[NDArray[np.uint8]], rate: float = 10.0) -> Path:
    """RGB frames of one size as a film in the format that the suffix names."""
    pictures = list(frames)
    height, width = pictures[0].shape[:2]
    # Older type stubs lack this name.
    fourcc: Any = cv2.VideoWriter_fourcc  # type: ignore[attr-defined,unused-ignore]
    writer = cv2.VideoWriter(str(path), fourcc(*CODECS[path.suffix]), rate, (width, height))
    assert writer.isOpened()
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def panned(picture: NDArray[np.uint8], size: tuple[int, int], count: int, step: int = 3) -> list[NDArray[np.uint8]]:
    """A camera that moves slowly over a picture."""
    width, height = size
    return [np.ascontiguousarray(picture[:height, at : at + width]) for at in range(0, count * step, step)]


def dated(path: Path, seconds_since_1904: int) -> Path:
    """Write the time of creation into an MP4 file."""
    data = bytearray(path.read_bytes())
    at = data.index(b"mvhd") + 4
    data[at + 4 : at + 8] = struct.pack(">I", seconds_since_1904)
    path.write_bytes(data)
    return path
