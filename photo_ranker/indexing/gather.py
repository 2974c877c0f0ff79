"""Turns folders and single photos, as the user names them, into listings without duplicates."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from photo_ranker.indexing.discovery import Known, Listing, pick, walk

__all__ = ["gather"]


def gather(sources: Sequence[str], *, recursive: bool, known: Known = lambda _: {}) -> list[Listing]:
    """One listing per folder, in the order of the request."""
    folders = [source for source in sources if _is_folder(source)]
    found: dict[str, Listing] = {}
    for source in folders:
        for listing in walk(source, recursive=recursive, known=known):
            found.setdefault(os.path.realpath(listing.folder), listing)
    for source in sources:
        if source not in folders:
            _add_photo(source, found)
    return list(found.values())


def _is_folder(source: str) -> bool:
    try:
        return Path(source).is_dir()
    except PermissionError:  # nobody can tell whether it is there; `pick` reports that
        return False


def _add_photo(source: str, found: dict[str, Listing]) -> None:
    picked = pick(source)
    listing = found.setdefault(os.path.realpath(picked.folder), picked)
    if listing is not picked and all(item.name != picked.items[0].name for item in listing.items):
        listing.items = sorted([*listing.items, *picked.items], key=lambda item: item.name)
