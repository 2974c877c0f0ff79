"""A person's photos in an album, the best of one person and of several together, and the face to show. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from photo_ranker.core.codec import Floats
from photo_ranker.people.book import Book, Person, order_of_people
from photo_ranker.people.faces import FaceTable
from photo_ranker.questions.selection import Copies, distinct, fold_matches, leaders, mark_close
from photo_ranker.ranker import FaceSignals, Looks, RankedPhoto, line_up, looks_of, signals_of
from photo_ranker.records import Match
from photo_ranker.settings import Settings, WeightSettings

__all__ = [
    "Together",
    "best_face",
    "best_of",
    "chosen_covers",
    "cover",
    "cover_of",
    "faces_here",
    "look",
    "matches_of",
    "people_in_order",
    "photo_count",
    "photos_of",
    "together",
]

# A person's photos in an album: one face per photo, as matches that the ranker scores.


def faces_here(person: Person, table: FaceTable) -> list[str]:
    """The person's faces that the album shows."""
    return [face for face in person.faces if face in table.places]


def photos_of(person: Person, table: FaceTable) -> set[int]:
    """The numbers of the album's photos that show the person."""
    return {photo for face in faces_here(person, table) for photo in table.photos(face)}


def photo_count(person: Person, table: FaceTable) -> int:
    """The number of photos that show the person; files with identical bytes count once."""
    contents = table.contents
    return len({contents[number] for face in person.faces for number in table.places.get(face, ())})


def people_in_order(people: Iterable[Person], table: FaceTable) -> list[Person]:
    """People in the order of lists: by role, named people before others, those in most photos first."""
    return sorted(people, key=lambda person: order_of_people(person, photo_count(person, table)))


def matches_of(person: Person, table: FaceTable) -> list[Match]:
    """The best face of the person in each photo, the most typical first."""
    numbers = [number for face in faces_here(person, table) for number in table.places[face]]
    if not numbers:
        return []
    cosines = _to_their_mean(table.album.embeddings[numbers])
    best: dict[int, Match] = {}
    for number, cosine in zip(numbers, cosines.tolist(), strict=True):
        photo = int(table.album.owners[number])
        if photo not in best or best[photo].similarity < cosine:
            best[photo] = Match(photo, number, round(cosine, 4), round(cosine, 4), None)
    return sorted(best.values(), key=lambda match: (-match.similarity, match.photo))


def _to_their_mean(rows: Floats) -> Floats:
    """How typical each face is: its cosine to the mean of all."""
    mean = rows.mean(axis=0)
    cosines: Floats = rows @ (mean / max(float(np.linalg.norm(mean)), 1e-12))
    return cosines


# The best photos of each person, of several together, and of everyone in few photos. Pure.


GOOD_LOOK = 0.6
"""Look from which a person looks good in a photo: sharp, eyes open, turned to the camera."""


class Together(msgspec.Struct, frozen=True):
    """A photo for several people."""

    path: str
    photo: int
    looks: dict[str, float]
    """Id of each person in the photo -> how good the person looks, 0 to 1."""
    good: int
    """How many of the people look good."""
    score: float
    """Mean look over all people who were asked for; a missing one counts 0."""
    copies: tuple[str, ...] = ()
    """The other files with identical bytes."""


def best_of(
    person: Person, table: FaceTable, top: int, settings: Settings, *, only_distinct: bool, copies: Copies = "one"
) -> list[RankedPhoto]:
    """The ``top`` best photos of one person, best first, 0 = all; with ``only_distinct`` one per moment."""
    folded = fold_matches(table.album, matches_of(person, table), copies)
    lineup = line_up(table.album, folded.matches, settings, folded.copies)
    ranked = lineup.ranked(settings.weights)
    if only_distinct:
        ranked = distinct(ranked, top, settings.moments)
    ranked = ranked[:top] if top else ranked
    alternates = {item.match: item.alternates for item in ranked if item.alternates}
    explained = lineup.explained(lineup.numbers_of(ranked), settings.weights, alternates=alternates)
    return mark_close(explained, settings.weights.as_good)


