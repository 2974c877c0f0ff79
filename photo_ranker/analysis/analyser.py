"""Measures one photo: images, then models, then quality; faces that a user has drawn join those that were found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker import quality
from photo_ranker.analysis.video import measure_video
from photo_ranker.core.codec import encode_array
from photo_ranker.images import Limits, OpenPhoto, Picture, open_photo
from photo_ranker.images.thumbnails import Thumbnails
from photo_ranker.images.video import OpenVideo, is_video, open_video
from photo_ranker.models import DetectedFace, Engine, FaceDetector, FaceMesh
from photo_ranker.models.align import align, cut
from photo_ranker.models.engines import Happiness
from photo_ranker.records import (
    DRAWN_PART,
    SECOND_LENGTH,
    SECOND_PART,
    VIDEO_PART,
    Box,
    Drawings,
    DrawnFace,
    Face,
    PhotoRecord,
    drawn_part,
    face_id,
    overlap,
    part_name,
)
from photo_ranker.settings import MeasureSettings

__all__ = ["Analyser", "locate", "with_drawn"]

GOOD_FACE_PX = 112
"""Smaller faces are measured in a larger picture, since the identity network sees 112 px."""


class Analyser:
    """Measures photos with the models of one engine; opened by :meth:`AnalyserSpec.open`."""

    def __init__(
        self,
        engine: Engine,
        keys: Mapping[str, str],
        settings: MeasureSettings,
        happiness: Happiness | None = None,
        thumbnails: Thumbnails | None = None,
        drawn: Mapping[str, Drawings] | None = None,
    ) -> None:
        self.engine, self.keys, self.happiness, self._thumbnails = engine, keys, happiness, thumbnails
        self._drawn, self._drawn_part = drawn or {}, drawn_part(keys)
        self.detect_side = settings.detect_side
        self._limits = Limits.of(settings)

    def analyse(self, path: Path, known: PhotoRecord | None = None) -> PhotoRecord:
        """Measure one photo; with its ``known`` record only parts that are missing or stale."""
        return self.measure(self.read(path, known), known)

    def read(self, path: Path, known: PhotoRecord | None = None) -> OpenPhoto | OpenVideo:
        """Open a photo and decode it if there is something to measure: all that needs no model."""
        if is_video(path):
            return open_video(path, self._limits)
        photo = open_photo(path, self._limits)
        if self._stale(_begun(photo, known)):
            photo.picture(self.detect_side)
        return photo

    def measure(self, photo: OpenPhoto | OpenVideo, known: PhotoRecord | None = None) -> PhotoRecord:
        """The record of a photo that has been opened."""
        begun = _begun(photo, known)
        stale = self._stale(begun)
        if not stale:
            return begun
        if isinstance(photo, OpenVideo):
            record = measure_video(photo, begun, self._measure_frame, self.engine.name, face_id)
            return msgspec.structs.replace(record, parts=self.parts_of(record, stale))
        if self._thumbnails is not None:
            self._thumbnails.keep(photo, self.detect_side)
        return _Measurement(self, photo, begun, stale).record()

    def _measure_frame(self, frame: OpenPhoto) -> PhotoRecord:
        begun = _begun(frame, None)
        return _Measurement(self, frame, begun, self._stale(begun)).record()

    def drawn_in(self, record: PhotoRecord) -> Drawings | None:
        """The faces that a user has drawn in a photo; None if nothing was ever drawn there."""
        return None if record.is_video else self._drawn.get(record.stamp.hash)

    def keys_of(self, record: PhotoRecord) -> dict[str, str]:
        """The keys of the parts that a record of this kind has."""
        keys = {part: key for part, key in self.keys.items() if record.is_video or not part.startswith(VIDEO_PART)}
        drawn = self.drawn_in(record)
        return keys if drawn is None else keys | {self._drawn_part: drawn.key}

    def parts_of(self, record: PhotoRecord, stale: frozenset[str]) -> dict[str, str]:
        """The parts of a record once the stale ones are measured, without those about faces that are detected again."""
        kept = dict(record.parts)
        if record.is_video or stale & {part_name("detect", self.engine.name), self._drawn_part}:
            for part in (*(part_name(part, self.engine.name) for part in ("look", "happy")), SECOND_PART):
                kept.pop(part, None)
        return kept | self.keys_of(record)

    def _stale(self, record: PhotoRecord) -> frozenset[str]:
        keys = self.keys_of(record)
        stale = {part for part, key in keys.items() if record.parts.get(part) != key}
        if self._drawn_part in stale:  # the new face needs all parts, and those of its neighbours come out the same
            stale |= {part for part in keys if not part.startswith(("detect", "picture"))}
        return frozenset(stale)


def _begun(photo: OpenPhoto | OpenVideo, known: PhotoRecord | None) -> PhotoRecord:
    """A record with the facts of the file, and with what is known of the same picture."""
    begun = msgspec.structs.replace(photo.info, stamp=photo.stamp)
    if known is None or known.stamp.hash != photo.stamp.hash or known.unreadable is not None:
        return begun
    return msgspec.structs.replace(
        begun, parts=known.parts, picture=known.picture, faces=known.faces, companions=known.companions
    )


class _Measurement:
    """Measures the stale parts of one photo, one after the other."""

    def __init__(self, analyser: Analyser, photo: OpenPhoto, known: PhotoRecord, stale: frozenset[str]) -> None:
        self._name, self._engine, self._happiness = analyser.engine.name, analyser.engine, analyser.happiness
        self._parts, self._drawn = analyser.parts_of(known, stale), analyser.drawn_in(known)
        self._photo, self._known, self._stale = photo, known, stale
        self._longer_side = max(photo.info.width, photo.info.height)
        self._picture = photo.picture(analyser.detect_side)

    def record(self) -> PhotoRecord:
        """The photo's record with all parts up to date."""
        known = self._known.faces_by(self._name)
        faces = self._detected() if self._is_stale("detect") else known
        if self._is_stale("detect") or self._is_stale(DRAWN_PART):
            faces = with_drawn(faces, known, self._drawn, self._placed)
        if faces and (
            SECOND_PART in self._stale or any(map(self._is_stale, ("embed", "mesh", "face", "look", "happy")))
        ):
            faces = self._measured(faces)
        others = tuple(face for face in self._known.faces if face.engine != self._name)
        picture = self._known.picture
        if "picture" in self._stale:
            picture = quality.measure_picture(self._picture.pixels)
        return msgspec.structs.replace(self._known, faces=(*others, *faces), picture=picture, parts=self._parts)

    def _is_stale(self, part: str) -> bool:
        return part_name(part, self._name) in self._stale

    def _detected(self) -> tuple[Face, ...]:
        found = self._engine.detector.detect(self._picture.pixels, self._closer)
        in_full = [face.moved(1 / self._picture.scale) for face in found]
        return tuple(_blank_face(face, self._photo.stamp.hash, self._name) for face in in_full)

    def _placed(self, drawn: DrawnFace, others: Sequence[Face]) -> Face:
        """The face in a drawn box, in pixels of the full picture."""
        side = self._longer_side * GOOD_FACE_PX / max(1.0, min(drawn.box[2:]))
        picture = self._photo.picture(min(self._longer_side, max(ceil(side), *self._picture.pixels.shape[:2])))
        box, *known = (_scaled(box, picture.scale) for box in (drawn.box, *(face.box for face in others)))
        found = locate(self._engine.detector, picture.pixels, box, known)
        face = _blank_face(found.moved(1 / picture.scale), drawn.picture, self._name)
        return msgspec.structs.replace(face, id=drawn.id, detection=1.0, drawn=True)

    def _closer(self, gain: float) -> NDArray[np.uint8]:
        """The picture at least ``gain`` times as large as the present one, or at full size."""
        longer = max(self._picture.pixels.shape[:2])
        return self._photo.picture(min(self._longer_side, ceil(longer * gain))).pixels

    def _measured(self, faces: Sequence[Face]) -> tuple[Face, ...]:
        measured: dict[int, Face] = {}
        for picture, numbers in self._scales(faces):
            done = self._measure_at(picture, [faces[number] for number in numbers])
            measured.update(zip(numbers, done, strict=True))
        return tuple(measured[number] for number in range(len(faces)))

    def _scales(self, faces: Sequence[Face]) -> Iterable[tuple[Picture, list[int]]]:
        """Pictures, and the numbers of faces to measure in each: small faces need a larger picture."""
        scale = self._picture.scale
        small = [number for number, face in enumerate(faces) if face.size_px * scale < GOOD_FACE_PX]
        if scale >= 1 or not small:
            return [(self._picture, list(range(len(faces))))]
        smallest = max(1.0, min(faces[number].size_px for number in small))
        closer = self._photo.picture(min(self._longer_side, ceil(self._longer_side * GOOD_FACE_PX / smallest)))
        large = [number for number in range(len(faces)) if number not in set(small)]
        return [(self._picture, large), (closer, small)] if large else [(closer, small)]

    def _identified(self, picture: Picture, spots: Sequence[DetectedFace], faces: Sequence[Face]) -> list[Face]:
        """The faces with embeddings, as far as those are stale."""
        done, second = list(faces), self._engine.second if SECOND_PART in self._stale else None
        if not (second or self._is_stale("embed")):
            return done
        crops = np.stack([align(picture.pixels, face.points) for face in spots])
        if self._is_stale("embed"):
            rows, tells = self._engine.embedder.embed(crops), self._engine.tells_clarity
            done = [_with_identity(face, row, tells_clarity=tells) for face, row in zip(done, rows, strict=True)]
        if second:
            done = [_with_second(face, row) for face, row in zip(done, second.embed(crops), strict=True)]
        return done

    def _measure_at(self, picture: Picture, faces: Sequence[Face]) -> list[Face]:
        spots = [_as_detected(face).moved(picture.scale) for face in faces]
        done = self._identified(picture, spots, faces)
        if any(map(self._is_stale, ("mesh", "face", "look"))):
            meshes = self._engine.mesher.measure(picture.pixels, spots)
            done = [_with_look(face, mesh) for face, mesh in zip(done, meshes, strict=True)]
            if self._is_stale("mesh") or self._is_stale("face"):
                done = [
                    _with_figures(face, picture, spot, mesh)
                    for face, spot, mesh in zip(done, spots, meshes, strict=True)
                ]
        if self._happiness and self._is_stale("happy"):
            values = self._happiness.measure(picture.pixels, spots)
            done = [msgspec.structs.replace(face, happy=value) for face, value in zip(done, values, strict=True)]
        return done


