"""A ranking as data for programs: the JSON document, CSV, JSON lines, and every face of an album as a table.

Names of fields and columns, and their order, are a contract; docs/FORMATS.md describes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.album import Album
from photo_ranker.core.terminal import cell, csv_line, escaped, path_cell, path_fields, paths_fields
from photo_ranker.errors import UserError
from photo_ranker.ranker import signals_of
from photo_ranker.ranker.signals import columns
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

if TYPE_CHECKING:
    from photo_ranker.questions.answer import Ranking
    from photo_ranker.ranker import FaceSignals, PhotoSignals, RankedPhoto

__all__ = [
    "CSV_COLUMNS",
    "FACES_COLUMNS",
    "FACES_FORMATS",
    "SCHEMA",
    "face_object",
    "head_object",
    "render_csv",
    "render_faces",
    "render_json",
    "render_jsonl",
    "result_object",
    "result_objects",
    "signals_object",
]

SCHEMA = 1
"""Raised only when a field changes its name or meaning; new fields do not need it."""


def head_object(ranking: Ranking) -> dict[str, Any]:
    """The document without its results."""
    return {
        "schema": SCHEMA,
        "engine": ranking.engine,
        "threshold": _rounded(ranking.threshold, 4),
        "counts": msgspec.to_builtins(ranking.counts),
        "unreadable": [{**path_fields(file.path), "reason": file.reason} for file in ranking.unreadable],
    }


def result_objects(ranking: Ranking) -> list[dict[str, Any]]:
    """The results, best first."""
    return [result_object(item, rank) for rank, item in enumerate(ranking.results, 1)]


def result_object(item: RankedPhoto, rank: int) -> dict[str, Any]:
    """One result as an object; ``rank`` counts from 1."""
    record, match = item.photo.record, item.match
    result = {
        "rank": rank,
        **path_fields(item.path),
        "kind": item.kind,
        "score": _rounded(item.score, 4),
        "similarity": _rounded(match.similarity, 4),
        "cosine": _rounded(match.cosine, 4),
        "runner_up": _rounded(match.runner_up, 4),
        "taken_at": record.taken_at,
        "at_seconds": _rounded(item.face.at_seconds, 3),
        "people_in_photo": item.people_in_photo,
        "face": face_object(item.face),
        "signals": signals_object(item.signals),
        "reasons": list(item.reasons),
        "against": list(item.against),
        "width": record.width,
        "height": record.height,
        "utc_offset": record.utc_offset,
        "close_to": item.close_to,
        **paths_fields("copies", [copy.path for copy in item.copies]),
        **paths_fields("alternates", [other.path for other in item.alternates]),
    }
    return {**result, "doubtful": True} if match.doubtful else result


def face_object(face: Face) -> dict[str, Any]:
    """Where a face is, in pixels of the upright full-size picture."""
    return {
        "id": face.id,
        "box": [_rounded(value, 1) for value in face.box],
        "points": [[_rounded(value, 1) for value in point] for point in face.points],
        "detection": _rounded(face.detection, 4),
        "size_px": _rounded(face.size_px, 1),
    }


def signals_object(signals: FaceSignals | PhotoSignals) -> dict[str, float | None]:
    """The signals of a face or a photo: 0 to 1, higher is better; angles in degrees; None = not measured."""
    names = signals.__struct_fields__
    return {name: _rounded(getattr(signals, name), 1 if name.endswith("_degrees") else 4) for name in names}


def _rounded(value: float | None, digits: int) -> float | None:
    # Adding zero turns -0.0 into 0.0, so that equal values are written alike.
    return None if value is None else round(value, digits) + 0.0


# The results as CSV for spreadsheets and programs.


_CSV_FACTS = (
    "rank", "path", "kind", "score", "similarity", "cosine", "runner_up", "taken_at", "at_seconds", "people_in_photo",
)  # fmt: skip
"""Columns before those of the face."""
_CSV_FACE = ("face_id", "face_x", "face_y", "face_width", "face_height", "detection", "size_px")
_CSV_REST = ("reasons", "against", "doubtful", "width", "height", "utc_offset", "path_bytes")

_CSV_LAST = ("close_to", "copies", "alternates")
"""Columns that were added after the signals."""

_CSV_SIGNALS, _CSV_ADDED = columns("first"), columns("added")

CSV_COLUMNS = ("schema", *_CSV_FACTS, *_CSV_FACE, *_CSV_SIGNALS, *_CSV_REST, *_CSV_ADDED, *_CSV_LAST)
"""A contract: these keep their names and order, and new columns are added at the end."""


def render_csv(ranking: Ranking) -> Iterator[bytes]:
    """The header, then one line per result."""
    yield csv_line(CSV_COLUMNS)
    for result in result_objects(ranking):
        yield csv_line(_csv_row(result))


def _csv_row(result: dict[str, Any]) -> list[Any]:
    face, signals = result["face"], result["signals"]
    values = {
        **result,
        "schema": SCHEMA,
        "path": path_cell(result["path"]),
        "reasons": "; ".join(result["reasons"]),
        "against": "; ".join(result["against"]),
        "doubtful": int(result.get("doubtful", False)),
        **{name: "; ".join(map(path_cell, result[name])) for name in ("copies", "alternates")},
    }
    return [
        values["schema"],
        *(values[name] for name in _CSV_FACTS),
        face["id"],
        *face["box"],
        face["detection"],
        face["size_px"],
        *(signals[name] for name in _CSV_SIGNALS),
        *(values.get(name) for name in _CSV_REST),
        *(signals[name] for name in _CSV_ADDED),
        *(values[name] for name in _CSV_LAST),
    ]


# The ranking as one JSON document with one result per line.


def render_json(ranking: Ranking) -> Iterator[bytes]:
    """The document in pieces."""
    yield escaped(msgspec.json.encode(head_object(ranking))).removesuffix(b"}") + b',"results":['
    for number, result in enumerate(result_objects(ranking)):
        yield (b",\n" if number else b"\n") + escaped(msgspec.json.encode(result))
    yield b"\n]}\n"


# The results as JSON lines: one object per line, the same as in the JSON document.


def render_jsonl(ranking: Ranking) -> Iterator[bytes]:
    """One line per result."""
    for result in result_objects(ranking):
        yield escaped(msgspec.json.encode(result)) + b"\n"


# Every face of an album as a table, as CSV or Parquet.


FACES_SCHEMA = 1
"""Raised only when a column changes; new columns are added at the end and do not need it."""

FACES_FORMATS = ("parquet", "csv")
"""Suffixes, without the dot."""

_FACES_AT_ONCE = 4096
"""Rows that are worked out together."""

_FACES_FACTS = (
    "schema", "path", "face_id", "person", "x", "y", "width", "height", "detection", "size_px", "at_seconds",
    "taken_at", "utc_offset", "camera", "photo_width", "photo_height", "format",
)  # fmt: skip
FACES_COLUMNS = (*_FACES_FACTS, *columns("first"), "path_bytes", *columns("added"))
"""A contract: these keep their names and order, and new columns are added at the end."""


def render_faces(album: Album, names: Mapping[str, str], settings: Settings, form: str) -> Iterator[bytes]:
    """The table with one row per face; ``names`` maps ids of faces to names of people."""
    rows = _faces_rows(album, names, settings)
    return _faces_parquet(album, rows) if form == "parquet" else _faces_csv(rows)


def _faces_rows(album: Album, names: Mapping[str, str], settings: Settings) -> Iterator[dict[str, Any]]:
    every = ((photo, face) for photo in album.photos for face in photo.record.faces_by(album.engine))
    while chunk := list(islice(every, _FACES_AT_ONCE)):
        signals = signals_of([(face, photo.record) for photo, face in chunk], settings)
        for (photo, face), its_signals in zip(chunk, signals, strict=True):
            yield {**path_fields(photo.path), **_row_of_face(face, photo.record, names.get(face.id), its_signals)}


def _row_of_face(face: Face, record: PhotoRecord, person: str | None, signals: FaceSignals) -> dict[str, Any]:
    x, y, width, height = face.box
    return {
        "schema": FACES_SCHEMA,
        "face_id": face.id,
        "person": person,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "detection": face.detection,
        "size_px": face.size_px,
        "at_seconds": face.at_seconds,
        "taken_at": record.taken_at,
        "utc_offset": record.utc_offset,
        "camera": record.camera,
        "photo_width": record.width,
        "photo_height": record.height,
        "format": record.format,
        **{name: value for name, value in signals_object(signals).items() if name in FACES_COLUMNS},
    }


def _faces_csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    yield csv_line(FACES_COLUMNS)
    for row in rows:
        foreign = {name: row[name] and cell(row[name]) for name in ("person", "camera")}
        cells = {**row, **foreign, "path": path_cell(row["path"])}
        yield csv_line(cells.get(name) for name in FACES_COLUMNS)


def _faces_parquet(album: Album, faces: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UserError("Parquet files need pyarrow", "pip install pyarrow, or write --faces faces.csv") from error
    rows = list(faces)
    embeddings = {face.id: row for face, row in zip(album.faces, album.embeddings, strict=True)}
    arrays = {name: pa.array([row.get(name) for row in rows], _faces_kind(name, pa)) for name in FACES_COLUMNS}
    arrays["embedding"] = pa.array([embeddings.get(row["face_id"]) for row in rows], pa.list_(pa.float32()))
    table = pa.table(arrays).replace_schema_metadata({"photo_ranker_faces": str(FACES_SCHEMA), "engine": album.engine})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    yield sink.getvalue().to_pybytes()


def _faces_kind(name: str, pa: Any) -> Any:
    if name in {"schema", "photo_width", "photo_height"}:
        return pa.int32()
    texts = {"path", "face_id", "person", "taken_at", "utc_offset", "camera", "format", "path_bytes"}
    return pa.string() if name in texts else pa.float64()
