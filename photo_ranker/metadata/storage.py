"""Reads and writes the records of a folder, wherever they are, and the journal of those that are not yet saved.

Usually all are in the folder. If it was not writable for a while, some are in the user's cache; then both are merged.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from photo_ranker.core import files
from photo_ranker.errors import FileRefused, MetadataError, NewerSchema, NotSaved
from photo_ranker.metadata.document import (
    SCHEMA,
    Damaged,
    check_details,
    check_schema,
    decode_record,
    encode_record,
    from_key,
    join_document,
    read_document,
    split_document,
    to_key,
    with_unknown_of,
)
from photo_ranker.metadata.places import (
    METADATA_NAME,
    copies_of,
    has_columns,
    holds_home,
    is_readable,
    is_shown_empty,
    journal_of,
    stamp_of,
)
from photo_ranker.records import PhotoRecord

__all__ = [
    "EMPTY",
    "Copy",
    "Journal",
    "fact_copies",
    "facts_place",
    "is_full",
    "is_unfinished",
    "load",
    "load_texts",
    "merge_copies",
    "not_saved",
    "read_ahead",
    "read_copy",
    "read_lines",
    "read_text",
    "write_file",
    "write_text",
]

EMPTY = join_document({}, {})
"""The text of a file without photos."""

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of a full disk: no space, file too large, quota used up."""


def load(folder: Path) -> dict[str, PhotoRecord]:
    """File name -> record as last stored; a damaged file counts as empty. Takes no lock and changes nothing."""
    return _load(folder, with_texts=False).records


def load_texts(folder: Path) -> dict[str, msgspec.Raw]:
    """File name -> text of its record, as :func:`load` would read it."""
    return _load(folder, with_texts=True).texts


def _load(folder: Path, *, with_texts: bool) -> Copy:
    damaged: list[Path] = []
    places = _sources(folder)
    copies = [read_copy(place, with_texts=with_texts, on_damage=damaged.append) for place in places]
    # The copy that stood for the folder's file is damaged, so the file itself is read after all.
    if damaged and folder not in places and is_readable(folder):
        copies.append(read_copy(folder, with_texts=with_texts))
    return merge_copies(copies, folder)


def fact_copies(folder: Path) -> list[Path]:
    """The places in the user's cache that hold records of the photos in a folder."""
    return [place for place in copies_of(folder) if (place / METADATA_NAME).exists() or journal_of(place).exists()]


def facts_place(folder: Path) -> Path:
    """Where the records of a folder were written last: in the user's cache if it has any, else in the folder."""
    return next(iter(fact_copies(folder)), folder)


def is_unfinished(folder: Path) -> bool:
    """Whether records wait to be moved into the folder's file: from a killed run's journal, or from the cache."""
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
    """Read what a place holds; if the file is damaged, only the journal. ``thorough`` also decodes details."""
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
    """The text of the metadata file; an empty document if there is no file."""
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
    """Start reading a folder's file in a thread; the next :func:`read_text` of it takes the result.

    Does nothing if the folder has columns: those are probably opened instead.
    """
    if has_columns(folder):
        return
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
        with contextlib.suppress(OSError, FileRefused):  # read_text tries again and reports the error
            self._text = files.read(self._path)

    def text(self) -> bytes | None:
        """Wait for the thread; the text, or None if it could not be read."""
        self.join()
        return self._text


_ahead: dict[Path, _Ahead] = {}
"""Files that :func:`read_ahead` is reading."""


def write_text(place: Path, pieces: Iterable[bytes]) -> None:
    """Replace the metadata file of a place."""
    _replace(place / METADATA_NAME, pieces)


def write_file(path: Path, text: bytes) -> None:
    """Replace a file; readers see the old text or the new one. Mode 0600."""
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
    """The error for the user when writing has failed."""
    if is_full(error):
        return NotSaved(
            f"no room to write {path}: {error.strerror}",
            "the old file is intact; free some space and run again",
        )
    return NotSaved(f"{path} cannot be written: {error.strerror or error}", "the old file is intact")


# Merges the records of one folder that lie in several places: in the folder and in the user's cache.
#
# Of two records of one photo the one that matches the photo's file wins, then the one from the file with the higher
# revision. The time of a metadata file never decides: a copy, a touch or a wrong clock can change it.


class Copy(msgspec.Struct):
    """What one place holds, its journal included."""

    revision: int = 0
    """How many runs have changed the file."""
    records: dict[str, PhotoRecord] = msgspec.field(default_factory=dict)
    """File name -> record."""
    texts: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)
    """The text of each record; empty if only records were requested."""
    beside: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)
    """The file's values besides the photos; empty if only records were requested."""


def merge_copies(copies: Sequence[Copy], folder: Path) -> Copy:
    """The records of several copies, one per photo: the one that matches its file, else that of the higher revision.

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


# Records measured since the last save, one line each: a killed run loses none, and adding one is cheap.
#
# The metadata file is always written as a whole, which takes longer with more photos. So it is written every few
# seconds, and records in between go here. Readers read the journal too; its records win. The next save empties it.


class _Line(msgspec.Struct):
    schema: int
    name: str
    """The key of the photo, see :mod:`photo_ranker.metadata.document`."""
    record: msgspec.Raw
    """Its record; raw, since it may contain unknown keys."""


_LINE = msgspec.json.Decoder(_Line)


class Journal:
    """An open journal, used under the folder's lock. The first line creates the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        with suppress(OSError):  # usually there is no file; the first add() reports any other error
            files.open_in_place(path, make=False).close()  # refuse a link or a folder before work begins

    def add(self, name: str, text: msgspec.Raw) -> None:
        """Append one record; once this returns, a kill of this process does not lose it."""
        if self._file is None:
            self._file = files.append(self._path)
        line = b"%b\n" % msgspec.json.encode(_Line(SCHEMA, to_key(name), text))
        written = self._file.write(line)
        if written != len(line):  # a full disk may take only a part; the second write raises the error
            self._file.write(line[written:])

    def clear(self) -> None:
        """Forget all lines: they are in the saved file."""
        if self._file:
            self._file.truncate(0)

    def close(self) -> None:
        """Remove the file."""
        if self._file:
            self._file.close()
            self._file = None
        self._path.unlink(missing_ok=True)


def read_journal(path: Path) -> dict[str, PhotoRecord]:
    """File name -> record, of all complete lines."""
    return {name: decode_record(text) for name, text in read_lines(path).items()}


def read_lines(path: Path) -> dict[str, msgspec.Raw]:
    """File name -> text of its record; a line that was cut when its process was killed is skipped."""
    try:
        data = files.read(path)
    except FileNotFoundError:
        return {}
    found = {}
    for line in data.splitlines():
        try:
            entry = _LINE.decode(line)
            check_schema(entry.schema)
            decode_record(entry.record)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        found[from_key(entry.name)] = entry.record
    return found
