"""A folder of people as one album: whose photo each is, and which face is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.measured import central, engine, records_of
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.records import DEFAULT_ENGINE, PhotoRecord

__all__ = ["LabelledAlbum", "label", "labelled_album"]


@dataclass(frozen=True, slots=True)
class LabelledAlbum:
    """Photos that are each of one person; others may be in them too."""

    album: Album
    people: list[str]
    """Whose photo each is."""
    central: NDArray[np.int64]
    """For each photo, the number of the face that is meant."""
    first: dict[str, int]
    """Person -> the face that is meant in the first of the person's photos, by file name."""


def labelled_album(folder: Path) -> LabelledAlbum:
    """The album of a folder that has a folder per person, who is in the middle; photos without a face are left out."""
    paths = sorted(folder.glob("*/*.jpg"))
    return label(records_of(paths), engine())


def label(records: Mapping[Path, PhotoRecord | None], engine: str = DEFAULT_ENGINE) -> LabelledAlbum:
    """The album of photos that one engine has measured."""
    photos = (AlbumPhoto(str(path), record) for path, record in records.items() if record and record.faces)
    album = Album(photos, engine)
    people = [Path(photo.path).parent.name for photo in album.photos]
    number_of = {id(face): number for number, face in enumerate(album.faces)}
    meant = [number_of[id(central(photo.record))] for photo in album.photos]
    first: dict[str, int] = {}
    for name, face in zip(people, meant, strict=True):
        first.setdefault(name, face)
    return LabelledAlbum(album, people, np.array(meant), first)
