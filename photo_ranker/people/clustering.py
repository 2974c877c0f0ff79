"""Who belongs together: groups of faces grow along the most alike pairs until strangers would begin to meet.

Two groups are as alike as their faces are on average (average linkage). That is the product of the two groups'
mean faces, so only the pairs worth looking at come from the nearest neighbours, and each is judged exactly.
In rounds, every two groups that are each other's most alike become one; the similarity asked for falls step by step
to where :func:`photo_ranker.people.strangers.threshold` says that chance takes over.

* Two faces with a token in common never come together: the photo that both are in, or a user's word.
* Faces that are not ``solid`` (blurred, tiny, sideways) make no group and tie no two.
* At the end each face without company, solid or not, joins the group that it is most like, or stays alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.people.joining import Joining
from photo_ranker.people.merging import Merging
from photo_ranker.people.neighbours import EXACT_LIMIT, near_pairs
from photo_ranker.people.strangers import lowest_threshold, seen_strangers, threshold
from photo_ranker.person_finder.populations import Population

__all__ = ["Grouping", "Material", "group_faces"]

FIRST_THRESHOLD = 0.6
"""Few strangers are so alike; groups begin here."""

STEP = 0.02
"""By so much the threshold falls at a time: the most alike come together first."""

JOIN_MARGIN = 0.45
"""A face must be more like the mean face of a group than the threshold says, by so many spreads of strangers:
a mean has less noise, so people are more like it, and there are many groups to choose from."""


@dataclass(frozen=True, slots=True)
class Material:
    """Faces and what is known of them."""

    rows: Floats
    """A unit embedding a face."""
    tokens: Sequence[Collection[int]]
    """For each face: marks of which two faces of one person have none in common."""
    solid: NDArray[np.bool_]
    """Whether a face is good enough to found a person and to tie others together."""
    together: Sequence[Sequence[int]] = ()
    """Faces that are one person by a user's word, no face twice."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which faces are one person."""

    labels: NDArray[np.int64]
    """For each face the number of its group, from 0 in the order of first faces; -1 = with nobody."""
    threshold: float
    """Average similarity from which two groups were taken for one person."""


def group_faces(
    material: Material, population: Population, *, fixed: float | None = None, exact_limit: int = EXACT_LIMIT
) -> Grouping:
    """Group the faces of an album; unless ``fixed``, the threshold sets itself from how many people there are."""
    count = len(material.rows)
    if not count:
        return Grouping(np.zeros(0, np.int64), FIRST_THRESHOLD if fixed is None else fixed)
    floor = lowest_threshold(count, population) if fixed is None else fixed
    pairs = near_pairs(material.rows, floor, exact_limit)
    merging = Merging(material.rows, material.tokens, material.together, material.solid)
    merging.offer(pairs)
    reached, strangers = _descend(merging, population, fixed)
    joining = Joining(merging, material.rows, pairs, reached + JOIN_MARGIN * strangers.stranger_spread)
    joining.seat(joining.lone, at_least=2)
    joining.seat(joining.poor, at_least=1)
    return Grouping(joining.labels(), reached)


def _descend(merging: Merging, population: Population, fixed: float | None) -> tuple[float, Population]:
    """Lower the threshold until it meets the one that the groups themselves ask for, or the fixed one."""
    here = max(FIRST_THRESHOLD, fixed or 0.0)
    while True:
        merging.merge(here)
        people, repeated = merging.counts()
        strangers = seen_strangers(merging.faces_of_people(), population)
        wanted = threshold(people, repeated, strangers) if fixed is None else fixed
        if here <= wanted:
            return here, strangers
        here = max(here - STEP, wanted)
