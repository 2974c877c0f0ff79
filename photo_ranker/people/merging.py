"""Merges groups of faces, the most alike first, unless tokens keep them apart.

What becomes of a group depends only on the groups that are alike enough to be merged with it. Faces connected in this
way are a circle, and nothing outside a circle changes what happens in it. So the :class:`Trace` of one count can be
followed in the next, for all circles in which no face is new, gone or different.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.people.neighbours import FINENESS, Ints, Pairs, join

__all__ = ["Disturbed", "Joining", "Merging", "Trace", "start_of"]

_BLOCK = 256
"""Pairs of groups that are judged at a time: their sums stay in the processor's cache."""


_EXACT_SUM = 2**24 / FINENESS
"""Below it sums of rounded rows are exact in float32."""

_NEVER = 127
"""The step of a face that never joins another group."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How the groups of a count formed, step by step."""

    steps: list[float]
    """The similarity required at each step."""
    step: NDArray[np.int8]
    """For each face: the step at which its group joined that of another one."""
    into: Ints
    """The head of that group after the step."""
    circle: Ints
    """The circle of each face, identified by the number of one of its faces."""


def start_of(together: Sequence[Sequence[int]], solid: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """For each face the head of its group before any are merged, and whether it counts in a group's mean.

    Solid faces count, and so do all faces of a user's group without a solid one.
    """
    head, founding = np.arange(len(solid)), solid.copy()
    for faces in together:
        head[list(faces)] = min(faces)
        if not solid[list(faces)].any():
            founding[list(faces)] = True
    return head, founding


class Disturbed(Exception):
    """Something affects circles whose trace is followed: their faces must be judged again."""

    def __init__(self, circles: Ints) -> None:
        super().__init__(circles)
        self.circles = circles


class Merging:
    """All groups at one step. A group is identified by the number of one of its faces, its head."""

    def __init__(
        self,
        rows: Floats,
        tokens: Sequence[Collection[int]],
        together: Sequence[Sequence[int]],
        solid: NDArray[np.bool_],
        trace: Trace | None = None,
        follows: NDArray[np.bool_] | None = None,
    ) -> None:
        """``follows`` says which faces repeat the steps of ``trace``, always whole circles."""
        self.head, self.founding = start_of(together, solid)
        """For each face: the head of its group; and whether it counts in a group's mean."""
        self.start = self.head
        self._tokens, self._marks = tokens, dict[int, set[int]]()
        self._trace, self._follows = trace, np.zeros(len(rows), np.bool_) if follows is None else follows
        self._steps: list[float] = []
        self._step, self._into = np.full(len(rows), _NEVER, np.int8), np.arange(len(rows))
        self._circle = (
            np.arange(len(rows)) if trace is None else np.where(self._follows, trace.circle, np.arange(len(rows)))
        )
        self.confirmed = np.zeros(len(rows), np.bool_)
        """Which faces were grouped by a user."""
        self._rows = rows
        self.sums = np.where(self.founding[:, None], rows, np.float32(0))
        self.sizes = self.founding.astype(np.int64)
        self._pool = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        self._waiting = self._pool
        self._grown = np.zeros(len(rows), np.bool_)
        """Which heads have grown since the pool was last judged."""
        for faces in together:
            self.confirmed[list(faces)] = True
            for face in sorted(faces)[1:]:
                self._unite(min(faces), face)

    def offer(self, pairs: Pairs) -> None:
        """Take the pairs of faces that are worth judging, most alike first."""
        kept = self.founding[pairs.first] & self.founding[pairs.second]
        if self._trace is not None:
            kept &= ~(self._follows[pairs.first] & self._follows[pairs.second])
        self._waiting = pairs.chosen(kept)

    def merge(self, least: float) -> None:
        """Merge all groups that are at least this alike, starting with the most alike."""
        if self._trace is not None and self._trace.steps[len(self._steps) :][:1] != [least] and self._follows.any():
            raise Disturbed(np.unique(self._circle[self._follows]))
        before = self.head
        self._call_up(least)
        hot = self._pool.cosine >= least
        rest, pairs = self._pool.chosen(~hot), self._pool.chosen(hot)
        self._tie(pairs)
        while len(pairs.first):
            pairs = self._round(pairs)
            hot = pairs.cosine >= least
            rest, pairs = join([rest, pairs.chosen(~hot)]), pairs.chosen(hot)
        self._pool = rest
        if self._trace is not None:
            self._follow(self._trace)
        joined = np.flatnonzero((before == np.arange(len(before))) & (self.head != before))
        self._step[joined], self._into[joined] = len(self._steps), self.head[joined]
        self._steps.append(least)

    def trace(self) -> Trace:
        """How the groups formed."""
        circle = _tied(self._circle, self.start, np.arange(len(self.start)))
        return Trace(self._steps, self._step, self._into, circle)

    def is_exact(self) -> bool:
        """Whether sums of faces are independent of the order of addition, as they must be to follow a trace."""
        return float(np.abs(self._rows).max(initial=0) * self.sizes.max(initial=0)) < _EXACT_SUM

    def marks(self, head: int) -> set[int]:
        """The tokens of a group."""
        if head not in self._marks:
            # Groups that were judged have theirs; those of a trace are needed at the end, if ever.
            is_followed = self._follows[head] and self.sizes[head] > 1
            faces = np.flatnonzero(self.head == head).tolist() if is_followed else [head]
            self._marks[head] = set[int]().union(*(self._tokens[face] for face in faces))
        return self._marks[head]

    def counts(self) -> tuple[int, int]:
        """How many groups there are, and how many have more than one face."""
        sizes = self.sizes[self.heads()]
        return len(sizes), int((sizes > 1).sum())

    def heads(self) -> Ints:
        """The heads of all groups with a face that counts."""
        return np.flatnonzero((self.head == np.arange(len(self.head))) & (self.sizes > 0))

    def faces_of_people(self) -> Floats:
        """One face of each group."""
        return self._rows[self.heads()]

    def _tie(self, pairs: Pairs) -> None:
        """Join the circles of each pair of groups, as the two may be merged."""
        followed = np.concatenate([side[self._follows[side]] for side in (pairs.first, pairs.second)])
        if len(followed):
            raise Disturbed(np.unique(self._circle[followed]))
        self._circle = _tied(self._circle, pairs.first, pairs.second)

    def _follow(self, trace: Trace) -> None:
        """Repeat for the faces that follow a trace what was done at this step."""
        gone = np.flatnonzero(self._follows & (trace.step == len(self._steps)))
        if not len(gone):
            return
        into = trace.into[gone]
        order = np.argsort(into, kind="stable")
        gone, into = gone[order], into[order]
        starts = np.flatnonzero(np.diff(into, prepend=-1))
        heads = into[starts]
        self.sums[heads] += np.add.reduceat(self.sums[gone], starts)
        self.sizes[heads] += np.add.reduceat(self.sizes[gone], starts)
        self._grown[heads] = True
        for head in heads.tolist():
            self._marks.pop(head, None)
        becomes = np.arange(len(self.head))
        becomes[gone] = into
        self.head = becomes[self.head]

    def _call_up(self, least: float) -> None:
        """Add the waiting pairs that may now matter: two groups are at most as alike as their most alike faces."""
        until = int(np.searchsorted(-self._waiting.cosine, -np.float32(least), side="right"))
        new, self._waiting = self._waiting.chosen(slice(until)), self._waiting.chosen(slice(until, None))
        # The cosine of two faces says nothing about groups of several.
        new = self._renamed(new, self.sizes > 1)
        pairs = join([self._renamed(self._pool, self._grown), new])
        self._pool = pairs.chosen(_once(self._keys(pairs.first, pairs.second)))
        self._grown[:] = False

    def _renamed(self, pairs: Pairs, grown: NDArray[np.bool_]) -> Pairs:
        """The same pairs as pairs of groups, each once, judged again where a group has grown."""
        one, other = self.head[pairs.first], self.head[pairs.second]
        moved = (one != pairs.first) | (other != pairs.second) | grown[one] | grown[other]
        one, other = one[moved], other[moved]
        two = one != other
        keys = np.sort(self._keys(np.minimum(one, other)[two], np.maximum(one, other)[two]))
        first, second = np.divmod(keys[np.diff(keys, prepend=-1) > 0], len(self.head))
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
        """Merge all groups that are each other's most alike; returns the pairs of the resulting groups."""
        best = _most_alike(pairs, len(self.head))
        heads = np.flatnonzero(best >= 0)
        chosen = heads[(best[best[heads]] == heads) & (heads < best[heads])]
        becomes, grown = np.arange(len(self.head)), np.zeros(len(self.head), np.bool_)
        barred = []
        for one, other in zip(chosen.tolist(), best[chosen].tolist(), strict=True):
            if self.marks(one).isdisjoint(self.marks(other)):
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
        few, many = sorted((self.marks(one), self.marks(other)), key=len)
        many |= few
        self._marks[one], self._marks[other] = many, set()
        self._grown[one] = True


def _most_alike(pairs: Pairs, count: int) -> Ints:
    """For each head: the one it is most like, -1 for none; of equally alike ones the smallest."""
    most = np.full(count, -np.inf, np.float32)
    np.maximum.at(most, pairs.first, pairs.cosine)
    np.maximum.at(most, pairs.second, pairs.cosine)
    best = np.full(count, count, np.int64)
    for me, you in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
        leads = pairs.cosine == most[me]
        np.minimum.at(best, me[leads], you[leads])
    best[best == count] = -1
    return best


def _tied(circle: Ints, one: Ints, other: Ints) -> Ints:
    """The circles of all faces after some are tied to others, each identified by its smallest number."""
    while True:
        ends = circle[one], circle[other]
        apart = ends[0] != ends[1]
        if not apart.any():
            return circle
        one, other = one[apart], other[apart]
        circle = circle.copy()
        np.minimum.at(circle, np.maximum(*ends)[apart], np.minimum(*ends)[apart])
        while not np.array_equal(further := circle[circle], circle):
            circle = further


def _once(keys: Ints) -> Ints:
    """Where each key first occurs."""
    where: Ints = np.unique(keys, return_index=True)[1]
    return where


# Single faces join the groups that have formed.


Flags = NDArray[np.bool_]


class Joining:
    """Puts lone faces into the group whose mean face they are most like; the means stay as they are."""

    def __init__(self, merging: Merging, rows: Floats, pairs: Pairs, least: float) -> None:
        self._rows, self._pairs, self._least = rows, pairs, least
        self._head = merging.head.copy()
        self._merging = merging
        self._sums, self._sizes = merging.sums, merging.sizes
        itself = self._head == np.arange(len(self._head))
        self.poor: Flags = itself & (self._sizes == 0)
        """Faces too poor to start a person."""
        self.lone: Flags = itself & (self._sizes == 1) & ~merging.confirmed
        """Solid faces that are in no group yet."""
        self._nobody = self.poor.copy()

    def seat(self, faces: Flags, at_least: int) -> None:
        """Let these faces join groups of at least this many faces, the most alike first."""
        left = faces.copy()
        for face, group in self._best_first(faces, at_least):
            if left[face] and self._merging.marks(group).isdisjoint(self._merging.marks(face)):
                self._merging.marks(group).update(self._merging.marks(face))
                self._head[face], left[face], self._nobody[face] = group, False, False

    def labels(self) -> Ints:
        """For each face the number of its group, from 0 in the order of their first faces; -1 = no group."""
        labels = np.full(len(self._head), -1, np.int64)
        members = np.flatnonzero(~self._nobody)
        _, first, inverse = np.unique(self._head[members], return_index=True, return_inverse=True)
        labels[members] = np.argsort(np.argsort(first))[inverse]
        return labels

    def _best_first(self, faces: Flags, at_least: int) -> Iterator[tuple[int, int]]:
        """Each face with a group that it may join, the most alike first."""
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
