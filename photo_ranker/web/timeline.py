"""When the photos of an album were taken, in parts of which there are not too many."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable

from photo_ranker.web.filter_schemas import Timeline, TimePart, Unit

__all__ = ["timeline"]

_UNITS: tuple[tuple[Unit, int], ...] = (("minute", 16), ("hour", 13), ("day", 10), ("month", 7), ("year", 4))
"""Units with the length of their ISO times, the finest first."""


def timeline(times: Iterable[str | None], most: int = 60) -> Timeline:
    """How many photos were taken when, by the finest unit that gives no more than ``most`` parts."""
    told = list(times)
    dated = [taken_at for taken_at in told if taken_at]
    found = {unit: Counter(taken_at[:length] for taken_at in dated) for unit, length in _UNITS}
    unit: Unit = next((unit for unit, parts in found.items() if len(parts) <= most), "year")
    parts = [TimePart(since=_begin(key), until=_end(key), photos=count) for key, count in sorted(found[unit].items())]
    return Timeline(unit=unit, undated=len(told) - len(dated), parts=parts)


def _begin(key: str) -> str:
    return key + {4: "-01-01", 7: "-01"}.get(len(key), "")


def _end(key: str) -> str:
    """The last day of a year or month; an end that is a day or an hour counts to its own end."""
    if len(key) == 4:
        return f"{key}-12-31"
    if len(key) == 7:
        year, month = map(int, key.split("-"))
        return f"{key}-{monthrange(year, month)[1]:02}"
    return key
