"""Is one person found? Every person of faces_lfw, the small albums, people who are not there, albums of every size."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np

from bench.albums import LabelledAlbum, labelled_album
from bench.figures import Figure, share
from bench.measured import engine, records_of
from bench.random_albums import measure_sizes
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.images import PHOTO_SUFFIXES
from photo_ranker.person_finder import Finding, find_person
from photo_ranker.settings import Settings
from photo_ranker.workspace.references import ReferenceReader, embeddings_of

__all__ = ["everyone", "measure", "population"]

SECTION = "persons"
SETTINGS = Settings()
EVERYTHING = -2.0
"""A threshold below every similarity: the whole album in order."""
ABSENT = 400
FLOORS = {"sitcom": 0.98, "families": 0.98, "public_figures": 0.90}


def measure(data: Path) -> Iterator[Figure]:
    """All figures of finding one person."""
    lfw = labelled_album(data / "faces_lfw")
    yield from population(lfw)
    yield from everyone(lfw)
    yield _absent(lfw)
    for name, floor in FLOORS.items():
        yield _small_album(data / "albums", name, floor)
    yield from measure_sizes(lfw)


def population(lfw: LabelledAlbum) -> Iterator[Figure]:
    """The cosines that ``photo_ranker/person_finder/populations.py`` states for the engine."""
    rows = lfw.album.embeddings[lfw.central]
    names = np.array(lfw.people)[lfw.album.owners[lfw.central]]
    one, two = np.triu_indices(len(rows), 1)
    cosines, same = (rows @ rows.T)[one, two], names[one] == names[two]
    for what, values in (("strangers", cosines[~same]), ("one person", cosines[same])):
        yield Figure(SECTION, f"cosine of {what}, mean", float(values.mean()), note=f"{len(values):,} pairs")
        yield Figure(SECTION, f"cosine of {what}, spread", float(values.std()))


def everyone(lfw: LabelledAlbum) -> Iterator[Figure]:
    """Look for every person with three photos or more by the first of them, which is not judged."""
    precisions, f1s = [], []
    for name, face in lfw.first.items():
        if lfw.people.count(name) < 3:
            continue
        truth = {number for number, person in enumerate(lfw.people) if person == name} - {int(lfw.album.owners[face])}
        reference = [lfw.album.embeddings[face]]
        ranked = _judged(lfw, find_person(lfw.album, reference, settings=SETTINGS, threshold=EVERYTHING), face)
        precisions.append(_average_precision([photo in truth for photo in ranked], len(truth)))
        f1s.append(_f1(set(_judged(lfw, find_person(lfw.album, reference, settings=SETTINGS), face)), truth))
    note = f"{len(f1s)} people, {len(lfw.people)} photos"
    yield _mean("faces_lfw, mean average precision", precisions, 0.990, note)
    yield _mean("faces_lfw, macro F1", f1s, 0.980, f"{note}; threshold set by the album")


def _judged(lfw: LabelledAlbum, finding: Finding, reference: int) -> list[int]:
    """Photos of sure matches; only central faces count, since the folder does not name the others."""
    central = set(lfw.central.tolist()) - {reference}
    return [match.photo for match in finding.sure if match.face in central]


def _absent(lfw: LabelledAlbum) -> Figure:
    """Look for people whose only photo was taken out of the album."""
    once = [name for name in lfw.first if lfw.people.count(name) == 1][:ABSENT]
    wrong = 0
    for name in once:
        face = lfw.first[name]
        others = (photo for number, photo in enumerate(lfw.album.photos) if number != lfw.album.owners[face])
        rest = Album(others, lfw.album.engine)
        wrong += bool(find_person(rest, [lfw.album.embeddings[face]], settings=SETTINGS).sure)
    value, error = share(wrong, len(once))
    return Figure(SECTION, "absent people found", value, error, 0.04, at_most=True, note=f"{len(once)} people")


@dataclass(slots=True)
class _Wanted:
    """Whom to look for in a small album."""

    reference: str
    shown: set[str]
    ignored: set[str]


def _small_album(folder: Path, name: str, floor: float) -> Figure:
    paths = sorted(path for path in (folder / name).iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)
    records = records_of(paths)
    photos = (AlbumPhoto(str(path), record) for path in paths if (record := records[path]) is not None)
    album = Album(photos, engine())
    reader = ReferenceReader(AnalyserSpec(engine=engine()), lambda _: None, remember=False)
    f1s = []
    for wanted in _wanted(folder, name):
        references = embeddings_of(reader.read([folder / wanted.reference], album=album))
        finding = find_person(album, references, settings=SETTINGS)
        unjudged = wanted.ignored | {Path(wanted.reference).name}
        found = {album.photos[match.photo].name for match in finding.sure} - unjudged
        f1s.append(_f1(found, wanted.shown - unjudged))
    return _mean(f"albums/{name}, macro F1", f1s, floor, f"{len(f1s)} people; threshold set by the album")


def _wanted(folder: Path, name: str) -> Sequence[_Wanted]:
    """The people of an album, also those who are in no photo of it."""
    with (folder / "expected.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["album"] == name]
    references = {row["reference"]: _Wanted(row["reference"], set(), set()) for row in rows}
    for path in sorted(path for path in (folder / name).iterdir() if path.is_dir()):
        references.setdefault(f"{name}/{path.name}", _Wanted(f"{name}/{path.name}", set(), set()))
    for row in rows:
        wanted = references[row["reference"]]
        (wanted.ignored if row["visibility"] == "ignore" else wanted.shown).add(row["photo"])
    return list(references.values())


def _f1(found: AbstractSet[object], truth: AbstractSet[object]) -> float:
    return 2 * len(found & truth) / (len(found) + len(truth)) if found or truth else 1.0


def _average_precision(hits: Sequence[bool], wanted: int) -> float:
    places = np.flatnonzero(hits)
    return float((np.arange(1, len(places) + 1) / (places + 1)).sum()) / wanted


def _mean(name: str, values: Sequence[float], floor: float | None, note: str) -> Figure:
    error = float(np.std(values, ddof=1)) / sqrt(len(values))
    return Figure(SECTION, name, float(np.mean(values)), error, floor, note=note)
