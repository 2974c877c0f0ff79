"""Reads a film as upright frames with their times. A broken film raises ``PhotoUnreadable``, as a broken photo does."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from photo_ranker.core.files import open_read, open_with_stat
from photo_ranker.errors import FileRefused, PhotoOutOfReach, PhotoUnreadable
from photo_ranker.images import OpenPhoto
from photo_ranker.images.containers import VideoFacts, read_container
from photo_ranker.images.decoders import Limits
from photo_ranker.images.decoders.base import Decoded, check_size
from photo_ranker.images.hashing import REST_DIGITS, Digests
from photo_ranker.images.sniff import VIDEO_SUFFIXES
from photo_ranker.records import PhotoRecord, Stamp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Frame", "OpenVideo", "frame_jpeg", "is_video", "open_frame", "open_video", "video_digests"]

LARGEST_HASHED = 1 << 30
"""Largest film, in bytes, that is hashed whole to find identical files; larger ones would take too long to read."""
LOOK_SECONDS = 0.2
"""Seconds between two checks for a new scene."""
SAMPLE_SECONDS = 0.4
"""Least time between two frames of one scene: a blink is over by then."""
SAMPLES = 300
"""Most frames that are measured; in longer films they lie further apart."""
SEEK_SECONDS = 2.0
"""From this distance on seeking is quicker than decoding every frame between."""
CUT = 22.0
"""Mean change in grey levels, at 64 x 36 px, that counts as a cut: those on a dark stage measure 28 to 31."""
STILL = 0.6
"""The same for a still picture: a frame with less change shows nothing new and is skipped."""


class Frame(msgspec.Struct, frozen=True):
    """One frame of a film."""

    photo: OpenPhoto
    """The frame in the role of a photo, so that it is measured like one."""
    at_seconds: float
    """Time from the film's beginning."""
    scene: int
    """0, 1, ...: the number of cuts before it."""


class OpenVideo:
    """A film whose container has been read; frames are decoded on demand."""

    def __init__(self, path: Path, facts: VideoFacts, found: os.stat_result, limits: Limits) -> None:
        self._path, self._facts, self._limits = path, facts, limits
        with _Reader(path) as reader:
            check_size(reader.size, limits)
            width, height = reader.size
        self.info = PhotoRecord(
            stamp=Stamp(found.st_size, found.st_mtime_ns, facts.content_hash),
            width=width,
            height=height,
            format=facts.format,
            taken_at=facts.taken_at,
            utc_offset=facts.utc_offset,
        )

    @cached_property
    def stamp(self) -> Stamp:
        """The file's stamp. Slow: the content hash covers only both ends, so ``rest`` needs the whole file."""
        return msgspec.structs.replace(self.info.stamp, rest=_rest_hash(self._path))

    def frames(self) -> Iterator[Frame]:
        """Frames to measure: the first of every scene, then one at every step that shows a change."""
        step = max(SAMPLE_SECONDS, (self._facts.seconds or 0) / SAMPLES)
        last_look, last_sample, scene = float("-inf"), float("-inf"), 0
        # ``before`` finds cuts between two looks; ``given`` finds out whether a frame shows anything new.
        before: Any = None
        given: Any = None
        with _Reader(self._path) as reader:
            while reader.advance(last_look + step if step >= SEEK_SECONDS and given is not None else None):
                at = reader.at_seconds
                if at - last_look < min(LOOK_SECONDS, step):
                    continue
                pixels = reader.pixels()
                last_look, small = at, _small(pixels)
                is_cut = before is not None and _change(before, small) > CUT
                scene += is_cut
                before = small
                is_new = given is None or _change(given, small) > STILL
                if is_cut or (at - last_sample >= step - 1e-3 and is_new):
                    last_sample, given = at, small
                    yield Frame(self._as_photo(pixels), round(at, 3), scene)
        if given is None:
            raise PhotoUnreadable("damaged: no picture of it can be read")

    def at(self, seconds: float) -> OpenPhoto:
        """The frame at a time, as a photo."""
        with _Reader(self._path) as reader:
            # A seek may overshoot; then everything is decoded from the beginning.
            if seconds > SEEK_SECONDS and not (reader.jump(seconds - 1) and reader.at_seconds <= seconds):
                reader.rewind()
            while reader.advance():
                if reader.at_seconds >= seconds - 1e-3:
                    return self._as_photo(reader.pixels())
        raise PhotoUnreadable(f"there is no picture at {seconds:.1f} seconds")

    def _as_photo(self, pixels: NDArray[np.uint8]) -> OpenPhoto:
        height, width = pixels.shape[:2]
        info = msgspec.structs.replace(self.info, format="frame", width=width, height=height)
        return OpenPhoto(Decoded(pixels), info)


