"""The same photos with other weights: what was measured stays, only scores and order are worked out anew.

Scoring 10,000 photos one by one takes a second; moving a slider may not. The formula is that of ``terms``,
for all photos at once; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album
from photo_ranker.ranker import Kind, RankedPhoto, score_photo
from photo_ranker.settings import Settings

__all__ = ["Lineup"]

Values = NDArray[np.float64]


class Lineup:
    """Ranked photos, ready to be weighed again and again."""

    def __init__(self, album: Album, ranked: Sequence[RankedPhoto]) -> None:
        self._album, self._ranked = album, ranked
        kinds: tuple[Kind, ...] = ("single", "group")
        members = [[number for number, item in enumerate(ranked) if item.kind == kind] for kind in kinds]
        self._by_path = _ranks([item.path for item in ranked])
        self._similarity = np.array([item.match.similarity for item in ranked])
        self._doubtful = np.array([item.match.doubtful for item in ranked], np.bool_)
        self._tables = [_Table([ranked[number] for number in numbers], numbers) for numbers in members if numbers]

    def order(self, settings: Settings, min_score: float = 0.0) -> list[int]:
        """Numbers of the photos in their new order, as ``in_order`` has it, down to a score."""
        scores = self._scores(settings)
        order = np.lexsort((self._by_path, -self._similarity, -scores, self._doubtful))
        kept: list[int] = order[scores[order] >= min_score].tolist()
        return kept

    def reweighed(self, settings: Settings, min_score: float = 0.0) -> list[RankedPhoto]:
        """The photos with their new scores in their new order; their reasons are still those of the first weighing."""
        scores = self._scores(settings).tolist()
        replace = msgspec.structs.replace
        return [replace(self._ranked[number], score=scores[number]) for number in self.order(settings, min_score)]

    def numbers_of(self, items: Iterable[RankedPhoto]) -> list[int]:
        """The numbers of some of the photos."""
        numbers = {item.match: number for number, item in enumerate(self._ranked)}
        return [numbers[item.match] for item in items]

    def explained(self, numbers: Iterable[int], settings: Settings) -> list[RankedPhoto]:
        """Some of the photos, wholly weighed: with the reasons that the weights give."""
        return [score_photo(self._album, self._ranked[number].match, settings) for number in numbers]

    def _scores(self, settings: Settings) -> Values:
        scores = np.zeros(len(self._ranked))
        for table in self._tables:
            scores[table.numbers] = table.scores(self._album, settings)
        # Python's own rounding, as total_score has it: numpy's differs in the last digit.
        return np.array([round(score, 4) for score in scores.tolist()])


class _Table:
    """Photos of one kind: they are scored by the same terms."""

    def __init__(self, items: Sequence[RankedPhoto], numbers: Sequence[int]) -> None:
        self.numbers = np.array(numbers)
        self._sample = items[0]
        values = np.array([[term.value for term in item.terms] for item in items], np.float64)
        self._known: Values = np.where(np.isnan(values), 0.0, 1.0)
        self._values: Values = np.nan_to_num(values)
        self._penalties: list[tuple[RankedPhoto, str, Values]] = [
            (next(item for item in items if name in _defects(item)), name, _column(items, name))
            for name in sorted({name for item in items for name in _defects(item)})
        ]

    def scores(self, album: Album, settings: Settings) -> Values:
        """The score of each photo."""
        weights = np.array([term.weight for term in score_photo(album, self._sample.match, settings).terms])
        total = self._known @ weights
        scores: Values = np.divide(self._values @ weights, total, out=np.zeros(len(total)), where=total > 0)
        for sample, name, values in self._penalties:
            defects = score_photo(album, sample.match, settings).penalties
            strength = next(item.strength for item in defects if item.name == name)
            scores *= 1 - strength * (1 - values)
        return scores


def _ranks(texts: Sequence[str]) -> NDArray[np.int64]:
    """The place of each text among all in order."""
    ranks = np.empty(len(texts), np.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks


def _defects(item: RankedPhoto) -> list[str]:
    return [penalty.name for penalty in item.penalties]


def _column(items: Sequence[RankedPhoto], name: str) -> Values:
    """What a defect leaves of each photo; 1 where there is none."""
    return np.array([next((p.value for p in item.penalties if p.name == name), 1.0) for item in items])
