"""A small archive: folders with metadata files of people who are seen many times."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from builders import a_face, a_record, some_expressions
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.metadata import METADATA_NAME, load
from photo_ranker.metadata.document import encode_record, join_document
from photo_ranker.metadata.storage import write_file
from photo_ranker.records import FaceFigures, MeshFigures, PhotoRecord

__all__ = ["SECOND", "album_of", "look_of", "make_archive", "write_folder"]

SECOND = 1000
"""Added to the number of a person: how they look to the second network."""


def look_of(person: int) -> Floats:
    """How a person looks."""
    row = np.random.default_rng([7, person]).normal(size=128).astype(np.float32)
    look: Floats = row / np.linalg.norm(row)
    return look


def seen(person: int, rng: np.random.Generator) -> bytes:
    """One photo's embedding: two of one person have a cosine of about 0.65."""
    noise = rng.normal(size=128).astype(np.float32)
    row = look_of(person) + 0.73 * noise / np.linalg.norm(noise)
    return encode_array((row / np.linalg.norm(row)).astype(np.float32))


def photo_of(
    people: list[int], rng: np.random.Generator, name: str, rest: str = "", *, by_both: bool = False
) -> PhotoRecord:
    """A photo of these people; to the second network each looks like another person."""
    faces = []
    for place, person in enumerate(people):
        mesh = MeshFigures(0.99, rng.uniform(-40, 40), 0.0, 0.0, some_expressions(smile=float(rng.uniform())))
        figures = FaceFigures(sharpness=float(rng.uniform(0.5, 2.5)), brightness=0.5, bright_end=0.8)
        box = (100.0 + 400 * place, 50.0, float(rng.integers(60, 300)), 220.0)
        clarity = 6.0 + (person + 3 * place) % 7  # some are seen plainly, some hardly
        face = a_face(f"f{name}{place}", box, clarity=clarity, mesh=mesh, figures=figures, embedding=seen(person, rng))
        second = seen(person + SECOND, rng) if by_both else None
        faces.append(msgspec.structs.replace(face, second_embedding=second))
    return a_record(*faces, hash=name, rest=rest)


def write_folder(
    folder: Path, seed: int, photos: int = 30, people: int = 12, rest: str = "", *, by_both: bool = False
) -> None:
    """A metadata file with photos of one to three people; with a ``rest`` those of one seed are copies."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([3, seed])
    texts = {}
    for number in range(photos):
        who = rng.choice(people, rng.integers(1, 4), replace=False).tolist()
        record = photo_of(who, rng, f"{seed:08x}{number:08x}", rest, by_both=by_both)
        texts[f"IMG_{number}.jpg"] = encode_record(record)
    texts["empty.jpg"] = encode_record(a_record(hash=f"{seed}e"))
    texts["broken.jpg"] = encode_record(a_record(hash="", unreadable="not a photo"))
    write_file(folder / METADATA_NAME, join_document({}, texts))


def make_archive(root: Path, folders: int = 5) -> Path:
    """Some folders, one of them deep and oddly named."""
    for seed in range(folders):
        write_folder(root / (f"{seed} ü" if seed else "deep/er"), seed)
    return root


def album_of(root: Path) -> Album:
    """The same photos as one album."""
    folders = sorted(path.parent for path in root.rglob(METADATA_NAME))
    return Album(AlbumPhoto(str(folder / name), record) for folder in folders for name, record in load(folder).items())
