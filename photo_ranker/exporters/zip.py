"""A ZIP as a stream: made while it is sent, never on disk and never in memory as a whole."""

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
EARLIEST, LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)
"""What a ZIP can say of a file's time."""


class _Pipe:
    """A file that is only written to; what was written is taken out again at once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take what the ZIP writes."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def zip_stream(files: Iterable[tuple[str, Path]], progress: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """A ZIP of files under the given names; photos do not shrink, so they are stored as they are.

    A file that cannot be read is left out and named in ``missing.txt`` at the end.
    ``progress`` is told the number of each file that is done.
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
                # A file may grow while it is read; the flag costs 20 bytes.
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
