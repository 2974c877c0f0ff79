"""How similar each face of an album is to a person, all evidence weighed, and from where on it is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.codec import Floats
from photo_ranker.person_finder.crowd import Crowd, Numbers, best_of_each_photo
from photo_ranker.person_finder.kin import grow_kin, with_kin
from photo_ranker.person_finder.looks import group_looks
from photo_ranker.person_finder.mixture import fit_mixture
from photo_ranker.person_finder.populations import Population
from photo_ranker.person_finder.relatives import REFERENCE_ITSELF, Solid, find_relative
from photo_ranker.person_finder.rivals import rival_strength

__all__ = ["Judged", "all_solid", "judge"]

_REACH = 0.25
"""Faces this far below the first threshold may still turn out to be the person, or a rival."""
_CLOSE = 0.15
"""Faces this far below the last threshold are still asked who else they may be, and help to tell others."""
_CANDIDATES, _POOL = 400, 600
"""So many candidates decide who is kin; so many faces nearest to the person are asked whether they are rivals."""
_RIVAL_SLACK = 0.1
"""Resembling others by this much above the person costs nothing."""
_RIVAL_COST, _RIVAL_COST_ALONE = 1.0, 0.5
"""Similarity lost per cosine; less while no photo is surely the person: the reference may be an unusual look."""
_NEIGHBOUR_LEAD = 0.05
"""Of two people in one photo the person must be nearer than the other by this much, or it may be either."""
_TWO_PEOPLE = 0.5
"""Faces of one photo with a lower cosine are two people; others are mirrored, or a photo in the photo."""
_LOOKALIKE_LEAD = 0.1
"""A face must be nearer to the person than to a named look-alike by this much."""
_LOOKALIKE_COST = 2.0
_RELATIVES = 4
"""People who look like the person that are looked for, at most."""
_RELATIVE_LEAD = 0.03
"""A face must be nearer to the photos of the person than to those of a relative by this much, in mean cosine."""
_UNPROVEN = 0.2
"""How much of that counts where no photo shows both: then a face is at most doubtful, seldom none."""


def all_solid(faces: Numbers) -> NDArray[np.bool_]:
    """Take every face as plain."""
    return np.ones(len(faces), np.bool_)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an album says of a person."""

    similarity: Floats
    """For each face what decides; -1 for faces that are too small."""
    cosine: Floats
    """For each face the plain cosine to its nearest reference."""
    threshold: float


def judge(
    crowd: Crowd,
    references: Sequence[Floats],
    people: Population,
    *,
    not_references: Sequence[Floats] = (),
    certainty: float = 0.5,
    solid: Solid = all_solid,
) -> Judged:
    """The similarity of every face to the person in ``references``, and from where on it has this certainty.

    ``solid`` says of faces by their numbers which are plain enough to tell two people apart.
    """
    if not len(crowd):
        nothing = np.zeros(0, np.float32)
        return Judged(nothing, nothing, fit_mixture(nothing, people).threshold(certainty))
    cosine = _nearest(crowd, references)
    may_join = crowd.usable & (cosine < REFERENCE_ITSELF)
    if not_references:
        may_join &= cosine > _nearest(crowd, not_references) + _LOOKALIKE_LEAD
    similarity, threshold = _told_apart(crowd, np.stack(references), may_join, people, certainty, solid)
    if not_references:
        lead = similarity - judge(crowd, not_references, people, solid=solid).similarity
        similarity -= _LOOKALIKE_COST * np.maximum(_LOOKALIKE_LEAD - lead, 0)
    # The reference photo itself is the person, whatever the others look like.
    similarity = np.where(cosine < REFERENCE_ITSELF, similarity, cosine)
    return Judged(np.where(crowd.usable, similarity, np.float32(-1)), cosine, threshold)


