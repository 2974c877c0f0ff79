"""Everyone in a library: the clustering of an album on the columns, without a record being read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import shake_128

import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import AlbumPhoto
from photo_ranker.codec import Floats
from photo_ranker.library.library import Library, Numbers
from photo_ranker.people.clustering import Material, group_faces
from photo_ranker.person_finder.populations import population_of

__all__ = ["BITS", "WORDS", "Crowd", "Words", "differing", "group_library", "material_of", "sketch"]


@dataclass(frozen=True, slots=True)
class Crowd:
    """One person, as far as the clustering tells."""

    photos: int
    faces: int
    example: AlbumPhoto
    """The photo with the largest of the faces."""


def material_of(library: Library) -> tuple[Material, list[Numbers]]:
    """All that the clustering needs, and which faces are which of its rows: a copied photo has the same faces."""
    numbers = library.numbers
    _, first, which, counts = np.unique(
        library.stored_ids[numbers], return_index=True, return_inverse=True, return_counts=True
    )
    faces = np.split(numbers[np.argsort(which, kind="stable")], np.cumsum(counts)[:-1])
    owners = library.owners(numbers)
    tokens: list[list[int]] = owners[first][:, None].tolist()
    for row in np.flatnonzero(counts > 1).tolist():
        tokens[row] = library.owners(faces[row]).tolist()
    solid = library.value("is_solid")[numbers[first]] > 0
    return Material(library.rows(numbers[first]), tokens, solid), faces


def group_library(library: Library, most: int) -> tuple[int, list[Crowd]]:
    """How many people are seen more than once, and those who are in most photos."""
    material, faces = material_of(library)
    labels = group_faces(material, population_of(library.manifest.engine)).labels
    sizes = np.bincount(labels[labels >= 0])
    largest = np.argsort(-sizes, kind="stable")[:most]
    crowds = [_crowd(library, np.concatenate([faces[row] for row in np.flatnonzero(labels == one)])) for one in largest]
    return int((sizes > 1).sum()), sorted(crowds, key=lambda crowd: -crowd.photos)


def _crowd(library: Library, faces: Numbers) -> Crowd:
    owners = library.owners(faces)
    best = owners[int(library.value("size_px")[faces].argmax())]
    return Crowd(len(np.unique(owners)), len(faces), library.photos(np.array([best]))[0])


WORDS = 8
BITS = 64 * WORDS

Words = NDArray[np.uint64]

_BLOCK = 1 << 16
"""Faces looked at together: their part of a column stays in the processor's cache."""


@cache
def _planes(dimensions: int) -> Floats:
    """The same planes in every version and on every machine: +-1 by a hash of nothing but their number."""
    raw = shake_128(b"planes of the photo library").digest(BITS * dimensions // 8)
    planes: Floats = np.unpackbits(np.frombuffer(raw, np.uint8)).reshape(dimensions, BITS).astype(np.float32) * 2 - 1
    return planes


def sketch(rows: Floats) -> Words:
    """The bits of each row, as ``WORDS`` numbers."""
    bits = np.packbits(rows @ _planes(rows.shape[1]) > 0, axis=1)
    return bits.view("<u8").astype(np.uint64, copy=False)


def differing(columns: Sequence[Words], wanted: Words, start: int, end: int) -> NDArray[np.uint16]:
    """In how many bits the faces from ``start`` to ``end`` differ from the nearest of the wanted sketches."""
    fewest = np.empty(end - start, np.uint16)
    for at in range(start, end, _BLOCK):
        stop = min(at + _BLOCK, end)
        block = [column[at:stop] for column in columns]
        best = fewest[at - start : stop - start]
        for number, bits in enumerate(wanted):
            count = np.zeros(stop - at, np.uint16)
            for column, word in zip(block, bits, strict=True):
                count += np.bitwise_count(column ^ word)
            np.minimum(best, count, out=best) if number else np.copyto(best, count)
    return fewest
