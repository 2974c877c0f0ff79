"""How a setting is declared: its default, range, unit and meaning stand in the field, and every value is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, field, fields
from typing import Any, ClassVar

from photo_ranker.errors import SettingError

__all__ = ["Curve", "Section", "setting"]

Curve = tuple[float, float]
"""The raw values that score 0 and 1: linear between them, constant outside; the first may be the larger."""


def setting(
    default: Any, low: float, high: float, unit: str, meaning: str, *, chapter: str = "", **facts: object
) -> Any:
    """A field of a section. ``chapter`` starts a chapter of config.py; other facts are kept in the field's metadata."""
    about = {"low": low, "high": high, "unit": unit, "meaning": meaning, "chapter": chapter, **facts}
    return field(default=default, metadata=about)


class Section:
    """Base of all sections: refuses a value out of its range, whether config.py, the API or the app sets it."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __post_init__(self) -> None:
        """Check every value that is not the default."""
        for item in fields(self):
            value = getattr(self, item.name)
            # Defaults are within their ranges (a test checks them), so comparing identities saves most of the work.
            if value is not item.default:
                object.__setattr__(self, item.name, _checked(item.name, value, item.default, item.metadata))


def _checked(name: str, value: Any, default: Any, about: Mapping[str, Any]) -> Any:
    low, high, unit = about["low"], about["high"], about["unit"]
    if isinstance(default, tuple):
        fits = (
            isinstance(value, (tuple, list))
            and len(value) == len(default)
            and all(_is_number(part, float) and low <= part <= high for part in value)
        )
        wanted = f"{len(default)} numbers from {low} to {high} ({unit})"
        value = tuple(value) if fits else value
    elif isinstance(default, bool):
        fits, wanted = isinstance(value, bool), "True or False"
    else:
        fits = _is_number(value, type(default)) and low <= value <= high
        wanted = f"a {'whole ' if isinstance(default, int) else ''}number from {low} to {high} ({unit})"
    if not fits:
        raise SettingError(f"setting {name.upper()} is {_shown(value)}", f"it must be {wanted}: {about['meaning']}")
    return value


def _shown(value: Any) -> str:
    """A value in one short line, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print whole numbers of more than 4,300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _is_number(value: Any, kind: type) -> bool:
    # Python counts True as an int, but MIN_FACE = True is a mistake.
    if isinstance(value, bool):
        return False
    return isinstance(value, int) if kind is int else isinstance(value, (int, float))
