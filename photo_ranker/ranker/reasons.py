"""The strongest reasons for and against one photo by itself, in plain words.

Where an answer holds several photos, :mod:`photo_ranker.ranker.contrasts` says what tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from photo_ranker.ranker.scorer import Penalty, Term
from photo_ranker.ranker.signals import DEFECTS, SIGNALS, Words

__all__ = ["BAD", "GOOD", "MOST", "SAME_MATTER", "TOGETHER", "WEAK", "WORDS", "explain", "reasons_for"]

MOST = 3
"""Limit of reasons on each side."""

GOOD, WEAK, BAD = 0.7, 0.5, 0.25
"""From here on a signal speaks for a photo; below here against it; and below here strongly."""

WORDS: dict[str, Words] = {signal.name: signal.words for signal in SIGNALS if signal.words}
WORDS |= {defect.name: defect.words for defect in DEFECTS}
WORDS["collage"] = Words("", "shown twice", "shown twice")
"""Name of a term or a defect -> its words; a collage is a defect that is no signal of a face."""

TOGETHER = "a moment together"
"""Said where somebody kisses, hugs or looks at another, whatever the weights."""

SAME_MATTER = {defect.name: defect.replaces for defect in DEFECTS if defect.replaces}


def reasons_for(terms: Sequence[Term], penalties: Sequence[Penalty]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two or three strongest reasons for, and against."""
    total = sum(term.weight for term in terms if term.value is not None) or 1.0
    good: list[tuple[float, str]] = []
    bad: list[_Against] = []
    for term in terms:
        if term.value is None or term.weight == 0:
            continue
        share = term.weight / total
        if term.value >= GOOD:
            good.append((share * term.value, WORDS[term.name].good))
        elif term.value < WEAK:
            bad.append(_Against(term.name, is_bad=term.value < BAD, strength=share * (1 - term.value)))
    bad += [
        _Against(item.name, is_bad=item.value < WEAK, strength=1 - item.factor)
        for item in penalties
        if item.value < GOOD
    ]
    return _strongest(good), _strongest(_each_matter_once(bad))


class _Against(NamedTuple):
    name: str
    is_bad: bool
    """Bad, or only weak: which of its words is said."""
    strength: float


def _each_matter_once(found: Sequence[_Against]) -> list[tuple[float, str]]:
    """One of the words about each matter, the stronger, with the strength of all."""
    matters: dict[str, list[_Against]] = {}
    for item in found:
        matters.setdefault(SAME_MATTER.get(item.name, item.name), []).append(item)
    said = []
    for items in matters.values():
        worst = max(items, key=lambda item: (item.is_bad, item.name in SAME_MATTER, item.strength))
        words = WORDS[worst.name]
        said.append((sum(item.strength for item in items), words.bad if worst.is_bad else words.weak))
    return said


def _strongest(found: list[tuple[float, str]]) -> tuple[str, ...]:
    strength: dict[str, float] = {}
    for share, words in found:
        strength[words] = strength.get(words, 0.0) + share
    return tuple(sorted(strength, key=lambda words: (-strength[words], words))[:MOST])


def explain(terms: Sequence[Term], penalties: Sequence[Penalty], score: float) -> str:
    """The arithmetic of one score, line by line."""
    most = sum(term.most for term in terms if term.value is not None)
    lines = [f"  {'signal':<16}{'value':>7}{'weight':>8}{'gives':>8}"]
    for term in terms:
        if term.value is None:
            lines.append(f"  {term.name:<16}{'-':>7}{term.weight:>8.2f}{'-':>8}  not measured: others take its weight")
        else:
            gives = term.points / most if most else 0.0
            lines.append(f"  {term.name:<16}{term.value:>7.3f}{term.weight:>8.2f}{gives:>8.3f}")
    lines += [f"  {item.name:<16}{item.value:>7.3f}{'':>8}{f'x {item.factor:.3f}':>8}" for item in penalties]
    return "\n".join([*lines, f"  {'score':<16}{'':>7}{'':>8}{score:>8.4f}"])
