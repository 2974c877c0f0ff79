"""Which faces are alike: the pairs of faces whose cosine is above a floor.

Up to ``EXACT_LIMIT`` faces all are compared with all. A larger album gets an index, an inverted file: faces are sorted
into cells around directions that they crowd about, and each face meets only the faces of the cells nearest to it.
That misses a few pairs of a person, not people: a person's faces are tied by many pairs.

Why not a library: at 100,000 faces faiss needed 17 CPU seconds for 90% of the pairs (inverted file) or 28 for 98%
(graph), this 22 for 94%, and a third less since no pair is met twice. So nothing is won for a package of 20 MB with
threads of its own; and this gives the same pairs on every run, which a graph built by several threads does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats

__all__ = ["EXACT_LIMIT", "Ints", "Pairs", "above", "join", "near_pairs"]

Ints = NDArray[np.int64]

EXACT_LIMIT = 60_000
"""Up to here all faces are compared with all; the time of that grows with the square of their number."""

MOST = 64
"""Pairs kept for one face of those found at a time; a bride with thousands of photos needs no millions of pairs."""

FACES_PER_CELL = 300
"""A smaller cell is missed more often, a larger one costs more."""

CELLS_MET = 24
"""Number of cells whose faces each face meets."""

NEAREST = 32
"""A pair is kept if it is among this many most alike pairs of one of its faces."""

_MOST_WAITING = 10_000_000
"""New pairs in memory, at least, before those that are not among the nearest go."""

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of faces, each once, the smaller number first."""

    first: Ints
    second: Ints
    cosine: Floats

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
        return _compare_cells(rows, floor)
    pairs = join(list(_compare_all(rows, floor)))
    return pairs.chosen(_most_alike_first(pairs))


def _most_alike_first(pairs: Pairs) -> Ints:
    """An order of pairs; of equals the one that came first stays first, so that every run gives the same."""
    return np.argsort(-pairs.cosine, kind="stable")


def _compare_all(rows: Floats, floor: float) -> Iterator[Pairs]:
    """All pairs above the floor, by their first faces and then by their second."""
    for start in range(0, len(rows), _BLOCK):
        cosine = rows[start : start + _BLOCK] @ rows[start:].T
        one, other, value = above(cosine, floor)
        later = other > one
        yield Pairs(one[later] + start, other[later] + start, value[later])


def above(cosine: Floats, floor: float) -> tuple[Ints, Ints, Floats]:
    """Row, column and value of what is above the floor, at most ``MOST`` a row."""
    places = np.flatnonzero(cosine > floor)
    one, other = np.divmod(places, cosine.shape[1])
    value = cosine.ravel()[places]
    is_crowd = np.bincount(one, minlength=len(cosine))[one] > MOST
    if is_crowd.any():
        kept = ~is_crowd
        kept[is_crowd] = _kept_of_crowds(one[is_crowd], value[is_crowd])
        one, other, value = one[kept], other[kept], value[kept]
    return one, other, value


