"""How good every photo of an event is for the people who matter. Pure arithmetic on records.

A photo has four scores: technical, composition, expression and context. Each known one counts with its weight;
a broken rule (somebody blinks) makes the final score 0. Nothing is rejected: such a photo comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from operator import attrgetter
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.people.best import look
from photo_ranker.people.book import Book, Person
from photo_ranker.people.faces import FaceTable
from photo_ranker.questions.selection import Copies, leaders, seconds_taken
from photo_ranker.ranker import Looks, PhotoSignals, looks_of, signals_of_photos
from photo_ranker.ranker.expression import Values
from photo_ranker.ranker.scorer import rounded, total_scores
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["EventPhoto", "FaceInPhoto", "score_event"]


class FaceInPhoto(msgspec.Struct, frozen=True):
    """One face of a photo, and what it is worth there."""

    face: Face
    person: Person | None
    signals: Looks
    weight: float
    """How much the face counts."""


class EventPhoto(msgspec.Struct, frozen=True):
    """One photo with its scores, each in [0, 1], 1 = best; None = not known."""

    number: int
    """Number of the photo in the album."""
    path: str
    final_score: float
    technical: float | None
    composition: float | None
    expression: float | None
    context: float | None
    moment: int | None
    """Number of the moment, from 1 in order of time; None = the time is not known."""
    taken_at: str | None
    faces: tuple[FaceInPhoto, ...]
    broken_rules: tuple[str, ...]
    copies: tuple[str, ...] = ()
    """The other files with identical bytes."""


def score_event(book: Book, table: FaceTable, settings: Settings, copies: Copies = "one") -> list[EventPhoto]:
    """Every readable photo of the album, the best first; ``copies`` says whether identical files count as one."""
    owners = book.owners()
    moments = _moments(table, settings.event.moment_gap)
    # The most that can be asked of one photo is to show all main people.
    shown = [person for person in book.present() if not person.hidden]
    mains = sum(person.category == "main" for person in shown)
    # Before anybody is labelled, nobody is known to matter, and that must not lower any score.
    most = max(1, mains) * settings.event.event_main if any(map(_matters, shown)) else 0.0
    photos = table.album.photos
    readable = [number for number, photo in enumerate(photos) if photo.record.unreadable is None]
    beside: dict[int, list[str]] = {number: [] for number in readable}
    for number, leader in leaders(photos, readable).items() if copies == "one" else ():
        if number != leader:
            beside[leader].append(photos[number].path)
            del beside[number]
    faces = _faces_of(list(beside), table, owners, settings)
    terms = _terms([photos[number].record for number in beside], faces, most, settings)
    columns = [_rounded(values) for values in terms]
    scored = [
        EventPhoto(
            number=number,
            path=photos[number].path,
            final_score=0.0 if broken else final,
            technical=technical,
            composition=composition,
            expression=expression,
            context=context,
            moment=moments.get(number),
            taken_at=photos[number].record.taken_at,
            faces=tuple(its),
            broken_rules=broken,
            copies=tuple(sorted(beside[number])),
        )
        for number, its, broken, final, technical, composition, expression, context in zip(
            beside,
            faces,
            _broken_rules(faces, settings),
            rounded(_final_scores(terms, settings)).tolist(),
            *columns,
            strict=True,
        )
    ]
    return sorted(scored, key=lambda photo: (-photo.final_score, photo.path))


class Terms(NamedTuple):
    """What the score of each photo is made of, one column each; NaN = not known."""

    technical: Values
    composition: Values
    expression: Values
    context: Values


def _final_scores(terms: Terms, settings: Settings) -> Values:
    weights = settings.event
    its = (weights.event_technical, weights.event_composition, weights.event_expression, weights.event_context)
    return total_scores(((values, weight, 0.0, weight) for values, weight in zip(terms, its, strict=True)), ())


def _faces_of(
    numbers: Sequence[int], table: FaceTable, owners: Mapping[str, Person], settings: Settings
) -> list[list[FaceInPhoto]]:
    """The faces of these photos that are large enough."""
    least, album = settings.signals.group_min_face, table.album
    of_photos = [
        [face for face in album.photos[number].record.faces_by(album.engine) if face.size_px >= least]
        for number in numbers
    ]
    looks = iter(looks_of([face for faces in of_photos for face in faces], settings))
    weights = {
        "main": settings.event.event_main,
        "important": settings.event.event_important,
        "other": settings.event.event_other,
    }

    def weight(person: Person | None) -> float:
        if person is None:
            return settings.event.event_stranger
        return 0.0 if person.hidden else weights[person.category]

    return [
        [FaceInPhoto(face, person := owners.get(face.id), next(looks), weight(person)) for face in faces]
        for faces in of_photos
    ]


def _terms(
    records: Sequence[PhotoRecord], faces: Sequence[Sequence[FaceInPhoto]], most: float, settings: Settings
) -> Terms:
    pictures = signals_of_photos(records, settings)
    counting = [(place, item) for place, its in enumerate(faces) for item in its if item.weight > 0]
    places = np.array([place for place, _ in counting], np.int64)
    weights = np.array([item.weight for _, item in counting], np.float64)
    looks = [item.signals for _, item in counting]

    def mean_of_faces(values: Values) -> Values:
        known = ~np.isnan(values)
        return _shares(*(_sums(places[known], those[known], len(faces)) for those in (values * weights, weights)))

    sharp = mean_of_faces(_column(looks, "sharpness"))
    return Terms(
        technical=_mean([(_column(pictures, "sharpness"), 1), (_column(pictures, "exposure"), 1), (sharp, 2)]),
        composition=_column(pictures, "composition"),
        # Open eyes and a look at the camera count double, a smile once: not every moment calls for one.
        expression=mean_of_faces(
            _mean([(_column(looks, "eyes_open"), 2), (_column(looks, "facing"), 2), (_column(looks, "smile"), 1)])
        ),
        context=_context(faces, most),
    )


def _column(signals: Iterable[Looks | PhotoSignals], name: str) -> Values:
    return np.array(list(map(attrgetter(name), signals)), np.float64)  # None becomes NaN


def _mean(columns: Sequence[tuple[Values, float]]) -> Values:
    """The weighted mean of what is known."""
    total: Values = np.add.reduce([np.nan_to_num(values) * weight for values, weight in columns])
    return _shares(total, np.add.reduce([~np.isnan(values) * weight for values, weight in columns]))


def _sums(places: NDArray[np.int64], values: Values, count: int) -> Values:
    """The sum of the values at each place."""
    return np.bincount(places, values, count).astype(np.float64, copy=False)


def _shares(total: Values, of: Values) -> Values:
    """The quotients; NaN where the divisor is 0."""
    shares: Values = np.divide(total, of, out=np.full(len(total), np.nan), where=of > 0)
    return shares


def _context(faces: Sequence[Sequence[FaceInPhoto]], most: float) -> Values:
    """How far those who matter are shown and look good, against all main people looking their best.

    Where nobody is known to matter, ``most`` is 0: then it is unknown, but for photos of nobody at all.
    """
    if most <= 0:
        return np.where([bool(its) for its in faces], np.nan, 0.0)
    there = [
        sum(
            item.weight * look(item.signals)
            for item in its
            if item.weight > 0 and item.person and _matters(item.person)
        )
        for its in faces
    ]
    context: Values = np.minimum(1.0, np.array(there, np.float64) / most)
    return context


def _matters(person: Person) -> bool:
    """Whether the person has a name, or a category that matters to the event."""
    return bool(person.name) or person.category != "other"


def _broken_rules(faces: Sequence[Sequence[FaceInPhoto]], settings: Settings) -> list[tuple[str, ...]]:
    """The rules that the people in each photo break; what is not known breaks none."""
    rules = [
        ("require_all_eyes_open", attrgetter("eyes_open"), settings.signals.good_eyes),
        ("require_all_facing", attrgetter("facing"), settings.signals.good_facing),
    ]
    asked = [rule for rule in rules if getattr(settings.event, rule[0])]
    if not asked:
        return [()] * len(faces)
    people = [[item.signals for item in its if item.weight > 0 and item.person is not None] for its in faces]
    return [tuple(name for name, value, least in asked if _any_below(map(value, its), least)) for its in people]


def _any_below(values: Iterable[float | None], least: float) -> bool:
    return any(value is not None and value < least for value in values)


def _moments(table: FaceTable, gap: float) -> dict[int, int]:
    """Photo -> number of its moment: a new one begins after every long pause."""
    times = ((seconds_taken(photo.record), number) for number, photo in enumerate(table.album.photos))
    timed = sorted((time, number) for time, number in times if time is not None)
    found: dict[int, int] = {}
    moment, before = 0, float("-inf")
    for time, number in timed:
        if time - before > gap:
            moment += 1
        found[number], before = moment, time
    return found


def _rounded(values: Values) -> list[float | None]:
    return [None if isnan(value) else round(value, 4) for value in values.tolist()]
