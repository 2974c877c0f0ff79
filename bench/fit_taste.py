"""Fits expression and weights to what raters prefer: ``python -m bench.fit_taste DATA`` prints both.

The expression comes first: a linear fit of what the mesh and its networks say about a face, so that the photo that a
rater prefers gets a higher value. The weights follow, with the formula of photo_ranker/ranker/scorer.py itself.
Everything is judged in folds: the fit that scores a sheet has seen neither its person nor its album, and no fit sees
the web photos. Run ``python -m bench.fit_look DATA`` first: what its networks say about people that they have not seen
is one of the traits.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from pprint import pformat

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.measured import records_of
from bench.taste import SETS, Sheet, agreement, ranked, set_of, sheets
from bench.taste_folds import Place, folds, looks_of_strangers, preferences
from photo_ranker.ranker import rows_of_faces
from photo_ranker.ranker.expression import EXPRESSION_SOFTNESS, expression_traits, mesh_columns
from photo_ranker.ranker.scorer import COLUMNS, scores
from photo_ranker.ranker.signals import SIGNALS
from photo_ranker.settings import Settings, WeightSettings

__all__ = ["Model", "Photos", "fit", "main", "photos_of", "scores_of_strangers"]

Floats = NDArray[np.float64]

RIDGE = 600.0
LOOK_RIDGE = RIDGE / 9
"""What the networks say of a face tells more than any other trait, so it is penalised less."""
FITTED = tuple(signal for signal in SIGNALS if signal.single)
AMONG_OTHERS = {"smile": 0.5, "expression": 0.9}
"""In a group the person need not smile: signals that count less there, and the share of their weight that remains."""
LEAST = {"sharpness": 0.8, "eyes_open": 0.5, "facing": 1.25}
"""Lowest weights: the sheets hold few blurred faces, closed eyes and profiles, so a fit without these bounds misorders
pairs that differ in these alone."""
MOST = 10.0
"""Highest weight: only the ratios of weights matter, so their size is bounded."""
BEGIN = 1.0
STRAY = 2e-3
"""How strongly weights are held near their start."""


@dataclass(frozen=True)
class Photos:
    """Every photo of the sheets as a row."""

    number: dict[Place, int]
    traits: Floats
    """Traits of the expression; NaN where there is no mesh that can be trusted."""
    names: tuple[str, ...]
    columns: Floats
    """The columns of the scorer."""

    @cached_property
    def standard(self) -> Floats:
        """The traits with mean 0 and deviation 1; 0 where they are not known."""
        found = (self.traits - np.nanmean(self.traits, axis=0)) / np.nanstd(self.traits, axis=0)
        return np.asarray(np.clip(np.nan_to_num(found), -5, 5))

    def column(self, name: str) -> Floats:
        """The values of a column of the scorer."""
        found: Floats = self.columns[:, COLUMNS.index(name)]
        return found

    def by_sheet(self, wanted: Sequence[Sheet], values: Floats) -> dict[str, dict[str, float]]:
        """Sheet -> letter -> the value of that photo; unknown values count as 0."""
        known = np.nan_to_num(values)
        return {
            sheet.name: {letter: float(known[self.number[sheet.name, letter]]) for letter in sheet.photos}
            for sheet in wanted
        }


@dataclass(frozen=True)
class Pairs:
    """For each verdict, the row of the preferred photo, that of the other, and how much the verdict counts."""

    better: NDArray[np.int64]
    worse: NDArray[np.int64]
    weight: Floats

    @classmethod
    def of(cls, wanted: Sequence[Sheet], number: dict[Place, int]) -> Pairs:
        """The pairs of all raters of these sheets."""
        found = list(preferences(wanted))
        return cls(
            np.array([number[one.better] for one in found]),
            np.array([number[one.worse] for one in found]),
            np.array([one.weight for one in found]),
        )


@dataclass(frozen=True)
class Model:
    """What was fitted."""

    expression: Floats
    """A weight for each trait as measured, not standardised."""
    start: float
    weights: WeightSettings

    def score(self, photos: Photos) -> Floats:
        """The score of every photo."""
        return _scores(photos, self.values(photos), self.weights)

    def values(self, photos: Photos) -> Floats:
        """The expression of every photo, 0 to 1."""
        odds = self.start + photos.traits @ self.expression
        return np.asarray(1 / (1 + np.exp(-odds / EXPRESSION_SOFTNESS)))


def main() -> None:
    """Fit, judge in folds, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA")
    every = sheets(parser.parse_args().data)
    photos = photos_of(every)
    judge(every, scores_of_strangers(every, photos))
    model = fit(folds(every)[-1].fitted_on, photos)
    named = {name: round(float(value), 3) for name, value in zip(photos.names, model.expression, strict=True)}
    print(f"EXPRESSION = Fit({model.start:.3f}, {pformat(named)})")
    for signal in FITTED:
        print(
            f"{signal.name:<12}{getattr(model.weights, signal.single):6.2f}{getattr(model.weights, signal.group):6.2f}"
        )


