"""Finds the faces that are alike: the pairs whose cosine is above a floor.

Up to ``EXACT_LIMIT`` faces all are compared with all, and the pairs of an earlier count can be brought up to date
(:func:`renewed_pairs`). A larger album gets an index, an inverted file: faces are sorted into cells around the
directions in which they cluster, and each is compared only with the faces of the cells nearest to it. That misses a
few pairs of a person, not people: a person's faces are connected by many pairs.

Why not a library: at 100,000 faces faiss needed 17 CPU seconds for 90% of the pairs (inverted file) or 28 for 98%
(graph), this one 22 for 94%, and a third less since no pair is met twice. So a package of 20 MB with threads of its
own gains nothing; and this gives the same pairs on every run, which a graph built by several threads does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats

__all__ = [
    "EXACT_LIMIT",
    "FINENESS",
    "ExactRows",
    "Ints",
    "KeptPairs",
    "Keys",
    "Pairs",
    "Rows",
    "above",
    "all_pairs",
    "exact_rows",
    "join",
    "keys_of",
    "most_alike_first",
    "near_pairs",
    "renewed_pairs",
]

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

EXACT_LIMIT = 60_000
"""Up to this many faces, all are compared with all; the time for that grows with the square of their number."""

MOST = 64
"""Pairs kept per face of those found at a time; a bride with thousands of photos does not need millions of pairs."""

FACES_PER_CELL = 300
"""A smaller cell is missed more often, a larger one costs more."""

CELLS_MET = 24
"""Number of cells whose faces each face meets."""

NEAREST = 32
"""A pair is kept if it is among the ``NEAREST`` most alike pairs of one of its faces."""

_MOST_WAITING = 10_000_000
"""At least this many new pairs are held in memory before those that are not among the nearest are dropped."""

_BLOCK = 1024


class Pairs(msgspec.Struct, frozen=True):
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
    return _compare_cells(rows, floor) if len(rows) > exact_limit else all_pairs(rows, floor).pairs


def most_alike_first(pairs: Pairs) -> Ints:
    """The order of pairs, most alike first; equal ones keep their order, so that every run gives the same."""
    bits = (-pairs.cosine).view(np.int32)
    bits ^= (bits >> 31) & np.int32(2**31 - 1)  # now these integers have the order of the floats
    return _order_of(bits)


def _order_of(keys: NDArray[np.integer]) -> Ints:
    """The stable order of keys below 2**31: each is sorted with its place, in a third of the time of ``argsort``."""
    both = keys.astype(np.int64)
    both <<= 32
    both |= np.arange(len(keys))
    both.sort()
    both &= 2**32 - 1
    return both


# All faces with all. Of a face's many pairs the most alike are kept, and some drawn by a lot that is always the same:
# so where a face gets more pairs, those to keep follow from the ones kept before and the new ones.


FINENESS = 2048
"""Rows are rounded to multiples of 1 / FINENESS: with a power of two, products and their sums are exact in float32.

