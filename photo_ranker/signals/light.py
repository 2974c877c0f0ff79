"""What the light on a face or a picture is worth."""

from __future__ import annotations

from photo_ranker.records import FaceFigures, PictureFigures
from photo_ranker.settings import Settings
from photo_ranker.signals.curves import curve

__all__ = ["exposure"]


def exposure(light: FaceFigures | PictureFigures, settings: Settings) -> float:
    """The worst of too dark, too bright, and no detail at either end."""
    return min(
        curve(light.bright_end, settings.signals.light),
        curve(light.brightness, settings.signals.glare),
        curve(light.white, settings.signals.white),
        curve(light.black, settings.signals.black),
    )
