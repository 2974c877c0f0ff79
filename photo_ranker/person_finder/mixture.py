"""The similarities of an album as two crowds, strangers and the person, and the line between them.

Strangers are normal about a mean that every album and reference has of its own. What an album of five faces
cannot tell is taken from the population of the engine; in one of 500 the album itself decides. The larger the
album and the fewer its photos of the person, the higher the line: that is how chance hits are kept out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photo_ranker.codec import Floats
from photo_ranker.person_finder.populations import WIDER, Population

__all__ = ["Mixture", "fit_mixture"]

_Numbers = NDArray[np.float64]

_MEAN_WEIGHT = 20.0
"""The population's stranger mean counts like so many faces of the album."""
_SPREAD_WEIGHT = 60.0
_MEAN_REACH = 0.06
"""No album's strangers are further off the population: three times what the references of LFW differ by."""
_SPREAD_REACH = (0.78, 1.33)
_HITS, _MISSES = 0.5, 4.5
"""Before an album is seen: as if among five faces half a one had been the person."""
_MOST = 0.5
"""The share of the person counts for no more: a guest at a portrait session must not pass for the sitter."""
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two normal crowds and the share of the person's."""

    stranger_mean: float
    stranger_spread: float
    same_mean: float
    same_spread: float
    share: float
    look_alikes: float = 0.0
    """The share of strangers who scatter more widely than the others."""

    def certainty(self, similarity: Floats | _Numbers) -> _Numbers:
        """How likely each similarity is the person's, 0 to 1."""
        # Above its mean a crowd's density stays at its peak on the far side: nobody is too similar.
        same = _normal(np.minimum(similarity, self.same_mean), self.same_mean, self.same_spread) * self.share
        other = self._stranger_density(np.maximum(similarity, self.stranger_mean))
        return same / (same + other * (1 - self.share))

    def _stranger_density(self, similarity: Floats | _Numbers) -> _Numbers:
        density = _normal(similarity, self.stranger_mean, self.stranger_spread)
        if not self.look_alikes:
            return density
        wide = _normal(similarity, self.stranger_mean, self.stranger_spread * WIDER)
        return density * (1 - self.look_alikes) + wide * self.look_alikes

    def threshold(self, certainty: float = 0.5) -> float:
        """The similarity from which on the person is this likely."""
        grid = np.linspace(self.stranger_mean, 1.0, 1000)
        place = int(np.searchsorted(self.certainty(grid), certainty))
        return float(grid[min(place, len(grid) - 1)])


def fit_mixture(similarity: Floats, people: Population, gain: float = 1.0, weights: Floats | None = None) -> Mixture:
    """The crowds of one album; ``gain`` is how much nearer the person is to an average of looks than to one photo.

    With ``weights`` each similarity counts so many times.
    """
    times = np.ones(len(similarity)) if weights is None else weights.astype(np.float64)
    found = Mixture(
        people.stranger_mean,
        people.stranger_spread,
        min(people.same_mean * gain, 0.8),
        people.same_spread,
        (_HITS + 1) / (_HITS + _MISSES + float(times.sum())),
        people.look_alikes,
    )
    # Most faces are far below any doubt: of them three sums are all that is needed.
    is_low = similarity < people.stranger_mean + people.stranger_spread
    low, high = similarity[is_low].astype(np.float64), similarity[~is_low].astype(np.float64)
    few = times[is_low]
    sums = float(few.sum()), float(low @ few), float((low * few) @ low)
    for _ in range(_ROUNDS):
        found = _refined(found, high, times[~is_low], sums, people)
    return found


def _refined(
    now: Mixture, high: _Numbers, times: _Numbers, low: tuple[float, float, float], people: Population
) -> Mixture:
    person = now.certainty(high) * times
    stranger = times - person
    count = low[0] + float(stranger.sum())
    total, squares = low[1] + float(stranger @ high), low[2] + float(stranger @ (high * high))
    mean = (_MEAN_WEIGHT * people.stranger_mean + total) / (_MEAN_WEIGHT + count)
    mean = min(max(mean, people.stranger_mean - _MEAN_REACH), people.stranger_mean + _MEAN_REACH)
    off = squares - 2 * mean * total + count * mean * mean
    spread = float(np.sqrt((_SPREAD_WEIGHT * people.stranger_spread**2 + off) / (_SPREAD_WEIGHT + count)))
    least, most = (people.stranger_spread * reach for reach in _SPREAD_REACH)
    share = (_HITS + float(person.sum())) / (_HITS + _MISSES + low[0] + float(times.sum()))
    return replace(now, stranger_mean=mean, stranger_spread=min(max(spread, least), most), share=min(share, _MOST))


def _normal(value: Floats | _Numbers, mean: float, spread: float) -> _Numbers:
    density: _Numbers = np.exp(-0.5 * ((value.astype(np.float64) - mean) / spread) ** 2) / spread
    return density