def _with_second(face: Face, row: NDArray[np.float32]) -> Face:
    return msgspec.structs.replace(face, second_embedding=_stored(row, SECOND_LENGTH))


def _stored(row: NDArray[np.float32], length: float = 1.0) -> bytes:
    """An embedding as it is stored, scaled to a length."""
    return encode_array(row * (length / max(float(np.linalg.norm(row)), 1e-12)))


def _with_identity(face: Face, row: NDArray[np.float32], *, tells_clarity: bool) -> Face:
    clarity = round(float(np.linalg.norm(row)), 2) if tells_clarity else None
    return msgspec.structs.replace(face, embedding=_stored(row), clarity=clarity)


def _with_figures(face: Face, picture: Picture, spot: DetectedFace, mesh: FaceMesh | None) -> Face:
    figures = quality.measure_face(picture.pixels, spot, mesh)
    return face.with_details(None if mesh is None else quality.measure_mesh(mesh, spot), figures)


def _with_look(face: Face, mesh: FaceMesh | None) -> Face:
    stored = None if mesh is None or mesh.look is None else encode_array(mesh.look)
    return msgspec.structs.replace(face, look=stored)


def _scaled(box: Box, scale: float) -> Box:
    x, y, width, height = box
    return x * scale, y * scale, width * scale, height * scale


