"""Merges groups of faces, the most alike first, unless tokens keep them apart.

What becomes of a group depends only on the groups that are alike enough to be merged with it. Faces connected in this
way are a circle, and nothing outside a circle changes what happens in it. So the :class:`Trace` of one count can be
followed in the next, for all circles in which no face is new, gone or different.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.people.neighbours import FINENESS, Ints, Pairs, Rows, join

__all__ = ["Disturbed", "Joining", "Merging", "Trace", "start_of"]

_BLOCK = 256
"""Pairs of groups that are judged at a time: their sums stay in the processor's cache."""


_EXACT_SUM = 2**24 / FINENESS
"""Below it sums of rounded rows are exact in float32."""

_NEVER = 127
"""The step of a face that never joins another group."""


class Trace(msgspec.Struct, frozen=True):
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
        rows: Rows,
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
        self._rows, self._sums = rows, _Sums(rows, self.founding)
        self.sizes = np.bincount(self.head[self.founding], minlength=len(rows))
        self._pool = Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        self._waiting = self._pool
        self._grown = np.zeros(len(rows), np.bool_)
        """Which heads have grown since the pool was last judged."""
        for faces in together:
            self.confirmed[list(faces)] = True
            self._marks[min(faces)] = set[int]().union(*(tokens[face] for face in faces))

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
        rest, pairs = [self._pool.chosen(~hot)], self._pool.chosen(hot)
        self._tie(pairs)
        while len(pairs.first):
            pairs, judged = self._round(pairs)
            hot = judged.cosine >= least
            rest.append(judged.chosen(~hot))
            pairs = join([pairs, judged.chosen(hot)])
        self._pool = join(rest)
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
        largest = float(self.sizes.max(initial=0))
        return largest < _EXACT_SUM or largest * float(np.abs(self._rows[:]).max()) < _EXACT_SUM

    def marks(self, head: int) -> set[int]:
        """The tokens of a group."""
        if head not in self._marks:
            # Groups that were judged have theirs; those of a trace are needed at the end, if ever.
            is_followed = self._follows[head] and self.sizes[head] > 1
            faces = np.flatnonzero(self.head == head).tolist() if is_followed else [head]
            self._marks[head] = set[int]().union(*(self._tokens[face] for face in faces))
        return self._marks[head]

    def sums_of(self, heads: Ints) -> Floats:
        """The sum of the faces that count in each of these groups."""
        sums, place = self._sums.of(self.head, heads)
        found: Floats = sums[place[heads]]
        return found

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
        self._sums.forget(heads)
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
        moved = np.concatenate([self._moved(self._pool, self._grown), self._moved(new, self.sizes > 1)])
        pairs = join(self._renamed(join([self._pool, new]), moved))
        self._pool = pairs.chosen(_once(self._keys(pairs.first, pairs.second)))
        self._grown[:] = False

    def _moved(self, pairs: Pairs, grown: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which pairs are of a group that has grown, or has joined another one."""
        has_changed = grown | (self.head != np.arange(len(self.head)))
        found: NDArray[np.bool_] = has_changed[pairs.first] | has_changed[pairs.second]
        return found

    def _renamed(self, pairs: Pairs, moved: NDArray[np.bool_]) -> tuple[Pairs, Pairs]:
        """The same pairs as pairs of groups: those as before, and those judged again because a group has changed."""
        one, other = self.head[pairs.first[moved]], self.head[pairs.second[moved]]
        keys = self._keys(np.minimum(one, other), np.maximum(one, other))[one != other]
        keys.sort()
        first, second = np.divmod(keys[np.diff(keys, prepend=-1) > 0], len(self.head))
        return pairs.chosen(~moved), Pairs(first, second, self._alike(first, second))

    def _keys(self, first: Ints, second: Ints) -> Ints:
        """A number for each pair of groups."""
        return first * len(self.head) + second

    def _alike(self, first: Ints, second: Ints) -> Floats:
        """The mean cosine between the faces of two groups, for many pairs of groups."""
        found = np.empty(len(first), np.float32)
        sums, place = self._sums.of(self.head, first, second)
        ones, others = np.empty((2, _BLOCK, sums.shape[1]), np.float32)
        for start in range(0, len(first), _BLOCK):
            part = slice(start, start + _BLOCK)
            size = len(found[part])
            # All places are right; with another mode the rows would be copied twice.
            np.take(sums, place[first[part]], axis=0, out=ones[:size], mode="clip")
            np.take(sums, place[second[part]], axis=0, out=others[:size], mode="clip")
            np.einsum("ij,ij->i", ones[:size], others[:size], out=found[part])
        found /= self.sizes[first] * self.sizes[second]
        return found

    def _round(self, pairs: Pairs) -> tuple[Pairs, Pairs]:
        """Merge all groups that are each other's most alike; returns the pairs as :meth:`_renamed` does."""
        best = _most_alike(pairs, len(self.head))
        heads = np.flatnonzero(best >= 0)
        one = heads[(best[best[heads]] == heads) & (heads < best[heads])]
        other = best[one]
        becomes, grown = np.arange(len(self.head)), np.zeros(len(self.head), np.bool_)
        is_free = np.fromiter(map(self._share_marks, one.tolist(), other.tolist()), np.bool_, len(one))
        barred = self._keys(one[~is_free], other[~is_free])
        one, other = one[is_free], other[is_free]
        becomes[other], grown[one] = one, True
        self._sums.add(self.head, one, other)
        self.sizes[one] += self.sizes[other]
        self._grown[one] = True
        self.head = becomes[self.head]
        if len(barred):
            pairs = pairs.chosen(~np.isin(self._keys(pairs.first, pairs.second), barred))
        return self._renamed(pairs, self._moved(pairs, grown))

    def _share_marks(self, one: int, other: int) -> bool:
        """Give one group the tokens of both; False if they have some in common."""
        few, many = sorted((self.marks(one), self.marks(other)), key=len)
        if not few.isdisjoint(many):
            return False
        many |= few
        self._marks[one], self._marks[other] = many, set()
        return True


class _Sums:
    """The sum of the faces of each group, computed when it is first asked for; few groups of a trace ever are."""

    def __init__(self, rows: Rows, founding: NDArray[np.bool_]) -> None:
        self._rows, self._founding = rows, founding
        self._place, self._used = np.full(len(rows), -1), 0
        self._is_known = np.zeros(len(rows), np.bool_)
        self._sums = np.empty(rows.shape, np.float32)

    def of(self, head: Ints, *heads: Ints) -> tuple[Floats, Ints]:
        """The sums, and the place of each of these heads among them; ``head`` says whose face each is."""
        is_new = np.zeros(len(head), np.bool_)
        for some in heads:
            is_new[some] = True
        is_new &= ~self._is_known
        if not is_new.any():
            return self._sums, self._place
        self._take(np.flatnonzero(is_new))
        faces = np.flatnonzero(self._founding & is_new[head])
        faces = faces[np.argsort(head[faces], kind="stable")]
        for start in range(0, len(faces), _BLOCK):
            part = faces[start : start + _BLOCK]
            starts = np.flatnonzero(np.diff(head[part], prepend=-1))
            self._sums[self._place[head[part[starts]]]] += np.add.reduceat(self._rows[part], starts)
        return self._sums, self._place

    def add(self, head: Ints, one: Ints, other: Ints) -> None:
        """Add the sum of another group to that of each; no group occurs twice."""
        sums, place = self.of(head, one, other)
        sums[place[one]] += sums[place[other]]

    def forget(self, heads: Ints) -> None:
        """Compute the sums of these groups again when they are asked for: their faces have changed."""
        self._is_known[heads] = False

    def _take(self, heads: Ints) -> None:
        first = heads[self._place[heads] < 0]
        self._place[first] = np.arange(self._used, self._used + len(first))
        self._used += len(first)
        self._sums[self._place[heads]] = 0
        self._is_known[heads] = True


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

    def __init__(self, merging: Merging, rows: Rows, pairs: Pairs, least: float) -> None:
        self._rows, self._pairs, self._least = rows, pairs, least
        self._head = merging.head.copy()
        self._merging = merging
        self._sizes = merging.sizes
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
        groups, which = np.unique(group, return_inverse=True)
        means = self._merging.sums_of(groups)[which]
        lengths = np.sqrt(np.einsum("ij,ij->i", means, means))
        cosine = np.einsum("ij,ij->i", self._rows[face], means) / np.maximum(lengths, 1e-12)
        order = np.lexsort((group, face, -cosine))
        order = order[cosine[order] >= self._least]
        return zip(face[order].tolist(), group[order].tolist(), strict=True)
