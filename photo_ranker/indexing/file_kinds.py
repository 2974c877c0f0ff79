"""What a file in a folder is: a photo, a companion of one, or something to skip.

The suffix decides; the content does where the suffix is unknown.
"""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from photo_ranker.core.files import read_head
from photo_ranker.core.names import edit_of, folded
from photo_ranker.errors import FileRefused, PhotoUnreadable
from photo_ranker.images.sniff import (
    OTHER_SUFFIXES,
    PHOTO_SUFFIXES,
    RAW_SUFFIXES,
    VIDEO_SUFFIXES,
    format_of,
    is_backup,
    sniff,
    suffix_of,
)

__all__ = [
    "SIDECAR_SUFFIXES",
    "Skipped",
    "is_photo",
    "judge_file",
    "judge_folder",
    "judge_link",
    "looks_like_photo",
    "pair_up",
    "says_nothing",
    "why_no_photo",
]


SIDECAR_SUFFIXES = frozenset([".aae", ".dop", ".json", ".on1", ".pp3", ".thm", ".xmp"])
"""Edits, ratings and names beside a photo: Apple, DxO, Google Takeout, ON1, RawTherapee, cameras, Adobe and others."""

_NO_PHOTOS = VIDEO_SUFFIXES | SIDECAR_SUFFIXES
"""Suffixes of files that are paired with photos, or left as they are."""

# Phones write a live photo as a still and a short film of the same name, in these formats.
LIVE_PHOTOS = frozenset([".heic", ".heif", ".jpeg", ".jpg"])
LIVE_VIDEOS = frozenset([".mov", ".mp4"])
"""Suffixes of the films of live photos."""


