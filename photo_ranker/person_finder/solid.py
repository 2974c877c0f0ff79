"""Which faces are good enough to tell people apart."""

from __future__ import annotations

from photo_ranker.person_finder.false_faces import is_false_face
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["is_solid"]


def is_solid(face: Face, settings: Settings) -> bool:
    """Whether a face tells people apart well enough to found one: sharp, large and turned to us."""
    if face.size_px < settings.people.solid_face or face.detection < settings.signals.sure_detection:
        return False
    sharpness = None if face.figures is None else face.figures.sharpness
    if sharpness is not None and sharpness < settings.people.solid_sharpness:
        return False
    if is_false_face(face, settings):
        return False
    if face.frames is not None:
        return _is_solid_in_film(face, settings)
    # Faces that are hardly seen are like each other, whoever they are: blurred heads, heads from behind.
    if face.clarity is not None and face.clarity < settings.people.solid_photo_clarity:
        return False
    return not _is_turned_away(face, settings)


def _is_solid_in_film(face: Face, settings: Settings) -> bool:
    """A single frame shows many a blurred face, and a dark one looks like any other.

    The identity is the mean of several looks: how plainly they were seen says more than how the best of them is turned.
    """
    if face.frames == 1:
        return False
    if face.clarity is None:
        return not _is_turned_away(face, settings)
    return face.clarity >= settings.people.solid_clarity


def _is_turned_away(face: Face, settings: Settings) -> bool:
    return face.mesh is not None and abs(face.mesh.yaw) > settings.people.solid_turn
