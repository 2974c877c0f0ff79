"""Measures many photos at once, spread over a process per processor, for the figures that need thousands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.analysis.analyser import Analyser
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.models.engines import usual_engine
from photo_ranker.records import Face, PhotoRecord

__all__ = ["Place", "central", "engine", "face_at", "largest", "records_of", "use_engine"]

Place = tuple[float, float]
"""Pixels of the picture."""

_measured: dict[Path, PhotoRecord | None] = {}
_chosen = [""]


def use_engine(name: str) -> None:
    """Let this engine measure from now on; by default it is the usual one."""
    _chosen[0] = name


def engine() -> str:
    """The engine that measures."""
    return _chosen[0] or usual_engine(lambda line: print(line, file=sys.stderr))


def records_of(paths: Iterable[Path]) -> dict[Path, PhotoRecord | None]:
    """The record of each photo, ``None`` where it cannot be read; each is measured once in a run."""
    wanted = list(dict.fromkeys(paths))
    missing = [path for path in wanted if path not in _measured]
    if missing:
        with ProcessPoolExecutor(os.cpu_count(), initializer=use_engine, initargs=(engine(),)) as pool:
            _measured.update(zip(missing, pool.map(_record, missing, chunksize=16), strict=True))
    return {path: _measured[path] for path in wanted}


@cache
def _analyser() -> Analyser:
    return AnalyserSpec(engine=engine()).open()


def _record(path: Path) -> PhotoRecord | None:
    try:
        return _analyser().analyse(path)
    except PhotoUnreadable:
        return None


def largest(record: PhotoRecord | None) -> Face | None:
    """The largest face."""
    faces = record.faces if record is not None else ()
    return max(faces, key=lambda face: face.box[2] * face.box[3], default=None)


def central(record: PhotoRecord | None) -> Face | None:
    """The face nearest to the middle."""
    if record is None or not record.faces:
        return None
    return min(record.faces, key=lambda face: _distance(face, (record.width / 2, record.height / 2)))


def face_at(record: PhotoRecord | None, place: Place) -> Face | None:
    """The face nearest to a place, if it reaches there."""
    if record is None or not record.faces:
        return None
    found = min(record.faces, key=lambda face: _distance(face, place))
    return found if _distance(found, place) < max(found.box[2:]) / 2 else None


def _distance(face: Face, place: Place) -> float:
    x, y = face.box[0] + face.box[2] / 2 - place[0], face.box[1] + face.box[3] / 2 - place[1]
    return float((x * x + y * y) ** 0.5)
