"""Answers questions to a library: about one person, or who everyone is; only photos of the answer are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats
from photo_ranker.library import Library, Numbers, each_once
from photo_ranker.library.finding import find_in_library
from photo_ranker.library.layout import weighing_key
from photo_ranker.person_finder import Finding
from photo_ranker.person_finder.populations import population_of
from photo_ranker.questions.answer import Counts, Question, Ranking, Unreadable, arrange, found_in
from photo_ranker.questions.clocks import in_camera_time
from photo_ranker.ranker.company import LEAST_SIZE, are_alike
from photo_ranker.ranker.expression import Values
from photo_ranker.ranker.scorer import COLUMNS, IS_GROUP, rounded, scores
from photo_ranker.settings import Settings

if TYPE_CHECKING:
    from photo_ranker.people.clustering import Material

__all__ = ["SLACK", "LibraryPerson", "answer_from", "group_library", "material_of"]

Flags = NDArray[np.bool_]

SLACK = 0.001
"""Largest difference between a score from the float32 columns and the exact one before it is rounded."""


def answer_from(
    library: Library,
    question: Question,
    settings: Settings,
    *,
    exact: bool | None = None,
    in_time: Callable[[Album], Album] = in_camera_time,
) -> tuple[Album, Ranking]:
    """The best photos of the person, and an album of all photos that may show them.

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
    # False if the columns were computed with other curves: then every match is read.
    is_current = library.manifest.weighing == weighing_key(settings)
    is_first = _is_first(library, finding, question) if is_current else None
    shortened, among = _worth_reading(library, finding, faces, question, settings, others, is_first)
    album, matched, numbers = _album_of(library, shortened, faces, in_time)
    companions = tuple(frozenset(np.flatnonzero(np.isin(numbers, theirs)).tolist()) for theirs in others)
    ranking = arrange(album, found_in(album, matched, companions, question), question, settings, among)
    counts = ranking.counts if is_first is None else _counted(finding, is_first)
    return album, msgspec.structs.replace(ranking, counts=_counts(library, counts), unreadable=_unreadable(library))


def _is_first(library: Library, finding: Finding, question: Question) -> Flags:
    """For each match whether it is the first with its file's bytes; sure matches come before doubtful ones."""
    contents = library.contents(np.array([match.photo for match in finding.matches], np.int64))
    is_first = np.zeros(len(contents), np.bool_)
    order = np.argsort([match.doubtful for match in finding.matches], kind="stable")
    is_first[order[np.unique(contents[order], return_index=True)[1]]] = True
    is_first |= (contents == 0) | (question.copies == "all")
    return is_first


def _worth_reading(
    library: Library,
    finding: Finding,
    faces: Numbers,
    question: Question,
    settings: Settings,
    others: Sequence[Numbers],
    is_first: Flags | None,
) -> tuple[Finding, Values | None]:
    """The matches that can be in the answer, judged by the columns; all matches where the columns cannot tell.

    If some are left out, the columns of all photos that match come too, since reasons compare a photo with all others.
    """
    filters = question.filters
    # Columns hold neither times nor what --distinct needs, and without a limit every match is in the answer anyway.
    if is_first is None or not question.top or question.distinct or filters.only or filters.since or filters.until:
        return finding, None
    is_asked = np.array([question.doubtful or not match.doubtful for match in finding.matches], np.bool_)
    if int((is_asked & is_first).sum()) <= question.top:
        return finding, None
    numbers = faces[[match.face for match in finding.matches]]
    photos = np.array([match.photo for match in finding.matches], np.int64)
    collages = _may_be_collages(library, numbers, photos)
    found = scores(lambda name: library.value(name)[numbers], settings.weights)
    fits = is_asked & is_first
    for theirs in others:
        fits &= np.isin(photos, theirs)
    if filters.kind is not None:
        fits &= (library.value(IS_GROUP)[numbers] > 0) == (filters.kind == "group")
    doubtful = np.array([match.doubtful for match in finding.matches])
    wanted = np.zeros(len(photos), np.bool_)
    for part in (~doubtful & fits, doubtful & fits):
        # Possible collages are read as well: only their boxes can tell, and a collage gets a lower score.
        plain = part & ~collages
        left = question.top - int((wanted & ~collages).sum())
        if left > 0 and part.any():
            # Twice the slack: both the photo and the last one of the answer may be off by it.
            line = np.sort(found[plain])[::-1][:left][-1] if int(plain.sum()) >= left else -1.0
            wanted |= part & (found >= line - 2 * SLACK)
    # Copies of wanted photos are read too, since the answer counts them.
    contents = library.contents(photos)
    wanted |= is_asked & (contents != 0) & np.isin(contents, contents[wanted])
    found = found * (1 - settings.weights.penalty_collage * collages)
    asked = numbers[fits & (rounded(found) >= filters.min_score)]
    among = np.array([library.value(name)[asked] for name in COLUMNS], np.float64)
    return msgspec.structs.replace(finding, matches=tuple(compress(finding.matches, wanted.tolist()))), among