So a pair has the same cosine, to the bit, in whatever block and on whatever processor it is computed. Rounding moves
it by about 0.0002, while two photos of one person differ by 0.1.
"""

_ENTRY = 1 << 17
"""More than :data:`EXACT_LIMIT`: the number of a face is added to a multiple of it, to break ties."""

_MOST_PADDED = 1 << 17
"""Pairs of crowded faces that are sorted at a time: so few that all that is made of them takes the same memory."""

_MULTIPLIERS = 2 * np.random.default_rng(0).integers(1 << 62, size=(2, 8192), dtype=np.uint64) + np.uint64(1)


class KeptPairs(msgspec.Struct, frozen=True):
    """What is kept of all pairs above a floor."""

    pairs: Pairs
    """Most alike first."""
    is_crowded: NDArray[np.bool_]
    """Which faces have pairs with later faces that were not kept."""


class ExactRows:
    """Unit rows, rounded so that their products are exact each time some are asked for: no second matrix is made."""

    def __init__(self, rows: Floats) -> None:
        self._rows = rows
        self.shape = rows.shape

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: Ints | slice) -> Floats:
        return exact_rows(self._rows[which])


Rows = Floats | ExactRows
"""Rows for clustering, all rounded already or each time."""


def exact_rows(rows: Floats) -> Floats:
    """Unit rows, rounded so that their products are exact."""
    found = np.empty(rows.shape, np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = found[start : start + _BLOCK]
        np.rint(np.multiply(rows[start : start + _BLOCK], np.float32(FINENESS), out=block), out=block)
        block *= np.float32(1 / FINENESS)
    return found


def keys_of(rows: Rows) -> Keys:
    """A number for each row, the same only for equal rows (except for one chance in 2 ** 60)."""
    words = np.zeros((min(len(rows), _BLOCK), -(-rows.shape[1] // 4) * 4), np.int16)
    keys = np.empty(len(rows), np.uint64)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK] * np.float32(FINENESS)
        words[: len(block), : rows.shape[1]] = block
        mixed = words[: len(block)].view(np.uint64) * _MULTIPLIERS[0, : words.shape[1] // 4]
        mixed ^= mixed >> np.uint64(32)
        mixed *= _MULTIPLIERS[1, : words.shape[1] // 4]
        keys[start : start + _BLOCK] = mixed.sum(axis=1, dtype=np.uint64)
    return keys


def all_pairs(rows: Rows, floor: float, keys: Keys | None = None) -> KeptPairs:
    """Compare all faces with all; ``keys`` are those of the rows."""
    keys = keys_of(rows) if keys is None else keys
    rows = rows[:]  # each is met many times
    is_crowded = np.zeros(len(rows), np.bool_)
    pairs = join(list(_compare_all(rows, np.arange(len(rows)), floor, is_crowded, keys)))
    return KeptPairs(pairs.chosen(most_alike_first(pairs)), is_crowded)


def renewed_pairs(
    before: KeptPairs, places: Ints, rows: Rows, floor: float, keys: Keys
) -> tuple[KeptPairs, Pairs, Pairs]:
    """The same as :func:`all_pairs`, from the pairs of an album before some faces came or went.

    ``places`` has the present number of each former face, in the same order, and -1 for one that is gone. Besides the
    pairs it returns those of two former faces that were not kept before, and those that are no longer kept.
    """
    old = Pairs(places[before.pairs.first], places[before.pairs.second], before.pairs.cosine)
    is_fresh, is_crowded = np.ones(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    is_fresh[places[places >= 0]] = False
    is_crowded[places[places >= 0]] = before.is_crowded[places >= 0]
    # Pairs that were not kept may be now, but only where there were more than are kept.
    again = is_fresh.copy()
    widowed = old.first[(old.first >= 0) & (old.second < 0)]
    again[widowed[is_crowded[widowed]]] = True
    if (places < 0).any():
        old = old.chosen((old.first >= 0) & (old.second >= 0))
    is_crowded[again] = False
    rows = rows[:] if np.count_nonzero(again) > _BLOCK else rows
    found = join(list(_compare_all(rows, np.flatnonzero(again), floor, is_crowded, keys)))
    added = _pairs_with(rows, np.flatnonzero(is_fresh), ~again, floor)
    stays, added = _kept_beside(old, added, again, is_crowded, keys)
    new = join([found, added])
    pairs = _merged(old.chosen(stays), new.chosen(most_alike_first(new)))
    gained, lost = _differing(new.chosen(~is_fresh[new.first] & ~is_fresh[new.second]), old.chosen(~stays), len(rows))
    return KeptPairs(pairs, is_crowded), gained, lost


def _differing(some: Pairs, others: Pairs, count: int) -> tuple[Pairs, Pairs]:
    """The pairs that are in only one of two lists, for each list."""
    keys, other_keys = some.first * count + some.second, others.first * count + others.second
    return some.chosen(~np.isin(keys, other_keys)), others.chosen(~np.isin(other_keys, keys))


def _compare_all(rows: Rows, which: Ints, floor: float, is_crowded: NDArray[np.bool_], keys: Keys) -> Iterator[Pairs]:
    """The pairs of some faces with later ones, sorted by first face and then by second."""
    for start in range(0, len(which), _BLOCK):
        block = which[start : start + _BLOCK]
        first = int(block[0])
        cosine = (rows[block] if len(block) < block[-1] + 1 - first else rows[first : block[-1] + 1]) @ rows[first:].T
        places = np.flatnonzero(cosine > floor)
        one, other = np.divmod(places, cosine.shape[1])
        later = other > block[one] - first
        one, other, value = block[one[later]], other[later] + first, cosine.ravel()[places[later]]
        kept = _kept(one, other, value, is_crowded, keys)
        yield Pairs(one[kept], other[kept], value[kept])


def _pairs_with(rows: Rows, fresh: Ints, allowed: NDArray[np.bool_], floor: float) -> Pairs:
    """The pairs of new faces with earlier ones that are allowed, sorted by first face."""
    parts = []
    for start in range(0, len(fresh), _BLOCK):
        block = fresh[start : start + _BLOCK]
        new = rows[block]
        for first in range(0, len(rows), _BLOCK):
            cosine = rows[first : first + _BLOCK] @ new.T
            one, other = np.nonzero((cosine > floor) & allowed[first : first + _BLOCK, None])
            is_earlier = one + first < block[other]
            one, other = one[is_earlier], other[is_earlier]
            parts.append(Pairs(one + first, block[other], cosine[one, other]))
    found = join(parts)
    return found if len(fresh) <= _BLOCK else found.chosen(np.lexsort((found.second, found.first)))


def _kept_beside(
    old: Pairs, added: Pairs, again: NDArray[np.bool_], is_crowded: NDArray[np.bool_], keys: Keys
) -> tuple[NDArray[np.bool_], Pairs]:
    """Which old pairs are kept beside the added ones, and the added ones to keep; none of faces compared again."""
    stays = ~again[old.first]
    touched = np.zeros(len(again), np.bool_)
    touched[added.first] = True
    where = np.flatnonzero(stays & touched[old.first])
    parts = join([old.chosen(where), added])
    # Numbers up to EXACT_LIMIT fit into 16 bits, and are sorted by their digits.
    order = np.argsort(parts.first.astype(np.uint16), kind="stable")
    kept = np.empty(len(order), np.bool_)
    kept[order] = _kept(parts.first[order], parts.second[order], parts.cosine[order], is_crowded, keys)
    stays[where] = kept[: len(where)]
    return stays, added.chosen(kept[len(where) :])


def _kept(one: Ints, other: Ints, value: Floats, is_crowded: NDArray[np.bool_], keys: Keys) -> NDArray[np.bool_]:
    """Which pairs, sorted by face, are kept; faces that lose some are marked as crowded.

    Half of :data:`MOST` are the most alike, and as many are drawn by lot: the most alike alone may all lie within one
    series, and nothing would connect two series of a person.
    """
    kept = np.ones(len(one), np.bool_)
    starts = np.flatnonzero(np.diff(one, prepend=-1))
    counts = np.diff(starts, append=len(one))
    is_crowded[one[starts[counts > MOST]]] = True
    crowds = np.flatnonzero(is_crowded[one[starts]] & (counts > MOST // 2))
    size = max(1, _MOST_PADDED // int(counts.max(initial=1)))
    for start in range(0, len(crowds), size):
        some = crowds[start : start + size]
        place = np.arange(counts[some].sum()) - np.repeat(np.cumsum(counts[some]) - counts[some], counts[some])
        row, where = np.repeat(np.arange(len(some)), counts[some]), np.repeat(starts[some], counts[some]) + place
        alike = np.rint(value[where] * np.float32(FINENESS**2)).astype(np.int64) * _ENTRY - other[where]
        lot = (keys[one[where]] * keys[other[where]] >> np.uint64(18)).astype(np.int64) * _ENTRY + other[where]
        kept[where] = False
        for rank in (alike, lot):
            table = np.full((len(some), counts[some].max()), np.iinfo(np.int64).min)
            table[row, place] = rank
            best = np.argpartition(table, -(MOST // 2), axis=1)[:, -(MOST // 2) :]
            kept[(starts[some][:, None] + best).ravel()] = True
    return kept


def _merged(old: Pairs, new: Pairs) -> Pairs:
    """Merge two lists that are sorted most alike first."""
    where = np.searchsorted(-old.cosine, -new.cosine, side="right")
    return Pairs(
        np.insert(old.first, where, new.first),
        np.insert(old.second, where, new.second),
        np.insert(old.cosine, where, new.cosine),
    )


# Each face with the faces of the cells nearest to it.


def above(cosine: Floats, floor: float) -> tuple[Ints, Ints, Floats]:
    """Row, column and value of what is above the floor, at most ``MOST`` per row."""
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
    """Which values of each row, which are adjacent, are kept: half of ``MOST`` the most alike, others from the rest.

    The most alike alone may all lie within one series, and nothing would connect two series of a person.
    """
    is_first = np.diff(rows, prepend=-1) > 0
    starts, row = np.flatnonzero(is_first), np.cumsum(is_first) - 1
    counts = np.diff(starts, append=len(rows))
    place = np.arange(len(rows)) - starts[row]
    step = -(-counts // (MOST // 2))
    kept: NDArray[np.bool_] = (place + 1) % step[row] == 0
    # Only what is above the floor is sorted, which is a small part of an album's faces.
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
            # As many new ones as are kept: otherwise most of the time would go into sorting the same ones again.
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
    pairs = pairs.chosen(most_alike_first(pairs))
    return pairs.chosen((_place(pairs.first, count) < NEAREST) | (_place(pairs.second, count) < NEAREST))


def _place(faces: Ints, count: int) -> Ints:
    """The place of each pair among the pairs of its face, in the order given."""
    order = _order_of(faces)
    counts = np.bincount(faces, minlength=count)
    places = np.empty(len(faces), np.int64)
    places[order] = np.arange(len(faces)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places


def _centres(rows: Floats, count: int) -> Floats:
    """Directions in which the faces cluster: a few rounds of k-means on a sample."""
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
