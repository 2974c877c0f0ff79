"""Paints boxes, points and signals on a copy of a photo, to see what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.files import remove_leftovers, write_new
from photo_ranker.errors import UserError
from photo_ranker.exporters.document import signals_object
from photo_ranker.images import Limits, open_photo
from photo_ranker.ranker import face_signals
from photo_ranker.ranker.signals import SIGNALS
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["paint"]

LONG_SIDE = 1600
"""Longer side of the copy in px: the text is readable, and viewers open it at once."""

SHOWN = tuple(signal.name for signal in SIGNALS if signal.short)
"""Signals that are written below each face."""
FONT = cv2.FONT_HERSHEY_SIMPLEX
"""OpenCV's own, so that none must be installed."""
GREEN, RED, WHITE, BLACK = (80, 220, 80), (230, 80, 60), (255, 255, 255), (0, 0, 0)

Pixels = NDArray[np.uint8]


def paint(path: Path, record: PhotoRecord, settings: Settings, target: Path) -> None:
    """Write a copy of the photo with boxes, points and signals into a new file."""
    picture = open_photo(path, Limits.of(settings.measure)).picture(LONG_SIDE)
    canvas = picture.pixels.copy()
    faces = sorted(record.faces, key=lambda face: face.box[0])
    for number, face in enumerate(faces, 1):
        _frame(canvas, face, picture.scale, settings)
        values = signals_object(face_signals(face, record, settings))
        lines = [f"{number}: {round(face.size_px)} px"]
        lines += [f"{name} {'?' if values[name] is None else f'{values[name]:.2f}'}" for name in SHOWN]
        _write(canvas, lines, face, picture.scale)
    try:
        done, encoded = cv2.imencode(target.suffix, cv2.cvtColor(canvas, cv2.COLOR_RGB2BGR))
    except cv2.error:
        done = False
    if not done:
        raise UserError(f"cannot write a picture named {target}", "end its name in .jpg or .png")
    remove_leftovers(target.parent)
    try:
        write_new(target, [encoded.tobytes()])
    except OSError as error:
        raise UserError(
            f"cannot write {target}: {error.strerror or error}", "choose another place for --draw"
        ) from error


def _frame(canvas: Pixels, face: Face, scale: float, settings: Settings) -> None:
    x, y, width, height = (round(value * scale) for value in face.box)
    colour = GREEN if face.size_px >= settings.match.min_face else RED
    cv2.rectangle(canvas, (x, y), (x + width, y + height), colour, 2)
    for px, py in face.points:
        cv2.circle(canvas, (round(px * scale), round(py * scale)), 3, WHITE, -1)


def _write(canvas: Pixels, lines: Sequence[str], face: Face, scale: float) -> None:
    size = 0.45
    x, y, _, height = (round(value * scale) for value in face.box)
    top = min(y + height + 16, canvas.shape[0] - 16 * len(lines))
    left, width = max(x, 2), max(cv2.getTextSize(line, FONT, size, 1)[0][0] for line in lines)
    cv2.rectangle(canvas, (left - 2, top - 14), (left + width + 2, top + 16 * len(lines) - 10), BLACK, -1)
    for number, line in enumerate(lines):
        cv2.putText(canvas, line, (left, top + 16 * number), FONT, size, WHITE, 1, cv2.LINE_AA)
