"""What is known of each identity model before an album is seen."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["POPULATIONS", "Population", "population_of"]


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
    stranger_tail: float = 1.0
    """How much further the nearest strangers are off their mean than in a normal crowd."""


# ArcFace models of 512 numbers, trained on millions of people. Not measured by us, as their weights are not ours to
# have: strangers scatter a little more than random directions do (1 / sqrt(512) = 0.044), and one person is about as
# near as with SFace. `make compare DATA=DIR` prints the figures of a pack that is installed; the album sets the rest.
_LARGE = Population(stranger_mean=0.02, stranger_spread=0.065, same_mean=0.60, same_spread=0.14)
_SMALL = Population(stranger_mean=0.03, stranger_spread=0.075, same_mean=0.56, same_spread=0.14)

POPULATIONS: dict[str, Population] = {
    # Strangers: 0.064 to 0.088 with 0.089 to 0.096 over three collections of 1,300 to 4,800 photos, normal to 4.5
    # spreads. One person: 0.655 with 0.10 in press photos; wider here, as private photos go from child to hat.
    "sface": Population(stranger_mean=0.078, stranger_spread=0.09, same_mean=0.60, same_spread=0.13),
    # Strangers 0.071 with 0.081 and one person 0.679 with 0.094, over all pairs of LFW. Of the nearest strangers one in
    # 100,000 is 4.70 spreads off their mean, and 4.42 with SFace, whose strangers are a normal crowd. The tail is the
    # one with fewest wrong photos for half of the people of LFW, as are the weights of the two networks.
    "duo": Population(stranger_mean=0.071, stranger_spread=0.081, same_mean=0.60, same_spread=0.13, stranger_tail=1.10),
    "buffalo_l": _LARGE,
    "buffalo_m": _LARGE,
    "antelopev2": _LARGE,
    "buffalo_s": _SMALL,
    "buffalo_sc": _SMALL,
}


def population_of(engine: str) -> Population:
    """What is known of an engine; of a pack of insightface that we do not know by name, what all have in common."""
    return POPULATIONS.get(engine, _LARGE)
