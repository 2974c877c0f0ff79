"""Times a large library: made, opened, asked, updated; compares the approximate search with the exact one.

``python -m bench.library [PHOTOS] [--faces 1000000] [--folder DIR]``: the faces in PHOTOS (without it, those of the
sample photos), each perturbed many times over, ten a photo, five hundred photos a folder, as metadata files without
photos. Every question and every update is a process of its own, as a user would start it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import msgspec
import numpy as np

from bench.figures import Figure, as_json, table
from bench.measured import engine, records_of
from photo_ranker.core.codec import Floats, decode_unit_rows, encode_array, unit_rows
from photo_ranker.images import PHOTO_SUFFIXES
from photo_ranker.library import Library, library_place, open_library
from photo_ranker.library.finding import LOOKED_AT, LOOKED_AT_SHARE, find_in_library, nearest
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.metadata.document import encode_record, join_document
from photo_ranker.metadata.storage import write_file
from photo_ranker.models.store import SAMPLES, sample_photo
from photo_ranker.records import Face, PhotoRecord, Stamp
from photo_ranker.settings import Settings

__all__ = ["build_archive", "main"]

NOISE = 0.73
"""Length of the noise on a unit row: two copies of a face then have a cosine of 0.65, as two photos of a person do."""
FACES_A_PHOTO, PHOTOS_A_FOLDER = 10, 500
ASKED = 5
SECTION = "library"
START = "import numpy, msgspec"
"""What every question takes at least: a yardstick for the machine."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(prog="make bench-library", description=__doc__)
    parser.add_argument("photos", nargs="?", type=Path, help="whose faces to perturb; default: the sample photos")
    parser.add_argument("--faces", type=int, default=1_000_000, help="so many (default: 1,000,000)")
    parser.add_argument(
        "--folder", type=Path, help="keep the archive there and use it again (default: a temporary one)"
    )
    parser.add_argument("--queries", type=int, default=100, help="so many for the recall, each compared with all faces")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="photo-ranker-bench-") as temporary:
        archive = args.folder or Path(temporary, "archive")
        if not archive.is_dir():
            print(f"building {args.faces:,} faces in {archive}", file=sys.stderr, flush=True)
            build_archive(archive, _faces_in(args.photos), args.faces)
        figures = list(measure(archive, args.queries))
    print(table(figures))
    if args.json:
        args.json.write_text(as_json(figures), "utf-8")
    return 0


def measure(archive: Path, queries: int) -> Iterator[Figure]:
    """All figures of one archive."""
    seconds, peak = _command("library", str(archive), "--rebuild", "--quiet")
    yield _at_most("seconds to make it", seconds, 300.0)
    yield Figure(SECTION, "peak GB while it is made", peak)
    started = time.perf_counter()
    library = open_library(archive, engine(), Settings())
    _ = library.rows(library.numbers[:10]), library.sketches
    yield _at_most("seconds to open it", time.perf_counter() - started, 0.3)
    yield Figure(SECTION, "faces", library.face_count)
    place = library_place(archive)
    assert place is not None
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    yield Figure(SECTION, "MB on disk", size / 1e6)
    yield from _asked(archive)
    yield from _updated(archive)
    library = open_library(archive, engine(), Settings())
    yield from _recall(library, queries)


def _asked(archive: Path) -> Iterator[Figure]:
    """Rank one person in a fresh process; the reference photo was measured before."""
    words = ("rank", "--ref", str(sample_photo("astronaut.png")), "--library", str(archive), "--quiet", "--json")
    _command(*words)
    starts, runs = [], []
    for _ in range(ASKED):
        starts.append(_seconds(START)[0])
        runs.append(_command(*words))
    seconds = median(wall for wall, _ in runs)
    yield _at_most("seconds to rank one person, fresh process", seconds, 1.0)
    yield Figure(SECTION, "the same, times the start of Python with NumPy", seconds / median(starts))
    yield _at_most("peak GB of it", max(peak for _, peak in runs), 1.5)
    runs = [_command(*words, "--exact") for _ in range(ASKED)]
    yield Figure(SECTION, "seconds of the same, compared exactly", median(wall for wall, _ in runs))
    yield Figure(SECTION, "peak GB of it", max(peak for _, peak in runs))


def _updated(archive: Path) -> Iterator[Figure]:
    """One folder has changed; the others are only looked at."""
    walls = []
    folders = sorted(path.parent for path in archive.glob(f"*/{METADATA_NAME}"))
    for folder in folders[:ASKED]:
        path = folder / METADATA_NAME
        write_file(path, path.read_bytes() + b"\n")
        walls.append(_command("library", str(archive), "--quiet")[0])
    yield _at_most("seconds to update one changed folder", median(walls), 1.0)


