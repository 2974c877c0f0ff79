"""A person's usual face: how open their eyes and mouth are in most photos, and how far one photo is from that.

Narrow eyes are no blink, and some people's mouths are never quite closed: frames of one moment are compared with the
person's own norm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from photo_ranker.ranker.expression import expression_traits, eyes_open_score
from photo_ranker.ranker.lineup import RankedPhoto

__all__ = ["Norm", "norm_of", "unusual"]

LOOKED_AT = 200
"""Photos that a norm is taken from; more change a median no more."""

LEAST = 4
"""Of fewer photos nobody can tell what is usual."""


class Norm(NamedTuple):
    """The median of what is known of a person; None = of too few photos."""

    eyes: float | None
    """0 = shut, 1 = wide open."""
    mouth: float | None
    """How far the jaw is open: 0 to 1."""


def norm_of(ranked: Sequence[RankedPhoto]) -> Norm:
    """The norm of the person whose photos these are."""
    step = max(1, len(ranked) // LOOKED_AT)
    faces = [_eyes_and_mouth(item) for item in ranked[::step]]
    eyes = [eyes for eyes, _ in faces if eyes is not None]
    mouths = [mouth for _, mouth in faces if mouth is not None]
    return Norm(
        float(np.median(eyes)) if len(eyes) >= LEAST else None,
        float(np.median(mouths)) if len(mouths) >= LEAST else None,
    )


def unusual(item: RankedPhoto, norm: Norm) -> float:
    """How much narrower the eyes are than usual and how much wider the mouth is open; 0 = as ever, 1 = one of both."""
    eyes, mouth = _eyes_and_mouth(item)
    narrower = 0.0 if eyes is None or norm.eyes is None else max(0.0, norm.eyes - eyes)
    wider = 0.0 if mouth is None or norm.mouth is None else max(0.0, mouth - norm.mouth)
    return narrower + wider


def _eyes_and_mouth(item: RankedPhoto) -> tuple[float | None, float | None]:
    """What is not trusted for signals is not known here either."""
    mesh = None if item.signals.expression is None else item.face.mesh
    if mesh is None:
        return None, None
    eyes = None if item.signals.eyes_open is None else eyes_open_score(mesh)
    return eyes, expression_traits(mesh)["jaw_open"]
