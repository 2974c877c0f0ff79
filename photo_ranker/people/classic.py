"""The textbook algorithms, for comparison: no rule of one face a photo, no quality, settings from the literature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats
from photo_ranker.errors import UserError
from photo_ranker.people.strangers import threshold
from photo_ranker.person_finder.populations import Population

__all__ = ["ALGORITHMS", "group_classically"]

MOST_FACES = 20_000
"""These compare all faces with all and keep the matrix: more would need more than 4 GB."""

Labels = NDArray[np.int64]


def _hdbscan(rows: Floats, _: float) -> Labels:
    from sklearn.cluster import HDBSCAN

    # As the usual guides for wedding albums set it; on unit rows the Euclidean distance orders as the cosine does.
    return np.asarray(HDBSCAN(min_cluster_size=2, min_samples=1, copy=True).fit_predict(rows), np.int64)


def _dbscan(rows: Floats, least: float) -> Labels:
    from sklearn.cluster import DBSCAN

    return np.asarray(DBSCAN(eps=1 - least, min_samples=2, metric="cosine").fit_predict(rows), np.int64)


def _agglomerative(rows: Floats, least: float) -> Labels:
    from sklearn.cluster import AgglomerativeClustering

    found = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - least, metric="cosine", linkage="average"
    ).fit_predict(rows)
    return np.asarray(found, np.int64)


ALGORITHMS: dict[str, Callable[[Floats, float], Labels]] = {
    "hdbscan": _hdbscan,
    "dbscan": _dbscan,
    "agglomerative": _agglomerative,
}


def group_classically(name: str, rows: Floats, population: Population) -> Labels:
    """A group for each face, -1 = with nobody, by the algorithm of this name."""
    if len(rows) < 2:
        return np.full(len(rows), -1, np.int64)
    if len(rows) > MOST_FACES:
        raise UserError(
            f"--algorithm {name} takes up to {MOST_FACES:,} faces, here are {len(rows):,}",
            "leave --algorithm out: our own has no such limit",
        )
    # The same self-set threshold as ours begins with, as if half the faces were people, each met again.
    people = max(2, len(rows) // 2)
    try:
        return ALGORITHMS[name](rows, threshold(people, people, population))
    except ImportError as error:
        raise UserError(
            f"--algorithm {name} needs scikit-learn, which is not installed", "pip install 'photo-ranker[classic]'"
        ) from error
