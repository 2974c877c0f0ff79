"""The photos of one question with their records, and all faces as one matrix."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import compress
from operator import attrgetter
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats, decode_unit_rows
from photo_ranker.records import DEFAULT_ENGINE, DUO, Face, PhotoRecord, finder_of

__all__ = ["Album", "AlbumPhoto"]


class AlbumPhoto(msgspec.Struct, frozen=True):
    """One photo: where it is and what was measured."""

    path: str
    """The folder as typed, and the name."""
    record: PhotoRecord
    """What was measured of it."""

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name


class Album:
    """Photos, and the faces of one engine in them."""

    def __init__(self, photos: Iterable[AlbumPhoto], engine: str = DEFAULT_ENGINE) -> None:
        self.engine, finder, needs_both = engine, finder_of(engine), engine == DUO
        self.faces: list[Face] = []
        """All faces with an embedding, photo by photo."""
        self.waiting = 0
        """Number of faces that the second network of the engine has not looked at yet; they are left out."""
        owners: list[int] = []
        shown: list[AlbumPhoto] = []
        for number, photo in enumerate(photos):
            is_shared = False
            for face in photo.record.faces:
                if face.engine != finder:
                    is_shared = True
                elif face.embedding is None:
                    continue
                elif needs_both and face.second_embedding is None:
                    self.waiting += 1
                else:
                    self.faces.append(face)
                    owners.append(number)
            shown.append(_seen_by(engine, photo) if is_shared else photo)
        self.photos = tuple(shown)
        """Their records hold only the faces of this engine: those of others are the same people again."""
        self.owners: NDArray[np.int64] = np.array(owners, np.int64)
        """The number of each face's photo."""

    def without(self, faces: AbstractSet[str]) -> Album:
        """The album without these faces, by their ids: nothing counts them then. Photos keep their numbers."""
        if not faces:
            return self
        kept = np.array([face.id not in faces for face in self.faces], np.bool_)
        photos, counts = list(self.photos), np.bincount(self.owners, minlength=len(self.photos))
        # Only few photos change, and all of them are looked at as seldom as possible: a question must not wait for it.
        bare = np.array([len(photo.record.faces) for photo in photos], np.int64) != counts
        for number in {*self.owners[~kept].tolist(), *np.flatnonzero(bare).tolist()}:
            photos[number] = _without(photos[number], faces)
        rest = Album((), self.engine)
        rest.waiting = self.waiting
        rest.photos, rest.faces, rest.owners = tuple(photos), list(compress(self.faces, kept)), self.owners[kept]
        return rest

    @cached_property
    def embeddings(self) -> Floats:
        """One row of unit length per face, in the order of ``faces``."""
        networks = ["embedding", "second_embedding"] if self.engine == DUO else ["embedding"]
        return decode_unit_rows(*(list(map(attrgetter(network), self.faces)) for network in networks))

    @cached_property
    def sizes(self) -> Floats:
        """The shorter side of each face's box in pixels, in the order of ``faces``."""
        count = len(self.faces)
        widths = np.fromiter((face.box[2] for face in self.faces), np.float32, count)
        heights = np.fromiter((face.box[3] for face in self.faces), np.float32, count)
        return np.minimum(widths, heights)


def _without(photo: AlbumPhoto, faces: AbstractSet[str]) -> AlbumPhoto:
    if faces.isdisjoint([face.id for face in photo.record.faces]):
        return photo
    kept = tuple([face for face in photo.record.faces if face.id not in faces])
    return AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, faces=kept))


def _seen_by(engine: str, photo: AlbumPhoto) -> AlbumPhoto:
    return AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, faces=photo.record.faces_by(engine)))
