"""The faces of an album as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.codec import Floats

__all__ = ["Crowd", "Numbers", "best_of_each_photo"]

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Crowd:
    """The faces of an album, or some of them."""

    rows: Floats
    """Unit embeddings."""
    owners: Numbers
    """Numbers of their photos."""
    usable: NDArray[np.bool_]
    """Large enough to be matched."""
    weights: Floats | None = None
    """How many faces each one stands for, where some of very many stand for all; None = for itself alone."""

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, chosen: Numbers | NDArray[np.bool_]) -> Crowd:
        """Some of these faces."""
        weights = None if self.weights is None else self.weights[chosen]
        return Crowd(self.rows[chosen], self.owners[chosen], self.usable[chosen], weights)


def best_of_each_photo(similarity: Floats, owners: Numbers) -> Numbers:
    """Number of the most similar face of each photo; of equal ones the first."""
    order = np.lexsort((-np.arange(len(owners)), similarity, owners))
    is_last = np.append(owners[order][1:] != owners[order][:-1], True)[: len(order)]
    best: Numbers = order[is_last]
    return best
