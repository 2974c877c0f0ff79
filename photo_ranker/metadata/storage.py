"""The facts of a folder on disk: read from wherever they lie, written whole or not at all.

Mostly they lie in the folder alone. Where it could not be written for a while they lie in the user's cache too, and
what is known is all of it together.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from photo_ranker.core import files
from photo_ranker.core.files import put_aside
from photo_ranker.errors import FileRefused, MetadataError, NewerSchema, NotSaved
from photo_ranker.metadata.document import (
    Damaged,
    check_details,
    join_document,
    read_document,
    split_document,
)
from photo_ranker.metadata.journal import read_journal, read_lines
from photo_ranker.metadata.merging import Copy, merge_copies
from photo_ranker.metadata.places import (
    METADATA_NAME,
    copies_of,
    holds_home,
    is_readable,
    is_shown_empty,
    journal_of,
)
from photo_ranker.records import PhotoRecord

__all__ = [
    "EMPTY",
    "fact_copies",
    "facts_place",
    "is_full",
    "is_unfinished",
    "load",
    "load_texts",
    "not_saved",
    "put_aside",
    "read_ahead",
    "read_copy",
    "read_text",
    "write_file",
    "write_text",
]

EMPTY = join_document({}, {})
"""The text of a file without photos."""

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def load(folder: Path) -> dict[str, PhotoRecord]:
    """File name -> record, as stored last; a damaged file counts as empty. Takes no lock, changes nothing."""
    return _load(folder, with_texts=False).records


def load_texts(folder: Path) -> dict[str, msgspec.Raw]:
    """File name -> text of its record, as :func:`load` would read it."""
    return _load(folder, with_texts=True).texts


def _load(folder: Path, *, with_texts: bool) -> Copy:
    damaged: list[Path] = []
    places = _sources(folder)
    copies = [read_copy(place, with_texts=with_texts, on_damage=damaged.append) for place in places]
    if damaged and folder not in places and is_readable(folder):
        copies.append(read_copy(folder, with_texts=with_texts))
    return merge_copies(copies, folder)


def fact_copies(folder: Path) -> list[Path]:
    """The places in the user's cache that hold facts of the photos in a folder."""
    return [place for place in copies_of(folder) if (place / METADATA_NAME).exists() or journal_of(place).exists()]


def facts_place(folder: Path) -> Path:
    """Where the facts of a folder were written last: in the user's cache if there are any, else in the folder."""
    return next(iter(fact_copies(folder)), folder)


def is_unfinished(folder: Path) -> bool:
    """Whether facts wait to be put into the folder's file: those of a killed run, or of the user's cache."""
    copies = fact_copies(folder)
    if not copies:
        return journal_of(folder).exists()
    may_write = os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    can_come_home = may_write and is_readable(folder) and not is_shown_empty(folder)
    return can_come_home or any(journal_of(copy).exists() for copy in copies)


def _sources(folder: Path) -> list[Path]:
    copies = fact_copies(folder)
    is_read = is_readable(folder) and not any(holds_home(copy, folder) for copy in copies)
    return [folder, *copies] if is_read else copies


def read_copy(
    place: Path, *, with_texts: bool = True, thorough: bool = False, on_damage: Callable[[Path], None] = lambda _: None
) -> Copy:
    """Read what a place holds; of a damaged file only its journal. ``thorough`` decodes what else stays text."""
    text, journal = read_text(place), journal_of(place)
    try:
        records, revision = read_document(text)
        if thorough:
            check_details(records)
    except NewerSchema as error:
        raise NewerSchema(f"{place / METADATA_NAME}: {error.message}", error.advice) from error
    except Damaged:
        on_damage(place)
        text, records, revision = EMPTY, {}, 0
    copy = Copy(revision, records | read_journal(journal))
    if with_texts:
        copy.beside, texts = split_document(text)
        copy.texts = texts | read_lines(journal)
    return copy


def read_text(place: Path) -> bytes:
    """The text of the file; that of an empty one if there is none."""
    path = place / METADATA_NAME
    if (ahead := _ahead.pop(path, None)) is not None and (text := ahead.text()) is not None:
        return text
    try:
        return files.read(path)
    except FileNotFoundError:
        return EMPTY
    except OSError as error:
        raise MetadataError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error


def read_ahead(folder: Path) -> None:
    """Begin to read the facts of a folder while the caller does something else; :func:`read_text` takes them."""
    for place in _sources(folder):
        path = place / METADATA_NAME
        _ahead[path] = _Ahead(path)


class _Ahead(threading.Thread):
    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._text: bytes | None = None
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, FileRefused):  # whoever wants the text tries again, and says what is wrong
            self._text = files.read(self._path)

    def text(self) -> bytes | None:
        """Wait for what is read."""
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
    try:
        files.replace(path, pieces)
    except OSError as error:
        raise not_saved(error, path) from error


def is_full(error: OSError) -> bool:
    """Whether writing failed because the disk is full."""
    return error.errno in _NO_ROOM


def not_saved(error: OSError, path: Path) -> NotSaved:
    """What to tell the user when writing has failed."""
    if is_full(error):
        return NotSaved(
            f"no room to write {path}: {error.strerror}",
            "the old file is intact; free some space and run again",
        )
    return NotSaved(f"{path} cannot be written: {error.strerror or error}", "the old file is intact")