def _as_detected(face: Face) -> DetectedFace:
    return DetectedFace(face.box, face.points, face.detection)


def _blank_face(found: DetectedFace, content_hash: str, engine: str) -> Face:
    # A tenth of a pixel is more exact than any detector, and keeps the file small.
    x, y, width, height = (round(value, 1) for value in found.box)
    one, two, three, four, five = ((round(px, 1), round(py, 1)) for px, py in found.points)
    box = (x, y, width, height)
    return Face.of(
        id=face_id(content_hash, box),
        box=box,
        points=(one, two, three, four, five),
        detection=round(found.score, 4),
        engine=engine,
    )


# Faces that a user has drawn: they join those that were found, and the engine looks where exactly they are.

SAME_FACE = 0.5
"""Overlap from which a face that was found is the drawn one, as for faces that are measured again."""
NEAR = 0.3
"""Overlap from which a detection in the drawn box is the face that was meant: people draw too large a box."""

_SIDE, _FACE = 256, 112
"""px of the window around the box, and of the box in it: faces of that size are detected best."""
_USUAL_POINTS = ((0.28, 0.39), (0.72, 0.39), (0.5, 0.58), (0.31, 0.74), (0.69, 0.74))
"""Eyes, nose and corners of the mouth as shares of a box: medians of 550 faces, for a face that is not detected."""


