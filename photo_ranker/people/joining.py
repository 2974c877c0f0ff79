"""Faces without company find their place among the groups that have formed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.people.merging import Merging
from photo_ranker.people.neighbours import Pairs

__all__ = ["Joining"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Joining:
    """Seats lone faces with the group whose mean face they are most like; the means stay as they are."""

    def __init__(self, merging: Merging, rows: Floats, pairs: Pairs, least: float) -> None:
        self._rows, self._pairs, self._least = rows, pairs, least
        self._head = merging.head.copy()
        self._tokens = merging.tokens
        self._sums, self._sizes = merging.sums, merging.sizes
        itself = self._head == np.arange(len(self._head))
        self.poor: Flags = itself & (self._sizes == 0)
        """Faces too poor to stand for a person."""
        self.lone: Flags = itself & (self._sizes == 1) & ~merging.confirmed
        """Solid faces that are like no other."""
        self._nobody = self.poor.copy()

    def seat(self, faces: Flags, at_least: int) -> None:
        """Let these faces join groups of at least so many, the most alike first."""
        left = faces.copy()
        for face, group in self._best_first(faces, at_least):
            if left[face] and self._tokens[group].isdisjoint(self._tokens[face]):
                self._tokens[group] |= self._tokens[face]
                self._head[face], left[face], self._nobody[face] = group, False, False

    def labels(self) -> Ints:
        """For each face the number of its group, from 0 in the order of first faces; -1 = with nobody."""
        labels = np.full(len(self._head), -1, np.int64)
        members = np.flatnonzero(~self._nobody)
        _, first, inverse = np.unique(self._head[members], return_index=True, return_inverse=True)
        labels[members] = np.argsort(np.argsort(first))[inverse]
        return labels

    def _best_first(self, faces: Flags, at_least: int) -> Iterator[tuple[int, int]]:
        """A face and a group that it may join."""
        forth, back = faces[self._pairs.first], faces[self._pairs.second]
        face = np.concatenate([self._pairs.first[forth], self._pairs.second[back]])
        group = self._head[np.concatenate([self._pairs.second[forth], self._pairs.first[back]])]
        large = (self._sizes[group] >= at_least) & ~faces[group]
        key = np.unique(face[large] * len(faces) + group[large])
        face, group = np.divmod(key, len(faces))
        means = self._sums[group]
        lengths = np.sqrt(np.einsum("ij,ij->i", means, means))
        cosine = np.einsum("ij,ij->i", self._rows[face], means) / np.maximum(lengths, 1e-12)
        order = np.lexsort((group, face, -cosine))
        order = order[cosine[order] >= self._least]
        return zip(face[order].tolist(), group[order].tolist(), strict=True)
