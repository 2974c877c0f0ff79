"""Named expressions: words for what a face does, by the stored expressions of the mesh.

A face has a trait when every figure named is within its limits. The first trait that fits is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import hypot, inf
from typing import Literal, NamedTuple

from photo_ranker.ranker.expression import expression_traits, eyes_open_score, smile_score
from photo_ranker.records import Face, MeshFigures

__all__ = ["TRAITS", "Trait", "are_together", "has_company", "trait_of"]

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
    Trait("laughing", "for", {"smile": (0.8, inf), "jaw_open": (0.12, 0.6)}),
    Trait("warm smile", "for", {"smile": (0.75, inf)}),
    Trait("mouth wide open", "against", {"jaw_open": (0.5, inf), "smile": (-inf, 0.5)}),
    Trait("caught mid-word", "against", {"jaw_open": (0.08, inf), "smile": (-inf, 0.5)}),
    Trait("caught mid-word", "against", {"mouth_funnel": (0.12, inf), "smile": (-inf, 0.5)}),
    Trait("grimacing", "against", {"mouth_lower_down": (0.3, inf), "brow_down": (0.2, inf), "smile": (-inf, 0.3)}),
    Trait("frowning", "against", {"brow_down": (0.6, inf), "smile": (-inf, 0.3)}),
    Trait("gentle smile", "for", {"smile": (0.4, inf), "jaw_open": (-inf, 0.08), "mouth_lower_down": (-inf, 0.25)}),
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


# Moments that need no look at the camera: a kiss, a hug, two who look at each other.
#
# Told from what is measured: faces that touch, and faces that are turned to each other. Whoever kisses need not look
# at us, nor keep the eyes open.


TOUCHING = 0.95
"""Heads touch when their middles are nearer than this many heights of a face."""
NEAR = 2.0
"""Two who look at each other are nearer than this."""
ALIKE = 0.6
"""The smaller face has at least this share of the larger one's height: they are at one distance."""
TOWARDS = 25.0
"""Degrees that a face is turned to the other one's side."""


def has_company(person: Face, others: Iterable[Face]) -> bool:
    """Whether the person is so close to one of these that looking elsewhere is no fault."""
    return any(are_together(person, other) for other in others)


def are_together(one: Face, other: Face) -> bool:
    """Whether two faces touch, one turned to the other, or look at each other from near."""
    heights = sorted((one.box[3], other.box[3]))
    if heights[0] < ALIKE * heights[1]:
        return False
    (x, y), (other_x, other_y) = _middle(one), _middle(other)
    across, down = other_x - x, other_y - y
    apart = hypot(across, down) / (sum(heights) / 2)
    if apart >= NEAR:  # true of most, and then no mesh need be decoded
        return False
    mine, theirs = one.mesh, other.mesh
    if mine is None or theirs is None:
        return False
    side = 1.0 if across > 0 else -1.0
    turned = (side * mine.yaw >= TOWARDS, -side * theirs.yaw >= TOWARDS)
    return all(turned) or (apart < TOUCHING and any(turned))


def _middle(face: Face) -> tuple[float, float]:
    x, y, width, height = face.box
    return x + width / 2, y + height / 2
