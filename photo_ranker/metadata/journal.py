"""Records measured since the last save, one line each: a killed run loses none, and adding one is cheap.

The metadata file is always written as a whole, which takes longer with more photos. So it is written every few
seconds, and records in between go here. Readers read the journal too; its records win. The next save empties it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from photo_ranker.core import files
from photo_ranker.metadata.document import SCHEMA, check_schema, decode_record, from_key, to_key
from photo_ranker.records import PhotoRecord

__all__ = ["Journal", "read_journal", "read_lines"]


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
        with suppress(OSError):  # usually there is no file; any other error is reported by the first line
            files.open_in_place(path, make=False).close()  # refuse a link or a folder before work begins

    def add(self, name: str, text: msgspec.Raw) -> None:
        """Append one record; once this returns, a kill of this process does not lose it."""
        if self._file is None:
            self._file = files.append(self._path)
        line = b"%b\n" % msgspec.json.encode(_Line(SCHEMA, to_key(name), text))
        written = self._file.write(line)
        if written != len(line):  # a full disk may take a part; the second write raises the reason
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