def _recall(library: Library, count: int) -> Iterator[Figure]:
    """How much of the exact answer the sketches lead to; every question is a face of the library."""
    rng = np.random.default_rng(1)
    queries = library.rows(np.sort(rng.choice(library.numbers, count, replace=False)))
    kinds = ("sure", "sure or doubtful")
    wanted, reached, agreed = (dict.fromkeys(kinds, 0) for _ in range(3))
    lines = []
    for row in queries:
        exact, exact_faces = find_in_library(library, [row], settings=Settings(), exact=True)
        quick, quick_faces = find_in_library(library, [row], settings=Settings(), exact=False)
        lines.append(exact.threshold)
        for kind, theirs, ours in zip(kinds, (exact.sure, exact.matches), (quick.sure, quick.matches), strict=True):
            faces = exact_faces[[match.face for match in theirs]]
            wanted[kind] += len(faces)
            reached[kind] += int(np.isin(faces, quick_faces).sum())
            agreed[kind] += int(np.isin(faces, quick_faces[[match.face for match in ours]]).sum())
    for kind, floor in zip(kinds, (0.995, None), strict=True):
        note = f"{wanted[kind]:,} matches of {count} people, threshold {median(lines):.3f}"
        yield Figure(SECTION, f"recall: {kind} found by sketches", reached[kind] / wanted[kind], None, floor, note=note)
        note = "both judge a person by a sample of faces, which differs"
        yield Figure(SECTION, f"the same judged {kind} again", agreed[kind] / wanted[kind], note=note)
    yield from _recall_of_search(library, queries, median(lines))


def _recall_of_search(library: Library, queries: Floats, line: float) -> Iterator[Figure]:
    """The search alone: the faces whose plain cosine to the reference is above a line."""
    names = ("the threshold", "0.08 below")
    wanted, found, walls = np.zeros(2), np.zeros(2), []
    for row in queries:
        cosine = np.concatenate([unit_rows(part) @ row for part in np.array_split(library.stored_rows, 64)])
        started = time.perf_counter()
        near = nearest(library, row[None], LOOKED_AT + int(LOOKED_AT_SHARE * library.face_count), exact=False)
        walls.append(time.perf_counter() - started)
        for number, floor in enumerate((line, line - 0.08)):
            above = library.numbers[cosine[library.numbers] >= floor]
            wanted[number] += len(above)
            found[number] += np.isin(above, near).sum()
    for number, (name, least) in enumerate(zip(names, (0.995, None), strict=True)):
        share = float(found[number] / max(wanted[number], 1))
        yield Figure(SECTION, f"recall: cosine above {name}", share, None, least, note=f"{wanted[number]:,.0f} faces")
    yield Figure(SECTION, "seconds of one search by sketches", median(walls))


def _at_most(name: str, value: float, limit: float) -> Figure:
    return Figure(SECTION, name, value, None, limit, at_most=True)


def _command(*words: str) -> tuple[float, float]:
    """Seconds and peak GB of a command in a process of its own."""
    code = (
        "import resource, sys\nfrom photo_ranker.cli import main\n"
        f"code = main({list(words)!r})\n"
        "sys.stderr.write(f'PEAK {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}')\nsys.exit(code)"
    )
    wall, said = _seconds(code)
    return wall, float(said.rpartition("PEAK ")[2])


def _seconds(code: str) -> tuple[float, str]:
    """Seconds that code takes in a new process, with compiled modules as a user has, and what it wrote to stderr."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    wall = time.perf_counter() - started
    if done.returncode:
        sys.exit(done.stderr)
    return wall, done.stderr


def build_archive(archive: Path, faces: Sequence[Face], count: int) -> None:
    """Folders with metadata files of perturbed faces."""
    rng = np.random.default_rng(0)
    rows = decode_unit_rows([face.embedding or b"" for face in faces])
    made = 0
    for number in range(-(-count // (FACES_A_PHOTO * PHOTOS_A_FOLDER))):
        folder = archive / f"{number:05}"
        folder.mkdir(parents=True)
        todo = min(FACES_A_PHOTO * PHOTOS_A_FOLDER, count - made)
        of = rng.integers(0, len(faces), todo)
        made += todo
        _write_folder(folder, [faces[i] for i in of], _perturbed(rows[of], rng), number)


def _perturbed(rows: Floats, rng: np.random.Generator) -> Floats:
    noise = rng.normal(size=rows.shape).astype(np.float32)
    noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
    noise += rows
    moved: Floats = noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return moved


def _write_folder(folder: Path, faces: Sequence[Face], rows: Floats, number: int) -> None:
    made = [
        msgspec.structs.replace(face, id=f"f{number:06x}{place:010x}", embedding=encode_array(row))
        for place, (face, row) in enumerate(zip(faces, rows, strict=True))
    ]
    texts = {}
    for first in range(0, len(made), FACES_A_PHOTO):
        stamp = Stamp(1, 1, f"{number:016x}{first:016x}")
        record = PhotoRecord(stamp, 4000, 3000, format="jpeg", faces=tuple(made[first : first + FACES_A_PHOTO]))
        texts[f"IMG_{first:05}.jpg"] = encode_record(record)
    write_file(folder / METADATA_NAME, join_document({}, texts))


def _faces_in(folder: Path | None) -> list[Face]:
    if folder is None:
        paths = [sample_photo(name) for name in SAMPLES]
    else:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    found = records_of(paths)
    return [face for path in paths if (record := found[path]) for face in record.faces if face.embedding]


if __name__ == "__main__":
    sys.exit(main())
