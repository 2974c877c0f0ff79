"""Is everyone found? Groups of faces are compared with who is who, and their time and memory are measured."""

from __future__ import annotations

import csv
import dataclasses
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench import groups
from bench.figures import Figure
from bench.measured import central, engine, records_of
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats
from photo_ranker.images import PHOTO_SUFFIXES
from photo_ranker.people.agreement import agreement
from photo_ranker.people.book import Book
from photo_ranker.people.clustering import Material, group_faces
from photo_ranker.people.told import table_of
from photo_ranker.person_finder.populations import population_of
from photo_ranker.records import DEFAULT_ENGINE, DUO
from photo_ranker.settings import Settings

__all__ = ["measure"]

ALBUMS = ("sitcom", "public_figures", "families")
SECTION = "people"
NOISE = 0.73
"""Length of the noise on a unit row: two copies of a face then have a cosine of 0.65, as two photos of a person do."""
INVENTED = 1.5
"""Length of the noise on a unit row: the result is another person."""
PHOTOS_A_PERSON = 16
DIMENSIONS = 128
"""Length of the first network's embedding."""


def measure(data: Path) -> Iterator[Figure]:
    """All figures of the clustering."""
    yield from _lfw(_album(data / "faces_lfw"))
    yield from _albums(data / "albums")
    yield from _one_a_photo(data)
    yield from groups.measure(data)
    yield from _growth(_album(data / "faces_lfw"))


