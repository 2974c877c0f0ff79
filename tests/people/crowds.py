"""Albums of invented people: each a direction, each face near its person's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from builders import a_face, a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array

__all__ = ["Rows", "a_crowd", "an_album", "unit"]

Rows = NDArray[np.float32]


def unit(rows: NDArray[Any]) -> Rows:
    scaled: Rows = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return scaled


def a_crowd(people: int, faces_each: int, seed: int = 0, alike: float = 0.65) -> tuple[Rows, list[int]]:
    """Faces, and who is who; two faces of a person have a cosine of about ``alike``."""
    rng = np.random.default_rng(seed)
    middles = unit(rng.normal(size=(people, 128)))
    who = [person for person in range(people) for _ in range(faces_each)]
    noise = unit(rng.normal(size=(len(who), 128)))
    return unit(middles[who] + np.sqrt(1 / alike - 1) * noise), who


def an_album(photos: list[list[tuple[str, Rows]]], folder: str = "album") -> Album:
    """One photo for each list of (id of a face, embedding)."""
    return Album(
        AlbumPhoto(
            f"{folder}/{number}.jpg",
            a_record(
                *(
                    a_face(name, (10.0 + 200 * place, 20.0, 100.0, 120.0), embedding=encode_array(row))
                    for place, (name, row) in enumerate(faces)
                ),
                hash=f"{number:02x}",
            ),
        )
        for number, faces in enumerate(photos)
    )
