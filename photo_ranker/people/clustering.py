"""Clusters faces into people: groups grow along the most alike pairs, and stop before strangers would be merged.

Two groups are as alike as their faces are on average (average linkage). That is the product of the two groups'
mean faces, so the nearest neighbours only say which pairs are worth judging, and each is judged exactly.
In rounds, every two groups that are each other's most alike are merged; the required similarity falls step by step
to the :func:`threshold` below which chance takes over.

* Two faces with a token in common are never merged: it stands for the photo that both are in, or a user's decision.
* Faces that are not ``solid`` (blurred, tiny, sideways) start no group and connect no two.
* At the end each single face, solid or not, joins the group that it is most like, or stays alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.errors import UserError
from photo_ranker.people.last_count import CountedFaces, LastCount, take_over
from photo_ranker.people.merging import Disturbed, Joining, Merging, start_of
from photo_ranker.people.neighbours import (
    EXACT_LIMIT,
    ExactRows,
    Pairs,
    Rows,
    all_pairs,
    exact_rows,
    keys_of,
    near_pairs,
)
from photo_ranker.person_finder.populations import Population

__all__ = [
    "ALGORITHMS",
    "Grouping",
    "Material",
    "group_classically",
    "group_faces",
    "lowest_threshold",
    "regroup_faces",
    "seen_strangers",
    "threshold",
]

FIRST_THRESHOLD = 0.6
"""Few strangers are this alike; down to it groups are merged in any album."""

STEP = 0.02
"""How far the threshold falls at a time: the most alike are merged first."""

STEPS_OF_WANTED = 400
"""The threshold that groups ask for is rounded up to a multiple of 1 / 400, so that a few new faces seldom move it."""

JOIN_MARGIN = 0.45
"""A face must be more like the mean face of a group than the threshold says, by this many spreads of strangers:
a mean has less noise, so everybody is more like it, and there are many groups to choose from."""


class Material(msgspec.Struct, frozen=True):
    """Faces and what is known about them."""

    rows: Floats
    """One unit embedding per face."""
    tokens: Sequence[Collection[int]]
    """The tokens of each face; two faces with a token in common are never one person."""
    solid: NDArray[np.bool_]
    """Whether a face is good enough to start a person and to connect others."""
    together: Sequence[Sequence[int]] = ()
    """Faces that are one person by a user's decision, no face twice."""


class Grouping(msgspec.Struct, frozen=True):
    """Which faces are one person."""

    labels: NDArray[np.int64]
    """For each face the number of its group, from 0 in the order of their first faces; -1 = no group."""
    threshold: float
    """Average similarity from which two groups were taken for one person."""


def group_faces(
    material: Material, population: Population, *, fixed: float | None = None, exact_limit: int = EXACT_LIMIT
) -> Grouping:
    """Group the faces of an album; unless ``fixed``, the threshold follows from how many people there are."""
    count = len(material.rows)
    if not count:
        return Grouping(np.zeros(0, np.int64), FIRST_THRESHOLD if fixed is None else fixed)
    rows = exact_rows(material.rows)
    pairs = near_pairs(rows, _floor(count, population) if fixed is None else fixed, exact_limit)
    merging = Merging(rows, material.tokens, material.together, material.solid)
    merging.offer(pairs)
    return _seated(merging, rows, pairs, *_descend(merging, population, fixed, {}))


def regroup_faces(
    material: Material, ids: Sequence[str], population: Population, last: LastCount | None
) -> tuple[Grouping, LastCount]:
    """The same for faces with lasting ids, quickly where most of them were in the last count.

    Pairs and groups are reused where nothing has changed; the result is that of a full count.
    """
    rows, floor = ExactRows(material.rows), _floor(len(ids), population)
    keys = keys_of(rows)
    faces = CountedFaces(ids, keys, *start_of(material.together, material.solid), material.tokens)
    known = None if last is None else take_over(last, faces, rows, floor)
    pairs = all_pairs(rows, floor, keys) if known is None else known.pairs
    follows, trace = (None, None) if known is None else (known.follows, known.trace)
    seen: dict[float, Population] = {}
    while True:
        merging = Merging(rows, material.tokens, material.together, material.solid, trace, follows)
        merging.offer(pairs.pairs)
        try:
            reached, strangers = _descend(merging, population, None, seen)
        except Disturbed as disturbed:
            assert follows is not None
            assert trace is not None
            follows &= ~np.isin(trace.circle, disturbed.circles)
            continue
        trace = merging.trace()
        clashes = faces.clashes(trace.circle)
        found = LastCount(floor, faces, pairs, clashes, trace if merging.is_exact() else None)
        return _seated(merging, rows, pairs.pairs, reached, strangers), found


def _floor(count: int, population: Population) -> float:
    """The least similarity of pairs that matter: the same for similar numbers of faces, to reuse pairs."""
    return lowest_threshold(int(2 ** (math.floor(4 * math.log2(count)) / 4)), population)


def _seated(merging: Merging, rows: Rows, pairs: Pairs, reached: float, strangers: Population) -> Grouping:
    """Let single faces join the groups that have formed."""
    joining = Joining(merging, rows, pairs, reached + JOIN_MARGIN * strangers.stranger_spread)
    joining.seat(joining.lone, at_least=2)
    joining.seat(joining.poor, at_least=1)
    return Grouping(joining.labels(), reached)