def photos_of(every: Sequence[Sheet]) -> Photos:
    """Measure every photo of the sheets; the network that says how the face looks has not seen the person."""
    settings, looks = Settings(), looks_of_strangers()
    records = records_of(seen.path for sheet in every for seen in sheet.photos.values())
    number: dict[Place, int] = {}
    meshes, of_the_map, faces = [], [], []
    for sheet in every:
        for letter, seen in sheet.photos.items():
            record, item = records[seen.path], ranked(seen, records[seen.path], settings)
            if record is None or item is None:
                raise SystemExit(f"no face found in {seen.path}")
            faces.append((item.face, record))
            mesh = None if item.signals.expression is None else item.face.mesh
            meshes.append(mesh)
            of_the_map.append(looks[sheet.name, letter])
            number[sheet.name, letter] = len(faces) - 1
    traits = expression_traits(mesh_columns(meshes), np.array(of_the_map))
    return Photos(number, np.column_stack(list(traits.values())), tuple(traits), rows_of_faces(faces, settings))


def scores_of_strangers(every: Sequence[Sheet], photos: Photos) -> dict[str, dict[str, float]]:
    """Sheet -> letter -> score by a fit that has seen neither the person nor the album."""
    found: dict[str, dict[str, float]] = {}
    for fold in folds(every):
        found |= photos.by_sheet(fold.judged, fit(fold.fitted_on, photos).score(photos))
    return found


def judge(every: Sequence[Sheet], found: dict[str, dict[str, float]]) -> None:
    """Print how far scores and raters agree."""
    for name in SETS:
        for who, chosen in (("three raters", True), ("fewer", False)):
            agreements = [
                agreement(sheet, found[sheet.name])
                for sheet in every
                if set_of(sheet) == name and sheet.has_three_raters is chosen
            ]
            if agreements:
                pairs = sum(item.pairs for item in agreements) / sum(item.of_pairs for item in agreements)
                first = sum(item.first for item in agreements) / sum(item.of_first for item in agreements)
                print(f"# not fitted on: {name}, {who}: pairs {pairs:.4f}, first choice {first:.4f}")


def fit(fitted_on: Sequence[Sheet], photos: Photos) -> Model:
    """The expression, then the weights."""
    pairs = Pairs.of(fitted_on, photos.number)
    ridge = np.array([LOOK_RIDGE if name == "look" else RIDGE for name in photos.names])
    slopes = _ridge(photos.standard[pairs.better] - photos.standard[pairs.worse], pairs.weight, ridge)
    expression = slopes / np.nanstd(photos.traits, axis=0)
    start = -float(np.nanmean(photos.traits, axis=0) @ expression)
    model = Model(expression, start, WeightSettings())
    values = model.values(photos)

    def loss(given: Floats) -> float:
        found = _scores(photos, values, _weights(np.exp(given[:-1])))
        margin = (found[pairs.better] - found[pairs.worse]) * np.exp(given[-1])
        strayed = float((given[:-1] ** 2).mean())
        return float((pairs.weight * np.logaddexp(0, -margin)).sum() / pairs.weight.sum() + STRAY * strayed)

    begin = np.append(np.full(len(FITTED), np.log(BEGIN)), np.log(15.0))
    bounds = [(np.log(LEAST.get(signal.name, 0.05)), np.log(MOST)) for signal in FITTED]
    found = minimize(loss, begin, method="L-BFGS-B", bounds=[*bounds, (0.0, 4.0)], options={"maxiter": 40}).x
    return replace(model, weights=_weights(np.exp(found[:-1])))


def _weights(given: Floats) -> WeightSettings:
    """The weights for both kinds of photo, from those for a photo of one person."""
    named = {}
    for signal, weight in zip(FITTED, given, strict=True):
        named[signal.single] = float(weight)
        named[signal.group] = float(weight) * AMONG_OTHERS.get(signal.name, 1.0)
    return Settings(**named).weights


def _scores(photos: Photos, expression: Floats, weights: WeightSettings) -> Floats:
    return scores(lambda name: expression if name == "expression" else photos.column(name), weights)


def _ridge(differences: Floats, weight: Floats, ridge: Floats) -> Floats:
    """Logistic regression with a ridge penalty on the differences of two photos, by Newton's method."""
    slopes = np.zeros(differences.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-(differences @ slopes)))
        gradient = differences.T @ (weight * (1 - likely)) - ridge * slopes
        curvature = (differences * (weight * likely * (1 - likely))[:, None]).T @ differences
        step = np.linalg.solve(curvature + np.diag(ridge), gradient)
        slopes += step
        if np.abs(step).max() < 1e-4:
            break
    return slopes


if __name__ == "__main__":
    main()
