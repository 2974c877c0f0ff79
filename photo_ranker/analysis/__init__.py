"""One photo -> one record of measured facts.

Nothing heavy is imported here, so that a fresh folder is known as such at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photo_ranker.analysis.parts import identity_keys, part_keys
from photo_ranker.core.installation import MEASURING_BYTES, check_memory
from photo_ranker.models import EngineOptions
from photo_ranker.models.engines import HAPPINESS, Happiness, engine_keys, open_engine
from photo_ranker.records import DEFAULT_ENGINE, Drawings
from photo_ranker.settings import MeasureSettings

if TYPE_CHECKING:
    from photo_ranker.analysis.analyser import Analyser

__all__ = ["AnalyserSpec"]


@dataclass(frozen=True, slots=True)
class AnalyserSpec:
    """What a process needs to open an analyser; small, since it is sent to every worker."""

    settings: MeasureSettings = field(default_factory=MeasureSettings)
    """The only settings that a measurement may depend on."""
    engine: str = DEFAULT_ENGINE
    """A key of :data:`photo_ranker.models.engines.ENGINES`, or the name of a pack."""
    models: str = ""
    """Folder of the engine's models, if its name does not tell."""
    device: str = "auto"
    """In no key: all devices give the same faces."""
    thumbnails: bool = False
    """Keep a small picture of each photo that is decoded, for the pages of the app."""
    drawn: Mapping[str, Drawings] = field(default_factory=dict, hash=False)
    """Content hash of a picture -> the faces that a user has drawn in it."""
    identity_only: bool = False
    """Measure only where faces are and whose: all that is asked of a reference."""

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
