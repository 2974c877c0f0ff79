"""Which faces of a library lie nearest to some directions: exactly, or by sketches where that would take too long."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photo_ranker.codec import Floats
from photo_ranker.library.library import Library, Numbers, Run
from photo_ranker.library.sketches import BITS, differing, sketch

__all__ = ["EXACT_LIMIT", "nearest"]

EXACT_LIMIT = 300_000
"""Up to so many faces all are compared exactly: a quarter of a second on one core for a million, of which every
question needs two such rounds."""

_PIECE = 1 << 16
_BLOCK = 1 << 13
"""Rows turned into float32 at once: they stay in the processor's cache."""


def nearest(library: Library, directions: Floats, count: int, *, exact: bool | None = None) -> Numbers:
    """The numbers of about so many faces, those nearest to any of the directions, in ascending order.

    ``exact`` None = if the library is small enough for it.
    """
    if library.face_count <= count:
        return library.numbers
    if exact is None:
        exact = library.face_count <= EXACT_LIMIT
    return _by_cosine(library, directions, count) if exact else _by_sketch(library, directions, count)


def _by_cosine(library: Library, directions: Floats, count: int) -> Numbers:
    stored = library.stored_rows

    def look(run: Run) -> Floats:
        found = np.empty(run[1] - run[0], np.float32)
        for at in range(run[0], run[1], _BLOCK):
            rows = stored[at : min(at + _BLOCK, run[1])].astype(np.float32)
            # Half precision leaves lengths within 1e-3 of 1, which is near enough to find who is near.
            found[at - run[0] : at - run[0] + len(rows)] = (rows @ directions.T).max(axis=1)
        return found

    cosines = np.concatenate(list(_in_threads(library, look)))
    chosen = np.argpartition(cosines, len(cosines) - count)[-count:]
    return library.numbers[np.sort(chosen)]


def _by_sketch(library: Library, directions: Floats, count: int) -> Numbers:
    columns, wanted = library.sketches, sketch(directions)
    bits = np.concatenate(list(_in_threads(library, lambda run: differing(columns, wanted, *run))))
    reached = np.cumsum(np.bincount(bits, minlength=BITS + 1))
    return library.numbers[bits <= int(np.searchsorted(reached, count))]


def _in_threads(library: Library, look: Callable[[Run], NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """What each piece of the library gives, in its order."""
    pieces = [(at, min(at + _PIECE, end)) for start, end in library.runs for at in range(start, end, _PIECE)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(look, pieces)
