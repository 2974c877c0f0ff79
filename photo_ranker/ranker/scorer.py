"""The one formula of the score, over columns: for one photo, for ten thousand, for a library and for a slider.

Every signal that is known earns points, ``weight * value + free``; a score is the share of the points that can be
earned, less what defects take: ``sum(points) / sum(most) * product(1 - strength * (1 - value))``, between 0 and 1.
An unknown signal shifts its weight to the known ones; only an expression that cannot be seen counts as a poor one,
since raters put most photos of faces that are turned away behind others.

Photos of the person alone and among others have separate weights on one scale: the most that a signal can earn is
the larger of its two weights. Where a signal counts more among others, a person alone gets the difference for free;
where it counts less, it earns less among others. Signals of the others can only take points away. So the same face
never earns more in company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import isnan, nan
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.ranker.expression import Values
from photo_ranker.ranker.signals import DEFECTS, SIGNALS, FaceSignals, Signal, curve
from photo_ranker.settings import Kind, SignalSettings, WeightSettings

__all__ = [
    "COLUMNS",
    "IS_GROUP",
    "WEIGHED",
    "Penalty",
    "Seen",
    "Term",
    "parts_of_score",
    "rounded",
    "rows_of",
    "scores",
    "total_scores",
]

Number = Values | float
KINDS: tuple[Kind, Kind] = ("single", "group")

Column = Callable[[str], NDArray[np.floating]]
"""Gives the values of a column; NaN = not known."""

EXCUSED = ("eyes_open", "facing", "looking")
"""Signals that are left out for people who kiss, hug or look at each other."""

IS_GROUP = "is_group"
"""The first column says whether others count in the photo: 1, or 0."""


class Term(msgspec.Struct, frozen=True):
    """One signal's share of a score."""

    name: str
    value: float | None
    """In [0, 1], higher is better; None = not measured."""
    weight: float
    free: float = 0.0
    """Points that it earns whatever its value is; below 0 for a signal that can only take points away."""
    missed: float = 0.0
    """Points that it could earn only in the other kind of photo, where it counts more."""
    is_unseen: bool = False
    """It was not measured, and ``value`` is what it counts as then."""

    @property
    def is_measured(self) -> bool:
        """Whether its value says something about the photo."""
        return self.value is not None and not self.is_unseen

    @property
    def most(self) -> float:
        """The points that it could earn in either kind."""
        return self.weight + self.free + self.missed

    @property
    def points(self) -> float:
        """What it earns; 0 if it is not known."""
        return 0.0 if self.value is None else self.weight * self.value + self.free


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
    places = {name: place for place, name in enumerate(WeightSettings.declared())}
    weighed = [signal for signal in signals if signal.single or signal.group]
    return tuple(sorted(weighed, key=lambda signal: places[signal.group or signal.single]))


WEIGHED = _in_order_of_weights(SIGNALS)
"""The signals that count in photos of either kind, in the order in which a score is explained."""

COLUMNS = tuple(dict.fromkeys([IS_GROUP, *(signal.name for signal in WEIGHED), *(defect.signal for defect in DEFECTS)]))
"""All that a score depends on besides the weights. The values already include the curves, and who counts."""

_PLACES = {name: place for place, name in enumerate(COLUMNS)}
_COUNTING = {kind: [signal for signal in WEIGHED if signal.weight(kind)] for kind in KINDS}
"""Kind of photo -> the signals that count in it."""


class Seen(NamedTuple):
    """Who counts in each of some photos: the person, then the others."""

    faces: NDArray[np.int64]
    """Their numbers among the signals of all faces, photo by photo."""
    counts: NDArray[np.int64]
    """How many count in each photo."""
    excused: NDArray[np.bool_]
    """Which of them need not look at the camera with open eyes there."""

    @property
    def persons(self) -> NDArray[np.int64]:
        """Where each photo begins: the places of the person."""
        return np.cumsum(self.counts) - self.counts


def rows_of(signals: Sequence[FaceSignals], seen: Seen, settings: SignalSettings) -> Values:
    """The values of :data:`COLUMNS`, a row for each photo."""
    owners = np.repeat(np.arange(len(seen.counts)), seen.counts)

    def values(name: str) -> Values:
        found = np.array([getattr(each, name) for each in signals], np.float64)[seen.faces]
        return np.where(seen.excused, nan, found) if name in EXCUSED else found

    def mean(values: Values) -> Values:
        known = ~np.isnan(values) & (seen.counts > 1)[owners]
        count = np.bincount(owners[known], minlength=len(seen.counts))
        return np.where(count > 0, np.bincount(owners[known], values[known], len(count)) / np.maximum(count, 1), nan)

    looking = values("looking")
    is_bad = (values("facing") < settings.good_facing) | (looking < settings.good_eyes)
    is_bad |= values("eyes_open") < settings.good_eyes
    # If it cannot be seen whether a face looks at the camera (small, in profile), it is neither good nor bad.
    good = np.where(is_bad, 0.0, np.where(np.isnan(looking) & ~seen.excused, 0.5, 1.0))
    of_photo = {
        IS_GROUP: (seen.counts > 1).astype(np.float64),
        "good_faces": mean(good),
        "group_sharpness": mean(values("sharpness")),
    }
    found = (of_photo[name] if name in of_photo else values(name)[seen.persons] for name in COLUMNS)
    return np.column_stack(list(found))


