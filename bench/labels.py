"""The labelled photos of the data folder, each with the face that the label is about."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.measured import central, face_at, largest, records_of
from bench.scoring import rows_of
from photo_ranker.records import Face, PhotoRecord

__all__ = [
    "Labelled",
    "downcast",
    "eyes",
    "genki",
    "hidden",
    "hidden_for_fitting",
    "is_for_fitting",
    "lfw",
    "listed",
    "mtfl",
]

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled photo; ``face`` is ``None`` when it was not found."""

    row: Row
    record: PhotoRecord | None
    face: Face | None


def genki(data: Path) -> list[Labelled]:
    """Smile or not: one face each."""
    return _labelled(data, _rows(data / "genki_labels.csv"), lambda record, _: largest(record))


def mtfl(data: Path) -> list[Labelled]:
    """Smile, glasses, head pose: the face at the five labelled points."""
    return _labelled(data, _rows(data / "face_attributes_mtfl.csv"), _at_five_points)


def lfw(data: Path) -> list[Labelled]:
    """People by name: the face in the middle."""
    rows = [{"file": str(path.relative_to(data))} for path in sorted((data / "faces_lfw").glob("*/*.jpg"))]
    return _labelled(data, rows, lambda record, _: central(record))


def eyes(data: Path) -> list[Labelled]:
    """Closed, narrowed, open: the face in the labelled box."""
    return _labelled(data, _rows(data / "eyes.csv"), _at_box)


def hidden(data: Path) -> list[Labelled]:
    """Covered and uncovered faces, told apart by eye; most uncovered ones are those that the models doubt."""
    return _labelled(data, rows_of("hidden_faces.csv"), _at_place)


def hidden_for_fitting(data: Path) -> list[Labelled]:
    """Faces of other people, to fit what tells covered faces from uncovered ones."""
    return _labelled(data, rows_of("hidden_fit.csv"), _at_place)


def downcast(data: Path) -> list[Labelled]:
    """Faces that look down with open lids, picked by eye among those of the sheets."""
    return _labelled(data, rows_of("downcast_faces.csv"), _at_place)


def listed(data: Path, name: str) -> list[Labelled]:
    """One of the lists beside this file: the labelled face, or the central one."""
    boxes = {row["file"]: row for row in _rows(data / "face_attributes_mtfl.csv")}
    return _labelled(
        data,
        rows_of(name),
        lambda record, row: _at_five_points(record, boxes[row["file"]]) if row["file"] in boxes else central(record),
    )


def is_for_fitting(name: str) -> bool:
    """Half of the files are for fitting, the other half for judging."""
    return zlib.crc32(name.encode()) % 2 == 0


def _labelled(data: Path, rows: list[Row], choose: Callable[[PhotoRecord | None, Row], Face | None]) -> list[Labelled]:
    records = records_of(data / row["file"] for row in rows)
    found = [records[data / row["file"]] for row in rows]
    return [Labelled(row, record, choose(record, row)) for row, record in zip(rows, found, strict=True)]


def _rows(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _at_five_points(record: PhotoRecord | None, row: Row) -> Face | None:
    names = ("l", "r", "nose_", "mouth_l_", "mouth_r_")
    x, y = (sum(float(row[f"{name}{axis}"]) for name in names) / 5 for axis in "xy")
    return face_at(record, (x, y))


def _at_place(record: PhotoRecord | None, row: Row) -> Face | None:
    if record is None:
        return None
    return face_at(record, (float(row["cx"]) * record.width, float(row["cy"]) * record.height))


def _at_box(record: PhotoRecord | None, row: Row) -> Face | None:
    left, top, right, bottom = (float(row[f"face_{name}"]) for name in ("x0", "y0", "x1", "y1"))
    return face_at(record, ((left + right) / 2, (top + bottom) / 2))