def _told_apart(
    crowd: Crowd, references: Floats, may_join: NDArray[np.bool_], people: Population, certainty: float, solid: Solid
) -> tuple[Floats, float]:
    """Similarity and threshold, without those who only look like the person."""
    similarity, threshold = _weighed(crowd, references, may_join, people, certainty)
    looks = group_looks(references)
    nearest, look = looks.compare(references).nearest, looks.compare(crowd.rows).nearest
    cap = np.full(len(crowd), np.inf, np.float32)
    for number in range(len(looks.counts)):
        mine = look == number
        for attempt in range(_RELATIVES):
            close = may_join & mine & (similarity >= threshold - _CLOSE)
            found = find_relative(crowd, references[nearest == number], close & (similarity >= threshold), close, solid)
            # Once the first relative is gone, a division without proof is one of the person's years.
            if found is None or (attempt and not found.is_proven):
                break
            behind = np.where(mine, np.minimum(found.lead - _RELATIVE_LEAD, 0), 0)
            may_join = may_join & (behind == 0)
            similarity, threshold = _weighed(crowd, references, may_join, people, certainty)
            # Who is not proven to be somebody else stays among the doubtful.
            behind = behind if found.is_proven else behind * _UNPROVEN
            cap = np.minimum(cap, np.where(behind < 0, behind, np.float32(np.inf)))
            similarity = np.minimum(similarity, threshold + cap)
    return similarity, threshold


def _weighed(
    crowd: Crowd, references: Floats, may_join: NDArray[np.bool_], people: Population, certainty: float
) -> tuple[Floats, float]:
    looks = group_looks(references)
    first = looks.compare(crowd.rows).similarity
    weights = None if crowd.weights is None else crowd.weights[crowd.usable]
    mixture = fit_mixture(first[crowd.usable], people, looks.gain, weights)
    sample = _sample(np.where(crowd.usable, first, np.float32(-1)), mixture.threshold() - _REACH)
    kin = np.full(len(crowd), -1)
    kin[sample] = grow_kin(crowd.of(sample), may_join[sample], looks, mixture)

    joined, compared = with_kin(crowd, looks, kin)
    similarity = compared.similarity
    threshold = fit_mixture(similarity[crowd.usable], people, joined.gain, weights).threshold(certainty)
    close = np.flatnonzero(crowd.usable & (similarity > threshold - _CLOSE))
    strength = rival_strength(crowd.of(close), crowd.of(sample[kin[sample] < 0]))
    cost = _RIVAL_COST if (kin >= 0).any() else _RIVAL_COST_ALONE
    similarity[close] -= cost * np.maximum(strength - compared.affinity[close] - _RIVAL_SLACK, 0)
    similarity[close] -= _neighbour_cost(crowd.of(close), similarity[close])
    return similarity, threshold


def _neighbour_cost(crowd: Crowd, similarity: Floats) -> Floats:
    """What the two best faces of a photo lose when they are two people and about as near."""
    cost = np.zeros(len(crowd), np.float32)
    best = best_of_each_photo(similarity, crowd.owners)
    others = np.ones(len(crowd), np.bool_)
    others[best] = False
    rest = np.flatnonzero(others)
    second = rest[best_of_each_photo(similarity[rest], crowd.owners[rest])]
    first = best[np.searchsorted(crowd.owners[best], crowd.owners[second])]
    two = (crowd.rows[first] * crowd.rows[second]).sum(axis=1) < _TWO_PEOPLE
    lead = similarity[first] - similarity[second]
    cost[first] = cost[second] = np.where(two, np.maximum(_NEIGHBOUR_LEAD - lead, 0), 0)
    return cost


def _nearest(crowd: Crowd, references: Sequence[Floats]) -> Floats:
    cosines: Floats = (crowd.rows @ np.stack(references).T).max(axis=1)
    return cosines


def _sample(similarity: Floats, line: float) -> Numbers:
    """Candidates above the line, evenly drawn when there are many, then the faces that come next."""
    order = np.argsort(-similarity, kind="stable")
    count = int((similarity > line).sum())
    drawn = np.linspace(0, max(count - 1, 0), min(count, _CANDIDATES)).astype(np.int64)
    return np.concatenate([order[drawn], order[count : count + _POOL - len(drawn)]])
