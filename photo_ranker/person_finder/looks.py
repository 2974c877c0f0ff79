"""The looks of a person: references that resemble each other are averaged, others are kept apart.

A face is compared with the look it is nearest to. Faces of the album that are surely the person join a look,
which brings the next ones nearer; a face is never compared with itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photo_ranker.codec import Floats
from photo_ranker.person_finder.crowd import Numbers

__all__ = ["Compared", "Looks", "group_looks"]

_ONE_LOOK = 0.45
"""References whose mean cosine is lower are two looks: child and adult, with a beard and without."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Faces held against looks."""

    similarity: Floats
    """Cosine to the average of the nearest look."""
    affinity: Floats
    """Mean cosine to the single photos of that look."""
    nearest: Numbers
    """Number of the look."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The photos of each look as the sum of their unit rows."""

    sums: Floats
    counts: Floats

    @property
    def gain(self) -> float:
        """How much nearer a photo of the person is to a look than to one photo, in the look with least gain."""
        return float((self.counts / np.linalg.norm(self.sums, axis=1)).min())

    def joined(self, rows: Floats, nearest: Numbers) -> Looks:
        """These looks with faces of the album in them."""
        sums, counts = self.sums.copy(), self.counts.copy()
        np.add.at(sums, nearest, rows)
        np.add.at(counts, nearest, np.float32(1))
        return Looks(sums, counts)

    def compare(self, rows: Floats, member: Numbers | None = None) -> Compared:
        """Every row against its nearest look; ``member`` is the look that a row itself has joined, -1 for none."""
        dots = rows @ self.sums.T
        squares = np.broadcast_to((self.sums * self.sums).sum(axis=1), dots.shape)
        counts = np.broadcast_to(self.counts, dots.shape)
        if member is not None:
            own = (member[:, None] == np.arange(len(self.counts))).astype(np.float32)
            dots, squares, counts = dots - own, squares - 2 * own * dots + own, counts - own
        cosines = dots / np.sqrt(np.maximum(squares, 1e-6))
        nearest = cosines.argmax(axis=1)
        place = np.arange(len(rows)), nearest
        return Compared(cosines[place], (dots / np.maximum(counts, 1e-6))[place], nearest)


def group_looks(references: Floats) -> Looks:
    """References merged, nearest first, while their mean cosine is that of one look."""
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
