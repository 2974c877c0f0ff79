"""Compares a face with rivals: other faces of the album that it may resemble more than the person.

Brothers and sisters come near each other's threshold; their own photos in the album reveal them.
"""

from __future__ import annotations

import numpy as np

from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.crowd import Crowd

__all__ = ["rival_strength"]

_NEAREST = 3
"""A rival is a mean of this many faces, since a single similar face may be chance."""
_SAME_SHOT = 0.85
"""Faces above this cosine are two shots of one moment and say nothing new."""
_FULL = 0.7
"""Cosines are capped here: two photos of one person are seldom more similar."""
_AT_ONCE = 2000
"""Faces compared at once, to limit memory."""


def rival_strength(faces: Crowd, others: Crowd) -> Floats:
    """Per face the mean cosine to its nearest faces in other photos; -1 if there are too few."""
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