def pair_up(names: Iterable[str]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Photo or film -> its companions; and files that are neither and belong to none.

    Among photos with the same stem (``IMG_1`` of ``IMG_1.jpg``) a RAW belongs to the first that is not RAW, and a film
    to the first in a format of live photos. A sidecar has its photo's name, with or without the suffix;
    darktable's sidecars of further edits also have a number.
    """
    names = list(names)
    if not set(map(suffix_of, names)) & (_NO_PHOTOS | RAW_SUFFIXES):
        # Most folders end here: nothing to pair.
        return dict.fromkeys(names, ()), []
    # A name with an unknown suffix is here because its content is a photo.
    photos = [name for name in names if suffix_of(name) not in _NO_PHOTOS]
    others = [name for name in names if suffix_of(name) in _NO_PHOTOS]
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(photos, key=_preference):
        groups[_stem(name)].append(name)
    owners = {name: _owner(name, group) for group in groups.values() for name in group}
    companions: dict[str, list[str]] = {owner: [] for owner in owners.values()}
    for name, owner in owners.items():
        if owner != name:
            companions[owner].append(name)
    for name in [name for name in others if suffix_of(name) in VIDEO_SUFFIXES]:
        group = groups[_stem(name)]
        live = next((photo for photo in group if suffix_of(photo) in LIVE_PHOTOS), None)
        if live is not None and suffix_of(name) in LIVE_VIDEOS:
            companions[live].append(name)
        else:
            group.append(name)
            owners[name], companions[name] = name, []
    alone: list[str] = []
    # Of photo names that differ only in case the first gets the sidecar, unless another has exactly the sidecar's name.
    owner_by_name = {folded(name): owner for name, owner in reversed(owners.items())} | owners
    for name in [name for name in others if suffix_of(name) not in VIDEO_SUFFIXES]:
        found = _owner_of_other(name, groups.get(_stem(name), []), owner_by_name)
        (companions[found] if found else alone).append(name)
    return {owner: tuple(sorted(group)) for owner, group in companions.items()}, alone


def _owner(photo: str, group: list[str]) -> str:
    return group[0] if suffix_of(photo) in RAW_SUFFIXES and suffix_of(group[0]) not in RAW_SUFFIXES else photo


def _owner_of_other(name: str, group: list[str], owner_by_name: dict[str, str]) -> str | None:
    if suffix_of(name) not in SIDECAR_SUFFIXES:
        return None
    base = os.path.splitext(name)[0]
    # Google Takeout writes IMG_1.jpg.supplemental-metadata.json, and shortens the middle part of long names.
    shorter, last = os.path.splitext(base)
    without_takeout = shorter if ".supplemental-metadata".startswith(last.lower()) else base
    for photo in (base, without_takeout, edit_of(name) or base):
        if owner := owner_by_name.get(photo, owner_by_name.get(folded(photo))):
            return owner
    return next((photo for photo in group if os.path.splitext(photo)[0] == base), next(iter(group), None))


def _preference(name: str) -> tuple[bool, bool, str]:
    """Sort key of photos with the same stem; the first is shown, the RAW is its companion."""
    suffix = suffix_of(name)
    return suffix in RAW_SUFFIXES, suffix not in LIVE_PHOTOS, name


def _stem(name: str) -> str:
    return folded(os.path.splitext(name)[0])


HEAD_BYTES = 4096
"""Bytes read of a file: enough to recognise every format."""

_KNOWN = PHOTO_SUFFIXES | VIDEO_SUFFIXES | SIDECAR_SUFFIXES | OTHER_SUFFIXES
"""All suffixes that decide without a look at the content."""


def is_photo(path: Path) -> bool:
    """Whether a file is a photo by its suffix or, if that is unknown, by its content; it may be a link."""
    suffix = suffix_of(path.name)
    if path.name.startswith(".") or not path.is_file():
        return False
    return suffix in PHOTO_SUFFIXES or (says_nothing(suffix) and looks_like_photo(os.path.realpath(path)))


def says_nothing(suffix: str) -> bool:
    """Whether a suffix is unknown, so that only the content can decide."""
    return suffix not in _KNOWN and not is_backup(suffix)


def looks_like_photo(path: str) -> bool:
    """Whether a file is a photo by its first bytes. Never blocks on a pipe and follows no link."""
    head = _head(path)
    kind = format_of(head, "")
    # Texts may begin with BM too; in a bitmap the file's length and four zeros follow.
    return kind is not None and (kind != "bmp" or head[6:10] == bytes(4))


def why_no_photo(path: str) -> str:
    """What a file is instead of a photo, for a message; if it is a photo, that its suffix is not a photo's."""
    try:
        sniff(_head(path), "")
    except PhotoUnreadable as error:
        return error.reason
    return f"a photo by its content, but no photo's name ends in {suffix_of(path)}"


def _head(path: str) -> bytes:
    """The first bytes of a regular file; empty for anything else."""
    try:
        return read_head(path, HEAD_BYTES)
    except FileRefused:
        return b""


class Skipped(StrEnum):
    """Why an entry of a folder is skipped; the values are the words of reports."""

    HIDDEN = "hidden"
    SYSTEM_FOLDER = "system folder"
    SUBFOLDER = "subfolder (--recursive takes them)"
    CLOSED_FOLDER = "folder that cannot be opened"
    UNSEEN = "cannot be looked at"
    """Its state cannot be read, for example for lack of permission."""
    LOOP = "loop of folders or links"
    """A folder that was visited before, or a link to a parent."""
    MADE = "pictures that Photo Ranker made of photos"
    """Crops, thumbnails and galleries of ours."""
    LINK_INSIDE = "link to something in the same tree"
    LINK_OUTSIDE = "link out of the tree"
    BROKEN_LINK = "link to nothing"
    NO_FILE = "pipe, socket or device"
    EMPTY = "empty file"
    """Often a download or a copy that has not finished."""
    BACKUP = "backup of a photo by another program"
    SIDECAR = "sidecar of no photo here"
    """Its photo is gone or has another name."""
    NO_PHOTO = "not a photo"


SYSTEM_FOLDERS = frozenset(
    {
        "#recycle",
        "#snapshot",
        "$recycle.bin",
        "@eadir",
        "@recycle",
        "__macosx",
        "lost+found",
        "recycler",
        "system volume information",
    }
)
"""Folders of thumbnails, deleted files and snapshots that systems and network storage keep; in lower case."""

LIBRARY_SUFFIXES = frozenset([".photoslibrary", ".photolibrary", ".aplibrary", ".migratedphotolibrary", ".lrdata"])
"""Folders that are another program's database, full of thumbnails."""

_PAIRED_LATER = VIDEO_SUFFIXES | SIDECAR_SUFFIXES
"""Suffixes that are decided in :func:`pair_up`, once all names are known."""


def judge_folder(name: str) -> Skipped | None:
    """Why a folder is skipped, by its name in lower case; None if it is not."""
    is_systems = name in SYSTEM_FOLDERS or suffix_of(name) in LIBRARY_SUFFIXES
    return Skipped.SYSTEM_FOLDER if is_systems else None


def judge_link(path: str, root: str) -> Skipped:
    """Why a link is skipped: where it leads, seen from the folder that was asked for."""
    try:
        os.stat(path)
    except OSError as error:
        return Skipped.LOOP if error.errno == errno.ELOOP else Skipped.BROKEN_LINK
    target = os.path.realpath(path)
    if _is_within(os.path.realpath(os.path.dirname(path) or os.curdir), target):
        return Skipped.LOOP
    return Skipped.LINK_INSIDE if _is_within(target, root) else Skipped.LINK_OUTSIDE


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def judge_file(name: str, found: os.stat_result) -> Skipped | None:
    """Why a file is skipped, as far as its name and size tell; None if it may be a photo or a companion."""
    suffix = suffix_of(name)
    if suffix in PHOTO_SUFFIXES:
        return None if found.st_size else Skipped.EMPTY
    if suffix in _PAIRED_LATER:
        return None  # pair_up decides once all names are known
    if is_backup(suffix):
        return Skipped.BACKUP
    return None if found.st_size and says_nothing(suffix) else Skipped.NO_PHOTO
