"""Fits expression and weights on what raters prefer: ``python -m bench.fit_taste DATA`` prints both.

First the expression: a linear fit of what the mesh says of the face, so that the photo that a rater prefers gets more.
Then the weights, with the very formula of photo_ranker/ranker/scorer.py. What comes out is judged in folds: a sheet is
scored by a fit that has seen neither its person nor its album; the web photos are never fitted on.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from pprint import pformat

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.measured import records_of
from bench.taste import SETS, Sheet, agreement, ranked, set_of, sheets
from photo_ranker.ranker.expression import expression_traits
from photo_ranker.ranker.lineup import counted_others
from photo_ranker.ranker.scorer import COLUMNS, row_of, total_scores
from photo_ranker.ranker.signals import face_signals
from photo_ranker.settings import Settings

__all__ = ["main"]

Floats = NDArray[np.float64]

RIDGE = 150.0
EVENT_WEIGHT = 2.0
"""Events are fewer than portraits among the sheets, and more what users have."""
TERMS = ("expression", "sharpness", "smile", "eyes_open", "facing", "exposure", "size", "clear", "good_faces")
DEFECTS = ("visible", "not_cut")
FOLDS = 5


@dataclass(frozen=True)
class Photos:
    """Every photo of the sheets as a row."""

    number: dict[tuple[str, str], int]
    """Sheet and letter -> row."""
    traits: Floats
    """Of the expression; NaN where there is no mesh that can be trusted."""
    names: tuple[str, ...]
    columns: Floats
    """The columns of the scorer."""

    @cached_property
    def standard(self) -> Floats:
        """The traits with mean 0 and deviation 1; 0 where they are not known."""
        found = (self.traits - np.nanmean(self.traits, axis=0)) / np.nanstd(self.traits, axis=0)
        return np.asarray(np.nan_to_num(found))

    def column(self, name: str) -> Floats:
        """The values of a column of the scorer."""
        found: Floats = self.columns[:, COLUMNS.index(name)]
        return found


@dataclass(frozen=True)
class Model:
    """What was fitted."""

    expression: Floats
    """A weight for each trait as it was measured."""
    start: float
    weights: Floats
    """Of the terms, then of the defects."""

    def score(self, photos: Photos) -> Floats:
        """The score of every photo."""
        count = len(TERMS)
        return _formula(photos, self.values(photos), self.weights[:count], self.weights[count:])

    def values(self, photos: Photos) -> Floats:
        """The expression of every photo, 0 to 1."""
        return np.asarray(1 / (1 + np.exp(-(self.start + photos.traits @ self.expression))))


def main() -> None:
    """Fit, judge in folds, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA")
    every = sheets(parser.parse_args().data)
    photos = _photos(every)
    fitted_on = [sheet for sheet in every if set_of(sheet) != "web"]
    _judge(every, fitted_on, photos)
    model = _fit(fitted_on, photos)
    weights = {name: round(float(value), 3) for name, value in zip(photos.names, model.expression, strict=True)}
    print(f"EXPRESSION = Fit({model.start:.3f}, {pformat(weights)})")
    for name, value in zip((*TERMS, *DEFECTS), model.weights, strict=True):
        print(f"{name:<12}{value:.2f}")


def _photos(every: Sequence[Sheet]) -> Photos:
    settings = Settings()
    records = records_of(seen.path for sheet in every for seen in sheet.photos.values())
    number: dict[tuple[str, str], int] = {}
    traits, rows = [], []
    names = None
    for sheet in every:
        for letter, seen in sheet.photos.items():
            record, item = records[seen.path], ranked(seen, records[seen.path], settings)
            if record is None or item is None:
                raise SystemExit(f"no face found in {seen.path}")
            others = [
                face_signals(face, record, settings) for face in counted_others(item.face, record, settings.signals)
            ]
            found = None if item.signals.facing is None or item.face.mesh is None else expression_traits(item.face.mesh)
            names = names or (tuple(found) if found else None)
            traits.append(found)
            rows.append(row_of(item.signals, others, settings.signals))
            number[sheet.name, letter] = len(rows) - 1
    assert names is not None
    empty = dict.fromkeys(names, np.nan)
    return Photos(number, np.array([list((found or empty).values()) for found in traits]), names, np.array(rows))


