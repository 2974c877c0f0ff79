"""The contents of a folder's photos, by which remembered references and thumbnails are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from photo_ranker.core import files
from photo_ranker.errors import FileRefused, MetadataError

__all__ = ["contents_of", "remembered"]


def contents_of(root: Path) -> frozenset[str]:
    """The content hashes of all photos of a folder and those below it; empty where nothing is kept by them."""
    if not any(remembered()):
        return frozenset()
    return frozenset(digest for folder, _, names in os.walk(root) for digest in _contents(Path(folder), names))


def remembered() -> Iterator[Path]:
    """Every file in the user's cache whose name begins with the hash of a photo."""
    from photo_ranker.images.thumbnails import thumbnails_folder
    from photo_ranker.references import references_folder

    for place in (references_folder(), thumbnails_folder()):
        yield from (path for path in sorted(place.glob("*")) if path.is_file())


def _contents(folder: Path, names: list[str]) -> Iterator[str]:
    """As the facts of the folder say; photos that they do not know are read, as a reference may be one of them."""
    from photo_ranker.images import PHOTO_SUFFIXES, content_hash
    from photo_ranker.images.suffixes import suffix_of
    from photo_ranker.metadata import load

    try:
        records = load(folder)
    except MetadataError:  # a newer version's, or closed to us: the photos themselves tell
        records = {}
    for record in records.values():
        yield record.stamp.hash
        if record.former is not None:
            yield record.former.hash
    for name in names:
        known = records.get(name)
        if suffix_of(name) in PHOTO_SUFFIXES and not (known and known.stamp.hash):
            try:
                yield content_hash(files.read(folder / name))
            except (FileRefused, OSError):  # a pipe, a link, or closed: it was no reference and has no thumbnail
                continue
