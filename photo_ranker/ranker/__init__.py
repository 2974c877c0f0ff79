"""How good each photo of a person is, and why: the photos of one question as columns, scored, sorted, with reasons.

Pure arithmetic on records: no photo is opened and no model is loaded. What was measured is read once; a change of
weights recomputes only scores and order, so that a slider need not wait. Nothing is ever rejected: a bad photo comes
last with its reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.ranker.company import are_together, shown_twice
from photo_ranker.ranker.expression import Trait, Values, traits_of
from photo_ranker.ranker.reasons import FEW, MOST, TOGETHER, Others, others_of, telling_reasons
from photo_ranker.ranker.scorer import COLUMNS, Penalty, Seen, Term, parts_of_score, rounded, rows_of, scores
from photo_ranker.ranker.signals import (
    FaceSignals,
    Looks,
    PhotoSignals,
    face_signals,
    looks_of,
    photo_signals,
    signals_of,
    signals_of_photos,
)
from photo_ranker.records import Face, Match, PhotoRecord
from photo_ranker.settings import Kind, Settings, SignalSettings, WeightSettings

__all__ = [
    "FaceSignals",
    "Lineup",
    "Looks",
    "PhotoSignals",
    "RankedPhoto",
    "counted_others",
    "face_signals",
    "in_order",
    "line_up",
    "looks_of",
    "photo_signals",
    "rows_of_faces",
    "score_photo",
    "signals_of",
    "signals_of_photos",
]


class RankedPhoto(msgspec.Struct, frozen=True):
    """One photo of the person, with its score and what the score is made of."""

    photo: AlbumPhoto
    match: Match
    face: Face
    kind: Kind
    score: float
    signals: FaceSignals
    people_in_photo: int
    terms: tuple[Term, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    """This field and the three before it are filled once the photo is explained."""
    copies: tuple[AlbumPhoto, ...] = ()
    """The other files with identical bytes."""
    alternates: tuple[AlbumPhoto, ...] = ()
    """Other photos of the same moment, the best first, where only the best of each is listed."""
    close_to: int | None = None
    """The rank of the photo before this one, where the order of the two is within the noise of the score."""

    @property
    def path(self) -> str:
        """The path of the photo, in the folder as the user named it."""
        return self.photo.path


class _Entry(NamedTuple):
    photo: AlbumPhoto
    match: Match
    face: Face
    signals: FaceSignals
    people_in_photo: int
    row: list[float]
    """The values of the columns."""
    copies: tuple[AlbumPhoto, ...]
    is_collage: bool
    """Whether the photo shows the person twice."""
    is_together: bool
    """Whether the person kisses, hugs or looks at somebody."""


class Lineup:
    """Photos of one person, ready to be weighed again and again; each has a number, from 0.

    Listing photos is cheap; explaining them takes longer, so only those that are shown are explained.
    """

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self._entries = entries

    def photo(self, number: int) -> int:
        """The album's number of one of the photos."""
        return self._entries[number].match.photo

    def only(self, numbers: Iterable[int]) -> Self:
        """Some of the photos, renumbered."""
        return type(self)([self._entries[number] for number in numbers])

    def order(self, weights: WeightSettings, min_score: float = 0.0) -> list[int]:
        """Numbers of the photos, best first in the order of :func:`in_order`, down to a score."""
        return self._order(self._scores(weights), min_score)

    def ranked(self, weights: WeightSettings, min_score: float = 0.0) -> list[RankedPhoto]:
        """The photos in that order with their scores, not yet explained."""
        found = self._scores(weights)
        return [_ranked(self._entries[number], float(found[number])) for number in self._order(found, min_score)]

    def numbers_of(self, items: Iterable[RankedPhoto]) -> list[int]:
        """The numbers of some of the photos."""
        return [self._numbers[item.match] for item in items]

    def explained(
        self,
        numbers: Sequence[int],
        weights: WeightSettings,
        among: Sequence[int] | Values | None = None,
        alternates: Mapping[Match, tuple[AlbumPhoto, ...]] = MappingProxyType({}),
    ) -> list[RankedPhoto]:
        """Some of the photos, in the order given, with their reasons under these weights.

        ``among`` are the photos to compare them with, by default all: as numbers, of which the sure ones count, or as
        columns if the lineup holds only some of the answer. ``alternates`` are the other photos of each one's moment.
        """
        found = self._scores(weights, numbers).tolist()
        others = others_of(among if isinstance(among, np.ndarray) else self._columns[:, self._compared(among)])
        doubtful = {name: overall.without_best() for name, overall in others.items()}
        entries = [self._entries[number] for number in numbers]
        traits = _traits(entries) if others else [None] * len(entries)
        items = [
            _explained(entry, score, weights, doubtful if entry.match.doubtful else others, trait)
            for entry, score, trait in zip(entries, found, traits, strict=True)
        ]
        if not alternates:
            return items
        return [msgspec.structs.replace(item, alternates=alternates.get(item.match, ())) for item in items]

    def _compared(self, among: Sequence[int] | None) -> list[int]:
        """The photos that others are compared with: the sure ones, unless these are few."""
        numbers = list(range(len(self._entries)) if among is None else among)
        sure = [number for number in numbers if not self._entries[number].match.doubtful]
        return sure if len(sure) >= FEW else numbers

    def _order(self, found: Values, min_score: float) -> list[int]:
        doubtful, similarity, by_path = self._keys
        order = np.lexsort((by_path, -similarity, -found, doubtful))
        kept: list[int] = order[found[order] >= min_score].tolist()
        return kept

    def _scores(self, weights: WeightSettings, numbers: Sequence[int] | None = None) -> Values:
        columns = self._columns if numbers is None else self._columns[:, list(numbers)]
        found = scores(lambda name: columns[COLUMNS.index(name)], weights)
        return rounded(
            found * (1 - weights.penalty_collage * (self._collages if numbers is None else self._collages[numbers]))
        )

    @cached_property
    def _columns(self) -> Values:
        rows = np.array([entry.row for entry in self._entries], np.float64).reshape(-1, len(COLUMNS))
        return np.ascontiguousarray(rows.T)

    @cached_property
    def _collages(self) -> Values:
        """1 for photos that show the person twice, else 0."""
        return np.array([entry.is_collage for entry in self._entries], np.float64)

    @cached_property
    def _keys(self) -> tuple[NDArray[np.bool_], Values, NDArray[np.int64]]:
        """The sort keys before and after the score: doubtful or not, the similarity, the place by path."""
        doubtful = np.array([entry.match.doubtful for entry in self._entries], np.bool_)
        similarity = np.array([entry.match.similarity for entry in self._entries], np.float64)
        return doubtful, similarity, _places([entry.photo.path for entry in self._entries])

    @cached_property
    def _numbers(self) -> dict[Match, int]:
        return {entry.match: number for number, entry in enumerate(self._entries)}


