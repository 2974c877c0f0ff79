"""Merges the records of one folder that lie in several places: in the folder and in the user's cache.

Of two records of one photo the photo itself decides, then the counter in the files; never
the time of a metadata file, which a copy, a touch or a wrong clock can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from photo_ranker.metadata.document import encode_record, with_unknown_of
from photo_ranker.metadata.places import stamp_of
from photo_ranker.records import PhotoRecord

__all__ = ["Copy", "merge_copies"]


@dataclass(slots=True)
class Copy:
    """What one place holds, its journal included."""

    revision: int = 0
    """How many runs have changed the file."""
    records: dict[str, PhotoRecord] = field(default_factory=dict)
    """File name -> record."""
    texts: dict[str, msgspec.Raw] = field(default_factory=dict)
    """The text of each record; empty if only records were requested."""
    beside: dict[str, msgspec.Raw] = field(default_factory=dict)
    """The file's values besides the photos; empty if only records were requested."""


def merge_copies(copies: Sequence[Copy], folder: Path) -> Copy:
    """All records of several copies; of two of a photo the one that matches its file, else that of the higher counter.

    The order of the copies does not matter, and merging twice changes nothing.
    """
    if len(copies) <= 1:
        return copies[0] if copies else Copy()
    first, *rest = copies
    merged = Copy(max(copy.revision for copy in copies), dict(first.records), dict(first.texts))
    contested = set()
    for copy in rest:
        for name, record in copy.records.items():
            known = merged.records.setdefault(name, record)
            if known is not record and (known != record or copy.texts.get(name) != merged.texts.get(name)):
                contested.add(name)
            elif name in copy.texts:
                merged.texts[name] = copy.texts[name]
    for name in contested:
        _settle(name, [copy for copy in copies if name in copy.records], folder, merged)
    # The values of the newest file win, so it comes last.
    for copy in sorted(copies, key=_by_revision):
        merged.beside |= copy.beside
    return merged


def _by_revision(copy: Copy) -> tuple[int, list[tuple[str, bytes]]]:
    return copy.revision, sorted((key, bytes(value)) for key, value in copy.beside.items())


def _settle(name: str, copies: list[Copy], folder: Path, merged: Copy) -> None:
    """Choose the record of a photo that several copies hold."""
    seen = stamp_of(folder / name)

    def rank(copy: Copy) -> tuple[bool, int, bytes, bytes]:
        record = copy.records[name]
        fits = (record.stamp.size, record.stamp.mtime_ns) == seen
        # The texts come last, so that even a tie does not depend on the order.
        return fits, copy.revision, bytes(encode_record(record)), bytes(copy.texts.get(name, b""))

    best, *others = sorted(copies, key=rank, reverse=True)
    merged.records[name] = best.records[name]
    if name in best.texts:
        text = best.texts[name]
        for other in others:
            text = with_unknown_of(other.texts[name], text)
        merged.texts[name] = text
