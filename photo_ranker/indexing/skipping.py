"""Why something in a folder is not taken as a photo: links, folders and files, as far as name and size tell."""

from __future__ import annotations

import errno
import os
from enum import StrEnum

from photo_ranker.images.suffixes import PHOTO_SUFFIXES, VIDEO_SUFFIXES, is_backup, suffix_of
from photo_ranker.indexing.companions import SIDECAR_SUFFIXES
from photo_ranker.indexing.content import says_nothing

__all__ = ["Skipped", "judge_file", "judge_folder", "judge_link"]


class Skipped(StrEnum):
    """Why something in a folder is not taken as a photo."""

    HIDDEN = "hidden"
    SYSTEM_FOLDER = "system folder"
    SUBFOLDER = "subfolder (--recursive takes them)"
    CLOSED_FOLDER = "folder that cannot be opened"
    UNSEEN = "cannot be looked at"
    LOOP = "loop of folders or links"
    MADE = "pictures that Photo Ranker made of photos"
    LINK_INSIDE = "link to something in the same tree"
    LINK_OUTSIDE = "link out of the tree"
    BROKEN_LINK = "link to nothing"
    NO_FILE = "pipe, socket or device"
    EMPTY = "empty file"
    BACKUP = "backup of a photo by another program"
    SIDECAR = "sidecar of no photo here"
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
"""Thumbnails, bins and snapshots of disks and of network storage; compare in lower case."""

LIBRARY_SUFFIXES = frozenset([".photoslibrary", ".photolibrary", ".aplibrary", ".migratedphotolibrary", ".lrdata"])
"""Folders that are another program's own store, full of thumbnails."""

_PAIRED_LATER = VIDEO_SUFFIXES | SIDECAR_SUFFIXES


def judge_folder(name: str) -> Skipped | None:
    """Why a folder is passed over, by its name in lower case."""
    is_systems = name in SYSTEM_FOLDERS or suffix_of(name) in LIBRARY_SUFFIXES
    return Skipped.SYSTEM_FOLDER if is_systems else None


def judge_link(path: str, root: str) -> Skipped:
    """Why a link is not followed: where it leads, seen from the folder that was asked for."""
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
    """Why a file is no photo, as far as its name and size tell."""
    suffix = suffix_of(name)
    if suffix in PHOTO_SUFFIXES:
        return None if found.st_size else Skipped.EMPTY
    if suffix in _PAIRED_LATER:
        return None  # whether a sidecar has its photo here is seen when all names are known
    if is_backup(suffix):
        return Skipped.BACKUP
    return None if found.st_size and says_nothing(suffix) else Skipped.NO_PHOTO
