"""Named expressions: words for what a face does, by the stored expressions of the mesh.

A face has a trait when every figure named is within its limits. The first trait that fits is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Literal, NamedTuple

from photo_ranker.ranker.expression import expression_traits, eyes_open_score, smile_score
from photo_ranker.records import MeshFigures

__all__ = ["TRAITS", "Trait", "trait_of"]

Limits = Mapping[str, tuple[float, float]]


class Trait(NamedTuple):
    """One expression that has a name."""

    words: str
    side: Literal["for", "against"]
    """It is said where the expression raises the photo above the others, or where it lowers it."""
    limits: Limits
    """Figure -> its least and its most: mean expressions as in ``expression_traits``, ``smile`` and ``eyes`` fitted."""


TRAITS = (
    Trait("looking down", "against", {"eye_look_down": (0.5, inf), "eyes": (0.5, inf), "smile": (-inf, 0.5)}),
    Trait("laughing", "for", {"smile": (0.8, inf), "jaw_open": (0.12, 0.6), "mouth_smile": (0.5, inf)}),
    Trait("warm smile", "for", {"smile": (0.75, inf), "mouth_smile": (0.5, inf)}),
    Trait("mouth wide open", "against", {"jaw_open": (0.5, inf), "smile": (-inf, 0.5)}),
    Trait("caught mid-word", "against", {"jaw_open": (0.08, inf), "smile": (-inf, 0.5)}),
    Trait("caught mid-word", "against", {"mouth_funnel": (0.12, inf), "smile": (-inf, 0.5)}),
    Trait("grimacing", "against", {"mouth_lower_down": (0.3, inf), "brow_down": (0.2, inf), "smile": (-inf, 0.3)}),
    Trait("frowning", "against", {"brow_down": (0.6, inf), "smile": (-inf, 0.3)}),
    Trait("gentle smile", "for", {"smile": (0.4, 0.75), "jaw_open": (-inf, 0.08), "mouth_lower_down": (-inf, 0.25)}),
    Trait("calm", "for", {
        "smile": (-inf, 0.4), "jaw_open": (-inf, 0.02), "mouth_lower_down": (-inf, 0.08), "brow_down": (-inf, 0.3)
    }),
)  # fmt: skip
"""In the order in which they are tried."""


def trait_of(mesh: MeshFigures) -> Trait | None:
    """The first named expression that a face has."""
    figures = {**expression_traits(mesh), "smile": smile_score(mesh), "eyes": eyes_open_score(mesh)}
    return next(
        (
            trait
            for trait in TRAITS
            if all(least <= figures[name] <= most for name, (least, most) in trait.limits.items())
        ),
        None,
    )
