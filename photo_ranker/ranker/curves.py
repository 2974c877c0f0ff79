"""From a raw value to a score."""

from __future__ import annotations

from functools import cache
from math import exp, log
from typing import overload

import msgspec

from photo_ranker.records import Face, FaceFigures, PhotoRecord, PictureFigures
from photo_ranker.settings import Curve, Settings, SignalSettings

__all__ = ["PhotoSignals", "curve", "exposure", "photo_signals", "ratio_curve", "soft_curve"]


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
    return curve(log(max(value, _LEAST)), _logarithms(ends))


@cache
def _logarithms(ends: Curve) -> Curve:
    zero, one = ends
    return log(max(zero, _LEAST)), log(max(one, _LEAST))


_LEAST = 1e-3


def exposure(light: FaceFigures | PictureFigures, settings: SignalSettings) -> float:
    """The worst of too dark, too bright, and no detail at either end; of a face or of a whole picture."""
    return min(
        curve(light.bright_end, settings.light),
        curve(light.brightness, settings.glare),
        curve(light.white, settings.white),
        curve(light.black, settings.black),
    )


# What a picture is worth as a picture.


class PhotoSignals(msgspec.Struct, frozen=True, gc=False):
    """The signals of a picture, each in [0, 1]."""

    sharpness: float | None = None
    """Where it is sharpest."""
    exposure: float | None = None
    """1 = neither too dark nor too bright, nothing clipped."""
    composition: float | None = None
    """Of the main faces: near a third or the middle, eyes at the upper third, room above the head."""
    resolution: float | None = None
    """1 = pixels enough for a large print."""


def photo_signals(record: PhotoRecord, settings: Settings) -> PhotoSignals:
    """The signals of a photo itself."""
    picture = record.picture
    return PhotoSignals(
        sharpness=None if picture is None else soft_curve(picture.sharpness, settings.signals.picture_sharpness),
        exposure=None if picture is None else exposure(picture, settings.signals),
        composition=_composition(record, settings),
        resolution=curve(record.width * record.height / 1e6, settings.signals.resolution) if record.width else None,
    )


def _composition(record: PhotoRecord, settings: Settings) -> float | None:
    main = _main_faces(record, settings.signals.group_min_face)
    if not main or not record.width or not record.height:
        return None
    middle = sum(face.box[0] + face.box[2] / 2 for face in main) / len(main) / record.width
    eyes = sum(face.points[0][1] + face.points[1][1] for face in main) / len(main) / 2 / record.height
    # Hair rises about a third of the box above it.
    room = min(face.box[1] - face.box[3] / 3 for face in main) / record.height
    across = min(abs(middle - line) for line in (1 / 3, 1 / 2, 2 / 3))
    return (
        curve(across, settings.signals.thirds_across)
        + curve(abs(eyes - 1 / 3), settings.signals.thirds_down)
        + curve(room, settings.signals.headroom)
    ) / 3


def _main_faces(record: PhotoRecord, smallest: float) -> list[Face]:
    """Those that the picture is about: at least half as large as the largest."""
    faces = [face for face in record.faces if face.size_px >= smallest]
    largest = max((face.size_px for face in faces), default=0.0)
    return [face for face in faces if face.size_px >= largest / 2]
