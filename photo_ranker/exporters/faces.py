"""Every face of an album as a table for programs; docs/FORMATS.md describes the columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from photo_ranker.album import Album
from photo_ranker.core.terminal import cell, csv_line, path_cell
from photo_ranker.errors import UserError
from photo_ranker.exporters.document import path_fields, signals_object
from photo_ranker.ranker import face_signals
from photo_ranker.ranker.signals import columns
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["COLUMNS", "FACES_FORMATS", "SCHEMA", "render"]

SCHEMA = 1
"""Raised only when a column changes; new columns are added at the end and do not need it."""

FACES_FORMATS = ("parquet", "csv")
"""Suffixes, without the dot."""

_FACTS = (
    "schema", "path", "face_id", "person", "x", "y", "width", "height", "detection", "size_px", "at_seconds",
    "taken_at", "utc_offset", "camera", "photo_width", "photo_height", "format",
)  # fmt: skip
COLUMNS = (*_FACTS, *columns("first"), "path_bytes", *columns("added"))
"""A contract: these keep their names and order, and new columns are added at the end."""


def render(album: Album, names: Mapping[str, str], settings: Settings, form: str) -> Iterator[bytes]:
    """The table with one row per face; ``names`` maps ids of faces to names of people."""
    return _parquet(album, names, settings) if form == "parquet" else _csv(_rows(album, names, settings))


def _rows(album: Album, names: Mapping[str, str], settings: Settings) -> Iterator[dict[str, Any]]:
    for photo in album.photos:
        for face in photo.record.faces_by(album.engine):
            yield {**path_fields(photo.path), **_row(face, photo.record, names.get(face.id), settings)}


def _row(face: Face, record: PhotoRecord, person: str | None, settings: Settings) -> dict[str, Any]:
    x, y, width, height = face.box
    signals = signals_object(face_signals(face, record, settings))
    return {
        "schema": SCHEMA,
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
        **{name: value for name, value in signals.items() if name in COLUMNS},
    }


def _csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    yield csv_line(COLUMNS)
    for row in rows:
        foreign = {name: row[name] and cell(row[name]) for name in ("person", "camera")}
        cells = {**row, **foreign, "path": path_cell(row["path"])}
        yield csv_line(cells.get(name) for name in COLUMNS)


def _parquet(album: Album, names: Mapping[str, str], settings: Settings) -> Iterator[bytes]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UserError("Parquet files need pyarrow", "pip install pyarrow, or write --faces faces.csv") from error
    rows = list(_rows(album, names, settings))
    numbers = {face.id: row for face, row in zip(album.faces, album.embeddings, strict=True)}
    columns = {name: pa.array([row.get(name) for row in rows], _kind(name, pa)) for name in COLUMNS}
    columns["embedding"] = pa.array([numbers.get(row["face_id"]) for row in rows], pa.list_(pa.float32()))
    table = pa.table(columns).replace_schema_metadata({"photo_ranker_faces": str(SCHEMA), "engine": album.engine})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    yield sink.getvalue().to_pybytes()


def _kind(name: str, pa: Any) -> Any:
    if name in {"schema", "photo_width", "photo_height"}:
        return pa.int32()
    texts = {"path", "face_id", "person", "taken_at", "utc_offset", "camera", "format", "path_bytes"}
    return pa.string() if name in texts else pa.float64()