def _may_be_collages(library: Library, faces: Numbers, photos: Numbers) -> Flags:
    """For each photo whether another large face in it resembles the matched one."""
    counts, others = library.face_counts(photos), library.faces_of(photos)
    own, sizes = np.repeat(faces, counts), library.value("size_px")
    large = (sizes[others] >= LEAST_SIZE) & (sizes[own] >= LEAST_SIZE) & (others != own)
    place = np.repeat(np.arange(len(photos)), counts)[large]
    alike = are_alike(library.rows, own[large], others[large])
    found = np.zeros(len(photos), np.bool_)
    found[place[alike]] = True
    return found


def _photos_of(
    library: Library, references: Sequence[Floats], question: Question, settings: Settings, exact: bool | None
) -> Numbers:
    """The photos that surely show another person."""
    finding, _ = find_in_library(library, references, settings=settings, threshold=question.threshold, exact=exact)
    return np.array([match.photo for match in finding.sure], np.int64)


def _album_of(
    library: Library, finding: Finding, faces: Numbers, in_time: Callable[[Album], Album]
) -> tuple[Album, Finding, Numbers]:
    """The matched photos as an album, the matches with its numbers, and the photos' numbers in the library."""
    numbers = each_once(np.array([match.photo for match in finding.matches], np.int64))
    album = in_time(Album(library.photos(numbers), library.manifest.engine))
    place_of = {int(number): place for place, number in enumerate(numbers)}
    first = np.searchsorted(album.owners, np.arange(len(numbers)))
    matches = []
    for match in finding.matches:
        photo = place_of[match.photo]
        within = int(faces[match.face] - library.faces_of(np.array([match.photo]))[0])
        matches.append(msgspec.structs.replace(match, photo=photo, face=int(first[photo]) + within))
    return album, msgspec.structs.replace(finding, matches=tuple(matches)), numbers


def _counted(finding: Finding, is_first: Flags) -> Counts:
    doubtful = np.array([match.doubtful for match in finding.matches], np.bool_)
    return Counts(
        photos=0,
        matched=int((~doubtful & is_first).sum()),
        doubtful=int((doubtful & is_first).sum()),
        no_face=0,
        unreadable=0,
        copies=int((~is_first).sum()),
    )


def _counts(library: Library, matches: Counts) -> Counts:
    """The counts of the matches, completed by those of the whole library."""
    return msgspec.structs.replace(
        matches,
        photos=library.photo_count,
        no_face=sum(folder.no_face for folder in library.manifest.folders),
        unreadable=sum(folder.unreadable for folder in library.manifest.folders),
    )


def _unreadable(library: Library) -> tuple[Unreadable, ...]:
    photos = library.photos(library.unreadable())
    return tuple(Unreadable(photo.path, photo.record.unreadable or "") for photo in photos)


# Groups everyone in a library: the clustering of an album, on the columns alone.


class LibraryPerson(msgspec.Struct, frozen=True):
    """One person that the clustering found."""

    photos: int
    """Photos that show the person; copies count once."""
    faces: int
    example: AlbumPhoto
    """The photo with the person's largest face."""


def material_of(library: Library) -> tuple[Material, list[Numbers]]:
    """All that the clustering needs, and the faces of each of its rows: the same face in copies of a photo is one row.

    False faces are left out.
    """
    from photo_ranker.people.clustering import Material  # a question about one person does without it

    numbers = library.numbers
    numbers = numbers[library.value("is_solid")[numbers] >= 0]
    _, first, which, counts = np.unique(
        library.stored_ids[numbers], return_index=True, return_inverse=True, return_counts=True
    )
    faces = np.split(numbers[np.argsort(which, kind="stable")], np.cumsum(counts)[:-1])
    owners = library.owners(numbers)
    tokens: list[list[int]] = owners[first][:, None].tolist()
    for row in np.flatnonzero(counts > 1).tolist():
        tokens[row] = library.owners(faces[row]).tolist()
    solid = library.value("is_solid")[numbers[first]] > 0
    return Material(library.rows(numbers[first]), tokens, solid), faces


def group_library(library: Library, most: int) -> tuple[int, list[LibraryPerson]]:
    """The number of people with several faces, and the ``most`` of them that are in most photos."""
    from photo_ranker.people.clustering import group_faces

    material, faces = material_of(library)
    labels = group_faces(material, population_of(library.manifest.engine)).labels
    sizes = np.bincount(labels[labels >= 0])
    largest = np.argsort(-sizes, kind="stable")[:most]
    people = [
        _person(library, np.concatenate([faces[row] for row in np.flatnonzero(labels == one)])) for one in largest
    ]
    return int((sizes > 1).sum()), sorted(people, key=lambda person: -person.photos)


def _person(library: Library, faces: Numbers) -> LibraryPerson:
    owners = library.owners(faces)
    best = owners[int(library.value("size_px")[faces].argmax())]
    photos = each_once(owners)
    contents = library.contents(photos)
    count = len(np.unique(contents[contents > 0])) + int((contents == 0).sum())
    return LibraryPerson(count, len(faces), library.photos(np.array([best]))[0])
