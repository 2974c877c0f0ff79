"""Finds one person in a library: the same judgement as in an album, on the faces that matter.

It judges the faces nearest to the person, all others in their photos, and a sample of the rest, each with a weight:
the sample shows how strangers look here. A small library is judged as a whole, as an album is.

The nearest faces are found by exact comparison, or by sketches where that would take too long.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.library import Library, Numbers, Run, each_once
from photo_ranker.library.layout import BITS, differing, sketch
from photo_ranker.person_finder import Finding, find_in_crowd
from photo_ranker.person_finder.judging import judge
from photo_ranker.person_finder.looks import Crowd, Looks, group_looks
from photo_ranker.person_finder.populations import Population, fit_mixture, population_of
from photo_ranker.settings import Settings

__all__ = ["EXACT_LIMIT", "find_in_library", "nearest"]


LOOKED_AT, LOOKED_AT_SHARE = 20_000, 0.02
"""Faces that are compared exactly at first: this many, plus this share of the library."""

MORE = 4
"""If more than half of them could be the person, this many times as many are compared."""

NEAR = 2_000
"""At least this many of them are judged; more if more could be the person."""

REACH = 0.1
"""A face could be the person down to this far below the threshold: further photos may add as much similarity."""

STRANGERS = 10_000
"""Size of the sample of the rest."""

LOOK_AGAIN = 0.25
"""For faces down to this far below the threshold the other faces of their photos are judged too, as rivals."""


def find_in_library(
    library: Library,
    references: Sequence[Floats],
    *,
    settings: Settings,
    threshold: float | None = None,
    not_references: Sequence[Floats] = (),
    exact: bool | None = None,
) -> tuple[Finding, Numbers]:
    """Where a person is, and the library's numbers of the faces in the finding."""
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
    """Faces that may be the person, and all others in the photos of the likely ones."""
    if library.face_count <= 2 * (LOOKED_AT + STRANGERS):
        return library.numbers
    people = population_of(engine)
    looks = group_looks(np.stack(references))
    near = _nearest(library, looks, people, exact)
    crowd, _ = _crowd(library, near, settings)
    judged = judge(crowd, references, people, certainty=settings.match.sure_certainty)
    sure = crowd.rows[judged.similarity >= judged.threshold]
    if len(sure):
        # The mean of the sure photos is nearer to the person's other photos than the reference alone.
        looks = looks.joined(sure, looks.compare(sure).nearest)
        near = each_once(near, _nearest(library, looks, people, exact))
    likely = near[_similarity(library, near, looks) >= judged.threshold - LOOK_AGAIN]
    return each_once(near, library.faces_of(each_once(library.owners(likely))))


def _nearest(library: Library, looks: Looks, people: Population, exact: bool | None) -> Numbers:
    """The faces nearest to the looks: :data:`NEAR`, and all down to :data:`REACH` below the threshold."""
    directions = looks.sums / np.linalg.norm(looks.sums, axis=1, keepdims=True)
    count = LOOKED_AT + int(LOOKED_AT_SHARE * library.face_count)
    while True:
        found = nearest(library, directions, count, exact=exact)
        faces, weights = _with_strangers(library, found)
        similarity = _similarity(library, faces, looks)
        floor = fit_mixture(similarity, people, looks.gain, weights).threshold() - REACH
        similarity = similarity[: len(found)]
        lowest = np.partition(similarity, len(found) - NEAR)[len(found) - NEAR]
        near: Numbers = found[similarity >= min(floor, lowest)]
        if 2 * len(near) <= len(found) or len(found) == library.face_count:
            return near
        count *= MORE


def _similarity(library: Library, faces: Numbers, looks: Looks) -> Floats:
    """How similar each face is to its nearest look; in blocks, since fresh memory costs more than the products."""
    found = np.empty(len(faces), np.float32)
    for start in range(0, len(faces), _FEW):
        block = slice(start, start + _FEW)
        found[block] = looks.compare(library.rows(faces[block])).similarity
    return found


def _crowd(library: Library, faces: Numbers, settings: Settings) -> tuple[Crowd, Numbers]:
    """These faces with a weighted sample of the rest, and the numbers of both."""
    every, weights = _with_strangers(library, faces)
    usable = library.value("size_px")[every] >= settings.match.min_face
    clarity = library.clarity(every)
    return Crowd(library.rows(every), library.owners(every), usable, weights, clarity), every


def _with_strangers(library: Library, faces: Numbers) -> tuple[Numbers, Floats]:
    """The faces, then the sample of the rest, and how many faces each stands for."""
    drawn = library.numbers[:: max(1, library.face_count // STRANGERS)]
    drawn = drawn[~np.isin(drawn, faces, assume_unique=True)]
    weights = np.ones(len(faces) + len(drawn), np.float32)
    weights[len(faces) :] = (library.face_count - len(faces)) / max(len(drawn), 1)
    return np.concatenate([faces, drawn]), weights


EXACT_LIMIT = 300_000
"""Libraries of up to this many faces are compared exactly. One round over a million faces takes a quarter of a second
on one core, and a question needs two."""

_PIECE = 1 << 16
"""Rows that one thread takes at a time."""
_BLOCK = 1 << 13
"""Rows converted to float32 at once: few enough to stay in the processor's cache."""
_FEW = 1 << 11
"""Rows compared with looks at once: with a whole block at once, a question takes 5% longer."""


def nearest(library: Library, directions: Floats, count: int, *, exact: bool | None = None) -> Numbers:
    """The numbers of about ``count`` faces, those nearest to any of the directions, in ascending order.

    ``exact=None`` compares exactly if the library is small enough.
    """
    if library.face_count <= count:
        return library.numbers
    if exact is None:
        exact = library.face_count <= EXACT_LIMIT
    return _by_cosine(library, directions, count) if exact else _by_sketch(library, directions, count)


def _by_cosine(library: Library, directions: Floats, count: int) -> Numbers:
    stored = library.stored_rows

    def look(run: Run) -> Floats:
        found = np.empty(run[1] - run[0], np.float32)
        for at in range(run[0], run[1], _BLOCK):
            rows = stored[at : min(at + _BLOCK, run[1])].astype(np.float32)
            # Stored rows have lengths within 1e-3 of 1, which is exact enough to find candidates.
            found[at - run[0] : at - run[0] + len(rows)] = (rows @ directions.T).max(axis=1)
        return found

    cosines = np.concatenate(list(_in_threads(library, look)))
    chosen = np.argpartition(cosines, len(cosines) - count)[-count:]
    return library.numbers[np.sort(chosen)]


def _by_sketch(library: Library, directions: Floats, count: int) -> Numbers:
    columns, wanted = library.sketches, sketch(directions)
    # Take all faces up to the number of differing bits that gives at least ``count`` of them.
    bits = np.concatenate(list(_in_threads(library, lambda run: differing(columns, wanted, *run))))
    reached = np.cumsum(np.bincount(bits, minlength=BITS + 1))
    return library.numbers[bits <= int(np.searchsorted(reached, count))]


def _in_threads(library: Library, look: Callable[[Run], NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """Results of ``look`` for each piece of the library, in order; NumPy releases the GIL while it works."""
    pieces = [(at, min(at + _PIECE, end)) for start, end in library.runs for at in range(start, end, _PIECE)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(look, pieces)
