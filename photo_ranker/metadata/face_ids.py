"""Names of faces that last: a face keeps its id when its photo is measured again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from photo_ranker.records import Face, overlap

__all__ = ["SAME_PLACE", "carry_ids"]

SAME_PLACE = 0.5
"""Boxes that share so much (intersection over union) are the same face of a picture."""


def carry_ids(old: Sequence[Face], new: Sequence[Face]) -> tuple[Face, ...]:
    """The new faces of one picture, each with the id of the old face in its place.

    Faces of the same engine come first; an engine that looks for the first time takes over the ids of the others.
    """
    done: dict[int, Face] = {}
    for engine in {face.engine for face in new}:
        numbers = [number for number, face in enumerate(new) if face.engine == engine]
        ids = _ids(old, [new[number] for number in numbers], engine)
        done |= {
            number: msgspec.structs.replace(new[number], id=kept) if kept else new[number]
            for number, kept in zip(numbers, ids, strict=True)
        }
    return tuple(done[number] for number in range(len(new)))


def _ids(old: Sequence[Face], new: Sequence[Face], engine: str) -> list[str | None]:
    """The id to keep for each new face of one engine; best overlap first, no id twice."""
    pairs = sorted(
        (was.engine != engine, -shared, place, was.id)
        for was in old
        for place, now in enumerate(new)
        if (shared := overlap(was.box, now.box)) >= SAME_PLACE
    )
    ids: list[str | None] = [None] * len(new)
    for _, _, place, name in pairs:
        if ids[place] is None and name not in ids:
            ids[place] = name
    return ids
