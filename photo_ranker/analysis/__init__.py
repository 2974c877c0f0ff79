"""One photo -> one record of measured facts.

Nothing heavy is imported here, so that a fresh folder is recognised at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from photo_ranker.core.installation import MEASURING_BYTES, check_memory
from photo_ranker.models import EngineKeys, EngineOptions
from photo_ranker.models.engines import HAPPINESS, Happiness, engine_keys, open_engine
from photo_ranker.records import (
    DEFAULT_ENGINE,
    FACE_VERSION,
    MESH_VERSION,
    PICTURE_VERSION,
    SECOND_PART,
    VIDEO_PART,
    Drawings,
    finder_of,
    part_name,
)
from photo_ranker.settings import MeasureSettings

if TYPE_CHECKING:
    from photo_ranker.analysis.analyser import Analyser

__all__ = [
    "VIDEO_VERSION",
    "AnalyserSpec",
    "identity_keys",
    "part_keys",
]


class AnalyserSpec(msgspec.Struct, frozen=True):
    """What a process needs to open an analyser; small, since it is sent to every worker."""

    settings: MeasureSettings = msgspec.field(default_factory=MeasureSettings)
    """The only settings that a measurement may depend on."""
    engine: str = DEFAULT_ENGINE
    """A key of :data:`photo_ranker.models.engines.ENGINES`, or the name of a pack."""
    models: str = ""
    """Folder of the engine's models, if its name does not tell."""
    device: str = "auto"
    """Part of no key, since all devices give the same faces."""
    thumbnails: bool = False
    """Keep a small picture of each photo that is decoded, for the pages of the app."""
    drawn: Mapping[str, Drawings] = msgspec.field(default_factory=dict)
    """Content hash of a picture -> the faces that a user has drawn in it."""
    identity_only: bool = False
    """Measure only where faces are and whose: all that is asked of a reference."""

    def __hash__(self) -> int:
        """For the app, which keeps a reader per spec; the drawings are left out, since a mapping has no hash."""
        return hash((self.settings, self.engine, self.models, self.device))

    @property
    def options(self) -> EngineOptions:
        """The options of the models."""
        return EngineOptions(
            self.settings.detect_side,
            self.settings.detect_threshold,
            device=self.device,
            models=self.models,
            identity_only=self.identity_only,
        )

    def keys(self) -> dict[str, str]:
        """Part -> its current key; loads no model."""
        happy = HAPPINESS if self.settings.smile_by_deepface else ""
        keys = part_keys(self.engine, engine_keys(self.engine, self.options), happy)
        return identity_keys(self.engine, keys) if self.identity_only else keys

    def open(self) -> Analyser:
        """Load the models."""
        check_memory(MEASURING_BYTES)
        from photo_ranker.analysis.analyser import Analyser
        from photo_ranker.images import Limits
        from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder

        asks_smile = self.settings.smile_by_deepface and not self.identity_only
        happiness = Happiness(self.device) if asks_smile else None
        thumbnails = Thumbnails(Limits.of(self.settings), thumbnails_folder()) if self.thumbnails else None
        engine = open_engine(self.engine, self.options)
        return Analyser(engine, self.keys(), self.settings, happiness, thumbnails, self.drawn)


# The parts of a record and the keys that say what measured each:
#
#   detect ─┬─▶ embed
#           ├─▶ embed:duo (what the second network of that engine says about the same faces)
#           ├─▶ mesh ──▶ face
#           ├─▶ look (the mesh network's inner maps, in a few numbers)
#           └─▶ happy (where it was asked for)
#   drawn (of photos in which a user has drawn faces: which ones; the parts of faces depend on it too)
#   picture
#   video (of films only)
#
# A key names what measured the part and digests the keys it depends on. Raise a version (those of figures are next to
# them in ``records``) when the same photo would be measured differently; that part and those that depend on it are then
# measured again, and nothing else.


VIDEO_VERSION = 1
"""Version of how a film's frames are chosen and their faces linked."""


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


def _key(name: str, *depends_on: str) -> str:
    if not depends_on:
        return name
    return f"{name}<{blake2b(' '.join(depends_on).encode(), digest_size=4).hexdigest()}"
