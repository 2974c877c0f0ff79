"""Computes how similar each face is to a person, with all evidence, and the threshold of a sure match."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.looks import PLAIN, Compared, Crowd, Looks, Numbers, best_of_each_photo, group_looks
from photo_ranker.person_finder.populations import Mixture, Population, fit_mixture
from photo_ranker.person_finder.relatives import REFERENCE_ITSELF, Solid, find_relative

__all__ = ["Judged", "all_solid", "grow_anchors", "judge", "rival_strength", "with_anchors"]

_REACH = 0.25
"""Candidates reach this far below the first threshold: they may still be the person, or a rival."""
_CLOSE = 0.15
"""Faces down to this far below the final threshold are compared with rivals, and help to find relatives."""
_CANDIDATES, _POOL = 400, 600
"""Limits of the sample: candidates that may become anchors, and all faces (the nearest), which may be rivals."""
_RIVAL_SLACK = 0.1
"""A face may resemble rivals by this much more than the person at no cost."""
_RIVAL_COST, _RIVAL_COST_ALONE = 1.0, 0.5
"""Similarity lost per cosine beyond that; less without anchors, as the reference may then be unusual."""
_HARDLY_SEEN = 6.5
"""Clarity below which a face resembles its own person too little to be recognised."""
_PLAINEST = 14.0
"""Clarity above which no more is asked of a face."""
_NEIGHBOUR_LEAD = 0.05
"""Of two faces in one photo the person's must be more similar by this much, else either may be the person."""
_TWO_PEOPLE = 0.5
"""Faces of one photo with a lower cosine are two people; others may be a mirror, or a photo in the photo."""
_LOOKALIKE_LEAD = 0.1
"""A face must be more similar to the person than to a given look-alike by this much, else it loses similarity."""
_LOOKALIKE_COST = 2.0
"""Similarity lost, as a multiple of the missing lead."""
_RELATIVES = 4
"""Most relatives that are looked for, per look of the person."""
_RELATIVE_LEAD = 0.03
"""A face must be nearer to the person's photos than to a relative's by this much, in mean cosine."""
_UNPROVEN = 0.2
"""Share of the missing lead that a face loses if no photo shows both, so that it becomes doubtful, not lost."""


def all_solid(faces: Numbers) -> NDArray[np.bool_]:
    """Treat every face as solid."""
    return np.ones(len(faces), np.bool_)


class Judged(msgspec.Struct, frozen=True):
    """The judgement of all faces about one person."""

    similarity: Floats
    """The value per face that is compared with the threshold; -1 for faces that are too small."""
    cosine: Floats
    """The plain cosine per face to its nearest reference."""
    threshold: float
    """Similarity from which a face has the wanted certainty."""


