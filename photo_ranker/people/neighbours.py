"""Which faces are alike: the pairs of faces whose cosine is above a floor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.codec import Floats

__all__ = ["EXACT_LIMIT", "Ints", "Pairs", "above", "join", "near_pairs"]

Ints = NDArray[np.int64]

EXACT_LIMIT = 60_000
"""Up to here all faces are compared with all; the time of that grows with the square of their number."""

MOST = 64
"""Pairs kept for one face of those found at a time; a bride with thousands of photos needs no millions of pairs."""

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of faces, each once, the smaller number first."""

    first: Ints
    second: Ints
    cosine: Floats

    def sorted(self) -> Pairs:
        """The most alike first; ties always fall the same way."""
        order = np.lexsort((self.second, self.first, -self.cosine))
        return self.chosen(order)

    def chosen(self, which: NDArray[np.bool_] | Ints | slice) -> Pairs:
        """Some of them."""
        return Pairs(self.first[which], self.second[which], self.cosine[which])


def join(parts: Sequence[Pairs]) -> Pairs:
    """Several lists as one."""
    parts = [Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)), *parts]
    return Pairs(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.cosine for part in parts]),
    )


def near_pairs(rows: Floats, floor: float, exact_limit: int = EXACT_LIMIT) -> Pairs:
    """The pairs of unit rows with a cosine above ``floor``, most alike first."""
    if len(rows) > exact_limit:
        from photo_ranker.people.cells import compare_cells

        return compare_cells(rows, floor)
    return join(list(_compare_all(rows, floor))).sorted()


def _compare_all(rows: Floats, floor: float) -> Iterator[Pairs]:
    for start in range(0, len(rows), _BLOCK):
        cosine = rows[start : start + _BLOCK] @ rows[start:].T
        one, other, value = above(cosine, floor)
        later = other > one
        yield Pairs(one[later] + start, other[later] + start, value[later])


def above(cosine: Floats, floor: float) -> tuple[Ints, Ints, Floats]:
    """Row, column and value of what is above the floor, at most ``MOST`` a row."""
    one, other = np.divmod(np.flatnonzero(cosine > floor), cosine.shape[1])
    counts = np.bincount(one, minlength=len(cosine))
    crowded = np.flatnonzero(counts > MOST)
    if len(crowded):
        few = counts[one] <= MOST
        rows, columns = _from_crowds(cosine[crowded], floor)
        one, other = np.concatenate([one[few], crowded[rows]]), np.concatenate([other[few], columns])
    return one, other, cosine[one, other]


def _from_crowds(cosine: Floats, floor: float) -> tuple[Ints, Ints]:
    """Of each row half of ``MOST`` the most alike, and others spread over the rest.

    The most alike alone may all lie within one series, and nothing would tie two series of a person together.
    """
    hits = cosine > floor
    step = -(-hits.sum(axis=1, keepdims=True) // (MOST // 2))
    kept = hits & (np.cumsum(hits, axis=1) % step == 0)
    nearest = np.argpartition(-cosine, MOST // 2, axis=1)[:, : MOST // 2]
    np.put_along_axis(kept, nearest, values=True, axis=1)
    rows, columns = np.nonzero(kept)
    return rows, columns