def with_drawn(
    found: Sequence[Face],
    before: Sequence[Face],
    drawings: Drawings | None,
    measured: Callable[[DrawnFace, Sequence[Face]], Face],
) -> tuple[Face, ...]:
    """The faces that were found, with those drawn.

    ``before`` are the photo's faces so far: a drawn face stays until it is taken back, even if the photo was moved away
    from the book that lists it.
    """
    drawings = drawings or Drawings()
    drawn_ids = {face.id for face in drawings.faces}
    faces = [face for face in found if not face.drawn]
    stay = [face for face in before if face.drawn and face.id not in {*drawn_ids, *drawings.taken_back}]
    for face in stay:
        _add(faces, face)
    for drawn in drawings.faces:
        _add(faces, measured(drawn, faces))
    return tuple(faces)


def _add(faces: list[Face], drawn: Face) -> None:
    """Add a drawn face, unless the detector now finds it too: the found face then takes over its id."""
    for number, face in enumerate(faces):
        if not face.drawn and overlap(face.box, drawn.box) >= SAME_FACE:
            faces[number] = msgspec.structs.replace(face, id=drawn.id)
            return
    faces.append(drawn)


def locate(detector: FaceDetector, pixels: NDArray[np.uint8], box: Box, others: Sequence[Box] = ()) -> DetectedFace:
    """The face in a drawn box: as the detector sees it there, enlarged, or else with its points in the usual places.

    ``others`` are boxes of faces that are known already, so the drawn box means none of them.
    """
    x, y, width, height = box
    zoom = _FACE / max(width, height)
    left, top = _SIDE / 2 - zoom * (x + width / 2), _SIDE / 2 - zoom * (y + height / 2)
    window = cut(pixels, np.array([[zoom, 0, left], [0, zoom, top]]), _SIDE)
    seen = [face.moved(1 / zoom, -left / zoom, -top / zoom) for face in detector.detect(window)]
    new = [face for face in seen if all(overlap(face.box, other) < SAME_FACE for other in others)]
    best = max(new, key=lambda face: overlap(face.box, box), default=None)
    if best is not None and overlap(best.box, box) >= NEAR:
        return best
    one, two, three, four, five = ((x + across * width, y + down * height) for across, down in _USUAL_POINTS)
    return DetectedFace(box, (one, two, three, four, five), 0.0)
