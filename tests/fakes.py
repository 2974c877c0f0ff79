"""Stand-ins that do their work for real, only quickly: no models, no decoding."""

from __future__ import annotations

import errno
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from builders import a_face, an_embedding
from photo_ranker.errors import ModelUnavailable, PhotoOutOfReach, PhotoUnreadable
from photo_ranker.images import digests
from photo_ranker.indexing.interfaces import MeasureTask, Outcome, Spec
from photo_ranker.metadata import pass_through
from photo_ranker.records import Drawings, Face, PhotoRecord, Stamp
from photo_ranker.settings import MeasureSettings

__all__ = ["FakeMeasurer", "FakePhoto", "FakeSpec", "InlinePool", "write_photo"]


def write_photo(path: Path | str, orders: str = "", comment: str = "") -> Path:
    """A file with the layout of a JPEG; ``orders`` are stored as its picture, ``comment`` as its comment.

    Orders for :class:`FakeMeasurer`: ``faces=3 camera=EOS_R5 sleep=0.1 crash kill hang unreadable leak`` and any text;
    and ways to fail: ``memory bug disk decoder model library``.
    """
    said, body = comment.encode(), orders.encode()
    path = Path(path)
    path.write_bytes(
        b"\xff\xd8\xff\xfe%b%b\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00%b\xff\xd9"
        % ((len(said) + 2).to_bytes(2, "big"), said, body)
    )
    return path


@dataclass(frozen=True)
class FakePhoto:
    """A file that has been read."""

    stamp: Stamp
    orders: dict[str, str]
    comment: str


class FakeSpec(msgspec.Struct, frozen=True):
    """Makes a :class:`FakeMeasurer`; ``parts`` are its keys."""

    engine: str = "sface"
    parts: dict[str, str] = msgspec.field(default_factory=lambda: {"detect": "fake.1", "picture": "fake.1"})
    fails: str = ""
    """How opening goes wrong: "model" or "exit"."""
    log: str = ""
    """A file that gets a line for every measured part."""
    settings: MeasureSettings = msgspec.field(default_factory=MeasureSettings)
    thumbnails: bool = False
    drawn: dict[str, Drawings] = msgspec.field(default_factory=dict)
    identity_only: bool = False

    def keys(self) -> dict[str, str]:
        return dict(self.parts)

    def open(self) -> FakeMeasurer:
        if self.fails == "model":
            raise ModelUnavailable("the model is missing", "fetch it")
        if self.fails == "exit":
            os._exit(3)
        return FakeMeasurer(self)


class FakeMeasurer:
    """Does as the file says; the faces it finds depend on the file alone."""

    def __init__(self, spec: FakeSpec) -> None:
        self._spec = spec

    def read(self, path: Path, known: PhotoRecord | None = None) -> FakePhoto:
        try:
            found, data = path.stat(), path.read_bytes()
        except OSError as error:
            raise PhotoOutOfReach("no such file" if isinstance(error, FileNotFoundError) else "out of reach") from error
        start = data.find(b"\xff\xda") + 10
        words = data[start:-2].decode("utf-8", "replace").split()
        orders = dict([*word.split("="), ""][:2] for word in words)
        comment = data[6 : data.find(b"\xff\xc0")].decode("utf-8", "replace")
        photo = FakePhoto(Stamp(found.st_size, found.st_mtime_ns, *digests(data)), orders, comment)
        if "unreadable" in orders or not data.startswith(b"\xff\xd8"):
            raise PhotoUnreadable("not a photo")
        if "crash-read" in orders:
            os.kill(os.getpid(), signal.SIGSEGV)
        return photo

    def analyse(self, path: Path) -> PhotoRecord:
        return self.measure(self.read(path))

    def measure(self, photo: FakePhoto, known: PhotoRecord | None = None) -> PhotoRecord:
        if known is not None and known.stamp.hash == photo.stamp.hash and not known.unreadable:
            record = msgspec.structs.replace(known, stamp=photo.stamp, taken_at=photo.comment or None)
        else:
            camera = photo.orders.get("camera", "").replace("_", " ") or None
            record = PhotoRecord(photo.stamp, 16, 16, format="jpeg", taken_at=photo.comment or None, camera=camera)
        stale = [part for part, key in self._spec.parts.items() if record.parts.get(part) != key]
        if stale:
            self._obey(photo.orders)
        if "detect" in stale:
            record = msgspec.structs.replace(record, faces=self._faces(photo))
        if self._spec.log:
            with Path(self._spec.log).open("a") as log:
                log.writelines(f"{part}\n" for part in stale)
        return msgspec.structs.replace(record, parts={**record.parts, **self._spec.parts})

    def _faces(self, photo: FakePhoto) -> tuple[Face, ...]:
        boxes = [(10.0 + 200 * number, 20.0, 100.0, 120.0) for number in range(int(photo.orders.get("faces", 1)))]
        seed = photo.stamp.hash[:8]
        return tuple(
            a_face(f"f{seed}-{number}", box, embedding=an_embedding(int(seed, 16) + number))
            for number, box in enumerate(boxes)
        )

    def _obey(self, orders: dict[str, str]) -> None:
        if "crash" in orders:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "crash-once" in orders:
            mark = Path(orders["crash-once"])
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        if "kill" in orders:
            os.kill(os.getpid(), signal.SIGKILL)
        if "exit" in orders:
            os._exit(7)
        if "hang" in orders:
            time.sleep(3600)
        if "sleep" in orders:
            time.sleep(float(orders["sleep"]))
        self._fail(orders)

    def _fail(self, orders: dict[str, str]) -> None:
        if "memory" in orders:
            raise MemoryError
        if "bug" in orders:
            raise ValueError("a bug \udcff")
        if "disk" in orders:
            raise OSError(errno.EIO, "Input/output error")
        if "decoder" in orders:
            raise OSError("cannot identify")
        if "library" in orders:
            raise ModuleNotFoundError("No module named 'simplejpeg'", name="simplejpeg")
        if "model" in orders:
            raise ModelUnavailable("the model is missing", "fetch it")


class InlinePool:
    """Measures in this process, when asked for outcomes: quick, but only for photos that do no harm."""

    has_room = True
    is_loading = False

    def __init__(self, spec: Spec, size: int, photo_seconds: float) -> None:
        self._measurer = spec.open()
        self._jobs: list[MeasureTask] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @property
    def is_idle(self) -> bool:
        return not self._jobs

    def prepare(self) -> None:
        pass

    def submit(self, job: MeasureTask) -> None:
        self._jobs.append(job)

    def wait(self, seconds: float) -> list[Outcome]:
        outcomes = [self._outcome(job) for job in self._jobs]
        self._jobs.clear()
        return outcomes

    def _outcome(self, job: MeasureTask) -> Outcome:
        try:
            photo = self._measurer.read(Path(job.path), job.known)
            return Outcome(job, pass_through(self._measurer.measure(photo, job.known)))
        except PhotoUnreadable as error:
            return Outcome(job, reason=error.reason, is_temporary=isinstance(error, PhotoOutOfReach))
