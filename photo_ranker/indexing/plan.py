"""Plans the work in a folder: compares its files with the stored records, also under other names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import Digests, digests
from photo_ranker.images.hashing import read_once
from photo_ranker.indexing.discovery import Item, Listing
from photo_ranker.records import VIDEO_PART, Drawings, PhotoRecord, Stamp, drawn_part

__all__ = [
    "FAILED",
    "VERDICT",
    "Arrivals",
    "FolderPlan",
    "Known",
    "KnownPhotos",
    "has_failed",
    "is_measured",
    "make_plan",
    "recognise",
]


VERDICT = {"read": "2"}
"""The parts of a record that only holds why a photo is unreadable.

Raise the number when photos were blamed wrongly, or when more formats are read: older verdicts are then retried.
Version 1 had no key, and blamed photos for missing libraries and for lack of memory.
"""


NOTHING_DRAWN: Mapping[str, Drawings] = {}

FAILED = "failed:"
"""Prefix of the key of a part that could not be measured although the rest was; it is tried again only on request."""


class FolderPlan(msgspec.Struct):
    """What to do with each file; every photo is in exactly one of the first three lists."""

    fresh: list[Item] = msgspec.field(default_factory=list)
    """Unchanged, and measured by the present version: nothing to do."""
    failed: list[Item] = msgspec.field(default_factory=list)
    """Unreadable before by the present version, and unchanged since."""
    todo: list[Item] = msgspec.field(default_factory=list)
    """New, changed, or measured by an older version."""
    gone: list[str] = msgspec.field(default_factory=list)
    """Names with a record but no file."""
    regrouped: list[Item] = msgspec.field(default_factory=list)
    """Unchanged photos with other companions than before; each is also in one of the first two lists."""

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
    drawn: Mapping[str, Drawings] = NOTHING_DRAWN,
) -> FolderPlan:
    """Compare files and records by size, time and part keys; ``unseen`` files are neither measured nor gone."""
    plan = FolderPlan()
    present = set()
    for item in items:
        present.add(item.name)
        record = records.get(item.name)
        if record is None or record.stamp.size != item.size or record.stamp.mtime_ns != item.mtime_ns:
            plan.todo.append(item)
            continue
        if record.unreadable is not None:
            if retry_failed or record.parts != VERDICT:
                plan.todo.append(item)
                continue
            plan.failed.append(item)
        elif is_measured(record, keys, drawn) and not (retry_failed and has_failed(record)):
            plan.fresh.append(item)
        else:
            plan.todo.append(item)
            continue
        if record.companions != item.companions:
            plan.regrouped.append(item)
    plan.gone = [name for name in records if name not in present and name not in unseen]
    return plan


def is_measured(record: PhotoRecord, keys: Mapping[str, str], drawn: Mapping[str, Drawings] = NOTHING_DRAWN) -> bool:
    """Whether every part has the key of the present version, and the drawn faces are those that the user decided on.

    Films have parts that photos lack.
    """
    parts = record.parts
    drawings = drawn.get(record.stamp.hash) if drawn and not record.is_video else None
    if drawings is not None and parts.get(drawn_part(keys)) != drawings.key:
        return False
    return record.unreadable is None and (
        # The quick test first: true of nearly all photos.
        parts == keys
        or all(
            parts.get(part) in {key, FAILED + key} or (part.startswith(VIDEO_PART) and not record.is_video)
            for part, key in keys.items()
        )
    )


def has_failed(record: PhotoRecord) -> bool:
    """Whether some part could not be measured although the rest was."""
    return any(key.startswith(FAILED) for key in record.parts.values())


class Known(msgspec.Struct, frozen=True):
    """A record as it is stored, maybe under another name."""

    record: PhotoRecord
    """The record."""
    text: msgspec.Raw
    """Its text in the metadata file, with keys that we do not know."""
    origin: tuple[str, str]
    """Folder and name."""


class KnownPhotos:
    """Records by content, to recognise files that were renamed, moved or copied."""

    def __init__(self) -> None:
        self._by_hash: dict[str, Known] = {}
        self._sizes: set[int] = set()

    def add(self, known: Known) -> None:
        """Add a record; unreadable photos have no content hash."""
        stamp = known.record.stamp
        if stamp.hash and known.record.unreadable is None and stamp.hash not in self._by_hash:
            self._by_hash[stamp.hash] = known
            self._sizes.add(stamp.size)

    def may_know(self, item: Item) -> bool:
        """Whether some record has the file's size, so that hashing it is worthwhile."""
        return item.size in self._sizes

    def by_hash(self, digest: str) -> Known | None:
        """The record with this content hash."""
        return self._by_hash.get(digest)


class Arrivals:
    """The new and changed files of a run: one of them may hold the picture that another file held before."""

    def __init__(self) -> None:
        self._folders: list[tuple[Listing, Sequence[Item]]] = []

    def add(self, listing: Listing, items: Sequence[Item]) -> None:
        """Add the files of a folder."""
        self._folders.append((listing, items))

    def hold(self, stamp: Stamp, but: str) -> bool:
        """Whether a file other than the one at the path ``but`` holds the picture of a stamp."""
        return any(path != but and _picture_of(Path(path), stamp.size) == stamp.hash for path in self._of(stamp.size))

    def _of(self, size: int) -> Sequence[str]:
        return self._by_size.get(size, ())

    @cached_property
    def _by_size(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for listing, items in self._folders:
            for item in items:
                found.setdefault(item.size, []).append(listing.path_of(item.name))
        return found


def _picture_of(path: Path, size: int) -> str:
    try:
        return _digests_of(path, size).content
    except PhotoUnreadable:
        return ""


def _digests_of(path: Path, size: int) -> Digests:
    from photo_ranker.images.video import is_video, video_digests

    return video_digests(path) if is_video(path) else digests(read_once(path, size)[0])


def recognise(
    items: Sequence[Item], folder: Path, known_photos: Sequence[KnownPhotos], threads: int
) -> Iterator[tuple[Item, Known | None, str]]:
    """Each item with the record of the same content, if any, and its rest hash; only files of a known size are read."""

    def look(item: Item) -> tuple[Item, Known | None, str]:
        candidates = [known for known in known_photos if known.may_know(item)]
        if not candidates:
            return item, None, ""
        try:
            content, rest = _digests_of(folder / item.name, item.size)
        except PhotoUnreadable:  # a worker will fail in the same way, and store the reason
            return item, None, ""
        return item, next(filter(None, (known.by_hash(content) for known in candidates)), None), rest

    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(look, items)
    finally:
        pool.shutdown(cancel_futures=True)
