"""What is known of each identity model before an album is seen: how similar strangers are, and photos of one person."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats

__all__ = ["POPULATIONS", "WIDER", "Mixture", "Population", "fit_mixture", "population_of"]

WIDER = 1.35
"""Spread of look-alikes, as a multiple of that of other strangers."""

_FURTHEST, _EXACT = 12.0, 1e-6
"""Bounds of the bisection, in spreads: the upper end, and the precision."""


class Population(msgspec.Struct, frozen=True):
    """Cosines of one identity model among people in general; ``bench/persons.py`` prints them for labelled photos."""

    stranger_mean: float
    """Mean cosine of two people."""
    stranger_spread: float
    """Standard deviation of the same."""
    same_mean: float
    """Mean cosine of two photos of one person."""
    same_spread: float
    """Standard deviation of the same."""
    look_alikes: float = 0.0
    """The share of strangers with the spread :data:`WIDER`; 0 if strangers are normally distributed."""
    leeway: float = 0.0
    """How much less a face may resemble the person if it is barely clear enough to be recognised."""
    demand: float = 0.0
    """How much more a face must resemble many photos of the person for each point of clarity above plain."""

    def likeness(self, chance: float) -> float:
        """The cosine that two strangers exceed with this probability."""
        from statistics import NormalDist  # slow to load, and a search does not need it

        if not self.look_alikes:
            return self.stranger_mean + self.stranger_spread * NormalDist().inv_cdf(1 - chance)
        low, high = 0.0, _FURTHEST
        while high - low > _EXACT:
            middle = (low + high) / 2
            low, high = (middle, high) if self._beyond(middle) > chance else (low, middle)
        return self.stranger_mean + self.stranger_spread * low

    def _beyond(self, spreads: float) -> float:
        """The share of strangers more than this many spreads above the mean."""
        from statistics import NormalDist

        crowd, wide = NormalDist().cdf(-spreads), NormalDist().cdf(-spreads / WIDER)
        return crowd * (1 - self.look_alikes) + wide * self.look_alikes


# ArcFace models with embeddings of 512 numbers, trained on millions of people. We may not have their weights, so these
# are not measured but assumed: strangers scatter a little more than random directions do (1 / sqrt(512) = 0.044), and
# photos of one person are about as similar as with SFace. `make compare DATA=DIR` prints the figures of an installed
# pack; the album sets the rest.
_LARGE = Population(stranger_mean=0.02, stranger_spread=0.065, same_mean=0.60, same_spread=0.14)
_SMALL = Population(stranger_mean=0.03, stranger_spread=0.075, same_mean=0.56, same_spread=0.14)

POPULATIONS: dict[str, Population] = {
    # Strangers: 0.064 to 0.088, spread 0.089 to 0.096, in three collections of 1,300 to 4,800 photos; distributed
    # normally up to 4.5 spreads. One person: 0.655, spread 0.10, in press photos; wider here, since private photos show
    # children and hats.
    "sface": Population(
        stranger_mean=0.078, stranger_spread=0.09, same_mean=0.60, same_spread=0.13, leeway=0.05, demand=0.02
    ),
    # Strangers: 0.061, spread 0.081; one person: 0.679, spread 0.095; over all pairs of LFW. Most strangers have a
    # spread of 0.079 and some a wider one: one in 100,000 is 4.6 spreads from the mean; with SFace it is 4.2, as in a
    # normal distribution. Share and weights are those with the best F1 for half of the people of LFW. Faces of 140 of
    # these people were reduced and blurred: one in 10,000 has a cosine to a stranger of 0.40 if its clarity is 11 or
    # more, of 0.35 at 8 to 8.5 and of 0.31 at 6.5 to 7; the mean cosine to its own person is 0.70, 0.30 and 0.21, and
    # 0.15 below 6.5. One plain photo in 100 resembles three or more others of its person by less than 0.53 at a clarity
    # of 11, and by less than 0.71 at 14. Half of that rise is required, since press photos rarely span years or show
    # hats.
    "duo": Population(
        stranger_mean=0.061,
        stranger_spread=0.079,
        same_mean=0.60,
        same_spread=0.13,
        look_alikes=0.1,
        leeway=0.09,
        demand=0.03,
    ),
    "buffalo_l": _LARGE,
    "buffalo_m": _LARGE,
    "antelopev2": _LARGE,
    "buffalo_s": _SMALL,
    "buffalo_sc": _SMALL,
}


def population_of(engine: str) -> Population:
    """The population of an engine; an unknown pack of insightface has that of large ArcFace models."""
    return POPULATIONS.get(engine, _LARGE)


# Models the similarities of an album as two normal distributions, strangers and the person, to find the threshold.
#
# The mean of strangers differs between albums and references. An album of five faces cannot tell it, so the engine's
# population does; in an album of 500 faces the album decides. The larger the album and the fewer its photos of the
# person, the higher the threshold, which keeps chance hits out.


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
"""Prior of the person's share: as if half a face out of five had been the person."""
_MOST = 0.5
"""Largest share of the person: at a portrait session a guest must not pass for the sitter."""
_ROUNDS = 12
"""Rounds of expectation and maximisation."""


class Mixture(msgspec.Struct, frozen=True):
    """The similarities of strangers and of the person as normal distributions, and the person's share of all faces."""

    stranger_mean: float
    """Mean similarity of strangers in this album; it differs between albums."""
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
    # Most faces are certainly strangers, so each round needs only three sums over them.
    is_low = similarity < people.stranger_mean + people.stranger_spread
    low, high = similarity[is_low].astype(np.float64), similarity[~is_low].astype(np.float64)
    low_times = times[is_low]
    sums = float(low_times.sum()), float(low @ low_times), float((low * low_times) @ low)
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
    return msgspec.structs.replace(
        now, stranger_mean=mean, stranger_spread=min(max(spread, least), most), share=min(share, _MOST)
    )


def _normal(value: Floats | _Numbers, mean: float, spread: float) -> _Numbers:
    density: _Numbers = np.exp(-0.5 * ((value.astype(np.float64) - mean) / spread) ** 2) / spread
    return density
