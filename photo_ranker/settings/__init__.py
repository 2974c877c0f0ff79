"""Every setting with its default, range, unit and meaning, in frozen sections by subject.

Users see flat names: ``Settings(min_face=40)``, ``MIN_FACE = 40`` in ``config.py``, which is generated from here.
The code reads a setting from its section, ``settings.match.min_face``, and functions take only the sections that they
need. A cache digests only the sections that its content depends on, so that no other setting makes it stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from photo_ranker.errors import SettingError
from photo_ranker.settings.sections import (
    Curve,
    EventSettings,
    Kind,
    MatchSettings,
    MeasureSettings,
    MomentSettings,
    PeopleSettings,
    Section,
    Setting,
    SignalSettings,
    WeightSettings,
    setting,
)

__all__ = [
    "Curve",
    "EventSettings",
    "Kind",
    "MatchSettings",
    "MeasureSettings",
    "MomentSettings",
    "PeopleSettings",
    "Section",
    "Setting",
    "Settings",
    "SignalSettings",
    "WeightSettings",
    "declared",
    "from_values",
    "render",
    "setting",
]


@dataclass(frozen=True, slots=True, init=False)
class Settings:
    """Everything that a user may tune."""

    measure: MeasureSettings
    """What is measured, and how."""
    match: MatchSettings
    """Which faces are the person."""
    signals: SignalSettings
    """Curves from figures to signals."""
    weights: WeightSettings
    """How much each signal counts."""
    moments: MomentSettings
    """Which photos show one moment."""
    people: PeopleSettings
    """Which faces start a person."""
    event: EventSettings
    """How photos of an event are scored."""

    def __init__(self, **values: Any) -> None:
        """Use the defaults except for these values, by flat name; a bad one raises :class:`SettingError`."""
        chosen = _by_section(values)
        for name, section in _SECTIONS.items():
            # The class is frozen: even its own constructor can fill it only this way.
            object.__setattr__(self, name, section(**chosen[name]))

    def changed(self, **values: Any) -> Self:
        """A copy with these values replaced, by flat name."""
        return type(self)(**{**self.values(), **values})

    def values(self) -> dict[str, Any]:
        """Every value by its flat name."""
        return {name: getattr(getattr(self, section), name) for section, name, _ in declared()}


_SECTIONS: dict[str, type[Section]] = {
    "measure": MeasureSettings,
    "match": MatchSettings,
    "signals": SignalSettings,
    "weights": WeightSettings,
    "moments": MomentSettings,
    "people": PeopleSettings,
    "event": EventSettings,
}
"""The order is that of config.py."""


def declared() -> Iterator[tuple[str, str, Setting]]:
    """Every setting: the name of its section, its own name, and its declaration."""
    for section, section_type in _SECTIONS.items():
        for name, about in section_type.declared().items():
            yield section, name, about


_SECTION_OF = {name: section for section, name, _ in declared()}
"""Flat name -> section. The flat names of all sections are distinct, since users write them."""


def from_values(values: Mapping[str, Any]) -> Settings:
    """Settings from flat names and values; an unknown name or a bad value raises :class:`SettingError`."""
    return Settings(**values)


def _by_section(values: Mapping[str, Any]) -> Mapping[str, dict[str, Any]]:
    chosen: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, value in values.items():
        if name not in _SECTION_OF:
            raise SettingError(f"unknown setting {name.upper()}", _closest(name))
        chosen[_SECTION_OF[name]][name] = value
    return chosen


def _closest(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, _SECTION_OF, 1)
    return f"did you mean {close[0].upper()}?" if close else "config.py lists all that there are"


def render() -> str:
    """The text of config.py: every setting with its default, unit and meaning."""
    lines = [
        '"""Your tuning of Photo Ranker: change a value, run again.',
        "",
        "Read by run_rank.py beside it, and by photo-ranker with --config FILE.",
        '"""',
    ]
    for _, name, about in declared():
        if about.chapter:
            lines += ["", f"# {about.chapter}"]
        if isinstance(about.default, bool):
            lines += ["", f"# {about.meaning}"]
        else:
            lines += ["", f"# {about.meaning} ({about.unit}; {about.low} to {about.high})"]
        lines.append(f"{name.upper()} = {about.default!r}")
    return "\n".join(lines) + "\n"
