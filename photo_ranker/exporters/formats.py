"""The formats that programs read: CSV, the JSON document and JSON lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.core.terminal import csv_line, escaped, path_cell
from photo_ranker.exporters.document import SCHEMA, head_object, result_objects
from photo_ranker.ranker.signals import columns

if TYPE_CHECKING:
    from photo_ranker.questions.answer import Ranking

__all__ = ["CSV_COLUMNS", "render_csv", "render_json", "render_jsonl"]

# The results as CSV for spreadsheets and programs; docs/FORMATS.md describes the columns.


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
    told = {
        **result,
        "schema": SCHEMA,
        "path": path_cell(result["path"]),
        "reasons": "; ".join(result["reasons"]),
        "against": "; ".join(result["against"]),
        "doubtful": int(result.get("doubtful", False)),
        **{name: "; ".join(map(path_cell, result[name])) for name in ("copies", "alternates")},
    }
    return [
        told["schema"],
        *(told[name] for name in _CSV_FACTS),
        face["id"],
        *face["box"],
        face["detection"],
        face["size_px"],
        *(signals[name] for name in _CSV_SIGNALS),
        *(told.get(name) for name in _CSV_REST),
        *(signals[name] for name in _CSV_ADDED),
        *(told[name] for name in _CSV_LAST),
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
