"""The metadata file on disk: read whole, written whole or not at all, set aside when damaged."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from photo_ranker.errors import MetadataError, NewerSchema, NotSaved
from photo_ranker.metadata import journal
from photo_ranker.metadata.document import Damaged, join, read_records, split
from photo_ranker.metadata.places import METADATA_NAME, journal_of, newest_place
from photo_ranker.records import PhotoRecord

__all__ = [
    "EMPTY",
    "is_full",
    "is_unfinished",
    "load",
    "load_texts",
    "not_saved",
    "put_aside",
    "read_ahead",
    "read_text",
    "remove_leftovers",
    "set_aside",
    "write_file",
    "write_text",
]

EMPTY = join({}, {})
"""The text of a file without photos."""

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def load(folder: Path) -> dict[str, PhotoRecord]:
    """File name -> record, as stored last; a damaged file counts as empty. Takes no lock, changes nothing."""
    place = newest_place(folder)
    try:
        records = read_records(read_text(place))
    except Damaged:
        records = {}
    except NewerSchema as error:
        raise NewerSchema(f"{place / METADATA_NAME}: {error.message}", error.advice) from error
    return records | journal.read_journal(journal_of(place))


def load_texts(folder: Path) -> dict[str, msgspec.Raw]:
    """File name -> text of its record, as :func:`load` would read it."""
    place = newest_place(folder)
    try:
        texts = split(read_text(place))[1]
    except msgspec.DecodeError:
        texts = {}
    return texts | journal.read_lines(journal_of(place))


def is_unfinished(folder: Path) -> bool:
    """Whether a run is at work there, or was killed: its journal is to be put into the file."""
    return journal_of(newest_place(folder)).exists()


def read_text(place: Path) -> bytes:
    """The text of the file; that of an empty one if there is none."""
    path = place / METADATA_NAME
    if (ahead := _ahead.pop(path, None)) is not None and (text := ahead.text()) is not None:
        return text
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return EMPTY
    except OSError as error:
        raise MetadataError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error


def read_ahead(folder: Path) -> None:
    """Begin to read the file of a folder while the caller does something else; the next :func:`read_text` takes it."""
    path = newest_place(folder) / METADATA_NAME
    _ahead[path] = _Ahead(path)


class _Ahead(threading.Thread):
    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._text: bytes | None = None
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError):  # whoever wants the text tries again, and says what is wrong
            self._text = self._path.read_bytes()

    def text(self) -> bytes | None:
        """What was read, once it is there."""
        self.join()
        return self._text


_ahead: dict[Path, _Ahead] = {}


def write_text(place: Path, pieces: Iterable[bytes]) -> None:
    """Replace the metadata file of a place."""
    _replace(place / METADATA_NAME, pieces)


def write_file(path: Path, text: bytes) -> None:
    """Replace a file: its readers see the old text or the new one, never a part; mode 0600."""
    _replace(path, [text])


def _replace(path: Path, pieces: Iterable[bytes]) -> None:
    import tempfile  # takes its time to load, and a warm question writes nothing

    handle, temporary = -1, ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise not_saved(error, path) from error


def is_full(error: OSError) -> bool:
    """Whether writing failed for want of room."""
    return error.errno in _NO_ROOM


def not_saved(error: OSError, path: Path) -> NotSaved:
    """What to tell the user when writing has failed."""
    if is_full(error):
        return NotSaved(
            f"no room to write {path}: {error.strerror}",
            "the old file is intact; free some space and run again",
        )
    return NotSaved(f"{path} cannot be written: {error.strerror or error}", "the old file is intact")


def set_aside(place: Path, say: Callable[[str], None]) -> None:
    """Move a damaged metadata file out of the way; its photos will be measured again."""
    path = place / METADATA_NAME
    aside = put_aside(path)
    say(f"note: {path} was damaged; it is kept as {aside.name} and built anew")


def put_aside(path: Path) -> Path:
    """Rename a damaged file, and give its new name; nothing that is there is replaced."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{number}")
    path.rename(aside)
    return aside


def remove_leftovers(place: Path) -> None:
    """Temporary files of runs that were killed; to be called under the lock."""
    for path in place.glob(f"{METADATA_NAME}.*.tmp"):
        path.unlink(missing_ok=True)


def _sync_folder(place: Path) -> None:
    """Make the new name last through a power cut, where folders can be opened at all."""
    if sys.platform == "win32":
        return
    handle = os.open(place, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network folders refuse; the file itself is safe
            os.fsync(handle)
    finally:
        os.close(handle)
