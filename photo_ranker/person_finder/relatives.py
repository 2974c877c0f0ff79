"""Are the faces that were found one person, or the person and somebody who looks alike, such as a brother or sister?

The faces are divided into two sides, as far apart as they can be. The photos of one person are about as like those of
the other side as those of their own, however they are divided. Those of two people are not, and if one photo shows both
sides, they are two people for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.codec import Floats
from photo_ranker.person_finder.crowd import Crowd, Numbers

__all__ = ["REFERENCE_ITSELF", "Parted", "Relative", "Solid", "find_relative", "part"]

Flags = NDArray[np.bool_]
Solid = Callable[[Numbers], Flags]
"""Of faces by their numbers in a crowd, which are plain enough to tell people apart."""

_LEAST_SIDE, _LEAST_UNPROVEN = 2, 3
"""A few faces are nobody else: they may be bad photos of the person. Fewer will do where a photo shows both people."""
_MOST = 120
"""Faces that are looked at; drawn evenly from more of them."""
_FRIENDS = 0.5
"""Faces as near as this to one that was found help to tell whose that is, though they were not found themselves."""
_BRANCHES = 6
"""Of the tree of all faces the last merges are tried as divisions."""
_ROUNDS = 20
REFERENCE_ITSELF = 0.98
"""Cosine from which on a face is that of the reference photo itself."""
_SAME_SHOT = 0.8
"""No two faces count as nearer: a burst says little of a person."""
_FEW_STRANGERS = 10
"""With fewer strangers than this in an album it says little of how like people are to each other."""
_LINE, _LINE_OF_FEW = -0.34, 0.18
"""Two people from this evidence on: ``_LINE + _LINE_OF_FEW / faces of the smaller side``."""
_UNEVEN = 0.45
"""Most spread of the leads of all faces, as a part of their mean: with and without a cap a person has faces between."""
_CHANCE = 0.4
"""The same where divisions are compared: few faces are far from the others by chance."""
_INNER = 0.06
"""By how much halves of one side are further apart than its faces are, where they are too few to look."""
_PROOF, _MOST_PROOF = 0.1, 0.2
"""What each photo that shows both sides adds to the evidence, and all of them together."""
_CONTRADICTION = 0.2
"""What a division loses if every photo that shows two of the faces shows two of one side. With a brother and a sister
in many photos, the early years of the one against the rest look as deep as the right division."""
_APART = np.float32(2)
"""What the cosine of two faces of one photo loses while divisions are looked for, so that they come on two sides."""
_MIRROR = 0.7
"""Faces of one photo that are nearer may be a mirror, a collage or a photo in the photo."""


@dataclass(frozen=True, slots=True)
class Parted:
    """Two people among faces that seemed to be one."""

    person: Flags
    """For each face whether it is on the side of the first one."""
    is_proven: bool
    """Whether a photo shows both."""


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody else among the faces that seemed to be the person."""

    lead: Floats
    """For each face of the crowd by how much it is more like the person than like the other, in mean cosine."""
    is_proven: bool


def find_relative(crowd: Crowd, references: Floats, found: Flags, close: Flags, solid: Solid) -> Relative | None:
    """Somebody else among the faces that were ``found``; None where they all are the person in ``references``.

    Faces that are only ``close`` help to tell whose those are that they resemble.
    """
    numbers = _drawn(np.flatnonzero(found))
    numbers = numbers[solid(numbers)]
    if len(numbers) < _LEAST_SIDE:
        return None
    near = _drawn(np.flatnonzero(close & ~found))
    if len(near):
        near = near[(crowd.rows[near] @ crowd.rows[numbers].T).max(axis=1) >= _FRIENDS]
        numbers = np.sort(np.concatenate([numbers, near[solid(near)]]))
    rows = np.concatenate([references, crowd.rows[numbers]])
    # The references are of no photo of the album.
    owners = np.concatenate([-1 - np.arange(len(references)), crowd.owners[numbers]])
    strangers = (crowd.rows @ rows.mean(axis=0))[crowd.usable & ~found & ~close & ~_are_references(crowd, references)]
    stranger = float(strangers.sum()) / (len(strangers) + _FEW_STRANGERS)
    parted = part(rows, owners, stranger, known=len(references))
    if parted is None:
        return None
    person = parted.person[len(references) :]
    lead = _mean_to(crowd, references, numbers[person]) - _mean_to(crowd, references[:0], numbers[~person])
    return Relative(lead, parted.is_proven)


