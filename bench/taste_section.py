"""The figures of taste: how far scores and raters agree, compared with smile alone and raters among themselves.

The shipped expression and weights were fitted on the sheets of portraits and events. So each sheet is scored by a fit
made the same way that has seen neither its person nor its album (``bench/taste_folds.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from math import sqrt
from pathlib import Path
from statistics import mean

from scipy.optimize import isotonic_regression

from bench.figures import Figure
from bench.fit_taste import photos_of, scores_of_strangers
from bench.taste import SETS, Agreement, Scores, Sheet, agreement, opinions, set_of, sheets

__all__ = ["as_good", "measure"]

AGREED = 0.6
"""Share of the pairs: an order that raters agree with less often is within the noise."""

FORMER = {"faces_lfw": 0.6910, "web": 0.6056, "events": 0.6920}
"""What the weights set by hand reached, before there was an expression; measured once."""


def measure(data: Path) -> Iterator[Figure]:
    """Agreement on pairs, on pairs that all raters agree on, and first choice, for each set."""
    if not (data / "taste").is_dir():
        return
    every = sheets(data)
    photos = photos_of(every)
    scores = scores_of_strangers(every, photos)
    smiles = photos.by_sheet(every, photos.column("smile"))
    for name in SETS:
        chosen = [sheet for sheet in every if set_of(sheet) == name and sheet.has_three_raters]
        found, smile = _agreements(chosen, scores), _agreements(chosen, smiles)
        many = f"{len(chosen)} sheets, {sum(item.of_pairs for item in found)} verdicts, fitted on others"
        yield _figure(f"{name}: pairs", found, _of_pairs, many)
        yield _figure("  by smile alone", smile, _of_pairs)
        yield Figure("taste", "  by the former score", FORMER[name])
        yield Figure("taste", "  raters among themselves", _ceiling(chosen), note="one against each other one")
        yield _figure(f"{name}: pairs that all agree on", found, lambda item: (item.unanimous, item.of_unanimous))
        yield _figure(f"{name}: first choice", found, lambda item: (item.first, item.of_first))

    judged = [sheet for sheet in every if sheet.has_three_raters]
    limit = as_good(_differences(judged, scores))
    yield Figure("taste", "as good: AS_GOOD to take", limit, note="below it raters agree with under 60% of the pairs")


def as_good(verdicts: Sequence[tuple[float, float]]) -> float:
    """The difference of two scores from which raters agree with our order in 60% of the pairs.

    ``verdicts`` are differences and whether a rater agrees; that share is assumed to rise with the difference.
    """
    ordered = sorted(verdicts)
    agreed = isotonic_regression([agrees for _, agrees in ordered]).x
    return next((apart for (apart, _), share in zip(ordered, agreed, strict=True) if share >= AGREED), 1.0)


def _differences(chosen: Sequence[Sheet], scores: Mapping[str, Scores]) -> list[tuple[float, float]]:
    """For each verdict, how far apart the two scores are, and whether their order agrees with it."""
    found = []
    for sheet in chosen:
        of_sheet = scores[sheet.name]
        for _, pair in sheet.pairs():
            apart = of_sheet[pair.better] - of_sheet[pair.worse]
            found.append((abs(apart), 0.5 if apart == 0 else float(apart > 0)))
    return found


def _agreements(chosen: Sequence[Sheet], scores: Mapping[str, Scores]) -> list[Agreement]:
    return [agreement(sheet, scores[sheet.name]) for sheet in chosen]


def _of_pairs(item: Agreement) -> tuple[float, int]:
    return item.pairs, item.of_pairs


def _figure(
    name: str, found: Sequence[Agreement], take: Callable[[Agreement], tuple[float, int]], note: str = ""
) -> Figure:
    """A share over all sheets, with its error from the differences between people: sheets of one person are alike."""
    by_person: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for item in found:
        by_person[item.person].append(take(item))
    totals = [(sum(good for good, _ in items), sum(many for _, many in items)) for items in by_person.values()]
    good, many = sum(good for good, _ in totals), sum(many for _, many in totals)
    value = good / max(many, 1)
    spread = sqrt(sum((right - value * total) ** 2 for right, total in totals)) / max(many, 1)
    return Figure("taste", name, value, spread, note=note)


def _ceiling(chosen: Sequence[Sheet]) -> float:
    """How often two raters of a sheet agree, of the pairs that both have an opinion on."""
    agreed = []
    for sheet in chosen:
        for one, other in combinations(sheet.orders.values(), 2):
            known = {frozenset((pair.better, pair.worse)): pair.better for pair in opinions(other)}
            agreed += [
                known[key] == pair.better
                for pair in opinions(one)
                if (key := frozenset((pair.better, pair.worse))) in known
            ]
    return mean(agreed)
