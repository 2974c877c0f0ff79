"""The faces of an album that are surely the person: they help to find the doubtful ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from photo_ranker.person_finder.crowd import Crowd, Numbers, best_of_each_photo
from photo_ranker.person_finder.looks import Compared, Looks
from photo_ranker.person_finder.mixture import Mixture
from photo_ranker.person_finder.rivals import rival_strength

__all__ = ["grow_kin", "with_kin"]

_SURE = 0.98
"""A face joins from this certainty on."""
_SLACK = 0.15
"""A face that resembles faces outside by more than this above the person does not join."""
_ROUNDS = 8


def grow_kin(crowd: Crowd, allowed: NDArray[np.bool_], looks: Looks, mixture: Mixture) -> Numbers:
    """For each face the look that it joins, -1 for none.

    The surest face comes first, then twice as many in every round: who joins early draws in the others,
    so a stranger must not be among the first.
    """
    kin, wanted = np.full(len(crowd), -1), 1
    for _ in range(_ROUNDS):
        joined, compared = with_kin(crowd, looks, kin)
        line = replace(mixture, same_mean=min(mixture.same_mean * joined.gain / looks.gain, 0.8))
        sure = allowed & crowd.usable & (line.certainty(compared.similarity) > _SURE)
        chosen = best_of_each_photo(compared.similarity, crowd.owners)
        chosen = chosen[sure[chosen]]
        strength = rival_strength(crowd.of(chosen), crowd.of(kin < 0))
        chosen = chosen[compared.affinity[chosen] >= strength - _SLACK]
        chosen = chosen[np.argsort(-compared.similarity[chosen], kind="stable")][:wanted]
        new = np.full(len(crowd), -1)
        new[chosen] = compared.nearest[chosen]
        if (new == kin).all() and len(chosen) < wanted:
            break
        kin, wanted = new, wanted * 2 if wanted < 32 else len(crowd)
    return kin


def with_kin(crowd: Crowd, looks: Looks, kin: Numbers) -> tuple[Looks, Compared]:
    """The looks with kin in them, and every face held against them, none against itself."""
    inside = kin >= 0
    joined = looks.joined(crowd.rows[inside], kin[inside])
    return joined, joined.compare(crowd.rows, kin)
