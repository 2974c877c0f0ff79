"""The parts of a record and the keys that say what measured each; nothing heavy is imported.

detect ─┬─▶ embed
        ├─▶ embed:duo (what the second network of that engine says of the same faces)
        ├─▶ mesh ──▶ face
        ├─▶ look (the mesh network's inner map, in a few numbers)
        └─▶ happy (where it was asked for)
drawn (of photos in which a user has drawn faces: which; the parts of faces hang on it too)
picture
video (of videos alone)

A key names what measured the part and digests the keys it depends on. Raise a version (those of figures stand beside
them in ``records``) when the same photo would be measured otherwise; that part and what hangs on it are then
measured again, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from photo_ranker.models import EngineKeys
from photo_ranker.records import (
    DRAWN_PART,
    DUO,
    FACE_VERSION,
    MESH_VERSION,
    PICTURE_VERSION,
    UNNAMED_ENGINE,
    VIDEO_PART,
    PhotoRecord,
    finder_of,
)

__all__ = [
    "SECOND_PART",
    "VIDEO_VERSION",
    "drawn_part",
    "identity_keys",
    "part_keys",
    "part_name",
    "without_engine",
]

VIDEO_VERSION = 1
"""Version of the choice of frames of a film and of the linking of their faces."""


_OF_AN_ENGINE = ("detect", "embed", "mesh", "face", "look", "happy", DRAWN_PART, VIDEO_PART)
"""Parts that each engine measures by itself; "picture" is the same for all."""


def part_keys(engine: str, keys: EngineKeys, happy: str = "") -> dict[str, str]:
    """The present key of every part that this engine measures; ``happy`` is the key of that part, if requested."""
    detect = _key(keys.detect)
    mesh = _key(f"{keys.mesh}.{MESH_VERSION}", detect)
    named = {"detect": detect, "embed": _key(keys.embed, detect), "mesh": mesh, "face": _key(f"{FACE_VERSION}", mesh)}
    if keys.look:
        named["look"] = _key(keys.look, detect)
    if happy:
        named["happy"] = _key(happy, detect)
    named |= {"picture": f"{PICTURE_VERSION}", VIDEO_PART: f"{VIDEO_VERSION}"}
    parts = {part_name(part, finder_of(engine)): key for part, key in named.items()}
    if keys.second:
        parts[SECOND_PART] = _key(keys.second, detect)
    return parts


def identity_keys(engine: str, keys: Mapping[str, str]) -> dict[str, str]:
    """The keys of the parts that say where faces are and whose."""
    named = {*(part_name(part, finder_of(engine)) for part in ("detect", "embed")), SECOND_PART}
    return {part: key for part, key in keys.items() if part in named}


def part_name(part: str, engine: str) -> str:
    """The part's name in a record; all engines except one append theirs, so that a record holds several engines."""
    return part if engine == UNNAMED_ENGINE or part == "picture" else f"{part}:{engine}"


def drawn_part(keys: Mapping[str, str]) -> str:
    """The name of the part of drawn faces, of the engine that these keys are of."""
    return next(part.replace("detect", DRAWN_PART, 1) for part in keys if part.startswith("detect"))


SECOND_PART = part_name("embed", DUO)
"""The part of the second network's embeddings."""


def without_engine(record: PhotoRecord, engine: str) -> PhotoRecord:
    """The record without what only this engine has measured."""
    if engine == DUO:
        return _without_second(record)
    if engine == finder_of(DUO):  # nobody else's faces have a second embedding
        record = _without_second(record)
    own = {part_name(part, engine) for part in _OF_AN_ENGINE}
    return msgspec.structs.replace(
        record,
        faces=tuple(face for face in record.faces if face.engine != engine),
        parts={part: key for part, key in record.parts.items() if part not in own},
    )


def _without_second(record: PhotoRecord) -> PhotoRecord:
    faces = tuple(msgspec.structs.replace(face, second_embedding=None) for face in record.faces)
    parts = {part: key for part, key in record.parts.items() if part != SECOND_PART}
    return msgspec.structs.replace(record, faces=faces, parts=parts)


def _key(name: str, *depends_on: str) -> str:
    if not depends_on:
        return name
    return f"{name}<{blake2b(' '.join(depends_on).encode(), digest_size=4).hexdigest()}"
