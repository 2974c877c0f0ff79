"""One question to a library; only the photos of the answer are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress

import msgspec
import numpy as np

from photo_ranker.album import Album
from photo_ranker.answer import Counts, Found, Question, Ranking, Unreadable, arrange
from photo_ranker.clocks import in_camera_time
from photo_ranker.codec import Floats
from photo_ranker.library.finding import find_in_library
from photo_ranker.library.layout import weighing_key
from photo_ranker.library.library import Library, Numbers
from photo_ranker.person_finder import Finding
from photo_ranker.ranker.scorer import IS_GROUP, scores
from photo_ranker.settings import Settings

__all__ = ["SLACK", "answer_from"]

SLACK = 0.001
"""Limit of the error of a score that comes from float32 columns and is not rounded."""


def answer_from(
    library: Library,
    question: Question,
    settings: Settings,
    *,
    exact: bool | None = None,
    in_time: Callable[[Album], Album] = in_camera_time,
) -> tuple[Album, Ranking]:
    """The best photos of the person who is asked for, and an album of all photos that may show them.

    ``in_time`` makes the times of the album's photos comparable.
    """
    finding, faces = find_in_library(
        library,
        question.references,
        settings=settings,
        threshold=question.threshold,
        not_references=question.not_references,
        exact=exact,
    )
    others = [_photos_of(library, person, question, settings, exact) for person in question.together_with]
    shortened = _worth_reading(library, finding, faces, question, settings, others)
    album, matched, numbers = _album_of(library, shortened, faces, in_time)
    found = Found(matched, tuple(frozenset(np.flatnonzero(np.isin(numbers, its)).tolist()) for its in others))
    ranking = arrange(album, found, question, settings)
    return album, msgspec.structs.replace(ranking, counts=_counts(library, finding), unreadable=_unreadable(library))


def _worth_reading(
    library: Library,
    finding: Finding,
    faces: Numbers,
    question: Question,
    settings: Settings,
    others: Sequence[Numbers],
) -> Finding:
    """The matches that can be among the best, by the columns; all of them where those do not tell."""
    filters = question.filters
    told = not (question.distinct or filters.only or filters.since or filters.until)
    if not question.top or not told or library.manifest.weighing != weighing_key(settings):
        return finding
    matches = [match for match in finding.matches if question.doubtful or not match.doubtful]
    if len(matches) <= question.top:
        return finding
    numbers = faces[[match.face for match in matches]]
    found = scores(lambda name: library.value(name)[numbers], settings.weights)
    fits = np.ones(len(matches), np.bool_)
    for its in others:
        fits &= np.isin([match.photo for match in matches], its)
    if filters.kind is not None:
        fits &= (library.value(IS_GROUP)[numbers] > 0) == (filters.kind == "group")
    doubtful = np.array([match.doubtful for match in matches])
    wanted = np.zeros(len(matches), np.bool_)
    for part in (~doubtful & fits, doubtful & fits):
        left = question.top - int(wanted.sum())
        if left > 0 and part.any():
            line = np.sort(found[part])[::-1][:left][-1]
            wanted |= part & (found >= line - 2 * SLACK)
    return msgspec.structs.replace(finding, matches=tuple(compress(matches, wanted.tolist())))


def _photos_of(
    library: Library, references: Sequence[Floats], question: Question, settings: Settings, exact: bool | None
) -> Numbers:
    """The photos in which someone else surely is."""
    finding, _ = find_in_library(library, references, settings=settings, threshold=question.threshold, exact=exact)
    return np.array([match.photo for match in finding.sure], np.int64)


def _album_of(
    library: Library, finding: Finding, faces: Numbers, in_time: Callable[[Album], Album]
) -> tuple[Album, Finding, Numbers]:
    """The matched photos as an album, and the matches by its numbers."""
    numbers = np.unique(np.array([match.photo for match in finding.matches], np.int64))
    album = in_time(Album(library.photos(numbers), library.manifest.engine))
    place_of = {int(number): place for place, number in enumerate(numbers)}
    first = np.searchsorted(album.owners, np.arange(len(numbers)))
    matches = []
    for match in finding.matches:
        photo = place_of[match.photo]
        within = int(faces[match.face] - library.faces_of(np.array([match.photo]))[0])
        matches.append(msgspec.structs.replace(match, photo=photo, face=int(first[photo]) + within))
    return album, msgspec.structs.replace(finding, matches=tuple(matches)), numbers


def _counts(library: Library, finding: Finding) -> Counts:
    return Counts(
        photos=library.photo_count,
        matched=sum(not match.doubtful for match in finding.matches),
        doubtful=sum(match.doubtful for match in finding.matches),
        no_face=sum(folder.no_face for folder in library.manifest.folders),
        unreadable=sum(folder.unreadable for folder in library.manifest.folders),
    )


def _unreadable(library: Library) -> tuple[Unreadable, ...]:
    photos = library.photos(library.unreadable())
    return tuple(Unreadable(photo.path, photo.record.unreadable or "") for photo in photos)
