"""The one formula of a score, over columns: for one photo, for ten thousand, for a library and for a slider.

A score is the weighted mean of the signals that are known, less what defects take:
``mean(weight * value) * product(1 - strength * (1 - value))``, between 0 and 1.
An unknown signal shifts its weight to the known ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import lru_cache
from math import isnan, nan

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.ranker.curves import curve
from photo_ranker.ranker.signals import DEFECTS, SIGNALS, FaceSignals, Signal
from photo_ranker.settings import Kind, SignalSettings, WeightSettings

__all__ = [
    "COLUMNS",
    "IS_GROUP",
    "WEIGHED",
    "Penalty",
    "Term",
    "Values",
    "parts_of_score",
    "rounded",
    "row_of",
    "scores",
    "total_score",
    "total_scores",
]

Values = NDArray[np.float64]

Column = Callable[[str], NDArray[np.floating]]
"""Gives the values of a column; NaN = not known."""

IS_GROUP = "is_group"
"""The first column says whether others count in the photo: 1, or 0."""


class Term(msgspec.Struct, frozen=True):
    """One signal's share of a score."""

    name: str
    value: float | None
    """In [0, 1], higher is better; None = not measured."""
    weight: float


class Penalty(msgspec.Struct, frozen=True):
    """What a defect takes from a score."""

    name: str
    value: float
    """In [0, 1], 1 = no defect."""
    strength: float
    """Share of the score that goes when the value is 0."""

    @property
    def factor(self) -> float:
        """What remains of the score."""
        return 1 - self.strength * (1 - self.value)


def _in_order_of_weights(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    places = {item.name: place for place, item in enumerate(fields(WeightSettings))}
    weighed = [signal for signal in signals if signal.single or signal.group]
    return tuple(sorted(weighed, key=lambda signal: places[signal.group or signal.single]))


WEIGHED = _in_order_of_weights(SIGNALS)
"""The signals that count in photos of either kind, in the order in which a score is explained."""

COLUMNS = tuple(dict.fromkeys([IS_GROUP, *(signal.name for signal in WEIGHED), *(defect.signal for defect in DEFECTS)]))
"""All that a score depends on beside the weights. Curves are in them, and who counts."""


def row_of(person: FaceSignals, others: Sequence[FaceSignals], settings: SignalSettings) -> list[float]:
    """The values of :data:`COLUMNS` for a photo of a person, alone or with others who count."""
    everyone = [person, *others] if others else []
    of_photo = {
        IS_GROUP: float(bool(others)),
        "good_faces": _mean([_is_good(each, settings) for each in everyone]),
        "group_sharpness": _mean([each.sharpness for each in everyone if each.sharpness is not None]),
    }
    found = (of_photo[name] if name in of_photo else getattr(person, name) for name in COLUMNS)
    return [nan if value is None else value for value in found]


def _is_good(signals: FaceSignals, settings: SignalSettings) -> float:
    facing = signals.facing is None or signals.facing >= settings.good_facing
    eyes = signals.eyes_open is None or signals.eyes_open >= settings.good_eyes
    return float(facing and eyes)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def scores(column: Column, weights: WeightSettings) -> Values:
    """The score of each photo, not rounded."""
    is_group = column(IS_GROUP) > 0
    alone, among = ({name: weight for name, _, weight in _weighting(kind, weights)} for kind in ("single", "group"))
    terms = (
        (_exact(column(signal.name)), np.where(is_group, among.get(signal.name, 0.0), alone.get(signal.name, 0.0)))
        for signal in WEIGHED
    )
    defects = ((_below(_exact(column(COLUMNS[place])), limit), take) for _, place, limit, take in _defects(weights))
    return total_scores(terms, defects)


def total_scores(terms: Iterable[tuple[Values, Values | float]], penalties: Iterable[tuple[Values, float]]) -> Values:
    """The formula: values with their weights, and what is left of defects with their strengths; NaN = not known."""
    total: Values | float = 0.0
    weights: Values | float = 0.0
    for values, weight in terms:
        known = ~np.isnan(values)
        total = total + np.where(known, values * weight, 0.0)
        weights = weights + known * weight
    mean: Values = np.divide(total, weights, out=np.zeros(np.shape(total)), where=np.greater(weights, 0))
    remains: Values | float = 1.0
    for values, strength in penalties:
        remains = remains * (1 - strength * (1 - np.where(np.isnan(values), 1.0, values)))
    return mean * remains


def total_score(terms: Iterable[tuple[float | None, float]]) -> float:
    """The score of one thing by values of its own with their weights."""
    columns = [(np.array([nan if value is None else value]), weight) for value, weight in terms]
    return float(rounded(total_scores(columns, ()))[0])


def rounded(values: Values) -> Values:
    """Four digits, as shown: scores that are shown alike are alike. Numpy's own rounding differs in the last digit."""
    return np.array([round(value, 4) for value in values.tolist()])


def parts_of_score(row: Sequence[float], weights: WeightSettings) -> tuple[tuple[Term, ...], tuple[Penalty, ...]]:
    """What the score of one photo is made of: every term of its kind, and the defects that take something."""
    terms = tuple(
        Term(name, _known(row[place]), weight)
        for name, place, weight in _weighting("group" if row[0] else "single", weights)
    )
    left = ((name, curve(_known(row[place]), (0.0, limit)), take) for name, place, limit, take in _defects(weights))
    return terms, tuple(Penalty(name, value, take) for name, value, take in left if value is not None and value < 1)


@lru_cache(maxsize=16)  # ten thousand photos ask for the same
def _weighting(kind: Kind, weights: WeightSettings) -> list[tuple[str, int, float]]:
    """The terms of a kind of photo: name, place of the column, weight."""
    counting = [(signal.name, signal.weight(kind)) for signal in WEIGHED if signal.weight(kind)]
    return [(name, COLUMNS.index(name), float(getattr(weights, weight))) for name, weight in counting]


@lru_cache(maxsize=16)
def _defects(weights: WeightSettings) -> list[tuple[str, int, float, float]]:
    """The defects: name, place of the column, below which value it begins, what it takes at most."""
    return [
        (
            defect.name,
            COLUMNS.index(defect.signal),
            float(getattr(weights, defect.limit)) if defect.limit else 1.0,
            float(getattr(weights, defect.penalty)),
        )
        for defect in DEFECTS
    ]


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _below(values: Values, limit: float) -> Values:
    """A straight curve from 0 to the limit, as ``curve`` has it for one value."""
    if not limit:
        return np.where(np.isnan(values), values, 1.0)
    shares: Values = np.clip(values / limit, 0.0, 1.0)
    return shares


def _exact(values: NDArray[np.floating]) -> Values:
    return values.astype(np.float64, copy=False)
