"""How well the order agrees with raters: sheets of up to six photos of one person, put in order by eye.

``taste/photos.csv`` names the photos of each sheet and where the face is, ``taste/orders.csv`` the orders, best first.
Raters saw no score. What agrees with one of them can hardly agree more with all than they agree with each other.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import sqrt
from pathlib import Path
from statistics import mean

from scipy.optimize import isotonic_regression

from bench.figures import Figure
from bench.measured import face_at, records_of
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.ranker import RankedPhoto, score_photo
from photo_ranker.records import Match, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["SETS", "Agreement", "Pair", "Sheet", "agreement", "as_good", "measure", "set_of", "sheets"]

THREE_RATERS = frozenset("123")
AGREED = 0.6
"""Of the pairs: where raters agree with our order less often, it is within the noise."""
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
        """Whether three raters with different eyes have judged it."""
        return self.orders.keys() >= THREE_RATERS

    def pairs(self) -> list[tuple[str, Pair]]:
        """Every preference, with its rater."""
        return [(rater, pair) for rater, order in self.orders.items() for pair in _pairs(order)]


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
    """Compare scores with what the raters of a sheet said; equal scores agree by half."""
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


def scored(wanted: Iterable[Sheet], score: Callable[[RankedPhoto | None], float]) -> Iterator[Agreement]:
    """The agreement of a score with each sheet."""
    wanted = list(wanted)
    records = records_of(seen.path for sheet in wanted for seen in sheet.photos.values())
    for sheet in wanted:
        found = {letter: score(ranked(seen, records[seen.path])) for letter, seen in sheet.photos.items()}
        yield agreement(sheet, found)


def ranked(seen: Seen, record: PhotoRecord | None, settings: Settings | None = None) -> RankedPhoto | None:
    """The photo as the product scores it for the face that is meant; None where that face is not found."""
    if record is None or (face := face_at(record, (seen.x * record.width, seen.y * record.height))) is None:
        return None
    album = Album([AlbumPhoto(str(seen.path), record)])
    number = next(at for at, other in enumerate(album.faces) if other.id == face.id)
    return score_photo(album, Match(0, number, 1.0, 1.0, None), settings or _defaults())


def measure(data: Path) -> Iterator[Figure]:
    """Agreement on pairs, on unanimous pairs, and first choice, for each set; beside it the smile and the raters."""
    if not (data / "taste").is_dir():
        return
    every = sheets(data)
    for name in SETS:
        chosen = [sheet for sheet in every if set_of(sheet) == name and sheet.has_three_raters]
        found = list(scored(chosen, lambda item: -1.0 if item is None else item.score))
        smile = list(scored(chosen, lambda item: -1.0 if item is None else item.signals.smile or 0.0))
        many = f"{len(chosen)} sheets, {sum(item.of_pairs for item in found)} verdicts"
        yield _figure(f"{name}: pairs", found, lambda item: (item.pairs, item.of_pairs), many)
        yield _figure("  by smile alone", smile, lambda item: (item.pairs, item.of_pairs))
        yield Figure("taste", "  raters among themselves", _ceiling(chosen), note="one against each other one")
        yield _figure(f"{name}: pairs that all agree on", found, lambda item: (item.unanimous, item.of_unanimous))
        yield _figure(f"{name}: first choice", found, lambda item: (item.first, item.of_first))
    judged = [sheet for sheet in every if sheet.has_three_raters]
    limit = as_good(_differences(judged))
    yield Figure("taste", "as good: AS_GOOD to take", limit, note="below it raters agree with under 60% of the pairs")


def as_good(verdicts: Sequence[tuple[float, float]]) -> float:
    """The difference of two scores from which raters agree with our order in 60% of the pairs.

    ``verdicts`` are differences and whether a rater agrees: the share that agrees is taken to rise with the difference.
    """
    ordered = sorted(verdicts)
    agreed = isotonic_regression([agrees for _, agrees in ordered]).x
    return next((apart for (apart, _), share in zip(ordered, agreed, strict=True) if share >= AGREED), 1.0)


def _differences(chosen: Sequence[Sheet]) -> list[tuple[float, float]]:
    """Of each verdict how far the two scores are apart, and whether they agree with it."""
    records = records_of(seen.path for sheet in chosen for seen in sheet.photos.values())
    found = []
    for sheet in chosen:
        items = {letter: ranked(seen, records[seen.path]) for letter, seen in sheet.photos.items()}
        scores = {letter: item.score for letter, item in items.items() if item is not None}
        found += [
            (abs(scores[pair.better] - scores[pair.worse]), _agrees(scores, pair))
            for _, pair in sheet.pairs()
            if pair.better in scores and pair.worse in scores
        ]
    return found


def _figure(
    name: str, found: Sequence[Agreement], take: Callable[[Agreement], tuple[float, int]], note: str = ""
) -> Figure:
    """A share over all sheets, its error from the differences between people: sheets of one person are alike."""
    by_person: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for item in found:
        by_person[item.person].append(take(item))
    totals = [(sum(good for good, _ in items), sum(many for _, many in items)) for items in by_person.values()]
    good, many = sum(good for good, _ in totals), sum(many for _, many in totals)
    value = good / max(many, 1)
    spread = sqrt(sum((one - value * its) ** 2 for one, its in totals)) / max(many, 1)
    return Figure("taste", name, value, spread, note=note)


def _ceiling(chosen: Sequence[Sheet]) -> float:
    """How often two raters of a sheet agree, of the pairs that both have an opinion on."""
    agreed = []
    for sheet in chosen:
        for one, other in combinations(sheet.orders.values(), 2):
            known = {frozenset((pair.better, pair.worse)): pair.better for pair in _pairs(other)}
            agreed += [
                known[key] == pair.better
                for pair in _pairs(one)
                if (key := frozenset((pair.better, pair.worse))) in known
            ]
    return mean(agreed)


def _agrees(scores: Scores, pair: Pair) -> float:
    better, worse = scores[pair.better], scores[pair.worse]
    return 0.5 if better == worse else float(better > worse)


def _pairs(order: Mapping[str, int]) -> list[Pair]:
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
