"""Albums of invented people whose embeddings lie as real ones do: 0.65 within a person, 0.08 between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from builders import a_face, a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.records import Face

__all__ = ["Person", "album_of", "face_of", "strangers"]

_COMMON, _SAME = 0.08, 0.65
_ALL = np.eye(128, dtype=np.float32)[0]


def _unit(row: NDArray[Any]) -> Floats:
    unit: Floats = (row / np.linalg.norm(row)).astype(np.float32)
    return unit


def _direction(rng: np.random.Generator) -> Floats:
    row = rng.normal(size=128)
    row[0] = 0
    return _unit(row)


class Person:
    """Somebody who is photographed now and then."""

    def __init__(self, seed: int, *, like: Person | None = None, cosine: float = _COMMON) -> None:
        """``like`` is a relative, whose photos have this mean cosine with those of this person."""
        self._rng = np.random.default_rng(seed)
        self.self = _direction(self._rng)
        if like is not None:
            share = (cosine - _COMMON) / (_SAME - _COMMON)
            own = self.self - like.self * (self.self @ like.self)
            self.self = share * like.self + np.sqrt(1 - share**2) * _unit(own)

    def photo(self) -> Floats:
        """The embedding of one more photo."""
        moment = np.sqrt(1 - _SAME) * _direction(self._rng)
        return _unit(np.sqrt(_COMMON) * _ALL + np.sqrt(_SAME - _COMMON) * self.self + moment)

    def photos(self, count: int) -> list[Floats]:
        """The embeddings of several photos."""
        return [self.photo() for _ in range(count)]


def strangers(count: int, seed: int = 1000) -> list[Floats]:
    """One photo each of people who have nothing to do with anybody."""
    return [Person(seed + number).photo() for number in range(count)]


def face_of(row: Floats, size: float = 100.0, engine: str = "sface") -> Face:
    """A face with this embedding."""
    return a_face(box=(10.0, 20.0, size, 1.2 * size), embedding=encode_array(row), engine=engine)


def album_of(*photos: Floats | Sequence[Floats | Face], engine: str = "sface") -> Album:
    """An album with a photo for each item: one embedding, or several faces."""
    records = []
    for photo in photos:
        rows = [photo] if isinstance(photo, np.ndarray) else photo
        faces = [row if isinstance(row, Face) else face_of(row, engine=engine) for row in rows]
        records.append(a_record(*faces))
    return Album((AlbumPhoto(f"album/{number}.jpg", record) for number, record in enumerate(records)), engine)
