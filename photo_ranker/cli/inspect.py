"""``photo-ranker inspect``: measure photos and show every face and its signals, also painted on a copy of a photo."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.cli.console import EXIT_FAILED, write_json, write_line
from photo_ranker.cli.options import add_common, add_engine_options, path_for
from photo_ranker.cli.requests import CommonRequest, workspace_of
from photo_ranker.core.terminal import counted
from photo_ranker.errors import PhotoUnreadable, UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from photo_ranker.analysis.analyser import Analyser
    from photo_ranker.records import Face, PhotoRecord
    from photo_ranker.settings import Settings

    Pixels = NDArray[np.uint8]

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker inspect party.jpg --draw party-faces.jpg"""

LONG_SIDE = 1600
"""Longer side of a painted copy in px: the text is readable, and viewers open it at once."""
GREEN, RED, WHITE, BLACK = (80, 220, 80), (230, 80, 60), (255, 255, 255), (0, 0, 0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("photos", nargs="+", type=path_for("PHOTO"), metavar="PHOTO", help="photos to measure")
    parser.add_argument(
        "--draw", type=path_for("--draw"), metavar="FILE", help="paint boxes, points and signals on a copy of the photo"
    )
    add_engine_options(parser)
    add_common(parser)


class InspectRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of the command."""

    photos: tuple[Path, ...]
    """Measured in this order; nothing is stored."""
    draw: Path | None
    """A new file for a copy of the photo with its faces and signals painted on it."""
    as_json: bool

    def __post_init__(self) -> None:
        """Refuse missing photos, and a painting that would replace a file."""
        if self.draw is not None:
            _check_painting(self.draw, self.photos)
        missing = next((path for path in self.photos if not path.exists()), None)
        if missing is not None:
            raise UserError(f"there is no file {missing}", "check the path")


def request_of(args: argparse.Namespace) -> InspectRequest:
    """The request that the options make."""
    return InspectRequest(photos=tuple(args.photos), draw=args.draw, as_json=args.json)


def _check_painting(target: Path, photos: Sequence[Path]) -> None:
    """Refuse to paint over an existing file, which may be somebody's only copy."""
    if len(photos) > 1:
        raise UserError("--draw paints one photo", "give one PHOTO with it")
    if os.path.lexists(target):
        raise UserError(f"{target} exists; it is left as it is", "choose another name for --draw, or remove that file")
    if not target.parent.is_dir():
        raise UserError(f"there is no folder {target.parent}", "make it first, or write somewhere else")


def run(request: InspectRequest, common: CommonRequest) -> int:
    """Measure each photo and show it; nothing is stored."""
    with workspace_of(common) as workspace:
        analyser = workspace.spec.open()
        found = ((path, _measured(analyser, path)) for path in request.photos)
        readable = (_print_json if request.as_json else _print_text)(found, workspace.settings)
        if not readable:
            return EXIT_FAILED
        if request.draw is not None:
            _draw(request.photos[0], request.draw, workspace.settings, analyser)
            workspace.listener.say(f"painted {request.draw}")
    return 0


def _measured(analyser: Analyser, path: Path) -> PhotoRecord | str:
    try:
        return analyser.analyse(path)
    except PhotoUnreadable as error:
        return error.reason


def _print_text(found: Iterable[tuple[Path, PhotoRecord | str]], settings: Settings) -> int:
    """Print each photo as soon as it is measured; returns how many could be read."""
    readable = 0
    for path, facts in found:
        if isinstance(facts, str):
            write_line(f"{path}: unreadable: {facts}")
        else:
            for line in _summary(path, facts, settings):
                write_line(line)
            readable += 1
    return readable


def _print_json(found: Iterable[tuple[Path, PhotoRecord | str]], settings: Settings) -> int:
    """Print one object per line, as soon as its photo is measured; returns how many could be read."""
    from photo_ranker.core.terminal import path_fields

    readable = 0
    for path, facts in found:
        about = {"unreadable": facts} if isinstance(facts, str) else _document(facts, settings)
        write_json({**path_fields(str(path)), **about})
        readable += "unreadable" not in about
    return readable


def _document(record: PhotoRecord, settings: Settings) -> dict[str, Any]:
    from photo_ranker.exporters.document import face_object, signals_object
    from photo_ranker.ranker import photo_signals, signals_of

    signals = signals_of([(face, record) for face in record.faces], settings)
    return {
        "width": record.width,
        "height": record.height,
        "format": record.format,
        "taken_at": record.taken_at,
        "utc_offset": record.utc_offset,
        "camera": record.camera,
        "faces": [
            {"face": face_object(face), "signals": signals_object(values)}
            for face, values in zip(record.faces, signals, strict=True)
        ],
        "signals": signals_object(photo_signals(record, settings)),
    }


def _summary(path: Path, record: PhotoRecord, settings: Settings) -> list[str]:
    from photo_ranker.exporters.document import signals_object
    from photo_ranker.ranker import face_signals, photo_signals

    taken = f", taken {record.taken_at}" if record.taken_at else ""
    camera = f", {record.camera}" if record.camera else ""
    lines = [
        f"{path}: {record.width} x {record.height} {record.format}{taken}{camera}, {counted(len(record.faces), 'face')}"
    ]
    lines.append(f"  photo: {_in_words(signals_object(photo_signals(record, settings)))}")
    for number, face in enumerate(sorted(record.faces, key=lambda face: face.box[0]), 1):
        x, y = round(face.box[0]), round(face.box[1])
        small = ", too small to be matched" if face.size_px < settings.match.min_face else ""
        lines.append(f"  face {number}: {round(face.size_px)} px at {x},{y}, detection {face.detection:.2f}{small}")
        lines.append(f"    {_in_words(signals_object(face_signals(face, record, settings)))}")
    return lines


def _in_words(signals: dict[str, float | None]) -> str:
    return ", ".join(f"{name} {'unknown' if value is None else f'{value:.2f}'}" for name, value in signals.items())


def _draw(path: Path, target: Path, settings: Settings, analyser: Analyser) -> None:
    record = _measured(analyser, path)
    if isinstance(record, str):
        raise UserError(f"cannot paint {path}: {record}", "give a photo that can be read")
    _paint(path, record, settings, target)


def _paint(path: Path, record: PhotoRecord, settings: Settings, target: Path) -> None:
    """Write a copy of the photo with boxes, points and signals into a new file."""
    import cv2

    from photo_ranker.core.files import remove_leftovers, write_new
    from photo_ranker.exporters.document import signals_object
    from photo_ranker.images import Limits, open_photo
    from photo_ranker.ranker import face_signals
    from photo_ranker.ranker.signals import SIGNALS

    picture = open_photo(path, Limits.of(settings.measure)).picture(LONG_SIDE)
    canvas = picture.pixels.copy()
    shown = [signal.name for signal in SIGNALS if signal.short]
    faces = sorted(record.faces, key=lambda face: face.box[0])
    for number, face in enumerate(faces, 1):
        _draw_face(canvas, face, picture.scale, settings)
        values = signals_object(face_signals(face, record, settings))
        lines = [f"{number}: {round(face.size_px)} px"]
        lines += [f"{name} {'?' if values[name] is None else f'{values[name]:.2f}'}" for name in shown]
        _write_below(canvas, lines, face, picture.scale)
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


def _draw_face(canvas: Pixels, face: Face, scale: float, settings: Settings) -> None:
    import cv2

    x, y, width, height = (round(value * scale) for value in face.box)
    colour = GREEN if face.size_px >= settings.match.min_face else RED
    cv2.rectangle(canvas, (x, y), (x + width, y + height), colour, 2)
    for px, py in face.points:
        cv2.circle(canvas, (round(px * scale), round(py * scale)), 3, WHITE, -1)


def _write_below(canvas: Pixels, lines: Sequence[str], face: Face, scale: float) -> None:
    import cv2

    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.45  # OpenCV's own font, so no font file is needed
    x, y, _, height = (round(value * scale) for value in face.box)
    top = min(y + height + 16, canvas.shape[0] - 16 * len(lines))
    left, width = max(x, 2), max(cv2.getTextSize(line, font, size, 1)[0][0] for line in lines)
    cv2.rectangle(canvas, (left - 2, top - 14), (left + width + 2, top + 16 * len(lines) - 10), BLACK, -1)
    for number, line in enumerate(lines):
        cv2.putText(canvas, line, (left, top + 16 * number), font, size, WHITE, 1, cv2.LINE_AA)
