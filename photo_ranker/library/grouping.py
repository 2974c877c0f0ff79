"""Everyone in a library: the clustering of an album on the columns, without a record being read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photo_ranker.album import AlbumPhoto
from photo_ranker.library.library import Library, Numbers
from photo_ranker.people.clustering import Material, group_faces
from photo_ranker.person_finder.populations import population_of

__all__ = ["LibraryPerson", "group_library", "material_of"]


@dataclass(frozen=True, slots=True)
class LibraryPerson:
    """One person, as far as the clustering tells."""

    photos: int
    faces: int
    example: AlbumPhoto
    """The photo with the largest of the faces."""


def material_of(library: Library) -> tuple[Material, list[Numbers]]:
    """All that the clustering needs, and which faces are which of its rows: a copied photo has the same faces.

    False faces are left out.
    """
    numbers = library.numbers
    numbers = numbers[library.value("is_solid")[numbers] >= 0]
    _, first, which, counts = np.unique(
        library.stored_ids[numbers], return_index=True, return_inverse=True, return_counts=True
    )
    faces = np.split(numbers[np.argsort(which, kind="stable")], np.cumsum(counts)[:-1])
    owners = library.owners(numbers)
    tokens: list[list[int]] = owners[first][:, None].tolist()
    for row in np.flatnonzero(counts > 1).tolist():
        tokens[row] = library.owners(faces[row]).tolist()
    solid = library.value("is_solid")[numbers[first]] > 0
    return Material(library.rows(numbers[first]), tokens, solid), faces


def group_library(library: Library, most: int) -> tuple[int, list[LibraryPerson]]:
    """How many people are seen more than once, and those who are in most photos."""
    material, faces = material_of(library)
    labels = group_faces(material, population_of(library.manifest.engine)).labels
    sizes = np.bincount(labels[labels >= 0])
    largest = np.argsort(-sizes, kind="stable")[:most]
    crowds = [_crowd(library, np.concatenate([faces[row] for row in np.flatnonzero(labels == one)])) for one in largest]
    return int((sizes > 1).sum()), sorted(crowds, key=lambda crowd: -crowd.photos)


def _crowd(library: Library, faces: Numbers) -> LibraryPerson:
    owners = library.owners(faces)
    best = owners[int(library.value("size_px")[faces].argmax())]
    photos = np.unique(owners)
    contents = library.contents(photos)
    count = len(np.unique(contents[contents > 0])) + int((contents == 0).sum())
    return LibraryPerson(count, len(faces), library.photos(np.array([best]))[0])
