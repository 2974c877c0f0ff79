"""Reads a file once and hashes its picture data, so that a rating or a name written into it changes no hash.

A second hash covers the rest of the file: where both are equal the files are identical.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from photo_ranker.core.files import open_with_stat
from photo_ranker.core.installation import out_of_memory
from photo_ranker.errors import FileRefused, PhotoOutOfReach, PhotoUnreadable
from photo_ranker.images.containers import PNG_MAGIC, PNG_PICTURE, WEBP_PICTURE, boxes, items, png_chunks, webp_chunks
from photo_ranker.images.exif import read_exif
from photo_ranker.images.layout import APP14, COM, exif_block, lay_out, tiff_picture

__all__ = ["REST_DIGITS", "Digests", "content_hash", "digests", "read_once"]


JPEG_METADATA = frozenset([*range(0xE0, 0xF0), COM]) - {APP14}
"""Markers of segments that do not change the picture: those of applications, and comments."""
HEX_DIGITS = 32
"""128 bits: no two of a billion photos collide by chance, and the metadata file stays small."""
REST_DIGITS = 16
"""64 bits are enough, since it is only compared between files with the same picture and the same size."""


Spans = list[tuple[int, int, bytes]]
"""The bytes that are hashed: start, end, and a label that is hashed before them."""


class Digests(NamedTuple):
    """The hashes of a file."""

    content: str
    """32 hex digits of the coded picture without its metadata; for formats that we cannot take apart, of all bytes."""
    rest: str
    """16 hex digits of all other bytes and their offsets; empty = not known."""


def content_hash(data: bytes) -> str:
    """The hash of the coded picture alone."""
    return _content(data, _spans(data))


def digests(data: bytes) -> Digests:
    """Both hashes of a file."""
    spans = _spans(data)
    return Digests(_content(data, spans), _rest(data, spans))


def _content(data: bytes, spans: Spans) -> str:
    # Processors since 2017 have instructions for SHA-256: 8 MB take 5 ms, where BLAKE2b takes 8.
    digest = hashlib.sha256(usedforsecurity=False)
    view = memoryview(data)
    for start, end, prefix in spans:
        digest.update(prefix)
        digest.update(view[start:end])
    return digest.hexdigest()[:HEX_DIGITS]


def _rest(data: bytes, spans: Spans) -> str:
    digest = hashlib.sha256(usedforsecurity=False)
    view, at = memoryview(data), 0
    for start, end, _ in [*sorted(spans), (len(data), len(data), b"")]:
        if start > at:
            digest.update(b"%d %d;" % (at, start))
            digest.update(view[at:start])
        at = max(at, end)
    return digest.hexdigest()[:REST_DIGITS]


def _spans(data: bytes) -> Spans:
    # A file with an unusual layout is identified by its whole content.
    with suppress(ValueError, KeyError, IndexError):
        if (reader := _reader(data)) and (spans := reader(data)):
            return spans
    return [(0, len(data), b"")]


def _reader(data: bytes) -> Callable[[bytes], Spans] | None:
    readers: tuple[tuple[bool, Callable[[bytes], Spans]], ...] = (
        (data[:3] == b"\xff\xd8\xff", _jpeg_spans),
        (data[:8] == PNG_MAGIC, _png_spans),
        (data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp_spans),
        (data[4:8] == b"ftyp", _heif_spans),
        (data[:4] in {b"II*\0", b"MM\0*"}, tiff_picture),
    )
    return next((reader for fits, reader in readers if fits), None)


def _jpeg_spans(data: bytes) -> Spans:
    layout = lay_out(data)
    if not layout.scans:
        return []
    # Two parts of the metadata change the picture: the orientation, and Adobe's APP14, which tells the colour space.
    turned = b"turned %d;" % read_exif(exif_block(data, layout)).orientation
    kept = [part for part in layout.segments if part.mark not in JPEG_METADATA]
    return [(0, 0, turned)] + [(part.start, part.end, b"") for part in kept]


def _png_spans(data: bytes) -> Spans:
    chunks = list(png_chunks(data))
    if not any(chunk.name == b"IDAT" for chunk in chunks):
        return []
    turned = 1
    for chunk in chunks:
        if chunk.name == b"eXIf":
            turned = read_exif(data[chunk.body : chunk.end - 4]).orientation
    kept = [chunk for chunk in chunks if chunk.name in PNG_PICTURE]
    return [(0, 0, b"turned %d;" % turned)] + [(chunk.start, chunk.end, b"") for chunk in kept]


def _webp_spans(data: bytes) -> Spans:
    chunks = list(webp_chunks(data))
    kept = [chunk for chunk in chunks if chunk.name in WEBP_PICTURE]
    exif = next((data[chunk.body : chunk.end] for chunk in chunks if chunk.name == b"EXIF"), b"")
    turned = b"turned %d;" % read_exif(exif).orientation
    return [(0, 0, turned)] + [(chunk.body, chunk.end, chunk.name) for chunk in kept] if kept else []


def _heif_spans(data: bytes) -> Spans:
    top = {name: (start, end) for name, start, end in boxes(data, 0, len(data))}
    if b"moov" in top:
        return []  # a film, or a sequence of pictures
    start, end = top[b"meta"]
    meta = {name: (begin, stop) for name, begin, stop in boxes(data, start + 4, end)}
    parts = items(data, meta)
    exif = next((data[slice(*part.spans[0])] for part in parts if part.kind == b"Exif" and part.spans), b"")
    # The item begins with the offset (4 bytes) from there to the EXIF block.
    turned = read_exif(exif[4 + int.from_bytes(exif[:4], "big") :]).orientation
    spans: Spans = [(0, 0, b"turned %d;" % turned)]
    # pitm says which picture is shown, iprp holds the properties of each: size, orientation, colours.
    spans += [(*meta[name], name) for name in (b"pitm", b"iprp") if name in meta]
    pictures = [
        (*span, b"%d %b" % (part.number, part.kind)) for part in parts if part.is_picture for span in part.spans
    ]
    if any(not begin < stop <= len(data) for begin, stop, _ in pictures):
        return []
    return spans + pictures if pictures else []


def read_once(path: Path, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """The content of a regular file, and its stat before it was read."""
    try:
        raw, before = open_with_stat(path)
        with io.BufferedReader(raw) as file:  # reads on where the system returns only a part
            _must_fit(before.st_size, max_bytes)
            data = file.read(before.st_size)  # no more, in case it is growing
    except FileRefused as error:
        raise PhotoUnreadable(error.reason) from error
    except OSError as error:
        raise PhotoOutOfReach(_in_words(error)) from error
    except ValueError as error:
        raise PhotoUnreadable("impossible file name") from error
    except MemoryError as error:
        raise out_of_memory() from error
    if not data:
        raise PhotoUnreadable("empty file")
    return data, before


def _must_fit(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise PhotoUnreadable(f"{size / 1e6:,.0f} MB: larger than max_file_bytes")


def _in_words(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    return f"cannot be read: {(error.strerror or type(error).__name__).lower()}"
