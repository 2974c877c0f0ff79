"""Merges files with identical bytes into one result that lists the others. Pure arithmetic on records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.errors import UserError
from photo_ranker.records import Match, PhotoRecord

__all__ = ["Copies", "Folded", "check_copies", "content_of", "fold_matches", "leaders", "one_of_each"]

Copies = Literal["one", "all"]
"""``one`` = one result for all files with the same bytes, ``all`` = one per file."""

Content = tuple[int, str, str]
"""Size, hash of the picture data, hash of the rest: equal for identical files."""


class Folded(NamedTuple):
    """Matches with one file for each content."""

    matches: tuple[Match, ...]
    """In the order of the matches."""
    copies: Mapping[int, tuple[AlbumPhoto, ...]]
    """Number of a photo -> the other files with its bytes, by path."""


def check_copies(copies: object) -> None:
    """Refuse any other value."""
    if copies not in {"one", "all"}:
        raise UserError(f"copies: '{copies}' is neither one nor all", "all lists every file with the same bytes")


def content_of(record: PhotoRecord) -> Content | None:
    """What is the same for files with identical bytes; None if it is not known.

    The content hash alone is not enough: it leaves out metadata, and of films all but both ends.
    """
    stamp = record.stamp
    return (stamp.size, stamp.hash, stamp.rest) if stamp.rest and record.unreadable is None else None


def fold_matches(album: Album, matches: Iterable[Match], copies_as: Copies = "one") -> Folded:
    """One match per content, in the same order; with ``all`` every match."""
    matches = tuple(matches)
    if copies_as == "all":
        return Folded(matches, {})
    leader_of = leaders(album.photos, [match.photo for match in matches])
    copies: dict[int, list[AlbumPhoto]] = {}
    for photo, leader in leader_of.items():
        if photo != leader:
            copies.setdefault(leader, []).append(album.photos[photo])
    kept = tuple(match for match in matches if leader_of[match.photo] == match.photo) if copies else matches
    return Folded(kept, {leader: tuple(sorted(its, key=_by_name)) for leader, its in copies.items()})


def leaders(photos: Sequence[AlbumPhoto], numbers: Iterable[int]) -> dict[int, int]:
    """Number of each photo -> number of the photo that represents its copies: the one with the shortest path."""
    groups: dict[Content | int, list[int]] = {}
    for number in numbers:
        content = content_of(photos[number].record)
        groups.setdefault(number if content is None else content, []).append(number)
    found: dict[int, int] = {}
    for group in groups.values():
        # "IMG_1.jpg" is shorter than "IMG_1 (1).jpg" and "Copy of IMG_1.jpg".
        leader = group[0] if len(group) == 1 else min(group, key=lambda number: _by_name(photos[number]))
        found |= dict.fromkeys(group, leader)
    return found


def one_of_each(photos: Sequence[AlbumPhoto]) -> list[AlbumPhoto]:
    """The photos without those that are copies of others among them, in the same order."""
    return [photos[number] for number, leader in leaders(photos, range(len(photos))).items() if number == leader]


def _by_name(photo: AlbumPhoto) -> tuple[int, str]:
    return len(photo.path), photo.path
