"""From a raw value to a score."""

from __future__ import annotations

from math import exp, log
from typing import overload

from photo_ranker.records import FaceFigures, PictureFigures
from photo_ranker.settings import Curve, SignalSettings

__all__ = ["curve", "exposure", "ratio_curve", "soft_curve"]


@overload
def curve(value: float, ends: Curve) -> float: ...
@overload
def curve(value: None, ends: Curve) -> None: ...
def curve(value: float | None, ends: Curve) -> float | None:
    """Where a raw value lies between the one that scores 0 and the one that scores 1; flat beyond."""
    if value is None:
        return None
    zero, one = ends
    if zero == one:
        return float(value >= one)
    return min(1.0, max(0.0, (value - zero) / (one - zero)))


def soft_curve(value: float | None, ends: Curve) -> float | None:
    """Like :func:`curve`, but never flat: the ends score 0.05 and 0.95, so that better stays better beyond them."""
    if value is None:
        return None
    zero, one = ends
    if zero == one:
        return float(value >= one)
    place = (value - zero) / (one - zero)
    return 1 / (1 + exp(min(700.0, -6 * (place - 0.5))))


def ratio_curve(value: float, ends: Curve) -> float:
    """Like :func:`curve`, but equal ratios score equal steps, as the eye compares sizes."""
    zero, one = (log(max(end, _LEAST)) for end in ends)
    return curve(log(max(value, _LEAST)), (zero, one))


_LEAST = 1e-3


def exposure(light: FaceFigures | PictureFigures, settings: SignalSettings) -> float:
    """The worst of too dark, too bright, and no detail at either end; of a face or of a whole picture."""
    return min(
        curve(light.bright_end, settings.light),
        curve(light.brightness, settings.glare),
        curve(light.white, settings.white),
        curve(light.black, settings.black),
    )