def is_video(path: Path) -> bool:
    """Whether a file is a film by its name."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def open_video(path: Path, limits: Limits) -> OpenVideo:
    """Open a film and read its container."""
    facts, found = _facts(path)
    return OpenVideo(path, facts, found, limits)


def open_frame(path: Path, seconds: float | None, limits: Limits) -> OpenPhoto:
    """One frame of a film; the first if no time is given."""
    return open_video(path, limits).at(seconds or 0.0)


def frame_jpeg(path: Path, seconds: float, limits: Limits) -> bytes:
    """One frame as a JPEG file, at full size."""
    import cv2

    pixels = open_frame(path, seconds, limits).picture().pixels
    written, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert written
    jpeg: bytes = data.tobytes()
    return jpeg


def video_digests(path: Path) -> Digests:
    """Both hashes of a film."""
    return Digests(_facts(path)[0].content_hash, _rest_hash(path))


def _rest_hash(path: Path) -> str:
    """Hash of the whole file; empty if it is larger than :data:`LARGEST_HASHED`, or cannot be read any more."""
    try:
        with io.BufferedReader(open_read(path)) as file:
            if file.seek(0, os.SEEK_END) > LARGEST_HASHED:
                return ""
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()[:REST_DIGITS]
    except (OSError, FileRefused):
        return ""


def _facts(path: Path) -> tuple[VideoFacts, os.stat_result]:
    try:
        raw, found = open_with_stat(path)
        with io.BufferedReader(raw) as file:
            return read_container(file), found
    except FileRefused as error:
        raise PhotoUnreadable(error.reason) from error
    except OSError as error:
        raise PhotoOutOfReach(f"cannot be read: {(error.strerror or 'error').lower()}") from error


class _Reader:
    """OpenCV's reader: frame after frame, turned upright as the container says."""

    def __init__(self, path: Path) -> None:
        # FFmpeg would complain on stderr about every damaged frame.
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        import cv2

        self._cv2 = cv2
        # OpenCV would open a pipe too and block on it forever, so the file is opened by us first.
        self._file = open_read(path, follow=True)
        # OpenCV takes only names in UTF-8; any other file is opened by the number of its handle.
        is_text = os.fsencode(path).decode("utf-8", "ignore") == str(path)
        name = str(path) if is_text else f"/dev/fd/{self._file.fileno()}"
        self._capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not self._capture.isOpened():
            self.close()
            raise PhotoUnreadable("damaged, or in a form that cannot be read")
        self._frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._capture.release()
        self._file.close()

    @property
    def size(self) -> tuple[int, int]:
        cv2 = self._cv2
        return int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT))

    @property
    def at_seconds(self) -> float:
        told = self._capture.get(self._cv2.CAP_PROP_POS_MSEC) / 1000
        rate = self._capture.get(self._cv2.CAP_PROP_FPS)
        # Some containers store no times; then frames are counted.
        return float(told if told > 0 or self._frames <= 1 else (self._frames - 1) / (rate or 25.0))

    def advance(self, to_seconds: float | None = None) -> bool:
        """Go to the next frame, or to a later time; False at the end."""
        if to_seconds is not None:
            return self.jump(to_seconds)
        self._frames += 1
        return bool(self._capture.grab())

    def jump(self, seconds: float) -> bool:
        before = self.at_seconds
        self._capture.set(self._cv2.CAP_PROP_POS_MSEC, max(0.0, seconds) * 1000)
        self._frames += 1
        # A seek that does not advance counts as the end, or the loop of frames would never finish.
        return bool(self._capture.grab()) and (self._frames == 1 or self.at_seconds > before)

    def rewind(self) -> None:
        self._capture.set(self._cv2.CAP_PROP_POS_MSEC, 0)
        self._frames = 0

    def pixels(self) -> NDArray[np.uint8]:
        """RGB of the current frame."""
        good, picture = self._capture.retrieve()
        if not good:
            raise PhotoUnreadable("damaged: a picture of it cannot be read")
        pixels: NDArray[np.uint8] = self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2RGB)
        return pixels


def _small(pixels: NDArray[np.uint8]) -> Any:
    import cv2

    return cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (64, 36), interpolation=cv2.INTER_AREA)


def _change(one: Any, other: Any) -> float:
    import cv2

    return float(cv2.absdiff(one, other).mean())
