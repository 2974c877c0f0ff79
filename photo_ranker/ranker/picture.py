"""What a picture is worth as a picture."""

from __future__ import annotations

import msgspec

from photo_ranker.ranker.curves import curve, exposure, soft_curve
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["PhotoSignals", "photo_signals"]


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
