"""Decides whether the faces that were found are one person, or also a look-alike, such as a brother or sister.

The faces are divided into the two sides that differ most. Photos of one person resemble those of the other side about
as much as those of their own, however they are divided; photos of two people do not. If one photo shows both sides,
they are two people for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import repeat_people
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.looks import Crowd, Numbers

__all__ = ["REFERENCE_ITSELF", "Parted", "Relative", "Solid", "find_relative", "part"]

Flags = NDArray[np.bool_]
Solid = Callable[[Numbers], Flags]
"""Tells which faces of a crowd, by number, are clear enough to tell people apart."""

_LEAST_SIDE, _LEAST_UNPROVEN = 2, 3
"""Fewest faces of a side if a photo shows both people, and if none does: a few may be bad photos of the person."""
_MOST = 120
"""Most faces that are divided; if there are more, an even sample of them."""
_FRIENDS = 0.5
"""Faces with this cosine to a found one are divided too: they help to tell whose face that is."""
_BRANCHES = 6
"""The last merges of the cluster tree that are tried as divisions."""
_ROUNDS = 20
"""Limit of the rounds in which faces change sides."""
REFERENCE_ITSELF = 0.98
"""Cosine from which a face is the reference photo itself."""
_SAME_SHOT = 0.8
"""Cosines are capped here: photos of one burst say little about a person."""
_FEW_STRANGERS = 10
"""Weight of the prior mean of 0 in the mean cosine to strangers: a few strangers tell little."""
_LINE, _LINE_OF_FEW = -0.34, 0.18
"""Two people need evidence of ``_LINE + _LINE_OF_FEW / faces of the smaller side``."""
_UNEVEN = 0.45
"""Largest spread of the leads, as a share of their mean: one person with and without a cap has faces in between."""
_CHANCE = 0.4
"""Penalty for a small side when divisions are compared: a few faces may differ from the others by chance."""
_INNER = 0.06
"""Assumed distance of two halves of a side, if it has too few faces to divide it again."""
_PROOF, _MOST_PROOF = 0.1, 0.2
"""Evidence from each photo that shows both sides, and the most that all of them add."""
_CONTRADICTION = 0.2
"""Evidence that a division loses if every photo of two of the faces has both on one side. With a brother and a sister
in many photos, dividing the early years of one from the rest looks as deep as the right division."""
_APART = np.float32(2)
"""Subtracted from the cosine of two faces of one photo in the search for divisions, to put them on two sides."""
_MIRROR = 0.7
"""Faces of one photo with a larger cosine may be a mirror, a collage or a photo in the photo."""


class Parted(msgspec.Struct, frozen=True):
    """Two people among faces that seemed to be one person."""

    person: Flags
    """Whether each face is on the side of the first one."""
    is_proven: bool
    """Whether a photo shows both sides."""


class Relative(msgspec.Struct, frozen=True):
    """Somebody else among the faces that seemed to be the person."""

    lead: Floats
    """Per face of the crowd: mean cosine to the person minus mean cosine to the relative."""
    is_proven: bool
    """Whether a photo shows both."""


def find_relative(crowd: Crowd, references: Floats, found: Flags, close: Flags, solid: Solid) -> Relative | None:
    """Find somebody else among the faces that were ``found``; None if all are the person in ``references``.

    Faces that are only ``close`` help to decide about those that they resemble. Where no photo shows both, only
    plainly seen faces count: the others resemble each other more than the person.
    """
    relative = _relative(crowd, references, found, close, solid)
    if relative is None or relative.is_proven:
        return relative
    return _relative(crowd, references, found, close, lambda numbers: solid(numbers) & ~crowd.are_hazy(numbers))


def _relative(crowd: Crowd, references: Floats, found: Flags, close: Flags, solid: Solid) -> Relative | None:
    numbers = _drawn(np.flatnonzero(found))
    numbers = numbers[solid(numbers)]
    if len(numbers) < _LEAST_SIDE:
        return None
    near = _drawn(np.flatnonzero(close & ~found))
    if len(near):
        near = near[(crowd.rows[near] @ crowd.rows[numbers].T).max(axis=1) >= _FRIENDS]
        numbers = np.sort(np.concatenate([numbers, near[solid(near)]]))
    rows = np.concatenate([references, crowd.rows[numbers]])
    # References belong to no photo of the album: each gets a negative number.
    owners = np.concatenate([-1 - np.arange(len(references)), _pictures(crowd, numbers, solid)])
    strangers = (crowd.rows @ rows.mean(axis=0))[crowd.usable & ~found & ~close & ~_are_references(crowd, references)]
    stranger = float(strangers.sum()) / (len(strangers) + _FEW_STRANGERS)
    parted = part(rows, owners, stranger, known=len(references))
    if parted is None:
        return None
    person = parted.person[len(references) :]
    lead = _mean_to(crowd, references, numbers[person]) - _mean_to(crowd, references[:0], numbers[~person])
    return Relative(lead, parted.is_proven)


def _pictures(crowd: Crowd, numbers: Numbers, solid: Solid) -> Numbers:
    """The picture that shows each of these faces: its photo, or one of its own where the photo repeats people."""
    pictures = crowd.pictures[numbers]
    several, counts = np.unique(pictures, return_counts=True)
    faces = np.flatnonzero(np.isin(crowd.pictures, several[counts > 1]))
    faces = faces[solid(faces)]
    # np.unique of numbers alone would load numpy.ma, which takes as long as a search.
    for picture in sorted(set(crowd.pictures[faces].tolist())):
        if repeat_people(crowd.rows[faces[crowd.pictures[faces] == picture]]):
            own = pictures == picture
            pictures[own] = crowd.pictures.max() + 1 + numbers[own]
    return pictures


def _are_references(crowd: Crowd, references: Floats) -> Flags:
    """Which faces are the reference photos themselves."""
    same: Flags = (crowd.rows @ references.T).max(axis=1) >= REFERENCE_ITSELF
    return same


def _drawn(numbers: Numbers) -> Numbers:
    return numbers[np.linspace(0, len(numbers) - 1, min(len(numbers), _MOST)).astype(np.int64)]


def _mean_to(crowd: Crowd, references: Floats, members: Numbers) -> Floats:
    """The mean cosine of every face to these references and faces, without itself."""
    total = crowd.rows @ (references.sum(axis=0) + crowd.rows[members].sum(axis=0))
    count = np.full(len(crowd), len(references) + len(members), np.float32)
    total[members] -= 1
    count[members] -= 1
    mean: Floats = total / np.maximum(count, 1)
    return mean


def part(rows: Floats, owners: Numbers, stranger: float, known: int = 1) -> Parted | None:
    """Divide faces into the side of the first one and the other; None if all seem to be one person.

    The first ``known`` faces are one person in any case. ``stranger`` is the mean cosine to people who are neither.
    """
    likeness = np.minimum(rows @ rows.T, np.float32(_SAME_SHOT))
    beside = (owners[:, None] == owners) & (likeness < _MIRROR)  # never a face with itself, which is more alike
    parting = _deepest(likeness, beside, known)
    if parting is None or (parting.smaller < _LEAST_UNPROVEN and not parting.proof):
        return None
    line = _LINE + _LINE_OF_FEW / parting.smaller + 2 * parting.between - stranger - parting.proof
    is_proven = parting.proof > 0
    # Two halves of a side are hardly more similar than all its faces, so this cheap test comes first.
    if parting.within < line or not (is_proven or _unevenness(likeness, parting.person) < _UNEVEN):
        return None
    return Parted(parting.person, is_proven) if parting.inner(likeness, beside) > line else None


class _Parting(msgspec.Struct, frozen=True):
    """One division of faces into two sides."""

    person: Flags
    """Whether each face is on the side of the person."""
    within: float
    """Mean cosine within each side, weighted by its size."""
    between: float
    """Mean cosine between the sides."""
    proof: float
    """Evidence from photos that show both sides."""
    contradiction: float
    """Share of the photos of two of the faces in which both are on one side."""

    @property
    def smaller(self) -> int:
        """Number of faces of the smaller side."""
        return min(int(self.person.sum()), int((~self.person).sum()))

    @property
    def depth(self) -> float:
        """How much the sides differ, relative to how similar faces of one side are."""
        evidence = self.proof - _CONTRADICTION * self.contradiction
        return self.within - 2 * self.between - _CHANCE / self.smaller + evidence

    def inner(self, likeness: Floats, beside: Flags) -> float:
        """Mean cosine between the halves of a side if it is divided again: how far years alone separate one person."""
        levels = []
        for side in (self.person, ~self.person):
            place = np.ix_(side, side)
            again = _deepest(likeness[place], beside[place]) if side.sum() >= 2 * _LEAST_SIDE else None
            if again is not None:
                levels.append((again.between, int(side.sum())))
        total = sum(count for _, count in levels)
        return sum(level * count for level, count in levels) / total if levels else self.within - _INNER


def _deepest(likeness: Floats, beside: Flags, known: int = 1) -> _Parting | None:
    """The division with the largest depth that keeps the known faces on one side."""
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
    """Promising divisions: branches of the cluster tree, after every face has moved to its better side."""
    heads = np.arange(len(likeness))
    branches = []
    for number, (one, other) in enumerate(_merges(likeness)):
        if number >= len(likeness) - 1 - _BRANCHES:
            branches += [heads == one, heads == other]
        heads[heads == other] = one
    seen = set()
    for side in _settled(likeness, np.array(branches, np.bool_).reshape(-1, len(likeness)).T).T:
        person = side == side[0]
        if _LEAST_SIDE <= person.sum() <= len(side) - _LEAST_SIDE and person.tobytes() not in seen:
            seen.add(person.tobytes())
            yield person


def _merges(likeness: Floats) -> Iterator[tuple[int, int]]:
    """The merges of average linkage, the most similar groups first; a group is known by its first face."""
    count = len(likeness)
    means, sizes = likeness.copy(), np.ones(count)
    np.fill_diagonal(means, -np.inf)
    nearest = means.argmax(axis=1)
    value = means[np.arange(count), nearest]
    for _ in range(count - 1):
        most = int(value.argmax())
        one, other = sorted((most, int(nearest[most])))
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


def _settled(likeness: Floats, sides: Flags) -> Flags:
    """Move every face to the side that it resembles more, until none moves; each column is one division."""
    sides, moves = sides.copy(), np.ones(sides.shape[1], np.bool_)
    for _ in range(_ROUNDS):
        count = sides.sum(axis=0)
        moves &= np.minimum(count, len(sides) - count) >= _LEAST_SIDE
        if not moves.any():
            break
        nearer = _leads(likeness, sides[:, moves]) > 0
        moved = (nearer != sides[:, moves]).any(axis=0)
        sides[:, moves] = nearer
        moves[moves] = moved
    return sides


def _unevenness(likeness: Floats, side: Flags) -> float:
    """Spread of the faces' leads towards their own side, as a share of the mean lead."""
    leads = np.where(side, 1, -1) * _leads(likeness, side[:, None])[:, 0]
    return float(leads.std() / max(leads.mean(), 1e-6))


def _leads(likeness: Floats, sides: Flags) -> Floats:
    """Per face and side: mean cosine to this side minus mean cosine to the other, without itself."""
    one = sides.astype(np.float32)
    other = 1 - one
    itself = np.diag(likeness)[:, None]
    here = likeness @ one
    there = likeness.sum(axis=1, keepdims=True) - here
    here, there = here - itself * one, there - itself * other
    leads: Floats = here / (one.sum(axis=0) - one) - there / (other.sum(axis=0) - other)
    return leads


def _mean_within(likeness: Floats, side: Flags) -> float:
    rows, count = likeness[np.ix_(side, side)], int(side.sum())
    return float(rows.sum() - np.trace(rows)) / (count * (count - 1))
