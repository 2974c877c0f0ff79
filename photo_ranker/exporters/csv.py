"""The results as CSV for spreadsheets and programs; docs/FORMATS.md describes the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from photo_ranker.exporters.document import SCHEMA, result_objects
from photo_ranker.ranker.signals import columns

if TYPE_CHECKING:
    from photo_ranker.answer import Ranking

__all__ = ["COLUMNS", "render"]

_FACTS = (
    "rank", "path", "kind", "score", "similarity", "cosine", "runner_up", "taken_at", "at_seconds", "people_in_photo",
)  # fmt: skip
"""Columns before those of the face."""
_FACE = ("face_id", "face_x", "face_y", "face_width", "face_height", "detection", "size_px")
_REST = ("reasons", "against", "doubtful", "width", "height", "utc_offset", "path_bytes")

_LAST = ("close_to", "copies", "alternates")
"""Columns that were added after the signals."""

_SIGNALS, _ADDED = columns("first"), columns("added")

COLUMNS = ("schema", *_FACTS, *_FACE, *_SIGNALS, *_REST, *_ADDED, *_LAST)
"""A contract: these keep their names and order, and new columns are added at the end."""


def render(ranking: Ranking) -> Iterator[bytes]:
    """The header, then one line per result."""
    yield _line(COLUMNS)
    for result in result_objects(ranking):
        yield _line(_row(result))


def _row(result: dict[str, Any]) -> list[Any]:
    face, signals = result["face"], result["signals"]
    told = {
        **result,
        "schema": SCHEMA,
        "path": _plain(result["path"]),
        "reasons": "; ".join(result["reasons"]),
        "against": "; ".join(result["against"]),
        "doubtful": int(result.get("doubtful", False)),
        **{name: "; ".join(map(_plain, result[name])) for name in ("copies", "alternates")},
    }
    return [
        told["schema"],
        *(told[name] for name in _FACTS),
        face["id"],
        *face["box"],
        face["detection"],
        face["size_px"],
        *(signals[name] for name in _SIGNALS),
        *(told.get(name) for name in _REST),
        *(signals[name] for name in _ADDED),
        *(told[name] for name in _LAST),
    ]


def _plain(path: str) -> str:
    """The same path in a form that spreadsheets do not run as a formula."""
    return f"./{path}" if path.startswith(("=", "+", "-", "@", "\t", "\r")) else path


def _line(values: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode("utf-8")
