"""Splits the sheets so that each is judged by a fit that has seen neither its person nor its album."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.taste import Sheet, set_of

__all__ = ["LOOKS", "Fold", "Place", "Preference", "folds", "looks_of_strangers", "preferences", "write_looks"]

PORTRAIT_FOLDS, EVENT_FOLDS = 5, 3
EVENT_WEIGHT = 2.0
"""Fewer sheets are of events than of portraits, but events are more like what users have."""

LOOKS = Path(__file__).with_name("taste_looks.csv")
"""What networks of photo_ranker/models/mesh.py say of sheets whose person and album they have not seen."""

Place = tuple[str, str]
"""Sheet and letter: one photo."""


@dataclass(frozen=True)
class Fold:
    """Sheets that are judged by a fit on others."""

    judged: tuple[Sheet, ...]
    fitted_on: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """A rater prefers one photo to another; the preferences on each sheet of a set have the same total weight."""

    better: Place
    worse: Place
    weight: float


def folds(every: Sequence[Sheet]) -> list[Fold]:
    """Portraits split by person, events by album; last the web photos, judged by the fit on all others, which ships."""
    known = [sheet for sheet in every if set_of(sheet) != "web"]
    portraits = [sheet for sheet in known if set_of(sheet) != "events"]
    albums = sorted({sheet.album for sheet in known if set_of(sheet) == "events"})
    found = []
    for number in range(PORTRAIT_FOLDS):
        mine = [sheet for sheet in portraits if zlib.crc32(sheet.person.encode()) % PORTRAIT_FOLDS == number]
        people = {sheet.person for sheet in mine}
        found.append(Fold(tuple(mine), tuple(sheet for sheet in known if sheet.person not in people)))
    for number in range(EVENT_FOLDS):
        mine = [sheet for sheet in known if sheet.album in albums[number::EVENT_FOLDS]]
        people = {sheet.person for sheet in mine}
        others = (sheet for sheet in known if sheet not in mine and sheet.person not in people)
        found.append(Fold(tuple(mine), tuple(others)))
    web = tuple(sheet for sheet in every if set_of(sheet) == "web")
    return [*found, Fold(web, tuple(known))]


def preferences(wanted: Iterable[Sheet]) -> Iterator[Preference]:
    """What the raters of these sheets prefer."""
    for sheet in wanted:
        pairs = sheet.pairs()
        weight = (EVENT_WEIGHT if set_of(sheet) == "events" else 1.0) * 15 / max(len(pairs), 1)
        for _, pair in pairs:
            yield Preference((sheet.name, pair.better), (sheet.name, pair.worse), weight)


def looks_of_strangers() -> dict[Place, float]:
    """Photo -> what a network that has not seen the person says of the face."""
    with LOOKS.open(encoding="utf-8", newline="") as file:
        return {(row["sheet"], row["letter"]): float(row["look"]) for row in csv.DictReader(file)}


def write_looks(looks: Mapping[Place, float]) -> None:
    """Keep them for the fit of the weights."""
    with LOOKS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sheet", "letter", "look"])
        writer.writerows([*place, f"{look:.3f}"] for place, look in looks.items())
