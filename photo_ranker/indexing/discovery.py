"""Lists folders: what counts as a photo or a film, and why the rest is skipped.

Links in folders are never followed: a target inside the tree is found anyway, and one outside was not asked for. (A
folder or file that the user names may itself be a link.) The suffix tells whether a file is meant to be a photo, and
its content, once read, tells the format. Files without a known suffix (as in ``a.jpg?ssl=1``) are judged by their
first bytes.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from photo_ranker.core.files import is_made
from photo_ranker.errors import UserError
from photo_ranker.images.sniff import PHOTO_SUFFIXES, VIDEO_SUFFIXES, suffix_of
from photo_ranker.indexing.file_kinds import (
    Skipped,
    judge_file,
    judge_folder,
    judge_link,
    looks_like_photo,
    pair_up,
    says_nothing,
)
from photo_ranker.records import PhotoRecord

__all__ = ["Item", "Known", "Listing", "Skipped", "companions_now", "gather", "list_folder", "pick", "walk"]

OURS = ".photo_ranker"
"""Prefix of our own files, which are not even listed as skipped."""

_UNUSUAL = stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_REPARSE_POINT
"""Windows attributes of hidden files and of links."""


class Item(msgspec.Struct, frozen=True):
    """One photo or film in a folder, with the files that belong to it."""

    name: str
    """File name, without the folder."""
    size: int
    """Size and time, by which an unchanged photo is recognised without reading it."""
    mtime_ns: int
    companions: tuple[str, ...] = ()
    """Names of its companions."""


class Listing(msgspec.Struct):
    """What one folder holds."""

    shown: str
    """The path of the folder, beginning as the user typed it."""
    items: list[Item] = msgspec.field(default_factory=list)
    """The photos, sorted by name."""
    skipped: list[tuple[Skipped, str]] = msgspec.field(default_factory=list)
    """Reason and name of everything else."""
    subfolders: list[str] = msgspec.field(default_factory=list)
    """Names; emptied once the walk has visited them."""
    picked: bool = False
    """Whether only some photos of the folder were asked for, so that missing names say nothing."""
    _prefix: str = ""
    """Computed once, since joining paths for every photo takes time."""

    def __post_init__(self) -> None:
        self._prefix = os.path.join(self.shown, "")

    @property
    def unseen(self) -> frozenset[str]:
        """Names that could not be examined: such a photo is not gone, and its record stays."""
        return frozenset(name for why, name in self.skipped if why is Skipped.UNSEEN)

    @property
    def folder(self) -> Path:
        """The folder as a path."""
        return Path(self.shown)

    def path_of(self, name: str) -> str:
        """The path of a file in it, beginning as the user typed it."""
        return self._prefix + name


Known = Callable[[str], Mapping[str, PhotoRecord]]
"""Gives the stored records of a folder."""


def walk(shown: str, *, recursive: bool, known: Known = lambda _: {}) -> Iterator[Listing]:
    """The folder and, with ``recursive``, all folders below it, sorted by name.

    ``known`` is called only for folders with files of unknown suffix: one with a record need not be opened again.
    """
    root = os.path.realpath(shown)
    visited: set[tuple[int, int]] = set()
    waiting = [_list_asked_for(shown, root, known)]
    while waiting:
        listing = waiting.pop()
        below, listing.subfolders = listing.subfolders, []
        for name in reversed(below):
            found = _look_below(listing.path_of(name), root, visited, known) if recursive else Skipped.SUBFOLDER
            if isinstance(found, Listing):
                waiting.append(found)
            else:
                listing.skipped.append((found, name))
        yield listing


def pick(shown: str) -> Listing:
    """One file that the user names; its suffix does not matter."""
    folder, name = os.path.split(shown)
    try:
        found = os.stat(shown)
    except OSError as error:
        raise UserError(f"there is no file or folder {shown}", "check the path") from error
    if not stat.S_ISREG(found.st_mode):
        raise UserError(f"{shown} is no file that can hold a photo", "give photos, or folders of photos")
    companions = next((item.companions for item in _siblings(folder or os.curdir) if item.name == name), ())
    return Listing(folder, [Item(name, found.st_size, found.st_mtime_ns, companions)], picked=True)


def companions_now(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Path of each photo -> names of its companions at this moment; each folder is listed once.

    A photo that is not listed is left out, as are all photos of a folder that cannot be listed.
    """
    folders: dict[str, dict[str, tuple[str, ...]]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = {item.name: item.companions for item in _siblings(folder or os.curdir)}
        if name in folders[folder]:
            found[path] = folders[folder][name]
    return found


def list_folder(shown: str, root: str, known: Known = lambda _: {}) -> Listing:
    """List one folder; a link is reported by whether its target lies below ``root``."""
    listing = Listing(shown)
    files: dict[str, Item] = {}
    unsure: dict[str, Item] = {}
    with os.scandir(shown or os.curdir) as entries:
        for entry in entries:
            if entry.name.startswith(OURS):
                continue
            try:
                found = entry.stat(follow_symlinks=False)
                if _is_plain_photo(entry.name, found):
                    files[entry.name] = _item(entry.name, found)
                elif reason := _sort(entry, found, root, listing.subfolders, files, unsure):
                    listing.skipped.append((reason, entry.name))
            except FileNotFoundError:  # deleted since the folder was listed
                continue
            except OSError:
                listing.skipped.append((Skipped.UNSEEN, entry.name))
    if unsure:
        _look_into(listing, unsure, known(shown), files)
    empty = [name for name, item in files.items() if not item.size and _is_video(name)]
    listing.skipped += [(Skipped.EMPTY, name) for name in empty]
    groups, alone = pair_up(name for name in files if name not in empty)
    for name in sorted(groups):
        item, companions = files[name], groups[name]
        listing.items.append(msgspec.structs.replace(item, companions=companions) if companions else item)
    listing.skipped += [(Skipped.SIDECAR, name) for name in alone]
    listing.skipped.sort()
    listing.subfolders.sort()
    return listing


def _look_into(
    listing: Listing,
    unsure: Mapping[str, Item],
    known: Mapping[str, PhotoRecord],
    files: dict[str, Item],
) -> None:
    """Sort files of unknown suffix by their content; one with an unchanged record is a photo."""
    for name, item in unsure.items():
        record = known.get(name)
        is_known = record is not None and (record.stamp.size, record.stamp.mtime_ns) == (item.size, item.mtime_ns)
        try:
            if is_known or looks_like_photo(listing.path_of(name)):
                files[name] = item
            else:
                listing.skipped.append((Skipped.NO_PHOTO, name))
        except FileNotFoundError:  # deleted since the folder was listed
            continue
        except OSError:
            listing.skipped.append((Skipped.UNSEEN, name))


def _list_asked_for(shown: str, root: str, known: Known) -> Listing:
    path = Path(shown)
    try:
        if path.is_dir():
            _stat_inside(shown)  # raises if it may not be entered
            return list_folder(shown, root, known)
        what = "is not a folder" if path.exists() else "does not exist"
    except OSError as error:
        raise UserError(f"the folder {shown} cannot be opened", "check its permissions") from error
    raise UserError(f"{shown} {what}", "give a folder with photos")


def _look_below(path: str, root: str, visited: set[tuple[int, int]], known: Known) -> Listing | Skipped:
    """A subfolder's listing, or the reason to skip it; it may have been deleted since it was listed."""
    try:
        if is_made(path):
            return Skipped.MADE
        return list_folder(path, root, known) if _is_new(path, visited) else Skipped.LOOP
    except OSError:
        return Skipped.CLOSED_FOLDER


def _siblings(folder: str) -> list[Item]:
    try:
        return list_folder(folder, os.path.realpath(folder)).items
    except OSError:  # a folder may be entered but not listed; then companions are not found
        return []


def _is_plain_photo(name: str, found: os.stat_result) -> bool:
    """Whether an entry is clearly a photo: true of most entries, and quicker than :func:`_sort`."""
    return (
        stat.S_ISREG(found.st_mode)
        and suffix_of(name) in PHOTO_SUFFIXES
        and not name.startswith(".")
        and found.st_size > 0
        and (sys.platform != "win32" or not found.st_file_attributes & _UNUSUAL)
    )


def _sort(
    entry: os.DirEntry[str],
    found: os.stat_result,
    root: str,
    subfolders: list[str],
    files: dict[str, Item],
    unsure: dict[str, Item],
) -> Skipped | None:
    """Add one entry to the list where it belongs, or return the reason to skip it."""
    if entry.name.startswith("."):
        return Skipped.HIDDEN
    attributes = getattr(found, "st_file_attributes", 0)  # Windows
    reason: Skipped | None = None
    if attributes & stat.FILE_ATTRIBUTE_HIDDEN:
        reason = Skipped.HIDDEN
    elif stat.S_ISLNK(found.st_mode) or attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT:
        reason = judge_link(entry.path, root)
    elif stat.S_ISDIR(found.st_mode):
        reason = judge_folder(entry.name.lower())
        if reason is None:
            subfolders.append(entry.name)
    elif stat.S_ISREG(found.st_mode):
        reason = judge_file(entry.name, found)
        if reason is None:
            (unsure if says_nothing(suffix_of(entry.name)) else files)[entry.name] = _item(entry.name, found)
    else:
        reason = Skipped.NO_FILE
    return reason


def _item(name: str, found: os.stat_result) -> Item:
    return Item(name, found.st_size, found.st_mtime_ns)


def _is_video(name: str) -> bool:
    return suffix_of(name) in VIDEO_SUFFIXES


def _is_new(path: str, visited: set[tuple[int, int]]) -> bool:
    """False for a folder that was visited under another path, as with bind mounts."""
    found = _stat_inside(path)
    identity = (found.st_dev, found.st_ino)
    if identity in visited:
        return False
    visited.add(identity)
    return True


def _stat_inside(path: str) -> os.stat_result:
    """The stat of a folder, taken from inside it: raises if the folder may be listed but not entered."""
    return os.stat(os.path.join(path, os.curdir))


# Turns folders and single photos, as the user names them, into listings without duplicates.


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
