"""The looks of a person: similar references are averaged, dissimilar ones stay separate.

A face is compared with its nearest look. Faces of the album that are surely the person (anchors) join a look, and
so its average moves towards further photos of the person. A face is never compared with itself.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats

__all__ = ["PLAIN", "Compared", "Crowd", "Looks", "Numbers", "best_of_each_photo", "group_looks"]

# Faces as arrays: embeddings, their photos, and which are large enough.


Numbers = NDArray[np.int64]
"""Numbers of faces or photos."""


PLAIN = 10.5
"""Clarity from which a face is seen plainly."""


class Crowd(msgspec.Struct, frozen=True):
    """The faces of an album or of a library, or some of them, one per row."""

    rows: Floats
    """Embeddings of unit length."""
    owners: Numbers
    """The number of each face's photo."""
    usable: NDArray[np.bool_]
    """Whether each is large enough to be matched."""
    weights: Floats | None = None
    """How many faces each one stands for, if they are a sample; None = one each."""
    clarity: Floats | None = None
    """How plainly the identity network sees each; NaN, or None for all, where it does not say."""
    frames: Numbers | None = None
    """A number for the picture that shows each: its photo, or a frame of its film; None where there are no films."""

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, chosen: Numbers | NDArray[np.bool_]) -> Crowd:
        """Some of these faces."""
        weights = None if self.weights is None else self.weights[chosen]
        clarity = None if self.clarity is None else self.clarity[chosen]
        frames = None if self.frames is None else self.frames[chosen]
        return Crowd(self.rows[chosen], self.owners[chosen], self.usable[chosen], weights, clarity, frames)

    @property
    def pictures(self) -> Numbers:
        """A number for the picture that shows each face: two faces of one picture are two people."""
        return self.owners if self.frames is None else self.frames

    def are_hazy(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of these faces are not seen plainly; what is not known counts as plain."""
        hazy = np.zeros(len(numbers), np.bool_) if self.clarity is None else self.clarity[numbers] < PLAIN
        return np.asarray(hazy)


def best_of_each_photo(similarity: Floats, owners: Numbers) -> Numbers:
    """The number of the most similar face of each photo; among equal ones the first."""
    if not len(owners):
        return np.zeros(0, np.int64)
    if (owners[1:] < owners[:-1]).any():
        order = np.lexsort((-np.arange(len(owners)), similarity, owners))
        is_last = np.append(owners[order][1:] != owners[order][:-1], True)
        best: Numbers = order[is_last]
        return best
    # The faces of an album are in the order of its photos, so nothing need be sorted.
    first = _starts(owners)
    highest = np.maximum.reduceat(similarity, first)
    best = np.flatnonzero(similarity == np.repeat(highest, np.diff(first, append=len(owners))))
    return best[_starts(owners[best])]


def _starts(owners: Numbers) -> Numbers:
    """Where each value begins in sorted numbers."""
    return np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))


_ONE_LOOK = 0.45
"""References with a lower mean cosine are two looks: child and adult, or with and without a beard."""


class Compared(msgspec.Struct, frozen=True):
    """The result of comparing faces with looks, one value per face."""

    similarity: Floats
    """Cosine to the average of its nearest look."""
    affinity: Floats
    """Mean cosine to the photos of that look."""
    nearest: Numbers
    """The number of that look."""


class Looks(msgspec.Struct, frozen=True):
    """Each look as the sum of its photos' embeddings, from which averages follow with or without a face."""

    sums: Floats
    """A row per look; its direction is the look's average."""
    counts: Floats
    """Photos in each look."""

    @property
    def gain(self) -> float:
        """How much larger the cosine to a look is than that to one photo, in the look with the least gain."""
        return float((self.counts / np.linalg.norm(self.sums, axis=1)).min())

    def joined(self, rows: Floats, nearest: Numbers) -> Looks:
        """The looks after faces have joined them."""
        sums, counts = self.sums.copy(), self.counts.copy()
        np.add.at(sums, nearest, rows)
        np.add.at(counts, nearest, np.float32(1))
        return Looks(sums, counts)

    def compare(self, rows: Floats, member: Numbers | None = None) -> Compared:
        """Compare every row with its nearest look; ``member`` is the look that the row has joined, -1 for none."""
        dots = rows @ self.sums.T
        squares = np.broadcast_to((self.sums * self.sums).sum(axis=1), dots.shape)
        counts = np.broadcast_to(self.counts, dots.shape)
        if member is not None:
            # Subtract a member's own row from the sum of its look: its dot with itself is 1.
            own = (member[:, None] == np.arange(len(self.counts))).astype(np.float32)
            dots, squares, counts = dots - own, squares - 2 * own * dots + own, counts - own
        cosines = dots / np.sqrt(np.maximum(squares, 1e-6))
        nearest = cosines.argmax(axis=1)
        place = np.arange(len(rows)), nearest
        return Compared(cosines[place], (dots / np.maximum(counts, 1e-6))[place], nearest)


def group_looks(references: Floats) -> Looks:
    """Merge references, the most similar first, while their mean cosine is at least :data:`_ONE_LOOK`."""
    sums, counts = references.copy(), np.ones(len(references), np.float32)
    means = references @ references.T
    np.fill_diagonal(means, -1.0)
    while means.max() >= _ONE_LOOK:
        one, two = divmod(int(means.argmax()), len(means))
        mean = (means[one] * counts[one] + means[two] * counts[two]) / (counts[one] + counts[two])
        mean[[one, two]] = -1.0
        means[one], means[:, one] = mean, mean
        sums[one] += sums[two]
        counts[one] += counts[two]
        sums, counts = np.delete(sums, two, axis=0), np.delete(counts, two)
        means = np.delete(np.delete(means, two, axis=0), two, axis=1)
    return Looks(sums, counts)