def judge(
    crowd: Crowd,
    references: Sequence[Floats],
    people: Population,
    *,
    not_references: Sequence[Floats] = (),
    certainty: float = 0.5,
    solid: Solid = all_solid,
) -> Judged:
    """The similarity of every face to the person in ``references``, and the threshold for this certainty.

    ``solid`` tells which faces, by number, are clear enough to tell two people apart.
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
    # The reference photo itself may be in the album: it is the person, whatever else is found.
    similarity = np.where(cosine < REFERENCE_ITSELF, similarity, cosine)
    return Judged(np.where(crowd.usable, similarity, np.float32(-1)), cosine, threshold)


class _Weighed(msgspec.Struct, frozen=True):
    """All faces compared with the person and with others of the album."""

    similarity: Floats
    threshold: float
    anchors: Numbers
    """The look that each face joined, -1 for none."""
    others: Numbers
    """The nearest faces that joined none."""


def _told_apart(
    crowd: Crowd, references: Floats, may_join: NDArray[np.bool_], people: Population, certainty: float, solid: Solid
) -> tuple[Floats, float]:
    """Similarity and threshold after relatives, who only resemble the person, have been separated."""
    weighed = _weighed(crowd, references, may_join, people, certainty)
    similarity, threshold = weighed.similarity, weighed.threshold
    looks = group_looks(references)
    nearest, look = looks.compare(references).nearest, looks.compare(crowd.rows).nearest
    cap = np.full(len(crowd), np.inf, np.float32)
    for number in range(len(looks.counts)):
        mine = look == number
        for attempt in range(_RELATIVES):
            close = may_join & mine & (similarity >= threshold - _CLOSE)
            found = find_relative(crowd, references[nearest == number], close & (similarity >= threshold), close, solid)
            # Once the first relative is removed, a division without proof only separates the person's own years.
            if found is None or (attempt and not found.is_proven):
                break
            behind = np.where(mine, np.minimum(found.lead - _RELATIVE_LEAD, 0), 0)
            may_join = may_join & (behind == 0)
            weighed = _weighed(crowd, references, may_join, people, certainty)
            # Without proof a face stays among the doubtful ones.
            behind = behind if found.is_proven else behind * _UNPROVEN
            cap = np.minimum(cap, np.where(behind < 0, behind, np.float32(np.inf)))
            threshold = weighed.threshold
            similarity = np.minimum(weighed.similarity, threshold + cap)
    similarity = _corrected(crowd, references, similarity, weighed, people.leeway)
    return np.minimum(similarity, threshold + cap), threshold


def _weighed(
    crowd: Crowd, references: Floats, may_join: NDArray[np.bool_], people: Population, certainty: float
) -> _Weighed:
    looks = group_looks(references)
    # First with the references alone, to choose the candidates for anchors.
    first = looks.compare(crowd.rows).similarity
    weights = None if crowd.weights is None else crowd.weights[crowd.usable]
    mixture = fit_mixture(first[crowd.usable], people, looks.gain, weights)
    sample = _sample(np.where(crowd.usable, first, np.float32(-1)), mixture.threshold() - _REACH)
    anchors = _none_joined(crowd)
    anchors[sample] = grow_anchors(crowd.of(sample), may_join[sample], looks, mixture, people.demand)
    others = sample[anchors[sample] < 0]

    # Then with the anchors, which gives the similarity that counts, less what rivals and neighbours cost.
    joined, compared = with_anchors(crowd, looks, anchors, people.demand)
    similarity = compared.similarity
    threshold = fit_mixture(similarity[crowd.usable], people, joined.gain, weights).threshold(certainty)
    close = np.flatnonzero(crowd.usable & (similarity > threshold - _CLOSE))
    strength = rival_strength(crowd.of(close), crowd.of(others))
    cost = _RIVAL_COST if (anchors >= 0).any() else _RIVAL_COST_ALONE
    similarity[close] -= cost * np.maximum(strength - compared.affinity[close] - _RIVAL_SLACK, 0)
    similarity[close] -= _neighbour_cost(crowd.of(close), similarity[close])
    return _Weighed(similarity, threshold, anchors, others)


def _corrected(crowd: Crowd, references: Floats, similarity: Floats, weighed: _Weighed, leeway: float) -> Floats:
    """The similarities less what a single face of somebody else costs, plus the leeway of poorly seen faces."""
    threshold, anchors = weighed.threshold, weighed.anchors
    close = np.flatnonzero(crowd.usable & (similarity > threshold - _CLOSE))
    others = weighed.others[similarity[weighed.others] < threshold]
    strangers = crowd.of(others[~crowd.are_hazy(others)])
    lead = lead_of_another(crowd.of(close), _photos_of_person(crowd, references, anchors >= 0), strangers)
    lead[anchors[close] >= 0] = -1  # an anchor is surely the person, whoever else it resembles
    similarity = similarity.copy()
    similarity[close] -= np.maximum(lead - _ANOTHER_SLACK, 0)
    if crowd.clarity is not None:
        # Only the most similar face of a photo gets the leeway: a poorly seen face must not replace a plainly seen one.
        best = best_of_each_photo(similarity[close], crowd.owners[close])
        best = close[best[lead[best] <= 0]]
        similarity[best] += leeway * _missing_clarity(similarity[best], threshold, crowd.clarity[best])
    return similarity


def _photos_of_person(crowd: Crowd, references: Floats, anchors: NDArray[np.bool_]) -> Crowd:
    """The references, under photo numbers that no photo of the album has, and the anchors."""
    rows = np.concatenate([references, crowd.rows[anchors]])
    owners = np.concatenate([-1 - np.arange(len(references)), crowd.owners[anchors]])
    return Crowd(rows, owners, np.ones(len(rows), np.bool_))


def _missing_clarity(similarity: Floats, threshold: float, clarity: Floats) -> Floats:
    """How far faces below the threshold are from being seen plainly, 0 to 1; 0 where that is not known."""
    missing = np.clip((PLAIN - clarity) / (PLAIN - _HARDLY_SEEN), 0, 1)
    return np.where((similarity < threshold) & (clarity >= _HARDLY_SEEN), missing, 0).astype(np.float32)


def _neighbour_cost(crowd: Crowd, similarity: Floats) -> Floats:
    """What the two best faces of a photo lose if they are two people of nearly equal similarity."""
    cost = np.zeros(len(crowd), np.float32)
    best = best_of_each_photo(similarity, crowd.owners)
    others = np.ones(len(crowd), np.bool_)
    others[best] = False
    rest = np.flatnonzero(others)
    second = rest[best_of_each_photo(similarity[rest], crowd.owners[rest])]
    first = best[np.searchsorted(crowd.owners[best], crowd.owners[second])]
    two = crowd.pictures[first] == crowd.pictures[second]
    two &= (crowd.rows[first] * crowd.rows[second]).sum(axis=1) < _TWO_PEOPLE
    lead = similarity[first] - similarity[second]
    cost[first] = cost[second] = np.where(two, np.maximum(_NEIGHBOUR_LEAD - lead, 0), 0)
    return cost


def _nearest(crowd: Crowd, references: Sequence[Floats]) -> Floats:
    cosines: Floats = (crowd.rows @ np.stack(references).T).max(axis=1)
    return cosines


def _sample(similarity: Floats, line: float) -> Numbers:
    """Candidates above the line (an even sample if there are many), then the next most similar faces."""
    order = np.argsort(-similarity, kind="stable")
    count = int((similarity > line).sum())
    drawn = np.linspace(0, max(count - 1, 0), min(count, _CANDIDATES)).astype(np.int64)
    return np.concatenate([order[drawn], order[count : count + _POOL - len(drawn)]])


# Compares a face with rivals: other faces of the album that it may resemble more than the person.
#
# Brothers and sisters come near each other's threshold; their own photos in the album reveal them.


_NEAREST = 3
"""A rival is a mean of this many faces, since a single similar face may be chance."""
_SAME_SHOT = 0.85
"""Faces above this cosine are two shots of one moment and say nothing new."""
_FULL = 0.7
"""Cosines are capped here: two photos of one person are seldom more similar."""
_AT_ONCE = 2000
"""Faces compared at once, to limit memory."""


def rival_strength(faces: Crowd, others: Crowd) -> Floats:
    """Per face the mean cosine to its nearest faces in other photos; -1 if there are too few."""
    found = np.full(len(faces), -1.0, np.float32)
    if len(others) < _NEAREST:
        return found
    for start in range(0, len(faces), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        cosines = faces.rows[part] @ others.rows.T
        cosines[(cosines > _SAME_SHOT) | (faces.owners[part, None] == others.owners)] = -1.0
        nearest = np.partition(np.minimum(cosines, _FULL), -_NEAREST, axis=1)[:, -_NEAREST:]
        found[part] = nearest.mean(axis=1)
    return found


_ANOTHER_SLACK = 0.15
"""A face may be nearer to a single face of somebody else than to the person's nearest one by this much at no cost."""
_ALIKE = 0.5
"""Only a face at least this similar can be another photo of the same person."""


