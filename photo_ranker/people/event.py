"""How good every photo of an event is for the people who matter. Pure arithmetic on records.

A photo has four scores: technical, composition, expression and context. Each that is known counts with its weight;
a rule that is broken (somebody blinks) makes the final score 0. Nothing is rejected: such a photo comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

import msgspec
import numpy as np

from photo_ranker.people.best import look
from photo_ranker.people.book import Book, Person
from photo_ranker.people.faces import FaceTable
from photo_ranker.questions.selection import Copies, leaders, seconds_taken
from photo_ranker.ranker import Looks, looks, photo_signals
from photo_ranker.ranker.scorer import rounded, total_scores
from photo_ranker.records import Face
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
    """Of the photo in the album."""
    path: str
    final_score: float
    technical: float | None
    composition: float | None
    expression: float | None
    context: float | None
    moment: int | None
    """Number of the moment, from 1 in the order of time; None = no time is known."""
    taken_at: str | None
    faces: tuple[FaceInPhoto, ...]
    broken_rules: tuple[str, ...]
    copies: tuple[str, ...] = ()
    """The other files with identical bytes."""


def score_event(book: Book, table: FaceTable, settings: Settings, copies: Copies = "one") -> list[EventPhoto]:
    """Every readable photo of the album, the best first; files with identical bytes as one, or ``all``."""
    owners = book.owners()
    moments = _moments(table, settings.event.moment_gap)
    # As much as all main people together is the most that can be asked of one photo.
    shown = [person for person in book.present() if not person.hidden]
    mains = sum(person.category == "main" for person in shown)
    # Before anybody is labelled nobody is known to matter, and that must cost no photo anything.
    most = max(1, mains) * settings.event.event_main if any(map(_matters, shown)) else 0.0
    photos = table.album.photos
    readable = [number for number, photo in enumerate(photos) if photo.record.unreadable is None]
    beside: dict[int, list[str]] = {number: [] for number in readable}
    for number, leader in leaders(photos, readable).items() if copies == "one" else ():
        if number != leader:
            beside[leader].append(photos[number].path)
            del beside[number]
    scored = [_score(number, table, owners, moments.get(number), most, settings) for number in beside]
    finals = _final_scores([terms for _, terms in scored], settings)
    photos_scored = [
        msgspec.structs.replace(
            photo, final_score=0.0 if photo.broken_rules else final, copies=tuple(sorted(beside[photo.number]))
        )
        for (photo, _), final in zip(scored, finals, strict=True)
    ]
    return sorted(photos_scored, key=lambda photo: (-photo.final_score, photo.path))


Terms = tuple[float | None, float | None, float | None, float | None]
"""Technical, composition, expression and context, not rounded."""


def _final_scores(terms: Sequence[Terms], settings: Settings) -> list[float]:
    """The scores of all photos at once."""
    weights = settings.event
    columns = np.array(terms, np.float64).reshape(-1, 4).T  # None becomes NaN
    its = (weights.event_technical, weights.event_composition, weights.event_expression, weights.event_context)
    found = total_scores(((values, weight, 0.0, weight) for values, weight in zip(columns, its, strict=True)), ())
    return [float(score) for score in rounded(found)]


def _score(
    number: int, table: FaceTable, owners: dict[str, Person], moment: int | None, most: float, settings: Settings
) -> tuple[EventPhoto, Terms]:
    photo = table.album.photos[number]
    record = photo.record
    faces = tuple(
        _in_photo(face, owners.get(face.id), looks(face, settings), settings)
        for face in record.faces_by(table.album.engine)
        if face.size_px >= settings.signals.group_min_face
    )
    counting = [item for item in faces if item.weight > 0]
    picture = photo_signals(record, settings)
    sharp = _weighted(counting, lambda item: item.signals.sharpness)
    technical = _mean([picture.sharpness, picture.exposure, *([sharp, sharp] if sharp is not None else [])])
    expression = _weighted(counting, _expression)
    context = _context(counting, most)
    broken = _broken(counting, settings)
    scored = EventPhoto(
        number=number,
        path=photo.path,
        final_score=0.0,  # worked out for all photos at once
        technical=_rounded(technical),
        composition=_rounded(picture.composition),
        expression=_rounded(expression),
        context=_rounded(context),
        moment=moment,
        taken_at=record.taken_at,
        faces=faces,
        broken_rules=broken,
    )
    return scored, (technical, picture.composition, expression, context)


def _in_photo(face: Face, person: Person | None, signals: Looks, settings: Settings) -> FaceInPhoto:
    if person is None:
        return FaceInPhoto(face, None, signals, settings.event.event_stranger)
    if person.hidden:
        return FaceInPhoto(face, person, signals, 0.0)
    weights = {
        "main": settings.event.event_main,
        "important": settings.event.event_important,
        "other": settings.event.event_other,
    }
    return FaceInPhoto(face, person, signals, weights[person.category])


def _expression(item: FaceInPhoto) -> float | None:
    """Open eyes and a look at the camera count double, a smile once: not every moment is one to laugh."""
    signals = item.signals
    parts = [(signals.eyes_open, 2.0), (signals.facing, 2.0), (signals.smile, 1.0)]
    known = [(value, weight) for value, weight in parts if value is not None]
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known) if known else None


def _context(faces: Sequence[FaceInPhoto], most: float) -> float | None:
    """Who of those who matter is there and looks good, against all main people looking their best.

    None where nobody is known to matter: ``most`` is 0.
    """
    if most <= 0:
        return None
    named = [item for item in faces if item.person is not None and _matters(item.person)]
    return min(1.0, sum(item.weight * look(item.signals) for item in named) / most)


def _matters(person: Person) -> bool:
    """Whether a user has said who the person is, or what to the event."""
    return bool(person.name) or person.category != "other"


def _broken(faces: Sequence[FaceInPhoto], settings: Settings) -> tuple[str, ...]:
    """The rules that the people in a photo break; what is not known breaks none."""
    people = [item.signals for item in faces if item.person is not None]
    broken = []
    if settings.event.require_all_eyes_open and _any_below(
        (item.eyes_open for item in people), settings.signals.good_eyes
    ):
        broken.append("require_all_eyes_open")
    if settings.event.require_all_facing and _any_below((item.facing for item in people), settings.signals.good_facing):
        broken.append("require_all_facing")
    return tuple(broken)


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


def _weighted(faces: Sequence[FaceInPhoto], value: Callable[[FaceInPhoto], float | None]) -> float | None:
    known = [(found, item.weight) for item in faces if (found := value(item)) is not None]
    return sum(found * weight for found, weight in known) / sum(weight for _, weight in known) if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
