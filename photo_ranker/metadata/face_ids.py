"""Names of faces that last: a face keeps its id when its photo is measured again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from photo_ranker.records import Face, overlap

__all__ = ["carry_ids"]

SAME_PLACE = 0.5
"""Boxes that share so much (intersection over union) are the same face of a picture."""

OTHER_PERSON = 0.3
"""Cosine below which two faces are different people with any engine; edits of one photo stay far above."""


def carry_ids(old: Sequence[Face], new: Sequence[Face], *, same_picture: bool = True) -> tuple[Face, ...]:
    """The new faces, each with the id of the old face in its place.

    Faces of the same engine come first; an engine that looks for the first time takes over the ids of the others.
    A file that now holds another picture may show another person in that place, so there the faces must be alike.
    """
    done: dict[int, Face] = {}
    for engine in {face.engine for face in new}:
        numbers = [number for number, face in enumerate(new) if face.engine == engine]
        ids = _ids(old, [new[number] for number in numbers], engine, same_picture)
        done |= {
            number: msgspec.structs.replace(new[number], id=kept) if kept else new[number]
            for number, kept in zip(numbers, ids, strict=True)
        }
    return tuple(done[number] for number in range(len(new)))


def _ids(old: Sequence[Face], new: Sequence[Face], engine: str, same_picture: bool) -> list[str | None]:
    """The id to keep for each new face of one engine; best overlap first, no id twice."""
    pairs = sorted(
        (was.engine != engine, -shared, place, was.id)
        for was in old
        for place, now in enumerate(new)
        if (shared := overlap(was.box, now.box)) >= SAME_PLACE and (same_picture or _may_be_one_person(was, now))
    )
    ids: list[str | None] = [None] * len(new)
    for _, _, place, name in pairs:
        if ids[place] is None and name not in ids:
            ids[place] = name
    return ids


def _may_be_one_person(one: Face, other: Face) -> bool:
    from photo_ranker.codec import decode_array  # NumPy takes its time to load, and most runs need none here

    if one.engine != other.engine or one.embedding is None or other.embedding is None:
        return True
    rows = decode_array(one.embedding), decode_array(other.embedding)
    return rows[0].shape != rows[1].shape or float(rows[0] @ rows[1]) >= OTHER_PERSON
