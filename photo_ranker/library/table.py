"""Turns the metadata file of one folder into rows of photos and faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import decode_rows, unit_rows
from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.library.layout import FIGURES, WORDS, sketch
from photo_ranker.library.store import Table
from photo_ranker.metadata.document import Damaged, places_in, read_records
from photo_ranker.metadata.storage import read_text
from photo_ranker.person_finder.false_faces import is_false_face, is_solid
from photo_ranker.questions.selection import content_of
from photo_ranker.ranker.lineup import rows_of_faces
from photo_ranker.ranker.scorer import COLUMNS
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["FolderTable", "read_table"]

Numbers = NDArray[np.int64]

Faces = list[tuple[Face, bytes]]
"""Faces, each with its embedding."""


@dataclass(frozen=True, slots=True)
class FolderTable:
    """The rows of one folder; owners and first faces are numbered from the folder's own first row."""

    photos: Table
    faces: Table
    dimensions: int
    """Numbers of one embedding; 0 if there is no face."""
    no_face: int
    """Readable photos without a face of the engine."""
    unreadable: int
    """Photos that could not be measured."""
    unknown: int
    """Faces that the engine has not measured yet."""


def read_table(place: Path, engine: str, dimensions: int, settings: Settings) -> FolderTable:
    """The photos of a metadata file and an engine's faces; ``dimensions`` 0 = those of the first face.

    Raises ``Damaged`` if it cannot be read.
    """
    text = read_text(place)
    try:
        return _table(text, read_records(text), engine, dimensions, settings)
    except NewerSchema:
        raise
    except MetadataError as error:  # damage in the details of a face, which are decoded last
        raise Damaged(error.message) from error


def _table(
    text: bytes, records: Mapping[str, PhotoRecord], engine: str, dimensions: int, settings: Settings
) -> FolderTable:
    faces = {name: _faces_of(record, engine, dimensions) for name, record in records.items()}
    every = [identity for its in faces.values() for _, identity in its]
    dimensions = dimensions or (decode_rows(every[:1]).shape[1] if every else 0)
    # Only a damaged file has embeddings of several lengths; checking each face costs time otherwise.
    if len(set(map(len, every))) > 1:
        faces = {name: _of_length(its, dimensions) for name, its in faces.items()}
    counts = np.array([len(its) for its in faces.values()], np.int64)
    places = [(offset, length) for _, offset, length in places_in(text)]
    offsets, lengths = np.array(places, np.int64).reshape(-1, 2).T
    photos = {
        "offsets": offsets,
        "lengths": lengths,
        "first_faces": np.cumsum(counts) - counts,
        "face_counts": counts,
        "unreadable": np.array([record.unreadable is not None for record in records.values()], np.uint8),
        "contents": np.array([_content(record) for record in records.values()], np.uint64),
    }
    readable = [record for record in records.values() if record.unreadable is None]
    return FolderTable(
        photos,
        _face_rows(records, faces, dimensions, settings),
        dimensions,
        no_face=sum(not record.faces_by(engine) for record in readable),
        unreadable=len(records) - len(readable),
        unknown=sum(face.identity(engine) is None for record in readable for face in record.faces_by(engine)),
    )


def _content(record: PhotoRecord) -> int:
    """A number that copies share; 0 = not known."""
    content = content_of(record)
    return 0 if content is None else int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), "big")


def _faces_of(record: PhotoRecord, engine: str, dimensions: int) -> Faces:
    """The engine's faces that have an embedding, of the right length."""
    known = ((face, face.identity(engine)) for face in record.faces_by(engine))
    faces = [(face, identity) for face, identity in known if identity is not None]
    return _of_length(faces, dimensions) if dimensions else faces


def _of_length(faces: Faces, dimensions: int) -> Faces:
    """The faces whose embedding has ``dimensions`` numbers of two bytes; others come from a damaged file."""
    return [(face, identity) for face, identity in faces if len(identity) == 2 * dimensions]


def _face_rows(
    records: Mapping[str, PhotoRecord], known: Mapping[str, Faces], dimensions: int, settings: Settings
) -> Table:
    identities = [identity for its in known.values() for _, identity in its]
    faces = {name: [face for face, _ in its] for name, its in known.items()}
    every = [face for its in faces.values() for face in its]
    rows = decode_rows(identities) if every else np.zeros((0, dimensions), np.float16)
    words = sketch(unit_rows(rows)) if every else np.zeros((0, WORDS), np.uint64)
    figures = np.array([(face.size_px, face.detection, _solidity(face, settings)) for face in every], np.float32)
    figures = figures.reshape(-1, len(FIGURES))
    of_photos = (rows_of_faces(records[name], its, settings) for name, its in faces.items() if its)
    signals = np.array([row for rows in of_photos for row in rows], np.float32).reshape(-1, len(COLUMNS))
    return {
        "rows": rows,
        "ids": np.array([face.id.encode() for face in every], "S24"),
        "owners": np.repeat(np.arange(len(faces)), [len(its) for its in faces.values()]),
        **{f"sketch{number}": words[:, number] for number in range(WORDS)},
        **{name: figures[:, number] for number, name in enumerate(FIGURES)},
        **{name: signals[:, number] for number, name in enumerate(COLUMNS)},
    }


def _solidity(face: Face, settings: Settings) -> int:
    return -1 if is_false_face(face, settings) else int(is_solid(face, settings))
