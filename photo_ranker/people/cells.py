"""An index for albums too large to compare all faces with all: an inverted file.

Faces are sorted into cells around directions that they crowd about, and each face meets only the faces of the cells
nearest to it. That misses a few pairs of a person, not people: a person's faces are tied by many pairs.

Why not a library: at 100,000 faces faiss needed 17 CPU seconds for 90% of the pairs (inverted file) or 28 for 98%
(graph), this 22 for 94%, and a third less since no pair is met twice. So nothing is won for a package of 20 MB with
threads of its own; and this gives the same pairs on every run, which a graph built by several threads does not.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from photo_ranker.codec import Floats
from photo_ranker.people.neighbours import Ints, Pairs, above, join

__all__ = ["compare_cells"]

FACES_PER_CELL = 300
"""A smaller cell is missed more often, a larger one costs more."""

CELLS_MET = 24
"""Each face meets the faces of so many cells."""

NEAREST = 32
"""A pair is kept if it is among so many most alike pairs of one of its faces."""

_BLOCK = 1024

_MOST_WAITING = 10_000_000
"""New pairs in memory, at least, before those that are not among the nearest go."""


def compare_cells(rows: Floats, floor: float) -> Pairs:
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
    pairs = pairs.chosen(np.argsort(-pairs.cosine, kind="stable"))
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
