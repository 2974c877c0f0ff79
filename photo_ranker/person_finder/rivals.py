"""Whom else a face may be: other faces of the album that it resembles more than the person.

Brothers and sisters come near each other's threshold; their own photos give them away.
"""

from __future__ import annotations

import numpy as np

from photo_ranker.codec import Floats
from photo_ranker.person_finder.crowd import Crowd

__all__ = ["rival_strength"]

_NEAREST = 3
"""A rival is the mean of so many faces: one chance neighbour is none."""
_SAME_SHOT = 0.85
"""Faces nearer than this are one moment seen twice and say nothing new."""
_FULL = 0.7
"""No face counts for more: two photos of one person are seldom nearer."""
_AT_ONCE = 2000
"""Faces compared at once, to bound memory."""


def rival_strength(faces: Crowd, others: Crowd) -> Floats:
    """For each face the mean cosine to its nearest others in other photos; -1 where there are too few."""
    found = np.full(len(faces), -1.0, np.float32)
    if len(others) < _NEAREST:
        return found
    for start in range(0, len(faces), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        cosines = faces.rows[part] @ others.rows.T
        cosines[(cosines > _SAME_SHOT) | (faces.owners[part, None] == others.owners)] = -1.0
        nearest = np.partition(np.minimum(cosines, _FULL), -_NEAREST, axis=1)[:, -_NEAREST:]
        found[part] = nearest.mean(axis=1)
    return found
