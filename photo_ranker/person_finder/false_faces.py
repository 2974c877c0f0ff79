"""False faces: what the detector wrongly took for a face, such as wallpaper, a hand or the back of a head.

Recognised by facts that every record holds. The mesh's certainty and its distance to the detector's points were tried
and left out: they do not tell a profile from a wall. Nor do embeddings of false faces lie near each other.
"""

from __future__ import annotations

from math import hypot, log, log2

from photo_ranker.ranker.expression import Fit
from photo_ranker.records import UNNAMED_ENGINE, Face
from photo_ranker.settings import Settings

__all__ = ["FALSE_FACE", "SURE", "false_face_odds", "false_face_traits", "is_false_face", "is_solid"]

_FITTED_ENGINE = UNNAMED_ENGINE
"""The certainties and the clarity of other engines have other scales, so their faces are not judged."""

SURE = 0.85
"""None of 90 false faces reached this certainty of the detector; most faces need no closer look."""

FALSE_FACE = Fit(
    -5.134,
    {"certainty": -4.489, "clarity": -0.123, "nose_aside": -4.308, "width": 6.072, "size": 0.463, "sharpness": 0.691},
)
"""Logistic regression on half of the albums of ``bench/false_faces.csv`` and half of LFW's people.

Profiles are narrow and have the nose to one side, so the wider a face and the nearer its nose to the middle, the surer
the detector should be. Large, sharp faces should be seen plainly: of two that are seen equally plainly, the larger or
sharper one is more likely false.
``python -m bench.fit_false_faces DATA`` refits it.
"""
_LEAST_SIZE = 8.0
_USUAL_SHARPNESS = 2.0
"""For a face whose sharpness was not measured."""


def is_false_face(face: Face, settings: Settings) -> bool:
    """Whether a face in a photo, never one in a film, is probably false by what was measured of it."""
    if face.detection >= SURE or face.frames is not None:
        return False
    odds = false_face_odds(face)
    return odds is not None and odds > settings.people.false_face


def false_face_odds(face: Face) -> float | None:
    """Log odds that this is no face; None where the engine's figures are not comparable."""
    traits = false_face_traits(face)
    return None if traits is None else FALSE_FACE.log_odds(traits)


def false_face_traits(face: Face) -> dict[str, float] | None:
    """What the odds are made of; None where the engine's figures are not comparable."""
    if face.engine != _FITTED_ENGINE or face.clarity is None:
        return None
    sharpness = None if face.figures is None else face.figures.sharpness
    certainty = min(max(face.detection, 1e-4), 1 - 1e-4)
    return {
        "certainty": log(certainty / (1 - certainty)),
        "clarity": face.clarity,
        "nose_aside": _nose_aside(face),
        "width": face.box[2] / max(face.box[3], 1.0),
        "size": log2(max(face.size_px, _LEAST_SIZE)),
        "sharpness": _USUAL_SHARPNESS if sharpness is None else sharpness,
    }


def _nose_aside(face: Face) -> float:
    """How far the nose is from the line between the middles of the eyes and of the mouth, in heights of the box."""
    left, right, nose, mouth_left, mouth_right = face.points
    top = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    bottom = (mouth_left[0] + mouth_right[0]) / 2, (mouth_left[1] + mouth_right[1]) / 2
    across, down = bottom[0] - top[0], bottom[1] - top[1]
    aside = (nose[0] - top[0]) * down - (nose[1] - top[1]) * across
    return abs(aside) / max(hypot(across, down), 1e-6) / max(face.box[3], 1.0)


# Which faces are good enough to tell people apart.


def is_solid(face: Face, settings: Settings) -> bool:
    """Whether a face is good enough to start a person: sharp, large and turned to the camera."""
    if face.size_px < settings.people.solid_face or face.detection < settings.signals.sure_detection:
        return False
    figures = face.figures  # read once: each access decodes it
    sharpness = None if figures is None else figures.sharpness
    if sharpness is not None and sharpness < settings.people.solid_sharpness:
        return False
    if is_false_face(face, settings):
        return False
    if face.frames is not None:
        return _is_solid_in_film(face, settings)
    # Faces that can hardly be seen resemble each other, whoever they are: blurred heads, heads from behind.
    if face.clarity is not None and face.clarity < settings.people.solid_photo_clarity:
        return False
    return not _is_turned_away(face, settings)


def _is_solid_in_film(face: Face, settings: Settings) -> bool:
    """Whether a face in a film is solid: faces of one frame are often blurred, and dark ones resemble everybody.

    The embedding is the mean over several frames, so its clarity says more than how the best frame is turned.
    """
    if face.frames == 1:
        return False
    if face.clarity is None:
        return not _is_turned_away(face, settings)
    return face.clarity >= settings.people.solid_clarity


def _is_turned_away(face: Face, settings: Settings) -> bool:
    mesh = face.mesh
    return mesh is not None and abs(mesh.yaw) > settings.people.solid_turn
