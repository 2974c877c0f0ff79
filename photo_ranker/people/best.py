"""The best photos of each person, of several together, and of everyone in few. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from photo_ranker.people.appearances import matches_of
from photo_ranker.people.book import Person
from photo_ranker.people.faces import FaceTable
from photo_ranker.questions.copies import Copies, fold_matches, leaders
from photo_ranker.questions.selection import distinct, mark_close
from photo_ranker.ranker import FaceSignals, RankedPhoto, face_signals, line_up
from photo_ranker.settings import Settings

__all__ = ["Together", "best_of", "cover", "look", "together"]

GOOD_LOOK = 0.6
"""From here on a person looks good in a photo: sharp, eyes open, turned to us."""


class Together(msgspec.Struct, frozen=True):
    """A photo for several people."""

    path: str
    photo: int
    looks: dict[str, float]
    """Id of each person in the photo -> how good the person looks, 0 to 1."""
    good: int
    """So many of the people look good."""
    score: float
    """Mean look over all who were asked for; who is missing counts 0."""
    copies: tuple[str, ...] = ()
    """The other files with identical bytes."""


def best_of(
    person: Person, table: FaceTable, top: int, settings: Settings, *, only_distinct: bool, copies: Copies = "one"
) -> list[RankedPhoto]:
    """The best photos of one person, best first; with ``only_distinct`` one of each moment. 0 = all."""
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
    """Photos with any of the people: where most look good first, then where they look best."""
    looks: dict[int, dict[str, float]] = {}
    for person in people:
        for match in matches_of(person, table):
            looks.setdefault(match.photo, {})[person.id] = look_of(table, match.photo, match.face, settings)
    beside: dict[int, list[str]] = {}
    for photo, leader in leaders(table.album.photos, looks).items() if copies == "one" else ():
        if photo != leader:
            beside.setdefault(leader, []).append(table.album.photos[photo].path)
            del looks[photo]
    found = [
        Together(
            path=table.album.photos[photo].path,
            photo=photo,
            looks=mine,
            good=sum(value >= GOOD_LOOK for value in mine.values()),
            score=round(sum(mine.values()) / len(people), 4),
            copies=tuple(sorted(beside.get(photo, ()))),
        )
        for photo, mine in looks.items()
    ]
    return sorted(found, key=lambda item: (-item.good, -item.score, item.path))


def cover(
    people: Sequence[Person], table: FaceTable, settings: Settings, most: int, copies: Copies = "one"
) -> tuple[list[Together], list[Person]]:
    """At most so many photos that show everyone at least once, and who is not in them; 0 = as many as it takes.

    Each photo is the one that adds most: people who are not in those before it, the better they look the more.
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


def look_of(table: FaceTable, photo: int, face: int, settings: Settings) -> float:
    """How good a person looks in a photo."""
    return look(face_signals(table.album.faces[face], table.album.photos[photo].record, settings))


def look(signals: FaceSignals) -> float:
    """How good a face looks, 0 to 1: the worst of sharpness, eyes and pose counts as much as all together."""
    known = [value for value in (signals.sharpness, signals.eyes_open, signals.facing) if value is not None]
    if not known:
        return 0.5
    return round((min(known) + sum(known) / len(known)) / 2, 4)
