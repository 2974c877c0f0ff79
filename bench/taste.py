"""How well the order agrees with raters: sheets of up to six photos of one person, put in order by eye.

``taste/photos.csv`` names the photos of each sheet and where the face is, ``taste/orders.csv`` the orders, best first.
Raters saw no score. No order can be expected to agree with the raters more than they agree with each other.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from bench.measured import face_at
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.ranker import RankedPhoto, score_photo
from photo_ranker.records import Match, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["SETS", "Agreement", "Pair", "Sheet", "agreement", "opinions", "ranked", "set_of", "sheets"]

THREE_RATERS = frozenset("123")
SETS = ("faces_lfw", "web", "events")


@dataclass(frozen=True, slots=True)
class Seen:
    """A photo of a sheet, and the face that is meant."""

    path: Path
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A rater prefers one photo of a sheet to another."""

    better: str
    worse: str


@dataclass(frozen=True)
class Sheet:
    """Photos of one person and what raters said of them."""

    name: str
    person: str
    photos: Mapping[str, Seen]
    """Letter -> photo."""
    orders: Mapping[str, Mapping[str, int]]
    """Rater -> letter -> place from 0; equal places are equally good."""

    @property
    def album(self) -> str:
        """The folder that the photos come from: no photo of it may help to fit what is judged on it."""
        parts = next(iter(self.photos.values())).path.parts
        at = next(at for at, part in enumerate(parts) if part in SETS)
        return "/".join(parts[at : at + 2]) if parts[at] == "events" else parts[at]

    @property
    def has_three_raters(self) -> bool:
        """Whether three different raters have judged it."""
        return self.orders.keys() >= THREE_RATERS

    def pairs(self) -> list[tuple[str, Pair]]:
        """Every preference, with its rater."""
        return [(rater, pair) for rater, order in self.orders.items() for pair in opinions(order)]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far scores and raters agree on one sheet."""

    person: str
    pairs: float
    of_pairs: int
    unanimous: float
    of_unanimous: int
    first: float
    of_first: int


Scores = Mapping[str, float]
"""Letter -> score of a photo on one sheet."""


def sheets(data: Path) -> list[Sheet]:
    """Every sheet below DATA/taste."""
    photos: dict[str, dict[str, Seen]] = defaultdict(dict)
    people: dict[str, str] = {}
    for row in _rows(data / "taste" / "photos.csv"):
        photos[row["sheet"]][row["letter"]] = Seen(data / row["photo"], float(row["x"]), float(row["y"]))
        people[row["sheet"]] = row["person"]
    orders: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for row in _rows(data / "taste" / "orders.csv"):
        groups = enumerate(row["order"].split(">"))
        orders[row["sheet"]][row["rater"]] = {letter: place for place, group in groups for letter in group.split("=")}
    return [Sheet(name, people[name], photos[name], orders[name]) for name in photos]


def set_of(sheet: Sheet) -> str:
    """Portraits of LFW, uncropped web photos, or events."""
    return sheet.album.partition("/")[0]


def agreement(sheet: Sheet, scores: Scores) -> Agreement:
    """Compare scores with what the raters of a sheet said; equal scores count as half."""
    votes: dict[frozenset[str], list[str]] = defaultdict(list)
    agreed = []
    for _, pair in sheet.pairs():
        agreed.append(_agrees(scores, pair))
        votes[frozenset((pair.better, pair.worse))].append(pair.better)
    unanimous = [
        _agrees(scores, Pair(better[0], next(iter(letters - {better[0]}))))
        for letters, better in votes.items()
        if len(sheet.orders) > 1 and len(better) == len(sheet.orders) and len(set(better)) == 1
    ]
    best = max(sorted(scores), key=scores.__getitem__)
    first = [float(order.get(best) == 0) for order in sheet.orders.values()]
    return Agreement(
        sheet.person, sum(agreed), len(agreed), sum(unanimous), len(unanimous), sum(first), len(first)
    )  # fmt: skip


def ranked(seen: Seen, record: PhotoRecord | None, settings: Settings | None = None) -> RankedPhoto | None:
    """The photo as the product scores it for the face that is meant; None where that face is not found."""
    if record is None or (face := face_at(record, (seen.x * record.width, seen.y * record.height))) is None:
        return None
    album = Album([AlbumPhoto(str(seen.path), record)])
    number = next(at for at, other in enumerate(album.faces) if other.id == face.id)
    return score_photo(album, Match(0, number, 1.0, 1.0, None), settings or _defaults())


def _agrees(scores: Scores, pair: Pair) -> float:
    better, worse = scores[pair.better], scores[pair.worse]
    return 0.5 if better == worse else float(better > worse)


def opinions(order: Mapping[str, int]) -> list[Pair]:
    """Which photo a rater prefers to which."""
    return [
        Pair(*sorted((one, other), key=order.__getitem__))
        for one, other in combinations(sorted(order), 2)
        if order[one] != order[other]
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _defaults() -> Settings:
    return Settings()
