"""Faces as arrays: embeddings, their photos, and which are large enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats

__all__ = ["Crowd", "Numbers", "best_of_each_photo"]

Numbers = NDArray[np.int64]
"""Numbers of faces or photos."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The faces of an album or of a library, or some of them, one per row."""

    rows: Floats
    """Embeddings of unit length."""
    owners: Numbers
    """The number of each face's photo."""
    usable: NDArray[np.bool_]
    """Whether each is large enough to be matched."""
    weights: Floats | None = None
    """How many faces each one stands for, if they are a sample; None = one each."""

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, chosen: Numbers | NDArray[np.bool_]) -> Crowd:
        """Some of these faces."""
        weights = None if self.weights is None else self.weights[chosen]
        return Crowd(self.rows[chosen], self.owners[chosen], self.usable[chosen], weights)


def best_of_each_photo(similarity: Floats, owners: Numbers) -> Numbers:
    """The number of the most similar face of each photo; among equal ones the first."""
    order = np.lexsort((-np.arange(len(owners)), similarity, owners))
    is_last = np.append(owners[order][1:] != owners[order][:-1], True)[: len(order)]
    best: Numbers = order[is_last]
    return best
