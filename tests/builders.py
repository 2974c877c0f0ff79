"""Small records, complete enough for a test; name only what the test is about."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from photo_ranker.album import AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.questions.answer import Counts, Ranking, Unreadable
from photo_ranker.ranker import FaceSignals, RankedPhoto
from photo_ranker.records import DEFAULT_ENGINE, Box, Face, Match, PhotoRecord, Point, Stamp

__all__ = ["a_face", "a_ranked_photo", "a_ranking", "a_record", "an_embedding", "some_expressions", "some_signals"]


def an_embedding(seed: int, dimensions: int = 128) -> bytes:
    """A direction of its own for every seed."""
    row = np.random.default_rng(seed).normal(size=dimensions)
    return encode_array((row / np.linalg.norm(row)).astype(np.float32))


def a_face(name: str = "f1", box: Box = (10.0, 20.0, 100.0, 120.0), **facts: Any) -> Face:
    """A face of this id in this box."""
    x, y, width, height = box
    spots = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
    one, two, three, four, five = ((round(x + width * px, 1), round(y + height * py, 1)) for px, py in spots)
    points: tuple[Point, Point, Point, Point, Point] = (one, two, three, four, five)
    facts = {"detection": 0.9} | facts
    return Face.of(id=name, box=box, points=points, **facts)


def a_record(
    *faces: Face,
    hash: str = "00",  # noqa: A002
    rest: str = "",
    size: int = 10,
    mtime_ns: int = 1,
    **facts: Any,
) -> PhotoRecord:
    """The record of a photo with these faces."""
    return PhotoRecord(
        stamp=Stamp(size, mtime_ns, hash, rest), width=4000, height=3000, format="jpeg", faces=faces, **facts
    )


def some_expressions(*, blink: float = 0.0, smile: float = 0.0) -> bytes:
    """The 52 expressions of a face at rest, but for the lids and the corners of the mouth."""
    values = np.zeros(52, np.float32)
    values[[9, 10]], values[[44, 45]] = blink, smile
    return encode_array(values)


def some_signals(**values: float | None) -> FaceSignals:
    """Signals of a good face, but for those that are named."""
    names = [field.name for field in msgspec.structs.fields(FaceSignals)]
    usual = {name: 2.0 if name.endswith("_degrees") else 0.9 for name in names}
    return FaceSignals(**(usual | values))


def a_ranked_photo(
    path: str = "album/a.jpg", *, similarity: float = 0.7, doubtful: bool = False, **facts: Any
) -> RankedPhoto:
    """A result, with facts of the record, the face and the ranking by their names."""
    record_facts = {name: facts.pop(name) for name in ("taken_at", "utc_offset", "hash") if name in facts}
    face = facts.pop("face", None) or a_face()
    usual: dict[str, Any] = {
        "photo": AlbumPhoto(path, a_record(face, **record_facts)),
        "match": Match(0, 0, similarity, round(similarity - 0.02, 4), None, doubtful),
        "face": face,
        "kind": "single",
        "score": 0.9,
        "signals": some_signals(),
        "people_in_photo": 1,
        "terms": (),
        "penalties": (),
        "reasons": ("sharp", "smiling"),
        "against": (),
    }
    return RankedPhoto(**(usual | facts))


def a_ranking(*results: RankedPhoto, unreadable: tuple[Unreadable, ...] = (), photos: int = 10) -> Ranking:
    """An answer with these results."""
    doubtful = sum(item.match.doubtful for item in results)
    counts = Counts(photos, len(results) - doubtful, doubtful, 1, len(unreadable))
    return Ranking(engine=DEFAULT_ENGINE, threshold=0.42, counts=counts, unreadable=unreadable, results=results)
