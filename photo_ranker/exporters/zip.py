"""Streams a ZIP: it is built while it is sent, and never lies complete on disk or in memory."""

from __future__ import annotations

import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from photo_ranker.core.files import open_with_stat
from photo_ranker.errors import FileRefused

__all__ = ["zip_stream"]

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


def zip_stream(files: Iterable[tuple[str, Path]], progress: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """A ZIP of files under the given names, stored without compression, since photos do not shrink.

    A file that cannot be read is left out and listed in ``missing.txt`` at the end.
    ``progress`` receives the number of each finished file, counted from 1.
    """
    pipe = _Pipe()
    missing: list[str] = []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for number, (name, path) in enumerate(files, 1):
            try:
                source, found = open_with_stat(path)
            except FileRefused as error:
                missing.append(f"{name}: {error.reason}")
                continue
            except OSError as error:
                missing.append(f"{name}: {error.strerror}")
                continue
            with source:
                # Macs store letters and accents apart, which other systems show.
                entry = zipfile.ZipInfo(unicodedata.normalize("NFC", name), _when(found.st_mtime))
                entry.external_attr = 0o644 << 16
                entry.extra = _unicode_path(entry.filename)
                # The size must be announced before; ZIP64 allows a file to grow beyond 4 GB, and costs 20 bytes.
                with archive.open(entry, "w", force_zip64=True) as target:
                    while piece := source.read(PIECE):
                        target.write(piece)
                        yield pipe.take()
            progress(number)
            yield pipe.take()
        if missing:
            archive.writestr("missing.txt", "\n".join(missing) + "\n")
    yield pipe.take()


def _unicode_path(name: str) -> bytes:
    """The name as Info-ZIP's extra field 0x7075: some readers do not know the flag for UTF-8 that ``zipfile`` sets."""
    if name.isascii():
        return b""
    raw = name.encode("utf-8")
    return struct.pack("<HHBI", 0x7075, 5 + len(raw), 1, zlib.crc32(raw)) + raw


def _when(mtime: float) -> tuple[int, int, int, int, int, int]:
    year, month, day, hour, minute, second = time.localtime(mtime)[:6]
    return max(EARLIEST, min(LATEST, (year, month, day, hour, minute, second)))
