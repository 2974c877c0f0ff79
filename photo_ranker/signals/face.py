"""What one face is worth."""

from __future__ import annotations

from math import hypot, log

import msgspec

from photo_ranker.records import Face, FaceFigures, MeshFigures, PhotoRecord
from photo_ranker.settings import Settings
from photo_ranker.signals.curves import curve, soft_curve
from photo_ranker.signals.expression import eyes_open_score, gaze, smile_score
from photo_ranker.signals.fitted import VISIBLE
from photo_ranker.signals.light import exposure

__all__ = ["FaceSignals", "face_signals"]


class FaceSignals(msgspec.Struct, frozen=True, gc=False):
    """The signals of one face; all but the angles in [0, 1]."""

    sharpness: float | None = None
    smile: float | None = None
    eyes_open: float | None = None
    facing: float | None = None
    exposure: float | None = None
    yaw_degrees: float | None = None
    pitch_degrees: float | None = None
    roll_degrees: float | None = None
    looking: float | None = None
    """1 = the eyes look into the camera, also from a turned head."""
    size: float | None = None
    """How large the face is, in its picture and in pixels."""
    noise: float | None = None
    """1 = no noise."""
    visible: float | None = None
    """1 = nothing hides the face."""
    not_cut: float | None = None
    """1 = wholly inside the picture."""
    clear: float | None = None
    """How plainly the models see the face: low for small, blurred, turned, dark and hidden ones."""


def face_signals(face: Face, record: PhotoRecord, settings: Settings) -> FaceSignals:
    """The signals of one face of a photo."""
    figures = face.figures
    mesh = _trusted(face.mesh, settings)
    eyes_open = None if mesh is None else _eyes_open(face, mesh, settings)
    return FaceSignals(
        sharpness=None if figures is None else soft_curve(figures.sharpness, settings.signals.sharpness),
        smile=_smile(face, mesh, settings),
        eyes_open=eyes_open,
        facing=None if mesh is None else _facing(mesh, settings),
        exposure=None if figures is None else exposure(figures, settings),
        yaw_degrees=None if mesh is None else mesh.yaw,
        pitch_degrees=None if mesh is None else mesh.pitch,
        roll_degrees=None if mesh is None else mesh.roll,
        looking=None if mesh is None else _looking(mesh, eyes_open, settings),
        size=_size(face, record, settings),
        noise=None if figures is None else curve(figures.noise, settings.signals.noise),
        visible=_visible(face, settings),
        not_cut=None if figures is None else curve(figures.outside, settings.signals.not_cut),
        clear=_clear(face, settings),
    )


def _trusted(mesh: MeshFigures | None, settings: Settings) -> MeshFigures | None:
    """The mesh, unless it lies beside the face."""
    if mesh is None or mesh.presence < settings.signals.mesh_presence or mesh.doubt > settings.signals.mesh_doubt:
        return None
    return mesh


def _smile(face: Face, mesh: MeshFigures | None, settings: Settings) -> float | None:
    if settings.measure.smile_by_deepface:
        return None if face.happy is None else curve(face.happy, settings.signals.smile)
    return None if mesh is None else curve(smile_score(mesh), settings.signals.smile)


def _eyes_open(face: Face, mesh: MeshFigures, settings: Settings) -> float | None:
    """Unknown where eyes cannot be seen: in profile, too small, blurred, behind dark glasses."""
    if abs(mesh.yaw) > settings.signals.eyes_yaw or face.size_px < settings.signals.eyes_size:
        return None
    if face.figures is not None and _hides_eyes(face.figures, settings):
        return None
    return curve(eyes_open_score(mesh), settings.signals.eyes_open)


def _hides_eyes(figures: FaceFigures, settings: Settings) -> bool:
    if figures.sharpness is not None and figures.sharpness < settings.signals.eyes_sharpness:
        return True
    return figures.dark_glasses is not None and figures.dark_glasses > settings.signals.dark_glasses


def _looking(mesh: MeshFigures, eyes_open: float | None, settings: Settings) -> float | None:
    """Unknown where eyes are unknown or closed."""
    if eyes_open is None or eyes_open < 0.5:
        return None
    across, up = gaze(mesh)
    return curve(hypot(across, max(0.0, abs(up) - settings.signals.free_pitch)), settings.signals.looking)


def _visible(face: Face, settings: Settings) -> float | None:
    fit = VISIBLE.get(face.engine)
    if fit is None or face.mesh is None:
        return None
    odds = log(max(face.detection, 1e-6) / max(1 - face.detection, 1e-6))
    return curve(fit.log_odds({"detection": odds, "certainty": face.mesh.certainty}), settings.signals.visible)


def _facing(mesh: MeshFigures, settings: Settings) -> float:
    tilt = max(0.0, abs(mesh.pitch) - settings.signals.free_pitch)
    return curve(hypot(mesh.yaw, tilt), settings.signals.facing)


def _size(face: Face, record: PhotoRecord, settings: Settings) -> float | None:
    """Large in the picture, and made of enough pixels."""
    shorter = min(record.width, record.height)
    if not shorter:
        return None
    return min(curve(face.size_px, settings.signals.size_px), curve(max(face.box[2:]) / shorter, settings.signals.size))


def _clear(face: Face, settings: Settings) -> float:
    found = curve(face.detection, settings.signals.clear_detection)
    return found if face.clarity is None else (found + curve(face.clarity, settings.signals.clear_identity)) / 2
