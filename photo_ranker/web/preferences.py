"""What a user changes on the settings page; it is stored for all albums.

First a few settings that say how strict the app is, then the machine: the engines and devices available here, and
those that are used to measure photos.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import msgspec

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.core import files
from photo_ranker.errors import SettingError, UserError
from photo_ranker.indexing.discovery import walk
from photo_ranker.indexing.plan import is_measured
from photo_ranker.metadata import load
from photo_ranker.models.engines import second_network_is_here, usual_engine
from photo_ranker.models.insightface_engine import files_in, packs_folder
from photo_ranker.models.sessions import AUTO, DEVICES, chosen_device, why_not
from photo_ranker.records import DEFAULT_ENGINE, DUO
from photo_ranker.settings import MeasureSettings, Settings, declared
from photo_ranker.web import storage
from photo_ranker.web.storage import AlbumEntry

__all__ = ["PREFERENCES", "Chosen", "Cost", "Machine", "Preference", "Preferences", "What"]

log = logging.getLogger(__name__)


class Preference(msgspec.Struct, frozen=True):
    """A setting that a user may change in the app. No measurement depends on any of these."""

    name: str
    label: str
    about: str
    unit: str
    low: float
    high: float
    step: float


PREFERENCES = {
    one.name: one
    for one in (
        Preference("sure_certainty", "How sure a face must be", "higher finds fewer photos and errs less; the rest is "
                   "unsure", "", 0.05, 0.95, 0.05),
        Preference("min_face", "Smallest face", "smaller faces are not recognised", "pixels", 8, 200, 1),
        Preference("burst_seconds", "Pause within a burst", "photos of one burst are no further apart", "seconds",
                   1, 120, 1),
        Preference("moment_gap", "Pause between events", "a longer pause begins a new event", "seconds",
                   60, 21_600, 60),
        Preference("context_seconds", "Photos without faces from the same time", "no further from a chosen photo",
                   "seconds", 0, 3600, 10),
    )
}  # fmt: skip


class Preferences:
    """What a user has changed, on top of the settings that the server was started with. Thread-safe."""

    def __init__(self, path: Path, usual: Settings) -> None:
        self._path, self._usual = path, usual
        self._lock = threading.Lock()
        files.remove_leftovers(path.parent, in_cache=True)
        self._changed = self._read()
        self.settings = usual.changed(**self._changed)
        """The settings that apply now."""

    def usual(self, name: str) -> float:
        """The value without the user's change."""
        return float(self._usual.values()[name])

    def set(self, name: str, value: float | None) -> None:
        """Change one setting, or with None undo the change; it is stored."""
        one = PREFERENCES.get(name)
        if one is None:
            raise SettingError(f"{name} cannot be changed here", "GET /api/settings lists what can")
        with self._lock:
            changed = {**self._changed, name: self._typed(name, value)} if value is not None else dict(self._changed)
            if value is None:
                changed.pop(name, None)
            settings = self._usual.changed(**changed)  # raises if a value is out of its range
            storage.write_value(self._path, changed)
            self._changed, self.settings = changed, settings

    def _read(self) -> dict[str, Any]:
        kept = storage.read_derived(self._path, dict[str, float]) or {}
        known = {name: self._typed(name, value) for name, value in kept.items() if name in PREFERENCES}
        try:
            self._usual.changed(**known)
        except SettingError as error:
            log.warning("%s is left out: %s", self._path, error)
            return {}
        return known

    def _typed(self, name: str, value: float) -> float | int:
        """The value as a whole number if the setting takes one."""
        return round(value) if isinstance(_DEFAULTS[name], int) else float(value)


_DEFAULTS = {name: about.default for _, name, about in declared()}


What = Literal["engine", "device"]


class Chosen(msgspec.Struct, frozen=True):
    """What the user has chosen."""

    engine: str = ""
    """Empty = the usual one."""
    device: str = AUTO


class Cost(msgspec.Struct, frozen=True):
    """What another engine costs."""

    again: int
    """Photos that it has to measure."""
    photos: int


class Machine:
    """The engines and devices of this machine. Thread-safe."""

    def __init__(self, path: Path, measure: MeasureSettings) -> None:
        self._path, self._measure = path, measure
        self._lock = threading.Lock()
        self._kept = storage.read_derived(path, Chosen) or Chosen()

    @property
    def chosen(self) -> Chosen:
        """The choices that apply now: an engine whose models are gone is replaced by the usual one."""
        kept = self._kept
        if kept.engine in {"", *self.engines()}:
            return kept
        log.warning("the models of the engine %s are not here any more; the usual one is used", kept.engine)
        return msgspec.structs.replace(kept, engine="")

    def engines(self) -> list[str]:
        """The engines whose models are on this machine; nothing is fetched."""
        here = [DEFAULT_ENGINE, *([DUO] if second_network_is_here() else [])]
        if find_spec("insightface") is None or not packs_folder().is_dir():
            return here
        folders = sorted(path for path in packs_folder().iterdir() if path.is_dir())
        return here + [path.name for path in folders if files_in(path) or files_in(path / path.name)]

    def devices(self) -> list[str]:
        """The devices that work on this machine; each is tried, once per process."""
        return [name for name in DEVICES if not why_not(name)]

    def usual(self, what: What) -> str:
        """What is used if nothing is chosen."""
        return usual_engine() if what == "engine" else chosen_device(AUTO)

    def choose(self, what: What, name: str | None) -> None:
        """Choose an engine or a device, or with None leave the choice to us; it is stored."""
        here = self.engines() if what == "engine" else self.devices()
        if name is not None and name not in here:
            raise SettingError(f"{name} is not on this machine", f"choose one of: {', '.join(here)}")
        with self._lock:
            kept = msgspec.structs.replace(self._kept, **{what: name or getattr(Chosen(), what)})
            storage.write_value(self._path, kept)
            self._kept = kept

    def spec(self, engine: str = "") -> AnalyserSpec:
        """What measures a photo with an engine, by default the chosen one."""
        chosen = self.chosen
        return AnalyserSpec(self._measure, engine=engine or chosen.engine or usual_engine(), device=chosen.device)

    def cost(self, engine: str | None, entries: Iterable[AlbumEntry]) -> Cost:
        """What it costs to measure these albums with an engine; None is the usual one."""
        if engine is not None and engine not in self.engines():
            raise SettingError(f"{engine} is not on this machine", f"choose one of: {', '.join(self.engines())}")
        keys = self.spec(engine or usual_engine()).keys()
        again = photos = 0
        for entry in entries:
            for folder, names in _names(entry):
                records = load(Path(folder))
                photos += len(names)
                known = (records[name] for name in names if name in records)
                again += len(names) - sum(
                    record.unreadable is not None or is_measured(record, keys) for record in known
                )
        return Cost(again, photos)


def _names(entry: AlbumEntry) -> list[tuple[str, list[str]]]:
    try:
        return [
            (listing.shown, [item.name for item in listing.items])
            for listing in walk(entry.folder, recursive=entry.recursive)
        ]
    except UserError as error:  # its disk is not mounted; the album is measured when the disk is back
        log.info("the album %s is not counted: %s", entry.id, error)
        return []