def lead_of_another(faces: Crowd, person: Crowd, others: Crowd) -> Floats:
    """Per face, how much nearer other people's nearest face is than the person's nearest; -1 if none is alike."""
    theirs = _nearest_elsewhere(faces, others, below=_SAME_SHOT)
    lead: Floats = theirs - _nearest_elsewhere(faces, person)
    return np.where(theirs >= _ALIKE, lead, np.float32(-1))


def _nearest_elsewhere(faces: Crowd, others: Crowd, below: float = np.inf) -> Floats:
    """Per face the largest cosine up to ``below`` to these faces in other photos; -1 if there is none."""
    found = np.full(len(faces), -1.0, np.float32)
    for start in range(0, len(faces) if len(others) else 0, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        cosines = faces.rows[part] @ others.rows.T
        cosines[(cosines > below) | (faces.owners[part, None] == others.owners)] = -1.0
        found[part] = cosines.max(axis=1)
    return found


# Finds anchors, the faces of an album that are surely the person: they help to recognise the others.


_SURE = 0.98
"""Certainty from which a face becomes an anchor."""
_SLACK = 0.15
"""A face does not join if it resembles faces outside by this much more than the person."""
_ROUNDS = 8
"""Five rounds double the anchors up to 32; in the others all sure faces join, and some may leave."""


def grow_anchors(crowd: Crowd, allowed: NDArray[np.bool_], looks: Looks, mixture: Mixture, demand: float) -> Numbers:
    """The look that each face joins, -1 for none.

    One face joins first, the surest, then twice as many in every round: early anchors attract the others, so a
    stranger must not be among them.
    """
    anchors, wanted = _none_joined(crowd), 1
    for _ in range(_ROUNDS):
        joined, compared = with_anchors(crowd, looks, anchors, demand)
        line = msgspec.structs.replace(mixture, same_mean=min(mixture.same_mean * joined.gain / looks.gain, 0.8))
        sure = allowed & crowd.usable & (line.certainty(compared.similarity) > _SURE)
        chosen = best_of_each_photo(compared.similarity, crowd.owners)
        chosen = chosen[sure[chosen]]
        strength = rival_strength(crowd.of(chosen), crowd.of(anchors < 0))
        chosen = chosen[compared.affinity[chosen] >= strength - _SLACK]
        chosen = chosen[np.argsort(-compared.similarity[chosen], kind="stable")][:wanted]
        new = _none_joined(crowd)
        new[chosen] = compared.nearest[chosen]
        if (new == anchors).all() and len(chosen) < wanted:
            break
        anchors, wanted = new, wanted * 2 if wanted < 32 else len(crowd)
    return anchors


def _none_joined(crowd: Crowd) -> Numbers:
    return np.full(len(crowd), -1)


def with_anchors(crowd: Crowd, looks: Looks, anchors: Numbers, demand: float) -> tuple[Looks, Compared]:
    """The looks including the anchors, and every face compared with them, an anchor never with itself.

    The more plainly a face is seen, the more it resembles several photos of its own person, but not of others.
    So the plainer it is, the more similar it must be (:attr:`Population.demand`).
    """
    inside = anchors >= 0
    joined = looks.joined(crowd.rows[inside], anchors[inside])
    compared = joined.compare(crowd.rows, anchors)
    if crowd.clarity is None:
        return joined, compared
    photos = joined.counts[compared.nearest] - (anchors == compared.nearest)
    plainer = np.clip(np.nan_to_num(crowd.clarity, nan=PLAIN), PLAIN, _PLAINEST) - PLAIN
    missing = demand * plainer * (1 - 1 / np.maximum(photos, 1))
    return joined, msgspec.structs.replace(compared, similarity=(compared.similarity - missing).astype(np.float32))