def _judge(every: Sequence[Sheet], fitted_on: Sequence[Sheet], photos: Photos) -> None:
    """Print the agreement of fits with sheets that they have not seen."""
    scores: dict[str, dict[str, float]] = {}

    def judged(wanted: Iterable[Sheet], is_fit: Callable[[Sheet], bool]) -> None:
        found = _fit([sheet for sheet in fitted_on if is_fit(sheet)], photos).score(photos)
        for sheet in wanted:
            scores[sheet.name] = {letter: float(found[photos.number[sheet.name, letter]]) for letter in sheet.photos}

    for fold in range(FOLDS):
        mine = [sheet for sheet in every if set_of(sheet) == "faces_lfw" and _fold(sheet.person) == fold]
        people = {sheet.person for sheet in mine}
        judged(mine, lambda sheet, people=people: sheet.person not in people)  # type: ignore[misc]
    for album in sorted({sheet.album for sheet in every if set_of(sheet) == "events"}):
        mine = [sheet for sheet in every if sheet.album == album]
        judged(mine, lambda sheet, album=album: sheet.album != album)  # type: ignore[misc]
    judged([sheet for sheet in every if set_of(sheet) == "web"], lambda _: True)
    for name in SETS:
        for who, chosen in (("three raters", True), ("fewer", False)):
            found = [
                agreement(sheet, scores[sheet.name])
                for sheet in every
                if set_of(sheet) == name and sheet.has_three_raters is chosen
            ]
            if found:
                pairs = sum(item.pairs for item in found) / sum(item.of_pairs for item in found)
                first = sum(item.first for item in found) / sum(item.of_first for item in found)
                print(f"# not fitted on: {name}, {who}: pairs {pairs:.4f}, first choice {first:.4f}")


def _fold(person: str) -> int:
    return zlib.crc32(person.encode()) % FOLDS


def _fit(fitted_on: Sequence[Sheet], photos: Photos) -> Model:
    better, worse, weight = _preferences(fitted_on, photos)
    slopes = _ridge(photos.standard[better] - photos.standard[worse], weight)
    deviation, middle = np.nanstd(photos.traits, axis=0), np.nanmean(photos.traits, axis=0)
    expression = slopes / deviation
    start = -float(middle @ expression)
    count = len(TERMS)
    model = Model(expression, start, np.ones(count + len(DEFECTS)))
    values = model.values(photos)

    def loss(given: Floats) -> float:
        found = _formula(photos, values, np.exp(given[:count]), 1 / (1 + np.exp(-given[count:-1])))
        margin = (found[better] - found[worse]) * np.exp(given[-1])
        return float((weight * np.logaddexp(0, -margin)).sum() / weight.sum() + 1e-3 * (given[:-1] ** 2).mean())

    start_at = np.append(np.zeros(count + len(DEFECTS)), np.log(12.0))
    bounds = [(-8.0, 8.0)] * len(start_at)
    found = minimize(loss, start_at, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60}).x
    return Model(expression, start, np.concatenate([np.exp(found[:count]), 1 / (1 + np.exp(-found[count:-1]))]))


def _preferences(fitted_on: Sequence[Sheet], photos: Photos) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Rows that raters prefer, rows that they prefer them to, and weights: every sheet counts the same."""
    better, worse, weight = [], [], []
    for sheet in fitted_on:
        pairs = sheet.pairs()
        for _, pair in pairs:
            better.append(photos.number[sheet.name, pair.better])
            worse.append(photos.number[sheet.name, pair.worse])
            weight.append((EVENT_WEIGHT if set_of(sheet) == "events" else 1.0) * 15 / len(pairs))
    return np.array(better), np.array(worse), np.array(weight)


def _ridge(differences: Floats, weight: Floats) -> Floats:
    """Logistic regression on differences of two photos, by Newton's steps."""
    slopes = np.zeros(differences.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-(differences @ slopes)))
        gradient = differences.T @ (weight * (1 - likely)) - RIDGE * slopes
        curvature = (differences * (weight * likely * (1 - likely))[:, None]).T @ differences
        step = np.linalg.solve(curvature + RIDGE * np.eye(len(slopes)), gradient)
        slopes += step
        if np.abs(step).max() < 1e-4:
            break
    return slopes


def _formula(photos: Photos, expression: Floats, weights: Floats, strengths: Floats) -> Floats:
    terms = [
        (expression if name == "expression" else photos.column(name), float(weight))
        for name, weight in zip(TERMS, weights, strict=True)
    ]
    return total_scores(
        terms, [(photos.column(name), float(strength)) for name, strength in zip(DEFECTS, strengths, strict=True)]
    )


if __name__ == "__main__":
    main()