def together(people: Sequence[Person], table: FaceTable, settings: Settings, copies: Copies = "one") -> list[Together]:
    """Photos with any of the people: first those where most look good, then those where they look best."""
    seen: dict[int, dict[str, float]] = {}
    for person in people:
        matches = matches_of(person, table)
        found = looks_of([table.album.faces[match.face] for match in matches], settings)
        for match, signals in zip(matches, found, strict=True):
            seen.setdefault(match.photo, {})[person.id] = look(signals)
    beside: dict[int, list[str]] = {}
    for photo, leader in leaders(table.album.photos, seen).items() if copies == "one" else ():
        if photo != leader:
            beside.setdefault(leader, []).append(table.album.photos[photo].path)
            del seen[photo]
    shown = [
        Together(
            path=table.album.photos[photo].path,
            photo=photo,
            looks=mine,
            good=sum(value >= GOOD_LOOK for value in mine.values()),
            score=round(sum(mine.values()) / len(people), 4),
            copies=tuple(sorted(beside.get(photo, ()))),
        )
        for photo, mine in seen.items()
    ]
    return sorted(shown, key=lambda item: (-item.good, -item.score, item.path))


def cover(
    people: Sequence[Person], table: FaceTable, settings: Settings, most: int, copies: Copies = "one"
) -> tuple[list[Together], list[Person]]:
    """At most ``most`` photos that show everyone at least once, and who is missing; 0 = as many as it takes.

    Each photo is the one that adds most: the people whom earlier ones do not show, more if they look good.
    """
    found = {item.photo: item for item in together(people, table, settings, copies)}
    missing = {person.id for person in people}
    chosen: list[Together] = []
    while missing and (not most or len(chosen) < most):
        best = max(found.values(), key=lambda item: (_added(item.looks, missing), item.score, item.path), default=None)
        if best is None or not missing.intersection(best.looks):
            break
        chosen.append(best)
        missing -= best.looks.keys()
    return chosen, [person for person in people if person.id in missing]


def _added(looks: Mapping[str, float], missing: set[str]) -> float:
    # A person shown badly is still shown: that is worth more than how good anyone looks.
    return sum(1 + looks[person] for person in missing.intersection(looks))


def look(signals: Looks) -> float:
    """How good a face looks, 0 to 1: the worst of sharpness, eyes and pose counts as much as their mean."""
    known = [value for value in (signals.sharpness, signals.eyes_open, signals.facing) if value is not None]
    if not known:
        return 0.5
    return round((min(known) + sum(known) / len(known)) / 2, 4)


# The face to show for a person: the one that best shows who it is, by the signals of the score. Pure.


_MOST_JUDGED = 40
"""Most faces of a person whose signals are worked out: the largest, which show the person most plainly."""


def cover_of(person: Person, table: FaceTable) -> str | None:
    """The face to show for a person; None if the album shows none."""
    here = faces_here(person, table)
    if not here or person.representative in here:
        return person.representative if here else None
    return best_face(here, table)


def chosen_covers(book: Book) -> set[str]:
    """Ids of the people whose face a user has chosen."""
    return {
        change.person
        for decision in book.active()
        for change in decision.changed
        if change.field == "representative" and change.new is not None
    }


def best_face(faces: Sequence[str], table: FaceTable) -> str:
    """The face that shows a person best: never a blurred one if there is another.

    It is plain, sharp and large, with open eyes, turned to the camera, and like the others: a face that was assigned
    by mistake must not represent the person.
    """
    numbers = [table.number_of[face] for face in faces]
    like = _to_their_mean(table.rows[numbers])
    largest = sorted(
        zip(faces, numbers, like.tolist(), strict=True),
        key=lambda item: (bool(table.solid[item[1]]), table.face(item[0]).size_px),
        reverse=True,
    )[:_MOST_JUDGED]
    with_records = [(table.face(face), table.album.photos[table.photos(face)[0]].record) for face, _, _ in largest]
    worth = [
        _worth(signals, likeness, table.settings.weights, is_solid=bool(table.solid[number]))
        for signals, (_, number, likeness) in zip(signals_of(with_records, table.settings), largest, strict=True)
    ]
    return largest[worth.index(max(worth))][0]


def _worth(
    signals: FaceSignals, likeness: float, weights: WeightSettings, *, is_solid: bool
) -> tuple[bool, bool, float]:
    is_blurred = signals.sharpness is not None and signals.sharpness < weights.heavy_blur
    looks = look(msgspec.structs.replace(signals, eyes_open=_known(signals.eyes_open), facing=_known(signals.facing)))
    return not is_blurred, is_solid, looks + (_known(signals.clear) + _known(signals.size) + likeness) / 2


def _known(value: float | None) -> float:
    """Eyes behind dark glasses are worth less here than open ones: they do not show who it is."""
    return 0.5 if value is None else value
