"""Keeps the ids of faces when a photo is measured again and when it is edited, since decisions refer to them.

An edit resizes, crops or turns a photo, or replaces it under the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Protocol

import msgspec

from photo_ranker.records import Box, Face, overlap

__all__ = ["OTHER_PERSON", "SAME_PLACE", "Shown", "carry_ids", "hand_on_ids"]

SAME_PLACE = 0.5
"""Overlap (intersection over union) from which two boxes of a picture are the same face."""

SAME_PERSON = 0.6
"""Cosine from which two faces are one person wherever they are; strangers stay below it with every engine."""

SAME_PICTURE = 0.9
"""Cosine from which two faces are of one picture: two photos of one person stay below it, most edits of one do not."""

OTHER_PERSON = 0.3
"""Cosine below which two faces are different people with every engine; edits of one photo stay far above it."""


class Placed(Protocol):
    """A face as far as its place tells its id."""

    @property
    def id(self) -> str: ...
    @property
    def box(self) -> Box: ...
    @property
    def engine(self) -> str: ...


def carry_ids(old: Sequence[Placed], new: Sequence[Face]) -> tuple[Face, ...]:
    """The new faces of one picture, each with the id of the old face at the same place.

    Old faces of the same engine are preferred; an engine that is new to the photo takes over the ids of another.
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


def _ids(old: Sequence[Placed], new: Sequence[Face], engine: str) -> list[str | None]:
    """The id for each new face of one engine: largest overlap first, no id twice."""
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


class Shown(Protocol):
    """Faces and the size of their picture, 0 where unknown: a record, or what is left of a former one."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def faces(self) -> tuple[Face, ...]: ...


def hand_on_ids(before: Shown, now: Shown, *, is_kept: bool = False) -> tuple[Face, ...]:
    """The faces of a changed picture, each with the id of the same person's face in the former picture.

    The place alone is not enough: once a group is cropped, somebody else is there. So faces are paired by similarity,
    and a pair that is not certainly one person must overlap too. If the former picture ``is_kept`` under another name,
    only an edit of it shares its ids: another photo of the same people has its own.
    """
    done: dict[tuple[str, str], Face] = {}
    for engine in {face.engine for face in now.faces}:
        new = [face for face in now.faces if face.engine == engine]
        old = [face for face in before.faces if face.engine == engine]
        if old and _is_comparable([*old, *new]):
            named = _by_likeness(before, now, old, new, is_kept=is_kept)
        # Without embeddings to compare, an unchanged size means that the places still hold.
        elif (before.width, before.height) == (now.width, now.height) and not is_kept:
            named = carry_ids(before.faces, new)
        else:
            named = tuple(new)
        done |= {(engine, face.id): kept for face, kept in zip(new, named, strict=True)}
    return tuple(done[face.engine, face.id] for face in now.faces)


def _by_likeness(
    before: Shown, now: Shown, old: Sequence[Face], new: Sequence[Face], *, is_kept: bool
) -> tuple[Face, ...]:
    kept = {place: was for place, was, alike in _pairs(before, now, old, new) if alike >= SAME_PICTURE or not is_kept}
    return tuple(
        msgspec.structs.replace(face, id=old[kept[place]].id) if place in kept else face
        for place, face in enumerate(new)
    )


def _pairs(before: Shown, now: Shown, old: Sequence[Face], new: Sequence[Face]) -> Iterator[tuple[int, int, float]]:
    """Pairs of new and old face of one person, and how alike they are.

    All faces are paired, the most similar first, and then judged. So nobody gets the id of a face that is more similar
    to somebody else. A face turned upside down resembles nobody.
    """
    likeness = _likeness(old, new)
    ranked = sorted(
        # Rounded: nearly equal similarities are decided by the place.
        (-round(likeness[was][place], 2), -_in_common(before, now, old[was].box, new[place].box), place, was)
        for was, place in product(range(len(old)), range(len(new)))
    )
    taken: set[int] = set()
    given: set[int] = set()
    for _, shared, place, was in ranked:
        if place in given or was in taken:
            continue
        given.add(place)
        taken.add(was)
        if likeness[was][place] >= (OTHER_PERSON if -shared >= SAME_PLACE else SAME_PERSON):
            yield place, was, likeness[was][place]


def _in_common(before: Shown, now: Shown, one: Box, other: Box) -> float:
    """Overlap of two boxes, in pixels or as shares of the picture, whichever is larger: an edit may crop or resize."""
    shared = overlap(one, other)
    if before.width and before.height and now.width and now.height:
        across, down = now.width / before.width, now.height / before.height
        x, y, width, height = one
        shared = max(shared, overlap((x * across, y * down, width * across, height * down), other))
    return shared


def _is_comparable(faces: Sequence[Face]) -> bool:
    sizes = {None if face.embedding is None else len(face.embedding) for face in faces}
    return len(sizes) == 1 and None not in sizes


def _likeness(old: Sequence[Face], new: Sequence[Face]) -> list[list[float]]:
    """Cosines, one row per old face."""
    from photo_ranker.core.codec import decode_unit_rows

    one, other = (decode_unit_rows([face.embedding or b"" for face in faces]) for faces in (old, new))
    cosines: list[list[float]] = (one @ other.T).tolist()
    return cosines
