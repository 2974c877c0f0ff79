"""Measures one film: its frames like photos, then one face per person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np

from photo_ranker.core.codec import Floats, decode_array, decode_unit_rows, encode_array
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import OpenPhoto
from photo_ranker.images.video import OpenVideo
from photo_ranker.records import SECOND_LENGTH, Face, PhotoRecord, overlap

__all__ = ["Sighting", "Track", "appearances", "follow", "measure_video"]

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


# Links faces over the frames of a film, and makes one face per person, from its best frame. Pure.


SAME_PLACE = 0.3
"""Overlap from which a face in the next frame may be the same one; low, since people move in 0.4 seconds."""
SAME_FACE = 0.3
"""Cosine from which a face that moved is the same one; half of it is enough for one that stayed in place."""
SAME_PERSON = 0.45
"""Cosine of means from which two appearances are one person: in one film light, hair and camera are the same."""
PLAIN = 9.0
"""Length of an embedding from which a face can be recognised; faces blurred in the dark have 6 to 8."""
PLAIN_SIDE, PLAIN_DETECTION = 64.0, 0.88
"""px and certainty for the same, if the engine's embeddings have no meaningful length."""
GAP_SECONDS = 3.0
"""A face that was away for longer starts a new track."""
OPEN_EYES = 0.3
"""Blink values below this are open eyes."""
BLINKS, SMILES = slice(9, 11), slice(44, 46)
"""Places of both eyes and both corners of the mouth in MediaPipe's list."""


class Sighting(msgspec.Struct, frozen=True):
    """A face in one frame."""

    face: Face
    at_seconds: float
    """Time of the frame."""
    scene: int
    """Number of the scene: after a cut, a face's place says nothing."""
    row: Floats
    """Its embedding, of unit length."""


class Track(msgspec.Struct):
    """One face followed through frames."""

    sightings: list[Sighting] = msgspec.field(default_factory=list)
    """By time, at most one per frame."""

    @property
    def last(self) -> Sighting:
        """The latest sighting."""
        return self.sightings[-1]

    @property
    def mean(self) -> Floats:
        """The mean embedding; clear sightings count more."""
        return self._mean(np.stack([sighting.row for sighting in self.sightings]))

    @property
    def second_mean(self) -> Floats | None:
        """The same for the second network; None if some face lacks it."""
        stored = [sighting.face.second_embedding for sighting in self.sightings]
        rows = [row for row in stored if row is not None]
        return self._mean(decode_unit_rows(rows)) if len(rows) == len(stored) else None

    def _mean(self, rows: Floats) -> Floats:
        weights = np.array([_clearness(sighting.face) for sighting in self.sightings], np.float32)
        mean: Floats = (rows * weights[:, None]).sum(axis=0)
        unit: Floats = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return unit

    @property
    def is_clear(self) -> bool:
        """Whether it was seen clearly enough to be recognised: blurred faces all resemble each other."""
        return sum(_is_plain(sighting.face) for sighting in self.sightings) > 1

    @property
    def moments(self) -> set[float]:
        """When it was seen."""
        return {sighting.at_seconds for sighting in self.sightings}


def follow(frames: Iterable[tuple[float, int, Sequence[Face]]]) -> list[Track]:
    """Link the faces of frames (time, scene, faces), which come in the order of time."""
    tracks: list[Track] = []
    for at_seconds, scene, faces in frames:
        known = [face for face in faces if face.embedding is not None]
        rows = decode_unit_rows([face.embedding for face in known if face.embedding is not None])
        seen = [Sighting(face, at_seconds, scene, row) for face, row in zip(known, rows, strict=True)]
        open_tracks = [track for track in tracks if at_seconds - track.last.at_seconds <= GAP_SECONDS]
        pairs = sorted(
            (
                (_likeness(track.last, sighting), number, place)
                for number, track in enumerate(open_tracks)
                for place, sighting in enumerate(seen)
            ),
            reverse=True,
        )
        used_tracks, used_faces = set[int](), set[int]()
        for likeness, number, place in pairs:
            if likeness <= 0 or number in used_tracks or place in used_faces:
                continue
            open_tracks[number].sightings.append(seen[place])
            used_tracks.add(number)
            used_faces.add(place)
        tracks += [Track([sighting]) for place, sighting in enumerate(seen) if place not in used_faces]
    return tracks


def appearances(tracks: Sequence[Track]) -> list[Face]:
    """One face per person: that of the best frame, with the mean embedding."""
    return [_best(track) for track in _people(tracks)]


def _people(tracks: Sequence[Track]) -> list[Track]:
    """Merge tracks of one person: those that are similar and never seen together, the most similar first."""
    found = [Track(list(track.sightings)) for track in tracks]
    while True:
        pairs = [
            (float(one.mean @ other.mean), first, second)
            for first, one in enumerate(found)
            for second, other in enumerate(found[first + 1 :], first + 1)
            if one.is_clear and other.is_clear and not one.moments & other.moments
        ]
        best = max(pairs, default=(0.0, 0, 0))
        if best[0] < SAME_PERSON:
            return found
        _, first, second = best
        found[first].sightings += found.pop(second).sightings


def _likeness(last: Sighting, sighting: Sighting) -> float:
    """How likely the next sighting is the same face; 0 = it is another."""
    cosine = float(last.row @ sighting.row)
    place = overlap(last.face.box, sighting.face.box) if last.scene == sighting.scene else 0.0
    if place >= SAME_PLACE and cosine >= SAME_FACE / 2:
        return 1 + place + cosine
    return cosine if cosine >= SAME_FACE and last.scene == sighting.scene and place > 0 else max(0.0, cosine - 0.5)


def _best(track: Track) -> Face:
    best = max(track.sightings, key=lambda sighting: (_worth(sighting.face), -sighting.at_seconds))
    second = track.second_mean
    return msgspec.structs.replace(
        best.face,
        embedding=encode_array(track.mean),
        second_embedding=None if second is None else encode_array(second * SECOND_LENGTH),
        at_seconds=best.at_seconds,
        frames=len(track.moments),
    )


def _worth(face: Face) -> float:
    """How good a frame shows the face: open eyes count most, then sharpness, clarity, direction and smile."""
    worth = _clearness(face)
    figures, mesh = face.figures, face.mesh
    if figures is not None and figures.sharpness is not None:
        worth += min(max(figures.sharpness / 3, 0.0), 1.0)
    if mesh is None:
        return worth
    values = decode_array(mesh.expressions)
    blink, smile = float(values[BLINKS].mean()), float(values[SMILES].mean())
    eyes = 2.0 if blink < OPEN_EYES else 2.0 * (1 - blink)
    return float(worth + eyes + 0.5 * smile + max(0.0, 1 - abs(mesh.yaw) / 45))


def _is_plain(face: Face) -> bool:
    if face.clarity is None:
        return face.size_px >= PLAIN_SIDE and face.detection >= PLAIN_DETECTION
    return face.clarity >= PLAIN


def _clearness(face: Face) -> float:
    """How clearly the models saw the face, 0 to 1."""
    clarity = 0.5 if face.clarity is None else min(max((face.clarity - 6) / 8, 0.05), 1.0)
    return float(clarity * min(1.0, face.size_px / 112) ** 0.5)
