"""Small worlds: an album, the caches, the app's data and a folder for exports, made once and copied for each attempt.

The photos are parts of the sample photos, measured once by the real models. All later measuring is a replay of that,
so that a cold index costs milliseconds: workers and models write nothing that a fault could harm.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image

import photo_ranker.analysis
from fakes import InlinePool
from photo_ranker import indexing
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import content_hash
from photo_ranker.metadata import load
from photo_ranker.models.store import sample_photo
from photo_ranker.records import Drawings, PhotoRecord, Stamp, drawn_part
from video_files import panned, write_video

__all__ = ["PHOTOS", "copy_world", "digests", "make_photos", "measure_photos", "replay", "set_places"]

PHOTOS = ("alone.jpg", "astronaut.jpg", "closer.jpg", "together.jpg")
"""The album; ``new.jpg`` and ``film.avi`` may join it. ``ref.jpg`` shows the person of ``alone`` and ``together``."""


def make_photos(folder: Path) -> None:
    """Small photos with real faces, and a reference."""
    folder.mkdir(parents=True)
    with Image.open(sample_photo("t1.jpg")) as opened:
        group = opened.convert("RGB")
    with Image.open(sample_photo("astronaut.png")) as opened:
        astronaut = opened.convert("RGB")
    pictures = {
        "together.jpg": group.resize((640, 443)),
        "alone.jpg": group.crop((990, 60, 1240, 420)),
        "new.jpg": group.crop((980, 40, 1250, 430)),
        "ref.jpg": group.crop((1000, 80, 1230, 400)),
        "astronaut.jpg": astronaut.resize((320, 320)),
        "closer.jpg": astronaut.crop((150, 0, 350, 250)),
    }
    for name, picture in pictures.items():
        picture.save(folder / name, quality=85)
    write_video(folder / "film.avi", panned(np.asarray(astronaut.crop((100, 0, 420, 256))), (256, 256), 12))


def measure_photos(folder: Path) -> None:
    """Have the real models look at them, once."""
    command = [sys.executable, "-m", "photo_ranker", "index", str(folder), "--workers", "1", "--quiet"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


@dataclass(frozen=True)
class _Photo:
    stamp: Stamp
    record: PhotoRecord


class _Replay:
    """Knows the photos by their content, or where a rating was written into one by its name."""

    def __init__(self, measured: Path, spec: _ReplaySpec) -> None:
        self._drawn, self._drawn_part = spec.drawn, drawn_part(spec.keys())
        self._by_name = load(measured)
        self._by_hash = {record.stamp.hash: record for record in self._by_name.values()}

    def read(self, path: Path, known: PhotoRecord | None = None) -> _Photo:
        found, data = path.stat(), path.read_bytes()
        stamp = Stamp(found.st_size, found.st_mtime_ns, content_hash(data))
        record = self._by_hash.get(stamp.hash) or self._by_name.get(path.name)
        if record is None:
            raise PhotoUnreadable("nobody has measured it")
        return _Photo(stamp, record)

    def measure(self, photo: _Photo, known: PhotoRecord | None = None) -> PhotoRecord:
        record = msgspec.structs.replace(photo.record, stamp=photo.stamp)
        told = None if record.is_video else self._drawn.get(photo.stamp.hash)
        if told is None:
            return record
        # A drawn face looks like the first of the photo.
        drawn = [msgspec.structs.replace(record.faces[0], id=face.id, box=face.box, drawn=True) for face in told.faces]
        parts = {**record.parts, self._drawn_part: told.key}
        return msgspec.structs.replace(record, faces=(*record.faces, *drawn), parts=parts)

    def analyse(self, path: Path) -> PhotoRecord:
        return self.measure(self.read(path))


class _ReplaySpec(msgspec.Struct, frozen=True):
    measured: Path
    real: AnalyserSpec
    thumbnails: bool = False
    drawn: Mapping[str, Drawings] = msgspec.field(default_factory=dict)
    identity_only: bool = False

    def __hash__(self) -> int:
        return hash((self.measured, self.real))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def open(self) -> _Replay:
        return _Replay(self.measured, self)


def _replay_spec(measured: Path, real: type[AnalyserSpec], *args: Any, **options: Any) -> _ReplaySpec:
    spec = real(*args, **options)
    return _ReplaySpec(measured, spec, spec.thumbnails, spec.drawn, spec.identity_only)


def replay(measured: Path) -> None:
    """From now on this process measures without models."""
    real = AnalyserSpec
    analysis: Any = photo_ranker.analysis
    analysis.AnalyserSpec = partial(_replay_spec, measured, real)
    places: Any = indexing
    places.refresh = partial(indexing.refresh, make_pool=InlinePool)
    places.index = partial(indexing.index, make_pool=InlinePool)


def set_places(world: Path, models: Path) -> None:
    """Everything of ours that is written lies below the world; models are read where they are."""
    os.environ["PHOTO_RANKER_CACHE"] = str(world / "cache")
    os.environ["PHOTO_RANKER_DATA"] = str(world / "data")
    os.environ["PHOTO_RANKER_MODELS"] = str(models)


def copy_world(template: Path, world: Path) -> None:
    """A fresh copy in place of whatever the last attempt has left."""
    remove(world)
    shutil.copytree(template, world, symlinks=True)


def remove(folder: Path) -> None:
    """Remove a world, closed folders in it too."""
    if folder.exists():
        for place, _, _ in os.walk(folder):
            Path(place).chmod(stat.S_IRWXU)
        shutil.rmtree(folder)


def files_below(folder: Path) -> Iterator[Path]:
    """Every file and link."""
    for place, folders, names in os.walk(folder):
        yield from (Path(place, name) for name in names)
        yield from (Path(place, name) for name in folders if Path(place, name).is_symlink())


def digests(folder: Path) -> dict[str, str]:
    """Path below the folder -> what the file holds."""
    return {str(path.relative_to(folder)): _digest(path) for path in files_below(folder)}


def _digest(path: Path) -> str:
    return f"link to {path.readlink()}" if path.is_symlink() else sha256(path.read_bytes()).hexdigest()
