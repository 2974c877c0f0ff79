"""Measures one film: its frames like photos, then one face per person."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from photo_ranker.analysis.tracks import appearances, follow
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import OpenPhoto
from photo_ranker.images.video import OpenVideo
from photo_ranker.records import Face, PhotoRecord

__all__ = ["measure_video"]

Name = Callable[[str, tuple[float, float, float, float]], str]
"""Makes the id of a face from its picture and its box."""


def measure_video(
    video: OpenVideo, begun: PhotoRecord, measure: Callable[[OpenPhoto], PhotoRecord], engine: str, name: Name
) -> PhotoRecord:
    """The record of a film: the best frame of each person, and the figures of the picture that represents it."""
    frames: list[tuple[float, int, tuple[Face, ...]]] = []
    pictures: dict[float, PhotoRecord] = {}
    for frame in video.frames():
        record = measure(frame.photo)
        frames.append((frame.at_seconds, frame.scene, record.faces_by(engine)))
        pictures[frame.at_seconds] = record
    if not pictures:
        raise PhotoUnreadable("damaged: no picture of it can be read")
    faces = [_named(face, begun, name) for face in appearances(follow(frames))]
    shown = max(faces, key=lambda face: face.frames or 0).at_seconds if faces else sorted(pictures)[len(pictures) // 2]
    assert shown is not None
    others = tuple(face for face in begun.faces if face.engine != engine)
    of_best = pictures[shown]
    return msgspec.structs.replace(
        begun, faces=(*others, *faces), picture=of_best.picture, width=of_best.width, height=of_best.height
    )


def _named(face: Face, begun: PhotoRecord, name: Name) -> Face:
    return msgspec.structs.replace(face, id=name(f"{begun.stamp.hash}@{face.at_seconds}", face.box))
