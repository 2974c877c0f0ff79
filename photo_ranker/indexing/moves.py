"""Photos that are known under another name: the same picture, found by its content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import Digests, digests
from photo_ranker.images.files import read_once
from photo_ranker.images.video import is_video, video_digests
from photo_ranker.indexing.discovery import Item
from photo_ranker.records import PhotoRecord

__all__ = ["Acquaintances", "Known", "recognise"]


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
