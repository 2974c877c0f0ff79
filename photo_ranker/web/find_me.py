"""Find me: a guest's own photo finds theirs. The photo is in memory for that question alone, and is written nowhere.

Only formats whose decoders are robust are read, since anybody with a link may send anything. A photo that shows
several people is refused, so that nobody looks for somebody else by mistake.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.core.codec import decode_unit_rows
from photo_ranker.errors import PhotoUnreadable, ReferenceUnusable
from photo_ranker.images import Limits, photo_of
from photo_ranker.images.sniff import sniff
from photo_ranker.people.told import told_by
from photo_ranker.person_finder import find_person
from photo_ranker.ranker import line_up
from photo_ranker.records import Face
from photo_ranker.settings import MeasureSettings, Settings

if TYPE_CHECKING:
    from photo_ranker.analysis.analyser import Analyser
    from photo_ranker.workspace.people import AlbumPeople

__all__ = ["FaceReader", "own_photos"]

READ = frozenset({"jpeg", "png", "webp"})
MOST_PIXELS = 120_000_000
"""Of a guest's photo; phones make up to 108 million."""
PASSER_BY = 0.4
"""A face smaller than this share of the largest is somebody in the background."""


class FaceReader:
    """Finds the one face of a guest's photo. Thread-safe; the models are loaded with the first photo."""

    def __init__(self, settings: MeasureSettings, spec: Callable[[str], AnalyserSpec]) -> None:
        """``spec`` is what measures with an engine."""
        self._settings, self._spec = settings, spec
        usual = Limits.of(settings)
        self._limits = Limits(min(usual.max_pixels, MOST_PIXELS), usual.max_file_bytes)
        self._analysers: dict[AnalyserSpec, Analyser] = {}
        self._lock = threading.Lock()

    def __call__(self, data: bytes, engine: str) -> Face:
        """The face of the guest, for an album of this engine.

        :class:`ReferenceUnusable` where there is none, or more than one.
        """
        try:
            if not data or sniff(data, "") not in READ:
                raise ReferenceUnusable("this is not a photo that can be read here", "send a JPEG, PNG or WebP photo")
            photo = photo_of(data, "", self._limits)
            photo.picture(self._settings.detect_side)  # a broken one loads no models
            with self._lock:  # one set of models
                faces = self._analyser(engine).measure(photo).faces
        except PhotoUnreadable as error:
            raise ReferenceUnusable("this photo cannot be read", "try another photo of yourself") from error
        return only_face([face for face in faces if face.embedding is not None])

    def _analyser(self, engine: str) -> Analyser:
        spec = replace(self._spec(engine), identity_only=True)
        if spec not in self._analysers:
            self._analysers[spec] = spec.open()
        return self._analysers[spec]


def only_face(faces: Sequence[Face]) -> Face:
    """The one person of a photo; small faces in the background do not count."""
    if not faces:
        raise ReferenceUnusable("no face is found in this photo", "look straight into the camera, in good light")
    largest = max(faces, key=lambda face: face.size_px)
    if sum(face.size_px >= PASSER_BY * largest.size_px for face in faces) > 1:
        raise ReferenceUnusable("this photo shows several people", "choose one that shows you alone")
    return largest


def own_photos(people: AlbumPeople, face: Face, settings: Settings, is_allowed: Callable[[int], bool]) -> list[int]:
    """Numbers of the photos that surely show this face, best first. Nothing of it is kept for later questions."""
    identity = face.identity(people.album.engine)
    if identity is None:
        raise ReferenceUnusable("no face is found in this photo", "look straight into the camera, in good light")
    finding = find_person(
        people.album, list(decode_unit_rows([identity])), settings=settings, told=told_by(people.book)
    )
    matches = [match for match in finding.sure if is_allowed(match.photo)]
    lineup = line_up(people.album, matches, settings)
    return [lineup.photo(number) for number in lineup.order(settings.weights, 0.0)]
