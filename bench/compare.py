"""Compares every installed engine on the same labelled photos: ``make compare DATA=DIR``.

DIR holds a folder for each person, or contains such a folder called ``faces_lfw``; the middle face of each
photo counts. Nothing is written. Times are of one process with loaded models; on a shared processor, read the second
one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.albums import LabelledAlbum, label
from bench.figures import Figure
from bench.persons import everyone, population
from bench.verification import FOLDS, Row, accuracy_of
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.analysis.analyser import Analyser
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import PHOTO_SUFFIXES
from photo_ranker.models.engines import named_engine
from photo_ranker.models.insightface_engine import files_in, packs_folder
from photo_ranker.models.store import MODELS, models_folder
from photo_ranker.records import DEFAULT_ENGINE, PhotoRecord

__all__ = ["main"]

PHOTOS = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine made of the photos, and what it took."""

    spec: AnalyserSpec
    records: dict[Path, PhotoRecord | None]
    wall: float
    processor: float

    @property
    def megabytes(self) -> float:
        """Size of the model files that the engine needs, the mesh included."""
        mesh = [path for path in map(models_folder().joinpath, MODELS) if path.suffix == ".task"]
        own = [models_folder() / name for name in MODELS if name.endswith(".onnx")]
        if self.spec.engine != DEFAULT_ENGINE:
            own = files_in(Path(self.spec.models) if self.spec.models else packs_folder() / self.spec.engine)
        return sum(path.stat().st_size for path in [*own, *mesh] if path.is_file()) / 1e6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("--engine", action="append", default=[], metavar="NAME", help="only these; default: all here")
    parser.add_argument("--photos", type=int, default=PHOTOS, metavar="N", help=f"so many, of whole people ({PHOTOS})")
    parser.add_argument("--device", default="auto", metavar="NAME")
    args = parser.parse_args()
    folder = args.data / "faces_lfw" if (args.data / "faces_lfw").is_dir() else args.data
    photos = _some(folder, args.photos)
    if not photos:
        parser.error(f"there are no folders of people in {folder}: make compare DATA=DIR")
    columns = {}
    for word in args.engine or _installed():
        engine, models = named_engine(word)
        measured = _measure(AnalyserSpec(engine=engine, models=models, device=args.device), photos)
        columns[engine] = dict(_figures(measured))
    print(f"{len(photos)} photos of {len({photo.parent for photo in photos})} people in {folder}\n")
    print("\n".join(_table(columns)))
    return 0


def _installed() -> list[str]:
    """The default, and the packs that insightface would find."""
    return [DEFAULT_ENGINE, *sorted(path.name for path in packs_folder().glob("*") if files_in(path))]


def _some(folder: Path, count: int) -> list[Path]:
    """All photos of people drawn at random, ``count`` at most; the same ones on every run."""
    people = sorted(person for person in folder.glob("*") if person.is_dir())
    random.Random(0).shuffle(people)
    chosen: list[Path] = []
    for person in people:
        photos = [path for path in person.glob("*") if path.suffix.lower() in PHOTO_SUFFIXES]
        if len(chosen) + len(photos) <= count:
            chosen += photos
    return sorted(chosen)


def _measure(spec: AnalyserSpec, photos: Sequence[Path]) -> Measured:
    analyser = spec.open()
    _record(analyser, photos[0])  # loads what is loaded on first use
    wall, processor = time.perf_counter(), time.process_time()
    records: dict[Path, PhotoRecord | None] = {}
    for number, photo in enumerate(photos, 1):
        records[photo] = _record(analyser, photo)
        if sys.stderr.isatty():
            print(f"\r{spec.engine}: {number} of {len(photos)}", end="", file=sys.stderr)
    return Measured(spec, records, time.perf_counter() - wall, time.process_time() - processor)


def _record(analyser: Analyser, photo: Path) -> PhotoRecord | None:
    try:
        return analyser.analyse(photo)
    except PhotoUnreadable:
        return None


def _figures(measured: Measured) -> Iterator[tuple[str, str]]:
    labelled, count = label(measured.records, measured.spec.engine), len(measured.records)
    yield "photos with a face", f"{len(labelled.people) / count:.4f}"
    people = _by_person(labelled)
    if len(people) >= 2 * FOLDS:
        value, error, _ = accuracy_of(people)
        yield "same or not, accuracy", f"{value:.4f} ± {error:.4f}"
    if sum(len(rows) > 2 for rows in people.values()) > 1:
        for figure in (*everyone(labelled), *population(labelled)):
            yield figure.name.removeprefix("faces_lfw, "), _value(figure)
    yield "numbers a face", str(labelled.album.embeddings.shape[1] if labelled.album.faces else 0)
    yield "ms a photo", f"{1000 * measured.wall / count:.1f}"
    yield "ms a photo, processor time", f"{1000 * measured.processor / count:.1f}"
    yield "model files, MB", f"{measured.megabytes:.1f}"


def _value(figure: Figure) -> str:
    return f"{figure.value:.4f}" + ("" if figure.error is None else f" ± {figure.error:.4f}")


def _by_person(labelled: LabelledAlbum) -> dict[str, list[Row]]:
    people: dict[str, list[Row]] = {}
    for name, face in zip(labelled.people, labelled.central.tolist(), strict=True):
        people.setdefault(name, []).append(labelled.album.embeddings[face])
    return people


def _table(columns: dict[str, dict[str, str]]) -> Iterator[str]:
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    yield f"{'':<32}" + "".join(f"{engine:>20}" for engine in columns)
    for name in names:
        yield f"{name:<32}" + "".join(f"{column.get(name, '-'):>20}" for column in columns.values())


if __name__ == "__main__":
    sys.exit(main())
