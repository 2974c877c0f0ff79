"""Where the records of a folder lie: in the folder, or in the user's cache if the folder is not writable.

A path does not tell which photos lie there: today's memory card is mounted where yesterday's was. So a copy in the
cache is bound to photos: it notes a few of them, and belongs to the folder only while most of those are there.
Another card at the same path gets its own place. Device numbers and file system ids cannot replace this: the former
change with every mount, and not every system reports the latter.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import blake2b
from itertools import count, islice
from pathlib import Path
from typing import Annotated

import msgspec

from photo_ranker.core import files
from photo_ranker.core.files import cache_folder
from photo_ranker.errors import FileRefused, MetadataError
from photo_ranker.metadata.document import Damaged, read_records

__all__ = [
    "FOLDER_NAME",
    "METADATA_NAME",
    "NOTES",
    "PHOTOS_NAME",
    "bind",
    "cache_place",
    "cache_places",
    "columns_file",
    "columns_home",
    "copies_of",
    "count_file",
    "derived_of",
    "has_columns",
    "holds_home",
    "is_readable",
    "is_shown_empty",
    "journal_of",
    "make_cache_place",
    "remove_if_unused",
    "stamp_of",
]

METADATA_NAME = ".photo_ranker_metadata.json"
"""The metadata file of a folder."""

FOLDER_NAME = "folder"
"""File beside metadata in the cache: the path of its photo folder, as the system's bytes."""
PHOTOS_NAME = "photos.json"
"""File beside it: some of the photos that were in the folder."""
NOTES = (FOLDER_NAME, PHOTOS_NAME)
"""Files of a place in the cache that say whose it is, and hold no records."""

_NOTED_PHOTOS = 32
"""Enough to tell two cards apart when some photos have been deleted or edited since."""
_LISTED_FILES = 4096
"""The noted photos are chosen from this many files at most, since a folder may hold millions."""
_TAIL_BYTES = 16_384
"""Bytes at the end of a photo that are hashed: they are picture data, which a written rating does not change."""


class _Seen(msgspec.Struct, frozen=True):
    """How a noted photo is recognised."""

    size: int
    """Size and time are compared first, since they need no reading."""
    mtime_ns: int
    tail: str
    """Hash of its last bytes; empty if it could not be read."""


class _Note(msgspec.Struct):
    photos: dict[Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2})+$")], _Seen] = {}
    """Photos by :func:`_key`."""
    home: tuple[int, int] | None = None
    """Size and time of the folder's own metadata file, if all its records are in this copy."""


def journal_of(place: Path) -> Path:
    """The journal beside a metadata file."""
    return place / f"{METADATA_NAME}.journal"


def columns_home() -> Path:
    """The folder in the user's cache that holds columns, which are derived from metadata files."""
    return cache_folder() / "columns"


def columns_file(folder: Path, engine: str) -> Path:
    """Where the columns of a folder lie, if there are any."""
    return columns_home() / f"{_digest(folder)}-{engine}.columns"


def count_file(folder: Path, engine: str) -> Path:
    """Where the last count of the people of a folder lies, if there is one."""
    return columns_home() / f"{_digest(folder)}-{engine}.count"


def derived_of(folder: Path, names: str, name_of: Callable[[Path], str | None]) -> list[Path]:
    """The files in :func:`columns_home` that belong to a folder or to one below it, and those whose folder is unknown.

    ``names`` is a pattern of file names; ``name_of`` reads the path of its folder from a file, as hexadecimal bytes.
    """
    root = Path(os.path.realpath(folder))
    found = []
    for path in sorted(columns_home().glob(names)):
        name = name_of(path)
        source = None if name is None else Path(os.fsdecode(bytes.fromhex(name)))
        if source is None or source == root or root in source.parents:
            found.append(path)
    return found


def has_columns(folder: Path) -> bool:
    """Whether there are columns of a folder, of any engine; they may be out of date."""
    return any(columns_home().glob(f"{_digest(folder)}-*.columns"))


def is_readable(place: Path) -> bool:
    """False if the metadata there is another user's, or the folder may not be entered."""
    path = place / METADATA_NAME
    try:
        return os.access(path, os.R_OK) or not path.exists()
    except PermissionError:
        return False


def cache_place(folder: Path) -> Path:
    """The place in the user's cache for a folder that is not writable; it may not exist yet."""
    copies = copies_of(folder)
    return (
        copies[0] if copies else next(place for place in _numbered(folder) if not place.joinpath(FOLDER_NAME).exists())
    )


