"""Albums of every size, drawn at random from labelled photos: does the threshold set itself well in each?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.albums import LabelledAlbum
from bench.figures import Figure
from bench.measured import engine
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.person_finder import find_person
from photo_ranker.records import DUO, Face, PhotoRecord, Stamp
from photo_ranker.settings import Settings

__all__ = ["made_album", "measure_sizes"]

SECTION = "persons"
SIZES = (1, 2, 5, 10, 20, 50, 100, 500, 2000)
ALBUMS = 300
LARGE, LARGE_QUERIES = 50_000, 60
FLOOR = 0.985
SETTINGS = Settings()
DIMENSIONS, ROOT_TWO = 128, 2**0.5

_Rows = dict[str, Floats]


def measure_sizes(lfw: LabelledAlbum) -> Iterator[Figure]:
    """Macro F1 by the size of the album, over people in none, one, three, half and nine tenths of its photos."""
    rows: _Rows = {}
    for name in lfw.first:
        mine = [face for face in lfw.central.tolist() if lfw.people[int(lfw.album.owners[face])] == name]
        rows[name] = lfw.album.embeddings[mine]
    for size in SIZES:
        scores, false = [], 0
        for number in range(ALBUMS):
            score, wrong = _one_album(rows, size, np.random.default_rng([size, number]), number)
            scores.append(score)
            false += wrong
        note = f"{ALBUMS} albums; someone else in {false} of them"
        error = float(np.std(scores, ddof=1) / np.sqrt(ALBUMS))
        yield Figure(SECTION, f"albums of {size:,} photos, macro F1", float(np.mean(scores)), error, FLOOR, note=note)
    yield from _large(rows)


def _one_album(rows: _Rows, size: int, rng: np.random.Generator, number: int) -> tuple[float, bool]:
    often = [name for name, faces in rows.items() if len(faces) >= 6]
    name = often[rng.integers(len(often))]
    reference, *others = rng.permutation(rows[name])
    wanted = (0, 1, 3, size // 2, size * 9 // 10)[number % 5]
    shown = others[: min(wanted, size)]
    # Every other album shows few people many times.
    crowd = often if number % 2 else list(rows)
    strangers = [face for one in rng.permutation(crowd) if one != name for face in rows[one][: 20 if number % 2 else 1]]
    faces = np.stack([*shown, *strangers[: size - len(shown)]])
    return _score(made_album(faces), reference, len(shown))


def _large(rows: _Rows) -> Iterator[Figure]:
    """Faces of invented people: mixes of two real ones, spread as real people are."""
    rng = np.random.default_rng(0)
    often = [name for name, faces in rows.items() if len(faces) >= 6]
    crowd = np.stack([faces[0] for name, faces in rows.items() if name not in often])
    mean, turn = crowd.mean(axis=0), rng.uniform(0, np.pi / 2, LARGE)[:, None]
    one, two = rng.integers(0, len(crowd), (2, LARGE))
    mixed = mean + np.cos(turn) * (crowd[one] - mean) + np.sin(turn) * (crowd[two] - mean)
    mixed = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
    names = often[:LARGE_QUERIES]
    present, absent = made_album(np.concatenate([mixed, *(rows[name][1:] for name in names)])), made_album(mixed)
    scores, false, start = [], 0, LARGE
    for name in names:
        end = start + len(rows[name]) - 1
        found = {match.face for match in find_person(present, [rows[name][0]], settings=SETTINGS).sure}
        scores.append(2 * len(found & set(range(start, end))) / (len(found) + end - start))
        false += bool(find_person(absent, [rows[name][0]], settings=SETTINGS).sure)
        start = end
    error = float(np.std(scores, ddof=1) / np.sqrt(len(names)))
    note = f"{len(names)} people; someone else in {false} of as many albums without them"
    yield Figure(SECTION, f"an album of {LARGE:,} faces, macro F1", float(np.mean(scores)), error, FLOOR, note=note)


def made_album(rows: Floats, owners: NDArray[np.int64] | None = None, clarity: Floats | None = None) -> Album:
    """A face of 100 pixels for each row, called f0, f1 and so on; one per photo, or in the photos of ``owners``."""
    points = ((30.0, 40.0), (70.0, 40.0), (50.0, 60.0), (35.0, 80.0), (65.0, 80.0))
    face = Face.of(id="", box=(0.0, 0.0, 100.0, 120.0), points=points, detection=0.9)
    stamp = Stamp(0, 0, "")
    faces: dict[int, list[Face]] = {}
    of_photos = range(len(rows)) if owners is None else owners.tolist()
    plain = [None] * len(rows) if clarity is None else clarity.tolist()
    for number, (owner, row, seen) in enumerate(zip(of_photos, rows, plain, strict=True)):
        face = msgspec.structs.replace(face, clarity=seen)
        faces.setdefault(owner, []).append(_known_by(face, number, row))
    photos = (
        AlbumPhoto(str(Path("made") / f"{owner}.jpg"), PhotoRecord(stamp, faces=tuple(its)))
        for owner, its in faces.items()
    )
    return Album(photos, engine())


def _known_by(face: Face, number: int, row: Floats) -> Face:
    """The face, known by its row, in which the embeddings of the engine's networks stand one after the other."""
    first, second = (row, None) if engine() != DUO else (row[:DIMENSIONS], encode_array(row[DIMENSIONS:] * ROOT_TWO))
    if second is not None:
        first = first * ROOT_TWO
    return msgspec.structs.replace(face, id=f"f{number}", embedding=encode_array(first), second_embedding=second)


def _score(album: Album, reference: Floats, shown: int) -> tuple[float, bool]:
    """F1 where the first photos show the person, and whether anybody else was found."""
    found = [match.photo for match in find_person(album, [reference], settings=SETTINGS).sure]
    right = sum(photo < shown for photo in found)
    score = 2 * right / (len(found) + shown) if found or shown else 1.0
    return score, right < len(found)
