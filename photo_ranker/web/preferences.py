"""How strict the app is: a few settings that a user may change on the settings page; they are kept for all albums."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photo_ranker.core import files
from photo_ranker.errors import SettingError
from photo_ranker.settings import Settings, declared
from photo_ranker.web import storage

__all__ = ["PREFERENCES", "Preference", "Preferences"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preference:
    """A setting that a user may change in the app. Nothing that is measured depends on one of these."""

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
    """What a user has changed, over the settings that the server was started with. Thread-safe."""

    def __init__(self, path: Path, usual: Settings) -> None:
        self._path, self._usual = path, usual
        self._lock = threading.Lock()
        files.remove_leftovers(path.parent, in_cache=True)
        self._changed = self._read()
        self.settings = usual.changed(**self._changed)
        """The settings that hold now."""

    def usual(self, name: str) -> float:
        """The value without the user's change."""
        return float(self._usual.values()[name])

    def set(self, name: str, value: float | None) -> None:
        """Change one setting, or with None take the change back; it is kept."""
        one = PREFERENCES.get(name)
        if one is None:
            raise SettingError(f"{name} cannot be changed here", "GET /api/settings lists what can")
        with self._lock:
            changed = {**self._changed, name: self._typed(name, value)} if value is not None else dict(self._changed)
            if value is None:
                changed.pop(name, None)
            settings = self._usual.changed(**changed)  # refuses a value out of its range
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
        """A whole number where the setting wants one."""
        return round(value) if isinstance(_DEFAULTS[name], int) else float(value)


_DEFAULTS = {item.name: item.default for _, item in declared()}