def _descend(
    merging: Merging, population: Population, fixed: float | None, seen: dict[float, Population]
) -> tuple[float, Population]:
    """Lower the threshold to the one that follows from the groups themselves, or to the fixed one.

    ``seen`` holds the strangers of each step, for when merging starts again: they will be the same.
    """
    here = max(FIRST_THRESHOLD, fixed or 0.0)
    strangers, before = population, -1
    # Few groups are left of a person by the time that most of the person's pairs of faces are judged.
    for above in range(round((1 - here) / STEP) - 1, 0, -1):
        merging.merge(here + above * STEP)
    while True:
        merging.merge(here)
        people, repeated = merging.counts()
        if people != before:  # otherwise they are the same groups
            if here not in seen:
                seen[here] = seen_strangers(merging.faces_of_people(), population)
            strangers, before = seen[here], people
        wanted = fixed
        if wanted is None:
            wanted = math.ceil(threshold(people, repeated, strangers) * STEPS_OF_WANTED) / STEPS_OF_WANTED
        if here <= wanted:
            return here, strangers
        here = max(here - STEP, wanted)


# How alike strangers are, and the similarity from which two groups of faces are taken for one person.
#
# The cosine of two strangers is close to normally distributed (measured on SFace to the tail of 1 in 100,000), or its
# tail is known. Of the P * P / 2 pairs of people in an album some reach the threshold by chance. It allows more of
# them the more people appear more than once, because merging then gains more. So the threshold rises with the number
# of people, not of photos, and rises further where hardly anyone appears twice.


ALLOWED, POWER = 0.01, 0.6
"""Pairs of strangers that may reach the threshold: ``ALLOWED * (people * people seen again) ** POWER``.

Fitted to the best thresholds of albums of 5 to 1,400 people, some with everyone seen often and
some with hardly anyone seen twice. The optimum is flat: twice as much, or half, moves the threshold by 0.015.
"""

TRUSTED_PEOPLE = 50
"""This many people of the album weigh as much as what is known about people in general."""

MOST_COMPARED = 1000
"""Most people of the album that are compared with each other."""


def threshold(people: int, repeated: int, strangers: Population) -> float:
    """The average similarity from which two groups are one person.

    ``people`` is the number of groups, ``repeated`` the number of those with more than one face.
    """
    people = max(1, people)
    pairs = max(1.0, people * people / 2)
    # One assumed repetition keeps the threshold within reach for a tiny album, or one without any.
    chance = min(0.5, ALLOWED * (people * (repeated + 1)) ** POWER / pairs)
    return strangers.likeness(chance)


def lowest_threshold(faces: int, strangers: Population) -> float:
    """The lowest value that :func:`threshold` may return for an album of this many faces."""
    # As if all were of few people, each seen often; the spread of an album may also be narrower than usual.
    fewest = max(5.0, faces**0.5)
    return threshold(int(fewest), int(fewest), strangers) - 0.5 * strangers.stranger_spread


def seen_strangers(faces: Floats, known: Population) -> Population:
    """What is known about strangers, corrected by one face of each person in an album.

    Only the median and the lower side are used: the upper side may hold one person who was taken for two.
    """
    if len(faces) < 3:
        return known
    faces = faces[:: -(-len(faces) // MOST_COMPARED)]
    cosine = (faces @ faces.T)[np.tri(len(faces), k=-1, dtype=np.bool_)]
    low, middle = np.percentile(cosine, [15.87, 50])
    trust = len(faces) / (len(faces) + TRUSTED_PEOPLE)
    return msgspec.structs.replace(
        known,
        stranger_mean=known.stranger_mean + trust * (float(middle) - known.stranger_mean),
        stranger_spread=known.stranger_spread + trust * (float(middle - low) - known.stranger_spread),
    )


# The textbook algorithms, for comparison: no rule of one face per photo, no quality, settings from the literature.


MOST_FACES = 20_000
"""Limit: they compare all faces with all and keep the matrix, which would need over 4 GB for more."""

Labels = NDArray[np.int64]


def _hdbscan(rows: Floats, _: float) -> Labels:
    from sklearn.cluster import HDBSCAN

    # Settings from the usual guides for wedding albums; on unit rows, Euclidean distance and cosine order alike.
    return np.asarray(HDBSCAN(min_cluster_size=2, min_samples=1, copy=True).fit_predict(rows), np.int64)


def _dbscan(rows: Floats, least: float) -> Labels:
    from sklearn.cluster import DBSCAN

    return np.asarray(DBSCAN(eps=1 - least, min_samples=2, metric="cosine").fit_predict(rows), np.int64)


def _agglomerative(rows: Floats, least: float) -> Labels:
    from sklearn.cluster import AgglomerativeClustering

    found = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - least, metric="cosine", linkage="average"
    ).fit_predict(rows)
    return np.asarray(found, np.int64)


ALGORITHMS: dict[str, Callable[[Floats, float], Labels]] = {
    "hdbscan": _hdbscan,
    "dbscan": _dbscan,
    "agglomerative": _agglomerative,
}


def group_classically(name: str, rows: Floats, population: Population) -> Labels:
    """The group of each face by the algorithm of this name; -1 = no group."""
    if len(rows) < 2:
        return np.full(len(rows), -1, np.int64)
    if len(rows) > MOST_FACES:
        raise UserError(
            f"--algorithm {name} takes up to {MOST_FACES:,} faces, here are {len(rows):,}",
            "leave --algorithm out: our own has no such limit",
        )
    # The automatic threshold of our own algorithm, as if half the faces were people, each seen again.
    people = max(2, len(rows) // 2)
    try:
        return ALGORITHMS[name](rows, threshold(people, people, population))
    except ImportError as error:
        raise UserError(
            f"--algorithm {name} needs scikit-learn, which is not installed", "pip install 'photo-ranker[classic]'"
        ) from error