def scores(column: Column, weights: WeightSettings) -> Values:
    """The score of each photo, not rounded."""
    is_group = column(IS_GROUP) > 0
    alone, among = (_weighting(kind, weights) for kind in KINDS)

    def shares(name: str) -> tuple[Values, Values, Values]:
        weight, free, most = (np.where(is_group, *both) for both in zip(among[name], alone[name], strict=True))
        return weight, free, most

    def values(signal: Signal) -> Values:
        found = _exact(column(signal.name))
        return np.where(np.isnan(found), getattr(weights, signal.unseen), found) if signal.unseen else found

    terms = ((values(signal), *shares(signal.name)) for signal in WEIGHED)
    defects = (
        (curve(_exact(column(COLUMNS[place])), (0.0, limit)), take) for _, place, limit, take in _defects(weights)
    )
    return total_scores(terms, defects)


def total_scores(
    terms: Iterable[tuple[Values, Number, Number, Number]], penalties: Iterable[tuple[Values, float]]
) -> Values:
    """The formula; NaN = not known.

    A term holds the values of a signal, its weight, free points and most points; a penalty the values of a defect and
    its strength.
    """
    total: Number = 0.0
    most: Number = 0.0
    for values, weight, free, possible in terms:
        known = ~np.isnan(values)
        total = total + np.where(known, values * weight + free, 0.0)
        most = most + known * possible
    # More can be taken away than is earned; raised to 0 before the division, since weights may be tiny.
    earned = np.maximum(total, 0.0)
    share: Values = np.divide(earned, most, out=np.zeros(np.shape(total)), where=np.greater(most, 0))
    remains: Number = 1.0
    for values, strength in penalties:
        remains = remains * (1 - strength * (1 - np.where(np.isnan(values), 1.0, values)))
    return share * remains


def rounded(values: Values) -> Values:
    """Four digits, as shown: scores that look equal are equal. Numpy's own rounding differs in the last digit."""
    return np.array([round(value, 4) for value in values.tolist()])


def parts_of_score(row: Sequence[float], weights: WeightSettings) -> tuple[tuple[Term, ...], tuple[Penalty, ...]]:
    """What the score of one photo is made of: every term of its kind, and the defects that take something."""
    kind: Kind = "group" if row[0] else "single"
    weighting = _weighting(kind, weights)
    terms = tuple(
        _term(signal, row[_PLACES[signal.name]], weights, *weighting[signal.name]) for signal in _COUNTING[kind]
    )
    found = [(name, row[place], limit, take) for name, place, limit, take in _defects(weights)]
    left = ((name, float(curve(value, (0.0, limit))), take) for name, value, limit, take in found if value < limit)
    return terms, tuple(Penalty(name, value, take) for name, value, take in left)


def _term(signal: Signal, found: float, weights: WeightSettings, weight: float, free: float, most: float) -> Term:
    value, is_unseen = _known(found), isnan(found) and bool(signal.unseen)
    if is_unseen:
        value = float(getattr(weights, signal.unseen))
    return Term(signal.name, value, weight, free, most - weight - free, is_unseen)


@lru_cache(maxsize=16)  # ten thousand photos ask for the same
def _weighting(kind: Kind, weights: WeightSettings) -> dict[str, tuple[float, float, float]]:
    """Name of a signal -> its weight in this kind of photo, its free points and the most that it can earn."""
    found = {}
    for signal in WEIGHED:
        alone, among = (float(getattr(weights, name)) if name else 0.0 for name in (signal.single, signal.group))
        most = max(alone, among) if signal.single else 0.0
        found[signal.name] = (among, min(0.0, most - among), most) if kind == "group" else (alone, most - alone, most)
    return found


@lru_cache(maxsize=16)
def _defects(weights: WeightSettings) -> list[tuple[str, int, float, float]]:
    """The defects: name, place of the column, value below which it begins, the most that it takes."""
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


def _exact(values: NDArray[np.floating]) -> Values:
    return values.astype(np.float64, copy=False)
