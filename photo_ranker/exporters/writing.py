"""Writes a result to a file, completely or not at all, and never over a photo."""

from __future__ import annotations

import os
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO, FileIO
from pathlib import Path
from typing import IO

from photo_ranker.core import files
from photo_ranker.core.files import open_with_stat
from photo_ranker.core.terminal import shown
from photo_ranker.errors import FileRefused, PhotoUnreadable, UserError
from photo_ranker.exporters import FILE_EXPORTERS

__all__ = ["OUR_SUFFIXES", "refuse_photo", "replace_file", "write", "zip_stream"]

OUR_SUFFIXES = frozenset({"", ".htm", *(exporter.suffix for exporter in FILE_EXPORTERS.values())})
"""Only files with these suffixes are ever replaced: ``--output photo.jpg`` is a mistake."""


def write(target: Path, pieces: Iterable[bytes], photos: Iterable[str] = (), *, private: bool = False) -> None:
    """Write the pieces to ``target``; ``photos`` are files that must not be overwritten.

    ``private`` says that it holds data about faces: a new file is then readable by the user only.
    """
    refuse_photo(target, photos)
    try:
        if target.exists() and not target.is_file():
            # A pipe or /dev/stdout, which cannot be replaced.
            with files.open_stream(target) as stream:
                stream.writelines(pieces)
        else:
            replace_file(target.resolve(), pieces, private=private)
    except OSError as error:
        raise UserError(
            f"cannot write {shown(str(target))}: {error.strerror or error}", "choose another place with --output"
        ) from error


def refuse_photo(target: Path, photos: Iterable[str]) -> None:
    """Refuse a target that is one of the photos, also through a link, or a file that cannot be ours."""
    if not target.is_file():
        return
    if target.resolve().suffix.lower() not in OUR_SUFFIXES:
        raise UserError(
            f"{shown(str(target))} exists and is no list of ours; it is left as it is",
            "choose another file name for --output, such as ranked.txt",
        )
    there = target.stat()
    for photo in photos:
        # A photo that is gone cannot be overwritten, so errors do not matter.
        with suppress(OSError):
            if os.path.samestat(there, os.stat(photo)):  # noqa: PTH116 - ten thousand Path objects are slow
                raise UserError(f"{shown(str(target))} is one of the photos", "choose another file name for --output")


def replace_file(target: Path, pieces: Iterable[bytes], *, private: bool = False) -> None:
    """Replace a file completely or not at all, keeping its mode; a new ``private`` file gets 0600."""
    files.remove_leftovers(target.parent)
    files.replace(target, pieces, mode=files.PRIVATE if private and not target.exists() else None)


# Streams a ZIP: it is built while it is sent, and never lies complete on disk or in memory.


PIECE = 1 << 18
"""Bytes read at once."""
EARLIEST, LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)
"""The range of times that a ZIP can store."""


class _Pipe:
    """A write-only file whose content is taken out again at once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Receive what ``zipfile`` writes."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""

    def take(self) -> bytes:
        """What was written since the last call."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def zip_stream(
    files: Iterable[tuple[str, Path | Callable[[], bytes]]], on_missing: Callable[[str, str], None] = lambda *_: None
) -> Iterator[bytes]:
    """A ZIP of files under the given names, stored without compression, since photos do not shrink.

    A function in place of a path makes the content when its turn comes. A file that cannot be read is left out and
    listed in ``missing.txt`` at the end; ``on_missing`` gets its name and the reason.
    """
    pipe = _Pipe()
    missing: list[tuple[str, str]] = []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, path in files:
            try:
                source, mtime = _open(path)
            except (FileRefused, PhotoUnreadable) as error:
                missing.append((name, error.reason))
                continue
            except OSError as error:
                missing.append((name, str(error.strerror)))
                continue
            with source:
                # Macs store letters and accents separately, and other systems show them so.
                entry = zipfile.ZipInfo(unicodedata.normalize("NFC", name), _when(mtime))
                entry.external_attr = 0o644 << 16
                entry.extra = _unicode_path(entry.filename)
                # The size must be announced in advance; ZIP64 lets a file grow beyond 4 GB and costs 20 bytes.
                with archive.open(entry, "w", force_zip64=True) as target:
                    while piece := source.read(PIECE):
                        target.write(piece)
                        yield pipe.take()
            yield pipe.take()
        if missing:
            archive.writestr("missing.txt", "".join(f"{name}: {reason}\n" for name, reason in missing))
    for name, reason in missing:
        on_missing(name, reason)
    yield pipe.take()


def _open(source: Path | Callable[[], bytes]) -> tuple[IO[bytes] | FileIO, float]:
    """A stream with the content, and the time of its last change."""
    if isinstance(source, Path):
        file, stat = open_with_stat(source)
        return file, stat.st_mtime
    return BytesIO(source()), time.time()


def _unicode_path(name: str) -> bytes:
    """The name as Info-ZIP's extra field 0x7075: some readers do not know the flag for UTF-8 that ``zipfile`` sets."""
    if name.isascii():
        return b""
    raw = name.encode("utf-8")
    return struct.pack("<HHBI", 0x7075, 5 + len(raw), 1, zlib.crc32(raw)) + raw


def _when(mtime: float) -> tuple[int, int, int, int, int, int]:
    year, month, day, hour, minute, second = time.localtime(mtime)[:6]
    return max(EARLIEST, min(LATEST, (year, month, day, hour, minute, second)))
