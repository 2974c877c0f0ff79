"""Models the similarities of an album as two normal distributions, strangers and the person, to find the threshold.

The mean of strangers differs between albums and references. An album of five faces cannot tell it, so the engine's
population does; in an album of 500 faces the album decides. The larger the album and the fewer its photos of the
person, the higher the threshold, which keeps chance hits out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.populations import WIDER, Population

__all__ = ["Mixture", "fit_mixture"]

_Numbers = NDArray[np.float64]
"""Double precision, since densities of far values are tiny."""

_MEAN_WEIGHT = 20.0
"""The population's mean of strangers counts as much as this number of faces of the album."""
_SPREAD_WEIGHT = 60.0
"""The same for the spread of strangers."""
_MEAN_REACH = 0.06
"""Largest distance of an album's mean from the population's: three times what references of LFW differ by."""
_SPREAD_REACH = (0.78, 1.33)
"""Limits of an album's spread, as multiples of the population's."""
_HITS, _MISSES = 0.5, 4.5
"""Prior of the person's share: as if half a face of five had been the person."""
_MOST = 0.5
"""Largest share of the person: at a portrait session a guest must not pass for the sitter."""
_ROUNDS = 12
"""Rounds of expectation and maximisation."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two normal distributions and the share of the person's."""

    stranger_mean: float
    """Of this album: strangers differ between albums."""
    stranger_spread: float
    """Standard deviation of the same."""
    same_mean: float
    """Mean similarity of the person's photos to the nearest look."""
    same_spread: float
    """Standard deviation of the same."""
    share: float
    """The person's share of all faces."""
    look_alikes: float = 0.0
    """The share of strangers with a wider spread (:data:`WIDER`)."""

    def certainty(self, similarity: Floats | _Numbers) -> _Numbers:
        """The probability that a face with each similarity is the person, 0 to 1."""
        # Beyond its mean each density stays at its peak: a face cannot be too similar to be the person.
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
        """The similarity from which the probability is at least this."""
        grid = np.linspace(self.stranger_mean, 1.0, 1000)
        place = int(np.searchsorted(self.certainty(grid), certainty))
        return float(grid[min(place, len(grid) - 1)])


def fit_mixture(similarity: Floats, people: Population, gain: float = 1.0, weights: Floats | None = None) -> Mixture:
    """Fit the mixture to one album; ``gain`` is that of the looks (:attr:`Looks.gain`).

    ``weights`` says how many faces each similarity stands for.
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
    # Most faces are certainly strangers, so each round needs only three sums of theirs.
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