def _are_references(crowd: Crowd, references: Floats) -> Flags:
    """Which faces are those of the reference photos themselves."""
    same: Flags = (crowd.rows @ references.T).max(axis=1) >= REFERENCE_ITSELF
    return same


def _drawn(numbers: Numbers) -> Numbers:
    return numbers[np.linspace(0, len(numbers) - 1, min(len(numbers), _MOST)).astype(np.int64)]


def _mean_to(crowd: Crowd, references: Floats, members: Numbers) -> Floats:
    """The mean cosine of every face to these references and faces, leaving itself out."""
    total = crowd.rows @ (references.sum(axis=0) + crowd.rows[members].sum(axis=0))
    count = np.full(len(crowd), len(references) + len(members), np.float32)
    total[members] -= 1
    count[members] -= 1
    mean: Floats = total / np.maximum(count, 1)
    return mean


def part(rows: Floats, owners: Numbers, stranger: float, known: int = 1) -> Parted | None:
    """The side of the first face, and the other; None where all seem to be one person.

    The first ``known`` faces are one person, whatever they look like. ``stranger`` is the mean cosine to people who are
    neither.
    """
    likeness = np.minimum(rows @ rows.T, np.float32(_SAME_SHOT))
    beside = (owners[:, None] == owners) & (likeness < _MIRROR)
    np.fill_diagonal(beside, val=False)
    parting = _deepest(likeness, beside, known)
    if parting is None or (parting.smaller < _LEAST_UNPROVEN and not parting.proof):
        return None
    line = _LINE + _LINE_OF_FEW / parting.smaller + 2 * parting.between - stranger - parting.proof
    is_proven = parting.proof > 0
    # Halves of a side are hardly nearer to each other than all its faces: where those are not near enough, all is said.
    if parting.within < line or not (is_proven or _unevenness(likeness, parting.person) < _UNEVEN):
        return None
    return Parted(parting.person, is_proven) if parting.inner(likeness, beside) > line else None


@dataclass(frozen=True, slots=True)
class _Parting:
    """One way to divide faces in two."""

    person: Flags
    within: float
    """Mean cosine within the sides."""
    between: float
    proof: float
    """From photos that show both sides."""
    contradiction: float
    """Of the photos that show two of the faces, the part that shows two of one side."""

    @property
    def smaller(self) -> int:
        """The faces of the smaller side."""
        return min(int(self.person.sum()), int((~self.person).sum()))

    @property
    def depth(self) -> float:
        """How far apart the sides are, in themselves and beside what each is like within."""
        evidence = self.proof - _CONTRADICTION * self.contradiction
        return self.within - 2 * self.between - _CHANCE / self.smaller + evidence

    def inner(self, likeness: Floats, beside: Flags) -> float:
        """How near the two halves of a side are to each other, where that is divided once more: as years divide it."""
        levels = []
        for side in (self.person, ~self.person):
            place = np.ix_(side, side)
            again = _deepest(likeness[place], beside[place]) if side.sum() >= 2 * _LEAST_SIDE else None
            if again is not None:
                levels.append((again.between, int(side.sum())))
        total = sum(count for _, count in levels)
        return sum(level * count for level, count in levels) / total if levels else self.within - _INNER


