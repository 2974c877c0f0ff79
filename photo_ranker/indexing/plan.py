"""What is to do in a folder: a comparison of what lies there with what is stored, under other names too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import Digests, digests
from photo_ranker.images.hashing import read_once
from photo_ranker.images.video import is_video, video_digests
from photo_ranker.indexing.discovery import Item
from photo_ranker.records import VIDEO_PART, PhotoRecord

__all__ = ["VERDICT", "Acquaintances", "FolderPlan", "Known", "is_measured", "make_plan", "recognise"]


VERDICT = {"read": "2"}
"""The parts of a record that only says why a photo is unreadable.

Raise the number when photos were blamed wrongly, or when we learn to read more: older verdicts are then tried again.
Version 1 stood without a key, and blamed photos for missing libraries and for lack of memory.
"""


@dataclass(slots=True)
class FolderPlan:
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
) -> FolderPlan:
    """Compare by size, time and part keys; what is there but ``unseen`` is neither to be measured nor gone."""
    plan = FolderPlan()
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


@dataclass(frozen=True, slots=True)
class Known:
    """A record, as stored under the name that the photo had."""

    record: PhotoRecord
    text: msgspec.Raw
    origin: tuple[str, str]
    """Folder and name."""


class Acquaintances:
    """Records that a new file may turn out to be."""

    def __init__(self) -> None:
        self._by_hash: dict[str, Known] = {}
        self._sizes: dict[int, int] = defaultdict(int)

    def add(self, known: Known) -> None:
        """Remember a record; unreadable photos have no content to be known by."""
        stamp = known.record.stamp
        if stamp.hash and known.record.unreadable is None and stamp.hash not in self._by_hash:
            self._by_hash[stamp.hash] = known
            self._sizes[stamp.size] += 1

    def may_know(self, item: Item) -> bool:
        """Whether it is worth while to look into the file."""
        return item.size in self._sizes

    def by_hash(self, digest: str) -> Known | None:
        """The record of this content."""
        return self._by_hash.get(digest)


def _digests_of(path: Path, size: int) -> Digests:
    return video_digests(path) if is_video(path) else digests(read_once(path, size)[0])


def recognise(
    items: Sequence[Item], folder: Path, acquaintances: Sequence[Acquaintances], threads: int
) -> Iterator[tuple[Item, Known | None, str]]:
    """Each item with what is known of its content, and the hash of its rest; only files of a known size are read."""

    def look(item: Item) -> tuple[Item, Known | None, str]:
        circles = [circle for circle in acquaintances if circle.may_know(item)]
        if not circles:
            return item, None, ""
        try:
            content, rest = _digests_of(folder / item.name, item.size)
        except PhotoUnreadable:  # a worker will find the same, and record it
            return item, None, ""
        return item, next(filter(None, (circle.by_hash(content) for circle in circles)), None), rest

    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(look, items)
    finally:
        pool.shutdown(cancel_futures=True)
