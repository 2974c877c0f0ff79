"""The faces of an album as the clustering sees them: each lasting id once, with its photos and its quality."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import count

import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album
from photo_ranker.core.codec import Floats
from photo_ranker.people.clustering import Material
from photo_ranker.person_finder.false_faces import is_solid
from photo_ranker.person_finder.years import years_of_faces
from photo_ranker.questions.selection import Content, content_of
from photo_ranker.ranker.company import collages
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["FaceTable"]


class FaceTable:
    """Every face of an album once, as a copied photo has the same faces. False faces are kept apart."""

    def __init__(self, album: Album, settings: Settings, false_faces: frozenset[str] = frozenset()) -> None:
        self.whole = album
        """The album as it was measured."""
        self.album = album.without(false_faces)
        """The same without false faces."""
        self.false_faces = false_faces
        self.settings = settings
        self.places: dict[str, list[int]] = {}
        """Id of a face -> its numbers in the album, more than one where a photo was copied."""
        for number, face in enumerate(self.album.faces):
            self.places.setdefault(face.id, []).append(number)
        self.ids = list(self.places)

    def face(self, face_id: str) -> Face:
        """What was measured of a face, a false one too."""
        if face_id in self.places:
            return self.album.faces[self.places[face_id][0]]
        return self.whole.faces[self.false_places[face_id][0]]

    def photos(self, face_id: str) -> list[int]:
        """The numbers of the photos that show it."""
        if (numbers := self.places.get(face_id)) is not None:
            return [self._owners[number] for number in numbers]
        return [int(self.whole.owners[number]) for number in self.false_places[face_id]]

    @cached_property
    def _owners(self) -> list[int]:
        """``album.owners`` as a list: nearly all are asked for, and an array would convert them one by one."""
        owners: list[int] = self.album.owners.tolist()
        return owners

    @cached_property
    def contents(self) -> Sequence[int]:
        """For each face of the album a number for its file; files with identical bytes share one."""
        numbers: dict[Content | int, int] = {}
        of_photos = [
            numbers.setdefault(number if (content := content_of(photo.record)) is None else content, number)
            for number, photo in enumerate(self.album.photos)
        ]
        return [of_photos[owner] for owner in self._owners]

    @cached_property
    def false_places(self) -> Mapping[str, list[int]]:
        """Id of a false face -> its numbers in the whole album."""
        found: dict[str, list[int]] = {}
        for number, face in enumerate(self.whole.faces if self.false_faces else ()):
            if face.id in self.false_faces:
                found.setdefault(face.id, []).append(number)
        return found

    @cached_property
    def years(self) -> NDArray[np.float64]:
        """For each id the year of the photo that shows it, NaN where it is not known; the earliest of its copies."""
        years = years_of_faces(self.album)
        return np.array([np.fmin.reduce(years[numbers]) for numbers in self.places.values()], np.float64)

    def before(self, faces: Sequence[str], year: int) -> list[str]:
        """The faces among these whose photos in the album are from before a year."""
        return [face for face in faces if face in self.places and self.years[self.number_of[face]] < year]

    @cached_property
    def number_of(self) -> Mapping[str, int]:
        """Id of a face -> its place in ``ids``."""
        return {face_id: number for number, face_id in enumerate(self.ids)}

    @cached_property
    def rows(self) -> Floats:
        """One unit embedding per id."""
        if len(self.ids) == len(self.album.faces):  # no photo was copied
            return self.album.embeddings
        return self.album.embeddings[[numbers[0] for numbers in self.places.values()]]

    @cached_property
    def solid(self) -> NDArray[np.bool_]:
        """Whether each face is good enough to start a person."""
        return np.array([is_solid(self.face(face_id), self.settings) for face_id in self.ids], np.bool_)

    def material(
        self,
        together: Sequence[Sequence[str]] = (),
        apart: Sequence[tuple[Sequence[str], Sequence[str]]] = (),
        pinned: Collection[str] = (),
    ) -> Material:
        """All that the clustering needs; ids that are not in the album are ignored.

        ``together`` are faces of one person; the two sides of each pair in ``apart`` have no person in common.
        Faces that are ``pinned`` are merged with each other only if they are in ``together``.
        """
        tokens = [[self._picture_of[number] for number in numbers] for numbers in self.places.values()]
        free = count(len(self.album.photos) + len(self.album.faces))  # above the numbers of all pictures
        of_pinned = next(free)
        for face_id in pinned:
            if face_id in self.number_of:
                tokens[self.number_of[face_id]].append(of_pinned)
        known = [[self.number_of[face_id] for face_id in faces if face_id in self.number_of] for faces in together]
        # A face that is absent is represented by one that is here and is the same person by decision.
        speaker = {face_id: here[0] for faces, here in zip(together, known, strict=True) if here for face_id in faces}
        speaker |= self.number_of
        for one, other in apart:
            for first in {speaker[face_id] for face_id in one if face_id in speaker}:
                for second in {speaker[face_id] for face_id in other if face_id in speaker} - {first}:
                    mark = next(free)
                    tokens[first].append(mark)
                    tokens[second].append(mark)
        return Material(self.rows, tokens, self.solid, [faces for faces in known if faces])

    def pictures(self, face_id: str) -> set[int]:
        """The pictures that show a face; each frame of a film is a picture, and each face of a collage."""
        return {self._picture_of[number] for number in self.places[face_id]}

    @cached_property
    def _picture_of(self) -> list[int]:
        """For each face of the album a number for its picture: mostly that of its photo."""
        frames = self.album.frames
        pictures: list[int] = self._owners.copy() if frames is None else frames.tolist()
        if repeating := collages(self.album):
            for number, owner in enumerate(self._owners):
                if owner in repeating:
                    pictures[number] = len(self.album.photos) + number
        return pictures
