"""What is to do in a folder: pure comparison of what lies there with what is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from photo_ranker.indexing.discovery import Item
from photo_ranker.records import VIDEO_PART, PhotoRecord

__all__ = ["VERDICT", "Plan", "is_measured", "make_plan"]

VERDICT = {"read": "2"}
"""The parts of a record that only says why a photo is unreadable.

Raise the number when photos were blamed wrongly, or when we learn to read more: older verdicts are then tried again.
Version 1 stood without a key, and blamed photos for missing libraries and for lack of memory.
"""


@dataclass(slots=True)
class Plan:
    """Every photo of a folder is in one of the first three."""

    fresh: list[Item] = field(default_factory=list)
    """Measured as it is now, by the parts as they are now."""
    failed: list[Item] = field(default_factory=list)
    """Could not be read before by the same means, and has not changed since."""
    todo: list[Item] = field(default_factory=list)
    """New, changed, or measured by an older part."""
    gone: list[str] = field(default_factory=list)
    """Stored, but no longer there."""
    regrouped: list[Item] = field(default_factory=list)
    """Nothing to measure, but other companions; also in one of the first two."""

    @property
    def is_all_fresh(self) -> bool:
        """Whether nothing has to be measured or written."""
        return not (self.todo or self.gone or self.regrouped)


def make_plan(
    items: Iterable[Item],
    records: Mapping[str, PhotoRecord],
    keys: Mapping[str, str],
    *,
    retry_failed: bool,
    unseen: Collection[str] = (),
) -> Plan:
    """Compare by size, time and part keys; what is there but ``unseen`` is neither to be measured nor gone."""
    plan = Plan()
    there = set()
    for item in items:
        there.add(item.name)
        record = records.get(item.name)
        if record is None or record.stamp.size != item.size or record.stamp.mtime_ns != item.mtime_ns:
            plan.todo.append(item)
            continue
        if record.unreadable is not None:
            if retry_failed or record.parts != VERDICT:
                plan.todo.append(item)
                continue
            plan.failed.append(item)
        elif is_measured(record, keys):
            plan.fresh.append(item)
        else:
            plan.todo.append(item)
            continue
        if record.companions != item.companions:
            plan.regrouped.append(item)
    plan.gone = [name for name in records if name not in there and name not in unseen]
    return plan


def is_measured(record: PhotoRecord, keys: Mapping[str, str]) -> bool:
    """Whether every part was measured by what measures it now."""
    parts = record.parts
    return record.unreadable is None and (
        parts == keys
        or all(
            parts.get(part) == key or (part.startswith(VIDEO_PART) and not record.is_video)
            for part, key in keys.items()
        )
    )