def _kept_of_crowds(rows: Ints, value: Floats) -> NDArray[np.bool_]:
    """Of each row, whose values stand together, half of ``MOST`` the most alike, and others spread over the rest.

    The most alike alone may all lie within one series, and nothing would tie two series of a person together.
    """
    _, starts, row, counts = np.unique(rows, return_index=True, return_inverse=True, return_counts=True)
    place = np.arange(len(rows)) - starts[row]
    step = -(-counts // (MOST // 2))
    kept: NDArray[np.bool_] = (place + 1) % step[row] == 0
    # Only what is above the floor is sorted: of an album's faces that is a small part.
    far = np.full((len(counts), counts.max()), np.inf, np.float32)
    far[row, place] = -value
    nearest = np.argpartition(far, MOST // 2, axis=1)[:, : MOST // 2]
    kept[starts[:, None] + nearest] = True
    return kept


def _compare_cells(rows: Floats, floor: float) -> Pairs:
    """Nearly all pairs of unit rows that are among each other's most alike, with a cosine above ``floor``."""
    kept: list[Pairs] = []
    waiting, most_waiting = 0, _MOST_WAITING
    for pairs in _pairs_by_cell(rows, floor):
        kept.append(pairs)
        waiting += len(pairs.first)
        if waiting > most_waiting:
            kept = [_nearest_only(join(kept), len(rows))]
            # As many new ones as are kept: or else most of the time would go into sorting the same ones again.
            waiting, most_waiting = 0, max(_MOST_WAITING, len(kept[0].first))
    return _nearest_only(join(kept), len(rows))


def _pairs_by_cell(rows: Floats, floor: float) -> Iterator[Pairs]:
    centres = _centres(rows, max(1, len(rows) // FACES_PER_CELL))
    met = _nearest_cells(rows, centres, min(CELLS_MET, len(centres)))
    members = _by_cell(met[:, 0], len(centres))
    guests = _by_cell(met.ravel(), len(centres))
    meets = np.zeros((max(map(len, members)), len(centres)), np.bool_)
    for cell, mine in enumerate(members):
        theirs = guests[cell] // met.shape[1]
        meets[:] = False
        meets[np.arange(len(mine))[:, None], met[mine]] = True
        for start in range(0, len(theirs), _BLOCK):
            block = theirs[start : start + _BLOCK]
            one, other, value = above(rows[block] @ rows[mine].T, floor)
            guest, host = block[one], mine[other]
            pairs = Pairs(np.minimum(guest, host), np.maximum(guest, host), value)
            # Where the host is a guest in the other's cell too, the pair is met twice.
            yield pairs.chosen((guest < host) | ~meets[other, met[guest, 0]])


def _by_cell(cell_of: Ints, count: int) -> list[Ints]:
    """For each cell, the places in ``cell_of`` that name it."""
    order = np.argsort(cell_of, kind="stable")
    return np.split(order, np.searchsorted(cell_of[order], np.arange(1, count)))


def _nearest_only(pairs: Pairs, count: int) -> Pairs:
    pairs = pairs.chosen(_most_alike_first(pairs))
    return pairs.chosen((_place(pairs.first, count) < NEAREST) | (_place(pairs.second, count) < NEAREST))


def _place(faces: Ints, count: int) -> Ints:
    """At which place each pair stands among the pairs of a face, in the order given."""
    order = np.argsort(faces, kind="stable")
    counts = np.bincount(faces, minlength=count)
    places = np.empty(len(faces), np.int64)
    places[order] = np.arange(len(faces)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places


def _centres(rows: Floats, count: int) -> Floats:
    """Directions that the faces crowd about: a few rounds of k-means on a sample."""
    rng = np.random.default_rng(0)
    sample = rows[np.sort(rng.choice(len(rows), min(len(rows), 32 * count), replace=False))]
    centres = sample[np.sort(rng.choice(len(sample), count, replace=False))]
    for _ in range(3):
        sums = np.zeros_like(centres)
        np.add.at(sums, _nearest_cells(sample, centres, 1)[:, 0], sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), centres).astype(np.float32)
    return centres


def _nearest_cells(rows: Floats, centres: Floats, most: int) -> Ints:
    """For each face the cells nearest to it, its own first."""
    found = np.empty((len(rows), most), np.int64)
    for start in range(0, len(rows), _BLOCK):
        far = rows[start : start + _BLOCK] @ -centres.T
        own = np.argmin(far, axis=1)
        far[np.arange(len(far)), own] = -np.inf
        near = np.argpartition(far, most - 1, axis=1)[:, :most] if most > 1 else own[:, None]
        at = np.argmax(near == own[:, None], axis=1)
        near[np.arange(len(near)), at] = near[:, 0]
        near[:, 0] = own
        found[start : start + _BLOCK] = near
    return found