def line_up(
    album: Album,
    matches: Iterable[Match],
    settings: Settings,
    copies: Mapping[int, tuple[AlbumPhoto, ...]] = MappingProxyType({}),
) -> Lineup:
    """The photos of these matches; the settings give the curves, and say who counts.

    ``copies`` are the other files with identical bytes, by the number of the photo.
    """
    matches = list(matches)
    collages = shown_twice(album, matches)
    faces = [(album.faces[match.face], album.photos[match.photo].record) for match in matches]
    signals, seen = _seen(faces, settings)
    rows = rows_of(signals, seen, settings.signals).tolist()
    parts = zip(matches, seen.persons.tolist(), seen.counts.tolist(), rows, strict=True)
    return Lineup(
        [
            _Entry(
                album.photos[match.photo],
                match,
                album.faces[match.face],
                signals[seen.faces[place]],
                count,
                row,
                copies.get(match.photo, ()),
                match.photo in collages,
                bool(seen.excused[place]),
            )
            for match, place, count, row in parts
        ]
    )


def score_photo(album: Album, match: Match, settings: Settings) -> RankedPhoto:
    """Score and explain one photo of the person."""
    return line_up(album, [match], settings).explained([0], settings.weights)[0]


def in_order(ranked: Iterable[RankedPhoto]) -> list[RankedPhoto]:
    """Sorted: sure before doubtful, then by score, similarity and path."""
    return sorted(ranked, key=lambda item: (item.match.doubtful, -item.score, -item.match.similarity, item.path))