def make_cache_place(folder: Path) -> Path:
    """Create the place of a folder in the cache, bound to the photos that are in the folder now."""
    place = cache_place(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (place / PHOTOS_NAME).exists():
        bind(place, folder)
    if not (place / FOLDER_NAME).exists():
        files.replace(place / FOLDER_NAME, [os.fsencode(os.path.realpath(folder))])
    return place


def cache_places() -> dict[Path, Path]:
    """Every place in the user's cache -> its photo folder."""
    root = _root()
    notes = (*root.glob(f"*/{FOLDER_NAME}"), *root.glob(f"*/*/{FOLDER_NAME}"))
    return {note.parent: Path(os.fsdecode(files.read(note))) for note in notes}


def copies_of(folder: Path) -> list[Path]:
    """The places in the user's cache that belong to the photos in a folder; the best match first."""
    places = [place for place in _numbered(folder, only_made=True) if (place / FOLDER_NAME).exists()]
    shares = {place: _share_there(place, folder) for place in places}
    # None = no photo was noted, so only the path can decide.
    fitting = [place for place in places if (share := shares[place]) is None or share > 0.5]
    return sorted(fitting, key=lambda place: -(shares[place] or 0.0))


def is_shown_empty(folder: Path) -> bool:
    """Whether a folder looks empty: its card may not be mounted, so nothing is moved into it."""
    try:
        with os.scandir(folder) as entries:
            return all(entry.name.startswith(".") for entry in entries)
    except OSError:
        return True


def bind(place: Path, folder: Path, names: Collection[str] = (), home: tuple[int, int] | None = None) -> None:
    """Note some of the photos in a folder and below it; ``names`` are files known to be photos.

    Only files with the suffixes of known photos are noted, since other files may be the same on every card.
    ``home`` is the stamp of the folder's own metadata file, if all its records are in this place too.
    """
    before = _note_of(place)
    suffixes = {Path(name).suffix.lower() for name in names or _photos_of(before)}
    found = islice(_files_below(folder), _LISTED_FILES)
    listed = [name for name in found if not suffixes or Path(name).suffix.lower() in suffixes] or list(names)
    looks = {_key(name): look for name in _spread(listed) if (look := _look(folder / name)) is not None}
    note = _Note(looks or before.photos, home or before.home)
    files.replace(place / PHOTOS_NAME, [msgspec.json.encode(note)])


def holds_home(place: Path, folder: Path) -> bool:
    """Whether a copy holds all records of the folder's own file, so that the file need not be read."""
    home = _note_of(place).home if (place / METADATA_NAME).exists() else None
    return home is not None and home == stamp_of(folder / METADATA_NAME) and not journal_of(folder).exists()


def remove_if_unused(place: Path) -> None:
    """Remove a place that holds nothing but its notes."""
    with contextlib.suppress(OSError):  # another run may start or end there right now
        if {path.name for path in place.iterdir() if not _is_place_of_other_card(path)} <= {*NOTES}:
            for name in NOTES:
                (place / name).unlink(missing_ok=True)
            place.rmdir()
            place.parent.rmdir()


def stamp_of(path: Path) -> tuple[int, int] | None:
    """Size and time of a regular file; None if there is none."""
    try:
        found = path.lstat()
    except (OSError, ValueError):  # ValueError: a name with a zero byte
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _numbered(folder: Path, *, only_made: bool = False) -> Iterator[Path]:
    """The places that a folder may have: one per card that was mounted there."""
    first = _root() / _digest(folder)
    if not only_made:
        yield first
        yield from (first / str(number) for number in count(2))
    elif first.exists():
        with os.scandir(first) as entries:
            others = sorted(int(entry.name) for entry in entries if entry.name.isdecimal())
        yield from (first, *(first / str(number) for number in others))


def _digest(folder: Path) -> str:
    return blake2b(os.fsencode(os.path.realpath(folder)), digest_size=16).hexdigest()


def _is_place_of_other_card(path: Path) -> bool:
    return path.name.isdecimal() and path.is_dir()


def _note_of(place: Path) -> _Note:
    try:
        return msgspec.json.decode(files.read(place / PHOTOS_NAME), type=_Note)
    except (OSError, FileRefused, msgspec.DecodeError):  # none yet or damaged: the records are compared instead
        return _Note()


def _photos_of(note: _Note) -> dict[str, _Seen]:
    return {os.fsdecode(bytes.fromhex(key)): seen for key, seen in note.photos.items()}


def _share_there(place: Path, folder: Path) -> float | None:
    """The share of the noted photos that are in the folder; None if none was noted."""
    photos = _photos_of(_note_of(place))
    if not photos and not is_shown_empty(folder):
        photos = _photos_in_facts(place)  # written by a version that noted nothing
    if not photos:
        return None
    return sum(_is_there(folder / name, seen) for name, seen in photos.items()) / len(photos)


def _photos_in_facts(place: Path) -> dict[str, _Seen]:
    try:
        records = read_records(files.read(place / METADATA_NAME))
    except (OSError, MetadataError, Damaged):  # reading the records for use reports the error
        return {}
    stamps = {name: records[name].stamp for name in _spread(list(records))}
    return {name: _Seen(stamp.size, stamp.mtime_ns, "") for name, stamp in stamps.items()}


def _spread(names: Sequence[str]) -> Sequence[str]:
    return names[:: max(1, len(names) // _NOTED_PHOTOS)][:_NOTED_PHOTOS]


def _key(name: str) -> str:
    """The key of a path below the folder: the hex digits of its bytes, which need not be valid text."""
    return os.fsencode(name).hex()


def _is_there(path: Path, seen: _Seen) -> bool:
    if stamp_of(path) == (seen.size, seen.mtime_ns):
        return True
    return bool(seen.tail) and _tail(path) == seen.tail


def _look(path: Path) -> _Seen | None:
    stamp = stamp_of(path)
    return None if stamp is None else _Seen(*stamp, _tail(path))


def _tail(path: Path) -> str:
    try:
        with files.open_read(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            return blake2b(file.read(), digest_size=16).hexdigest()
    except (OSError, ValueError, FileRefused):
        return ""


def _files_below(folder: Path) -> Iterator[str]:
    """Relative paths of the files below a folder, sorted, without hidden ones."""
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.relpath(Path(above, name), folder) for name in sorted(names) if name[0] != ".")


def _root() -> Path:
    return cache_folder() / "folders"
