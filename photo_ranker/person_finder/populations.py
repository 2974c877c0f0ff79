"""What is known of each identity model before an album is seen."""

from __future__ import annotations

from dataclasses import dataclass

from photo_ranker.errors import UserError

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


POPULATIONS: dict[str, Population] = {
    # Strangers: 0.064 to 0.088 with 0.089 to 0.096 over three collections of 1,300 to 4,800 photos, normal to 4.5
    # spreads. One person: 0.655 with 0.10 in press photos; wider here, as private photos go from child to hat.
    "sface": Population(stranger_mean=0.078, stranger_spread=0.09, same_mean=0.60, same_spread=0.13),
}


def population_of(engine: str) -> Population:
    """What is known of an engine."""
    if engine not in POPULATIONS:
        raise UserError(f"no figures are known for the engine '{engine}'", f"choose one of: {', '.join(POPULATIONS)}")
    return POPULATIONS[engine]
