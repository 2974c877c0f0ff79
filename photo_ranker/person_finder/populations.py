"""How similar strangers, and photos of one person, are with each identity model, before an album is seen."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["POPULATIONS", "WIDER", "Population", "population_of"]

WIDER = 1.35
"""Spread of look-alikes, as a multiple of that of other strangers."""

_FURTHEST, _EXACT = 12.0, 1e-6
"""Bounds of the bisection, in spreads: the upper end, and the precision."""


@dataclass(frozen=True, slots=True)
class Population:
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

    def likeness(self, chance: float) -> float:
        """The cosine that two strangers exceed with this probability."""
        if not self.look_alikes:
            return self.stranger_mean + self.stranger_spread * NormalDist().inv_cdf(1 - chance)
        low, high = 0.0, _FURTHEST
        while high - low > _EXACT:
            middle = (low + high) / 2
            low, high = (middle, high) if self._beyond(middle) > chance else (low, middle)
        return self.stranger_mean + self.stranger_spread * low

    def _beyond(self, spreads: float) -> float:
        """The share of strangers more than this many spreads above the mean."""
        crowd, wide = NormalDist().cdf(-spreads), NormalDist().cdf(-spreads / WIDER)
        return crowd * (1 - self.look_alikes) + wide * self.look_alikes


# ArcFace models of 512 numbers, trained on millions of people. Not measured by us, as their weights are not ours to
# have: strangers scatter a little more than random directions do (1 / sqrt(512) = 0.044), and one person is about as
# near as with SFace. `make compare DATA=DIR` prints the figures of a pack that is installed; the album sets the rest.
_LARGE = Population(stranger_mean=0.02, stranger_spread=0.065, same_mean=0.60, same_spread=0.14)
_SMALL = Population(stranger_mean=0.03, stranger_spread=0.075, same_mean=0.56, same_spread=0.14)

POPULATIONS: dict[str, Population] = {
    # Strangers: 0.064 to 0.088 with 0.089 to 0.096 over three collections of 1,300 to 4,800 photos, normal to 4.5
    # spreads. One person: 0.655 with 0.10 in press photos; wider here, as private photos go from child to hat.
    "sface": Population(stranger_mean=0.078, stranger_spread=0.09, same_mean=0.60, same_spread=0.13),
    # Strangers 0.061 with 0.081 and one person 0.679 with 0.095, over all pairs of LFW. Most strangers scatter by 0.079
    # and some more widely: one in 100,000 is 4.6 spreads off the mean, and 4.2 with SFace, as in a normal crowd.
    # Share and weights are those with the best F1 for half of the people of LFW.
    "duo": Population(stranger_mean=0.061, stranger_spread=0.079, same_mean=0.60, same_spread=0.13, look_alikes=0.1),
    "buffalo_l": _LARGE,
    "buffalo_m": _LARGE,
    "antelopev2": _LARGE,
    "buffalo_s": _SMALL,
    "buffalo_sc": _SMALL,
}


def population_of(engine: str) -> Population:
    """The population of an engine; an unknown pack of insightface has that of large ArcFace models."""
    return POPULATIONS.get(engine, _LARGE)