def _album(folder: Path) -> Album:
    """All photos of a folder and those below it."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    found = records_of(paths)
    return Album((AlbumPhoto(str(path), record) for path in paths if (record := found[path]) is not None), engine())


def _lfw(album: Album) -> Iterator[Figure]:
    middle = {photo.path: face for photo in album.photos if (face := central(photo.record)) is not None}
    alone = Album(
        (
            AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, faces=(middle[photo.path],)))
            for photo in album.photos
            if photo.path in middle
        ),
        engine(),
    )
    names = [Path(photo.path).parent.name for photo in alone.photos]
    yield from _judged("LFW, central faces alone", _labels(alone), names, 0.990, more=True)
    judged = [
        number
        for number, face in enumerate(album.faces)
        if middle[album.photos[int(album.owners[number])].path] is face
    ]
    names = [Path(album.photos[int(album.owners[number])].path).parent.name for number in judged]
    yield from _judged("LFW, all faces, judged on central", _labels(album)[judged], names, 0.990)


def _judged(
    name: str, labels: NDArray[np.int64], truth: Sequence[str], floor: float | None, *, more: bool = False
) -> Iterator[Figure]:
    true = np.unique(truth, return_inverse=True)[1]
    found = agreement(labels, true)
    note = f"precision {found.bcubed.precision:.4f}, recall {found.bcubed.recall:.4f}, {len(labels)} faces"
    yield Figure(SECTION, f"BCubed F, {name}", found.bcubed.f, None, floor, note=note)
    note = f"precision {found.pairwise.precision:.4f}, recall {found.pairwise.recall:.4f}"
    yield Figure(SECTION, f"pairwise F, {name}", found.pairwise.f, None, floor, note=note)
    if more:
        yield Figure(SECTION, "adjusted mutual information", found.ami)
        yield Figure(SECTION, "adjusted Rand index", found.ari)
        yield Figure(SECTION, "V-measure", found.v_measure)


def _albums(folder: Path) -> Iterator[Figure]:
    albums = [_album(folder / name) for name in ALBUMS]
    album = Album((photo for one in albums for photo in one.photos), engine())
    who = _expected(folder, album)
    numbers = sorted(who)
    names = [who[number] for number in numbers]
    labels = _labels(album)[numbers]
    bcubed_figure, pairwise_figure = _judged("three small albums, not hard", labels, names, 0.95)
    yield bcubed_figure
    yield dataclasses.replace(pairwise_figure, floor=None)
    seen = [(("albums", name), group, True) for name, group in zip(names, labels.tolist(), strict=True)]
    yield from groups.split_figures("albums", seen)


def _expected(folder: Path, album: Album) -> dict[int, str]:
    """Number of a face -> whose it is, for references and for faces that are not hard to recognise."""
    at: dict[str, list[int]] = {}
    for number, photo in enumerate(album.owners.tolist()):
        at.setdefault(Path(album.photos[photo].path).relative_to(folder).as_posix(), []).append(number)
    who: dict[int, str] = {}
    with (folder / "expected.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    references: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        path = folder / row["reference"]
        names = (
            sorted(f"{row['reference']}/{one.name}" for one in path.iterdir()) if path.is_dir() else [row["reference"]]
        )
        shown = [max(at[name], key=lambda number: album.faces[number].size_px) for name in names if name in at]
        references[row["album"], row["person"]] = shown
        who |= dict.fromkeys(shown, row["person"])
    for row in rows:
        faces = at.get(f"{row['album']}/{row['photo']}", [])
        shown = references[row["album"], row["person"]]
        if row["visibility"] != "clear" or not faces or not shown:
            continue
        # Which face of the photo is meant: the one most like the reference.
        likeness = (album.embeddings[faces] @ album.embeddings[shown].T).max(axis=1)
        who[faces[int(likeness.argmax())]] = row["person"]
    return who


def _one_a_photo(data: Path) -> Iterator[Figure]:
    """How often two faces of one photo are taken for one person: it must never happen."""
    broken = 0
    for folder in (data / "faces_lfw", *sorted(path for path in (data / "albums").iterdir() if path.is_dir())):
        album = _album(folder)
        labels = _labels(album)
        # A copied photo has the same faces: they are one person, and in two photos.
        pairs = {
            (int(photo), face.id, int(label))
            for photo, face, label in zip(album.owners, album.faces, labels, strict=True)
        }
        taken = [(photo, label) for photo, _, label in pairs if label >= 0]
        broken += len(taken) - len(set(taken))
    yield Figure(SECTION, "pairs of one photo in one person", float(broken), None, 0.0, at_most=True)


def _labels(album: Album) -> NDArray[np.int64]:
    """For each face of the album, the number of its group; unrecognised and false faces get a number of their own."""
    table = table_of(album, Book(), Settings())
    found = group_faces(table.material(), population_of(album.engine)).labels
    labels = {face: label for face, label in zip(table.ids, found.tolist(), strict=True) if label >= 0}
    alone = 1 + max(labels.values(), default=0)
    return np.array([labels.get(face.id, alone + number) for number, face in enumerate(album.faces)])


def _growth(album: Album) -> Iterator[Figure]:
    """Time and memory by the number of faces, each in a process of its own."""
    seconds: dict[int, float] = {}
    for faces, limit in ((10_000, None), (38_096, 10.0), (100_000, None), (200_000, None), (400_000, 180.0)):
        seconds[faces], gigabytes = _in_a_process(album.embeddings, faces)
        yield Figure(SECTION, f"seconds for {faces:,} faces", seconds[faces], None, limit, at_most=True)
        if faces == 400_000:
            yield Figure(SECTION, f"GB for {faces:,} faces", gigabytes, None, 4.0, at_most=True)
    exponent = np.log(seconds[400_000] / seconds[100_000]) / np.log(4)
    yield Figure(SECTION, "growth from 100,000 to 400,000: time ~ faces ^", float(exponent))
    few, many = (_in_a_process(_more_people(album.embeddings, faces), faces)[0] for faces in (100_000, 400_000))
    exponent = np.log(many / few) / np.log(4)
    yield Figure(SECTION, f"  with {PHOTOS_A_PERSON} photos a person at any size", float(exponent))


def _more_people(rows: Floats, faces: int) -> Floats:
    """Invented people about as alike as these, more of them for more faces: else each would have ever more photos."""
    rng = np.random.default_rng(0)
    people = faces // PHOTOS_A_PERSON
    noise = rng.normal(size=(people, rows.shape[1])).astype(np.float32)
    noise *= INVENTED / np.linalg.norm(noise, axis=1, keepdims=True)
    noise += rows[rng.integers(0, len(rows), people)]
    invented: Floats = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return invented


def _in_a_process(rows: Floats, faces: int) -> tuple[float, float]:
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, rows)
        file.flush()
        words = [sys.executable, "-m", "bench.people", file.name, str(faces)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
    wall, memory = done.stdout.split()
    return float(wall), float(memory)


def _timed(rows: Floats, faces: int) -> str:
    """Group so many faces, made of these and noise: the seconds and GB that it takes."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(faces, rows.shape[1])).astype(np.float32)
    noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
    noise += rows[rng.integers(0, len(rows), faces)]
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    material = Material(noise, [{number} for number in range(faces)], np.ones(faces, np.bool_))
    started = time.perf_counter()
    group_faces(material, population_of(DUO if rows.shape[1] > DIMENSIONS else DEFAULT_ENGINE))
    return f"{time.perf_counter() - started} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}"


if __name__ == "__main__":
    print(_timed(np.load(sys.argv[1]), int(sys.argv[2])))
