"""Groups of faces that become one, most alike first, under tokens that keep them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.people.neighbours import Ints, Pairs, join

__all__ = ["Joining", "Merging"]

_BLOCK = 2048
"""Pairs of groups that are judged at a time: their sums stay in the cache of the processor."""


class Merging:
    """All groups at one moment. A group goes by the number of one of its faces, its head."""

    def __init__(
        self,
        rows: Floats,
        tokens: Sequence[Collection[int]],
        together: Sequence[Sequence[int]],
        solid: NDArray[np.bool_],
    ) -> None:
        self.head: Ints = np.arange(len(rows))
        """For each face: the head of its group."""
        self.tokens = [set(marks) for marks in tokens]
        """For each head: the tokens of its group."""
        self.confirmed = np.zeros(len(rows), np.bool_)
        """Which faces were put together by a user."""
        self._rows = rows
        self.founding = solid.copy()
        """Which faces count in a group's mean: the solid ones, and all that a user has put together without one."""
        for faces in together:
            self.confirmed[list(faces)] = True
            if not solid[list(faces)].any():
                self.founding[list(faces)] = True
        self.sums = np.where(self.founding[:, None], rows, np.float32(0))
        self.sizes = self.founding.astype(np.int64)
        self._pool = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        self._waiting = self._pool
        self._grown = np.zeros(len(rows), np.bool_)
        """Which heads have grown since the pool was last judged."""
        for faces in together:
            first = min(faces)
            for face in sorted(faces)[1:]:
                self.head[face] = first
                self._unite(first, face)

    def offer(self, pairs: Pairs) -> None:
        """Pairs of faces that are worth judging, most alike first."""
        kept = self.founding[pairs.first] & self.founding[pairs.second]
        self._waiting = pairs.chosen(kept)

    def merge(self, least: float) -> None:
        """Make one of all groups that are at least so alike, starting with the most alike."""
        self._call_up(least)
        hot = self._pool.cosine >= least
        rest, pairs = self._pool.chosen(~hot), self._pool.chosen(hot)
        while len(pairs.first):
            pairs = self._round(pairs)
            hot = pairs.cosine >= least
            rest, pairs = join([rest, pairs.chosen(~hot)]), pairs.chosen(hot)
        self._pool = rest

    def counts(self) -> tuple[int, int]:
        """How many groups there are, and how many of more than one face."""
        sizes = self.sizes[self.heads()]
        return len(sizes), int((sizes > 1).sum())

    def heads(self) -> Ints:
        """The heads of all groups with a face that counts."""
        return np.flatnonzero((self.head == np.arange(len(self.head))) & (self.sizes > 0))

    def faces_of_people(self) -> Floats:
        """One face of each group."""
        return self._rows[self.heads()]

    def _call_up(self, least: float) -> None:
        """Add the waiting pairs that may now matter: two groups are at most as alike as their most alike faces."""
        until = int(np.searchsorted(-self._waiting.cosine, -np.float32(least), side="right"))
        new, self._waiting = self._waiting.chosen(slice(until)), self._waiting.chosen(slice(until, None))
        # The cosine of two faces says nothing of groups of several.
        new = self._renamed(new, self.sizes > 1)
        pairs = join([self._renamed(self._pool, self._grown), new])
        self._pool = pairs.chosen(_once(self._keys(pairs.first, pairs.second)))
        self._grown[:] = False

    def _renamed(self, pairs: Pairs, grown: NDArray[np.bool_]) -> Pairs:
        """The same pairs as pairs of groups, each once, judged anew where a group has grown."""
        one, other = self.head[pairs.first], self.head[pairs.second]
        moved = (one != pairs.first) | (other != pairs.second) | grown[one] | grown[other]
        one, other = one[moved], other[moved]
        first, second = np.minimum(one, other), np.maximum(one, other)
        where = _once(self._keys(first, second))
        where = where[first[where] != second[where]]
        first, second = first[where], second[where]
        return join([pairs.chosen(~moved), Pairs(first, second, self._alike(first, second))])

    def _keys(self, first: Ints, second: Ints) -> Ints:
        """A number for each pair of groups."""
        return first * len(self.head) + second

    def _alike(self, first: Ints, second: Ints) -> Floats:
        """The mean cosine between the faces of two groups, for many pairs of groups."""
        found = np.empty(len(first), np.float32)
        for start in range(0, len(first), _BLOCK):
            part = slice(start, start + _BLOCK)
            one, other = first[part], second[part]
            products = np.einsum("ij,ij->i", self.sums[one], self.sums[other])
            found[part] = products / (self.sizes[one] * self.sizes[other])
        return found

    def _round(self, pairs: Pairs) -> Pairs:
        """Unite all groups that are each other's most alike; the pairs of the groups that then are."""
        best = _most_alike(pairs, len(self.head))
        heads = np.flatnonzero(best >= 0)
        chosen = heads[(best[best[heads]] == heads) & (heads < best[heads])]
        becomes, grown = np.arange(len(self.head)), np.zeros(len(self.head), np.bool_)
        barred = []
        for one, other in zip(chosen.tolist(), best[chosen].tolist(), strict=True):
            if self.tokens[one].isdisjoint(self.tokens[other]):
                becomes[other], grown[one] = one, True
                self._unite(one, other)
            else:
                barred.append((one, other))
        self.head = becomes[self.head]
        if barred:
            pairs = pairs.chosen(~np.isin(self._keys(pairs.first, pairs.second), self._keys(*np.array(barred).T)))
        return self._renamed(pairs, grown)

    def _unite(self, one: int, other: int) -> None:
        self.sums[one] += self.sums[other]
        self.sizes[one] += self.sizes[other]
        few, many = sorted((self.tokens[one], self.tokens[other]), key=len)
        many |= few
        self.tokens[one], self.tokens[other] = many, set()
        self._grown[one] = True


def _most_alike(pairs: Pairs, count: int) -> Ints:
    """For each head: the one it is most like, -1 for none; of equals the smallest."""
    most = np.full(count, -2, np.float32)
    np.maximum.at(most, pairs.first, pairs.cosine)
    np.maximum.at(most, pairs.second, pairs.cosine)
    best = np.full(count, count, np.int64)
    for me, you in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
        leads = pairs.cosine == most[me]
        np.minimum.at(best, me[leads], you[leads])
    best[best == count] = -1
    return best


def _once(keys: Ints) -> Ints:
    """Where each key stands first."""
    where: Ints = np.unique(keys, return_index=True)[1]
    return where


# Faces without company find their place among the groups that have formed.


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
