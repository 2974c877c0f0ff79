"""A ranking as plain objects: the JSON document, schema 1. Field names and their order are a contract."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from photo_ranker.questions.answer import Ranking
    from photo_ranker.ranker import FaceSignals, PhotoSignals, RankedPhoto
    from photo_ranker.records import Face

__all__ = [
    "SCHEMA",
    "face_object",
    "head_object",
    "path_fields",
    "paths_fields",
    "result_object",
    "result_objects",
    "shown",
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


def path_fields(path: str) -> dict[str, str]:
    """A path as text, with its bytes in base64 if they are not valid UTF-8."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return {"path": shown(path), "path_bytes": b64encode(os.fsencode(path)).decode("ascii")}
    return {"path": path}


def paths_fields(name: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """Paths as text under a name, with the bytes of all in base64 if some are not valid UTF-8."""
    found = {name: list(map(shown, paths))}
    if any(os.fsencode(path) != text.encode() for path, text in zip(paths, found[name], strict=True)):
        found[f"{name}_bytes"] = [b64encode(os.fsencode(path)).decode("ascii") for path in paths]
    return found


def shown(path: str) -> str:
    """A path as valid Unicode; bytes that are not valid UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _rounded(value: float | None, digits: int) -> float | None:
    # Adding zero turns -0.0 into 0.0, so that equal values are written alike.
    return None if value is None else round(value, digits) + 0.0