def _deepest(likeness: Floats, beside: Flags, known: int = 1) -> _Parting | None:
    """The division whose sides are furthest apart, the known faces on one of them."""
    partings = [
        _parting(likeness, beside, person)
        for person in _divisions(likeness - _APART * beside.astype(np.float32))
        if person[:known].all()
    ]
    return max(partings, key=lambda parting: parting.depth, default=None)


def _parting(likeness: Floats, beside: Flags, person: Flags) -> _Parting:
    one, other = int(person.sum()), int((~person).sum())
    within = (one * _mean_within(likeness, person) + other * _mean_within(likeness, ~person)) / (one + other)
    across = np.ix_(person, ~person)
    proofs, pairs = int(beside[across].sum()), int(beside.sum()) // 2
    proof = min(_PROOF * proofs, _MOST_PROOF)
    contradiction = 1 - proofs / pairs if pairs else 0.0
    return _Parting(person, within, float(likeness[across].mean()), proof, contradiction)


def _divisions(likeness: Floats) -> Iterator[Flags]:
    """The ways to divide the faces in two that are worth a look, the faces near the border on their better side."""
    heads = np.arange(len(likeness))
    cuts = []
    for one, other in _merges(likeness):
        cuts.append((heads == one, heads == other))
        heads[heads == other] = one
    seen = set()
    for branches in cuts[-_BRANCHES:]:
        for branch in branches:
            side = _settled(likeness, branch)
            person = side == side[0]
            if _LEAST_SIDE <= person.sum() <= len(side) - _LEAST_SIDE and person.tobytes() not in seen:
                seen.add(person.tobytes())
                yield person


def _merges(likeness: Floats) -> Iterator[tuple[int, int]]:
    """The most alike groups become one until there is only one (average linkage); groups go by their first face."""
    count = len(likeness)
    means, sizes = likeness.copy(), np.ones(count)
    np.fill_diagonal(means, -np.inf)
    nearest = means.argmax(axis=1)
    value = means[np.arange(count), nearest]
    for _ in range(count - 1):
        one, other = sorted((int(value.argmax()), int(nearest[value.argmax()])))
        yield one, other
        mean = (sizes[one] * means[one] + sizes[other] * means[other]) / (sizes[one] + sizes[other])
        mean[[one, other]] = -np.inf
        means[one], means[:, one] = mean, mean
        means[other] = means[:, other] = value[other] = -np.inf
        sizes[one] += sizes[other]
        stale = np.flatnonzero((value > -np.inf) & ((nearest == one) | (nearest == other)))
        stale = np.append(stale, one)
        nearest[stale] = means[stale].argmax(axis=1)
        value[stale] = means[stale, nearest[stale]]


def _settled(likeness: Floats, side: Flags) -> Flags:
    """Every face moves to the side whose others it is more like, until none moves."""
    for _ in range(_ROUNDS):
        if min(side.sum(), (~side).sum()) < _LEAST_SIDE:
            break
        nearer = _leads(likeness, side) > 0
        if (nearer == side).all():
            break
        side = nearer
    return side


def _unevenness(likeness: Floats, side: Flags) -> float:
    """How differently the faces are nearer to their own side, as a part of what they are on the mean."""
    leads = np.where(side, 1, -1) * _leads(likeness, side)
    return float(leads.std() / max(leads.mean(), 1e-6))


def _leads(likeness: Floats, side: Flags) -> Floats:
    """By how much each face is more like the others of this side than those of the other one."""
    one = side.astype(np.float32)
    self_likeness = np.diag(likeness)
    here = likeness @ one
    there = likeness.sum(axis=1) - here
    here, there = here - self_likeness * one, there - self_likeness * (1 - one)
    leads: Floats = here / (one.sum() - one) - there / ((1 - one).sum() - (1 - one))
    return leads


def _mean_within(likeness: Floats, side: Flags) -> float:
    rows, count = likeness[np.ix_(side, side)], int(side.sum())
    return float(rows.sum() - np.trace(rows)) / (count * (count - 1))
