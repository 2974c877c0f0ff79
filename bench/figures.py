"""Measured figures: value, standard error, floor, and whether the floor is met."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt

__all__ = ["Figure", "as_json", "share", "table"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number."""

    section: str
    name: str
    value: float
    error: float | None = None
    """Standard error; None = not a sample."""
    floor: float | None = None
    """At least this is wanted; None = for information."""
    at_most: bool = False
    """The floor is a ceiling."""
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the floor is met; within one standard error counts as met."""
        if self.floor is None:
            return ""
        short = self.value - self.floor if self.at_most else self.floor - self.value
        if short <= 0:
            return "pass"
        return "pass (within one error)" if short <= (self.error or 0.0) else "FALLS SHORT"


def share(good: int, total: int) -> tuple[float, float]:
    """A share and its standard error (of a binomial with one more of each outcome, so that it is never 0)."""
    p = (good + 1) / (total + 2)
    return good / total, sqrt(p * (1 - p) / total)


def table(figures: Sequence[Figure]) -> str:
    """The figures for a person to read."""
    lines, section = [], ""
    for figure in figures:
        if figure.section != section:
            section = figure.section
            lines += ["", section]
        error = "" if figure.error is None else f"± {figure.error:.4f}"
        floor = "" if figure.floor is None else f"{'<=' if figure.at_most else '>='} {figure.floor:g}"
        line = f"  {figure.name:<46}{figure.value:>9.4f} {error:<10}{floor:<10}{figure.verdict}"
        lines.append(f"{line}  {figure.note}".rstrip())
    return "\n".join(lines[1:])


def as_json(figures: Sequence[Figure]) -> str:
    """The figures for a program to read."""
    return json.dumps([{**asdict(figure), "verdict": figure.verdict} for figure in figures], indent=1)
