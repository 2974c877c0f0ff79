"""One person in a library: the same judgement as in an album, on the faces that matter.

Judged are the faces nearest to the person, all others in their photos, and some of the rest, each of which stands for
many: they tell how strangers look here. A library of fewer faces than that is judged as a whole, as an album is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photo_ranker.codec import Floats
from photo_ranker.library.library import Library, Numbers
from photo_ranker.library.search import nearest
from photo_ranker.person_finder.crowd import Crowd
from photo_ranker.person_finder.finder import Finding, find_in_crowd
from photo_ranker.person_finder.judging import judge
from photo_ranker.person_finder.looks import Looks, group_looks
from photo_ranker.person_finder.mixture import fit_mixture
from photo_ranker.person_finder.populations import Population, population_of
from photo_ranker.settings import Settings

__all__ = ["find_in_library"]

LOOKED_AT, LOOKED_AT_SHARE = 20_000, 0.02
"""So many faces, and this share of the library, are compared exactly: many times as many as could be the person."""

NEAR = 2_000
"""So many of them are judged, and more if there are more that could be the person."""

REACH = 0.1
"""Could be: a similarity this far below the threshold, as much as further photos of the person may add."""

STRANGERS = 10_000
"""Faces drawn from the rest."""

LOOK_AGAIN = 0.25
"""Faces with a cosine this far below the threshold bring the others of their photos along."""


def find_in_library(
    library: Library,
    references: Sequence[Floats],
    *,
    settings: Settings,
    threshold: float | None = None,
    not_references: Sequence[Floats] = (),
    exact: bool | None = None,
) -> tuple[Finding, Numbers]:
    """Where a person is, and the number in the library of each face that the finding speaks of."""
    engine = library.manifest.engine
    crowd, faces = _crowd(library, _near(library, references, engine, settings, exact), settings)
    found = find_in_crowd(
        crowd,
        engine,
        references,
        settings=settings,
        threshold=threshold,
        not_references=not_references,
        solid=lambda numbers: library.value("is_solid")[faces[numbers]] > 0,
    )
    return found, faces


def _near(
    library: Library, references: Sequence[Floats], engine: str, settings: Settings, exact: bool | None
) -> Numbers:
    """Faces that may be the person, and all others of the photos of those that probably are."""
    if library.face_count <= 2 * (LOOKED_AT + STRANGERS):
        return library.numbers
    people = population_of(engine)
    looks = group_looks(np.stack(references))
    near = _nearest(library, looks, people, exact)
    crowd, _ = _crowd(library, near, settings)
    judged = judge(crowd, references, people, certainty=settings.match.sure_certainty)
    sure = crowd.rows[judged.similarity >= judged.threshold]
    if len(sure):
        # The mean of the person's photos is nearer to the others than the reference alone.
        looks = looks.joined(sure, looks.compare(sure).nearest)
        near = np.union1d(near, _nearest(library, looks, people, exact))
    likely = near[looks.compare(library.rows(near)).similarity >= judged.threshold - LOOK_AGAIN]
    return np.union1d(near, library.faces_of(np.unique(library.owners(likely))))


def _nearest(library: Library, looks: Looks, people: Population, exact: bool | None) -> Numbers:
    """The faces nearest to the looks: at least so many, and all that are not far below where the person begins."""
    directions = looks.sums / np.linalg.norm(looks.sums, axis=1, keepdims=True)
    found = nearest(library, directions, LOOKED_AT + int(LOOKED_AT_SHARE * library.face_count), exact=exact)
    faces, weights = _with_strangers(library, found)
    similarity = looks.compare(library.rows(faces)).similarity
    floor = fit_mixture(similarity, people, looks.gain, weights).threshold() - REACH
    similarity = similarity[: len(found)]
    lowest = np.partition(similarity, len(found) - NEAR)[len(found) - NEAR]
    near: Numbers = found[similarity >= min(floor, lowest)]
    return near


def _crowd(library: Library, faces: Numbers, settings: Settings) -> tuple[Crowd, Numbers]:
    """These faces and some of the rest that stand for all of it, and the numbers of both."""
    every, weights = _with_strangers(library, faces)
    usable = library.value("size_px")[every] >= settings.match.min_face
    return Crowd(library.rows(every), library.owners(every), usable, weights), every


def _with_strangers(library: Library, faces: Numbers) -> tuple[Numbers, Floats]:
    """The faces, then some of the rest, and how many faces each stands for."""
    drawn = library.numbers[:: max(1, library.face_count // STRANGERS)]
    drawn = drawn[~np.isin(drawn, faces, assume_unique=True)]
    weights = np.ones(len(faces) + len(drawn), np.float32)
    weights[len(faces) :] = (library.face_count - len(faces)) / max(len(drawn), 1)
    return np.concatenate([faces, drawn]), weights
