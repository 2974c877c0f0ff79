"""Finds anchors, the faces of an album that are surely the person: they help to recognise the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photo_ranker.person_finder.crowd import Crowd, Numbers, best_of_each_photo
from photo_ranker.person_finder.looks import Compared, Looks
from photo_ranker.person_finder.mixture import Mixture
from photo_ranker.person_finder.rivals import rival_strength

__all__ = ["grow_anchors", "with_anchors"]

_SURE = 0.98
"""Certainty from which a face becomes an anchor."""
_SLACK = 0.15
"""A face does not join if it resembles faces outside by this much more than the person."""
_ROUNDS = 8
"""Five rounds double the anchors up to 32; in the others all that are sure join, and some may leave."""


def grow_anchors(crowd: Crowd, allowed: NDArray[np.bool_], looks: Looks, mixture: Mixture) -> Numbers:
    """The look that each face joins, -1 for none.

    One face joins first, the surest, then twice as many in every round: early anchors attract the others, so a
    stranger must not be among them.
    """
    anchors, wanted = np.full(len(crowd), -1), 1
    for _ in range(_ROUNDS):
        joined, compared = with_anchors(crowd, looks, anchors)
        line = replace(mixture, same_mean=min(mixture.same_mean * joined.gain / looks.gain, 0.8))
        sure = allowed & crowd.usable & (line.certainty(compared.similarity) > _SURE)
        chosen = best_of_each_photo(compared.similarity, crowd.owners)
        chosen = chosen[sure[chosen]]
        strength = rival_strength(crowd.of(chosen), crowd.of(anchors < 0))
        chosen = chosen[compared.affinity[chosen] >= strength - _SLACK]
        chosen = chosen[np.argsort(-compared.similarity[chosen], kind="stable")][:wanted]
        new = np.full(len(crowd), -1)
        new[chosen] = compared.nearest[chosen]
        if (new == anchors).all() and len(chosen) < wanted:
            break
        anchors, wanted = new, wanted * 2 if wanted < 32 else len(crowd)
    return anchors


def with_anchors(crowd: Crowd, looks: Looks, anchors: Numbers) -> tuple[Looks, Compared]:
    """The looks including the anchors, and every face compared with them, an anchor never with itself."""
    inside = anchors >= 0
    joined = looks.joined(crowd.rows[inside], anchors[inside])
    return joined, joined.compare(crowd.rows, anchors)
