"""Answers one question about an album: who is where, how good the photos are, which are listed. Opens no photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats
from photo_ranker.errors import UserError
from photo_ranker.person_finder import Finding, Told, find_person
from photo_ranker.person_finder.years import UNDATED, Dated
from photo_ranker.questions import Filters, check_threshold, check_top, keep
from photo_ranker.questions.selection import Copies, check_copies, distinct, fold_matches, mark_close
from photo_ranker.ranker import RankedPhoto, line_up
from photo_ranker.ranker.expression import Values
from photo_ranker.settings import Settings

__all__ = [
    "Counts",
    "Found",
    "Question",
    "Ranking",
    "Unreadable",
    "answer",
    "arrange",
    "found_in",
    "photos_of_others",
    "search",
    "summary",
]


class Question(msgspec.Struct, frozen=True):
    """Whose photos, which of them, and how many."""

    references: Sequence[Floats]
    """Unit embeddings of the person; several looks are kept apart."""
    dated: Dated = UNDATED
    """When the references were taken and the person was born, as far as known."""
    not_references: Sequence[Floats] = ()
    """Embeddings of look-alikes who are not meant."""
    together_with: Sequence[Sequence[Floats]] = ()
    """References of each other person who must be in the photo too."""
    threshold: float | None = None
    """Similarity from which a match is sure; None = derived from the album."""
    filters: Filters = Filters()
    """What a photo must be to be listed."""
    doubtful: bool = False
    """List doubtful matches after the sure ones."""
    distinct: bool = False
    """Only the best of each moment."""
    top: int = 20
    """Most photos in the answer; 0 = all."""
    copies: Copies = "one"
    """One result for files with identical bytes, or one for each file."""
    told: tuple[Told, ...] = ()
    """The user's decisions about faces of the album."""

    def __post_init__(self) -> None:
        """Refuse a question that makes no sense."""
        check_top(self.top)
        check_copies(self.copies)
        check_threshold(self.threshold)
        if not isinstance(self.filters, Filters):
            raise UserError(f"filters: {self.filters!r} are no Filters", "filters=photo_ranker.Filters(kind='single')")
        for name in ("references", "not_references"):
            _check_embeddings(name, getattr(self, name))
        for person in self.together_with:
            _check_embeddings("together_with", person)


def _check_embeddings(name: str, rows: Sequence[Floats]) -> None:
    """Refuse paths of photos: a caller may think that these fields take them."""
    for row in rows:
        if not isinstance(row, np.ndarray):
            given = rows if isinstance(rows, str) else row
            raise UserError(f"{name}: {given!r} is no embedding", "take rows of photo_ranker.Album.embeddings")


class Found(msgspec.Struct, frozen=True):
    """Where the person is, and where the others are who must be in the photo too."""

    finding: Finding
    """The person's matches; of copies only one, unless the question asks for all."""
    together: tuple[frozenset[int], ...] = ()
    """For each other person who must be in the photo too, the numbers of their photos."""
    copies: Mapping[int, tuple[AlbumPhoto, ...]] = {}
    """Number of a photo -> the other files with its bytes, which are not separate matches."""


class Counts(msgspec.Struct, frozen=True):
    """What the album holds, before filters."""

    photos: int
    """All photos of the album, unreadable ones too."""
    matched: int
    """Sure matches."""
    doubtful: int
    """Matches just below the threshold, listed only with ``doubtful``."""
    no_face: int
    """Readable photos without a face."""
    unreadable: int
    """Photos that could not be measured."""
    copies: int = 0
    """Matched files besides those, each a copy of one of them."""


class Unreadable(msgspec.Struct, frozen=True):
    """A file that could not be measured, and why."""

    path: str
    reason: str


class Ranking(msgspec.Struct, frozen=True):
    """The answer: photos of the person, best first."""

    engine: str
    threshold: float
    """Similarity from which a match is sure, rounded as it is printed."""
    counts: Counts
    """Before filters and ``top``."""
    unreadable: tuple[Unreadable, ...]
    """Listed, so that a missing photo is explained."""
    results: tuple[RankedPhoto, ...]
    """Best first, sure matches before doubtful ones."""


def answer(album: Album, question: Question, settings: Settings) -> Ranking:
    """Answer a question: the best photos of the person."""
    return arrange(album, search(album, question, settings), question, settings)


def search(album: Album, question: Question, settings: Settings) -> Found:
    """Who is where; depends on no weight and no filter, so that it can be reused when only those change."""
    finding = find_person(
        album,
        question.references,
        settings=settings,
        threshold=question.threshold,
        not_references=question.not_references,
        told=question.told,
        dated=question.dated,
    )
    return found_in(album, finding, photos_of_others(album, question, settings), question)


def found_in(album: Album, finding: Finding, together: tuple[frozenset[int], ...], question: Question) -> Found:
    """What was found, with copies of a photo merged if the question says so."""
    folded = fold_matches(album, finding.matches, question.copies)
    return Found(msgspec.structs.replace(finding, matches=folded.matches), together, folded.copies)


def photos_of_others(album: Album, question: Question, settings: Settings) -> tuple[frozenset[int], ...]:
    """The numbers of the photos of each other person who must be in the photo too."""
    return tuple(_photos_of(album, question, person, settings) for person in question.together_with)


def arrange(album: Album, found: Found, question: Question, settings: Settings, among: Values | None = None) -> Ranking:
    """Score, filter and choose among the photos that were found.

    ``among`` are the columns of all photos of the answer, if the album holds only some of them (a library).
    """
    finding = found.finding
    wanted = [match for match in finding.matches if question.doubtful or not match.doubtful]
    filters = msgspec.structs.replace(question.filters, together=(*question.filters.together, *found.together))
    lineup = line_up(album, wanted, settings, found.copies)
    results = keep(lineup.ranked(settings.weights), filters, settings)
    compared = among if among is not None else lineup.numbers_of(results)
    if question.distinct:
        results = distinct(results, question.top, settings.moments)
    # After the choice by moments, so that ``top`` counts moments.
    results = results[: question.top] if question.top else results
    alternates = {item.match: item.alternates for item in results if item.alternates}
    # Reasons are computed last, only for the photos that are listed, but compare with all that passed the filters.
    explained = lineup.explained(lineup.numbers_of(results), settings.weights, compared, alternates)
    return Ranking(
        engine=album.engine,
        threshold=round(finding.threshold, 4),
        counts=summary(album, found),
        unreadable=tuple(Unreadable(photo.path, photo.record.unreadable or "") for photo in album.unreadable),
        results=tuple(mark_close(explained, settings.weights.as_good)),
    )


def _photos_of(album: Album, question: Question, person: Sequence[Floats], settings: Settings) -> frozenset[int]:
    matches = find_person(album, person, settings=settings, threshold=question.threshold, told=question.told).matches
    return frozenset(match.photo for match in matches if not match.doubtful)


def summary(album: Album, found: Found) -> Counts:
    """The counts of an answer."""
    finding = found.finding
    return Counts(
        photos=len(album.photos),
        matched=sum(not match.doubtful for match in finding.matches),
        doubtful=sum(match.doubtful for match in finding.matches),
        no_face=album.bare,
        unreadable=len(album.unreadable),
        copies=sum(map(len, found.copies.values())),
    )