def counted_others(person: Face, record: PhotoRecord, settings: SignalSettings) -> list[Face]:
    """The other faces that make a photo a group: sure, large enough, and not mere passers-by."""
    return _beside(person, _large_faces(record, settings), settings)


def _large_faces(record: PhotoRecord, settings: SignalSettings) -> list[Face]:
    """The faces that are sure and large enough to count beside any person."""
    sure, least = settings.sure_detection, settings.group_min_face
    return [face for face in record.faces if face.detection >= sure and face.size_px >= least]


def _beside(person: Face, faces: Sequence[Face], settings: SignalSettings) -> list[Face]:
    """The faces that are not mere passers-by beside a person."""
    name, engine, least_height = person.id, person.engine, settings.group_face_height * person.box[3]
    return [face for face in faces if face.id != name and face.engine == engine and face.box[3] >= least_height]


def rows_of_faces(faces: Sequence[tuple[Face, PhotoRecord]], settings: Settings) -> Values:
    """A row of column values for each face, given with its photo's record, as if it were the person's."""
    return rows_of(*_seen(faces, settings), settings.signals)


def _seen(faces: Sequence[tuple[Face, PhotoRecord]], settings: Settings) -> tuple[list[FaceSignals], Seen]:
    """The signals of each face and of the others that count in its photo, and where they are."""
    # Once per photo, since all its faces may be asked about.
    large = {key: _large_faces(record, settings.signals) for key, record in {id(one): one for _, one in faces}.items()}
    counting = [(record, [face, *_beside(face, large[id(record)], settings.signals)]) for face, record in faces]
    once = {id(face): (face, record) for record, counted in counting for face in counted}
    number = {key: place for place, key in enumerate(once)}
    numbers = np.array([number[id(face)] for _, counted in counting for face in counted], np.int64)
    counts = np.array([len(counted) for _, counted in counting], np.int64)
    seen = Seen(numbers, counts, excused=np.zeros(len(numbers), np.bool_))
    first = seen.persons
    others = np.delete(np.arange(len(numbers)), first)
    together = are_together([face for face, _ in once.values()], np.repeat(numbers[first], counts - 1), numbers[others])
    seen.excused[others] = together
    if len(counts):
        seen.excused[first] = np.logical_or.reduceat(seen.excused, first)  # one excused face excuses the person
    return signals_of(list(once.values()), settings), seen


def _ranked(entry: _Entry, score: float) -> RankedPhoto:
    kind: Kind = "group" if entry.people_in_photo > 1 else "single"
    return RankedPhoto(
        entry.photo, entry.match, entry.face, kind, score, entry.signals, entry.people_in_photo, copies=entry.copies
    )


def _traits(entries: Sequence[_Entry]) -> list[Trait | None]:
    """The named expression of each face; a mesh that is not trusted for signals is not trusted for words either."""
    return traits_of([None if entry.signals.expression is None else entry.face.mesh for entry in entries])


def _explained(
    entry: _Entry, score: float, weights: WeightSettings, others: Mapping[str, Others], trait: Trait | None
) -> RankedPhoto:
    terms, penalties = parts_of_score(entry.row, weights)
    if entry.is_collage:
        penalties += (Penalty("collage", 0.0, weights.penalty_collage),)
    reasons, against = telling_reasons(terms, penalties, others, trait, entry.people_in_photo, entry.signals.looking)
    if entry.is_together:
        reasons = (TOGETHER, *reasons[: MOST - 1])
    return msgspec.structs.replace(
        _ranked(entry, score), terms=terms, penalties=penalties, reasons=reasons, against=against
    )


def _places(texts: Sequence[str]) -> NDArray[np.int64]:
    """The place of each text in sorted order."""
    places = np.empty(len(texts), np.int64)
    places[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return places
