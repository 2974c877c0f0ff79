"""What a score is made of.

A score is the weighted mean of the signals that are known, less penalties:
``mean(weight * value) * product(1 - strength * (1 - value))``, between 0 and 1.
An unknown signal shifts its weight to the known ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import msgspec

__all__ = ["Penalty", "Term", "total_score"]


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


def total_score(terms: Sequence[Term], penalties: Sequence[Penalty]) -> float:
    """The score of these terms and penalties."""
    known = [(term.value, term.weight) for term in terms if term.value is not None]
    total = sum(weight for _, weight in known)
    mean = sum(value * weight for value, weight in known) / total if total else 0.0
    # Four digits are what is shown; equal shown scores are equal.
    return round(mean * prod(penalty.factor for penalty in penalties), 4)
