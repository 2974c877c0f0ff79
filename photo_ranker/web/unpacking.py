"""Unpacks photos from an untrusted ZIP.

Every name is checked before anything is written. An entry with a problem (a link, encryption, damaged data, a size
beyond reason) is listed in the report, and the others are taken. Bytes are counted as they are unpacked, since a
header can say anything.
"""

from __future__ import annotations

import bz2
import copy
import errno
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader, BufferedWriter
from pathlib import Path, PurePosixPath

import msgspec

from photo_ranker.core import files
from photo_ranker.errors import UserError
from photo_ranker.web import UploadLimits
from photo_ranker.web.problems import NotAllowed, TooLarge
from photo_ranker.web.upload_names import TAKEN, free_names, safe_name, settle

__all__ = ["Unpacked", "unpack"]

PIECE = 1 << 20

SMALL_BYTES = 100_000
"""Entries count as packed into at least this many bytes, since a blank scan shrinks to nearly nothing."""

GROWS = "it would grow beyond reason when unpacked"


class Unpacked(msgspec.Struct):
    """What became of a ZIP."""

    photos: int = 0
    already_there: int = 0
    left_out: list[tuple[str, str]] = []
    """Name and reason."""


class _Damaged(Exception):
    """An entry cannot be unpacked; the text is for the report."""


def unpack(archive: Path, folder: Path, limits: UploadLimits, progress: Callable[[int, int], None]) -> Unpacked:
    """Write the photos of a ZIP into a folder; those already there are not written again, and none is replaced."""
    done = Unpacked()
    with _opened(archive) as opened:
        entries = [entry for entry in opened.infolist() if not entry.filename.endswith("/")]
        reasons = _reasons(entries, archive.stat().st_size, limits)
        _check_whole(entries, reasons, limits)
        taken = [entry for entry, reason in zip(entries, reasons, strict=True) if reason is None]
        targets = iter(free_names([(folder / safe_name(entry.filename), _content(entry)) for entry in taken], _fits))
        places = {(folder / safe_name(entry.filename)).parent for entry in taken}
        for place in places:
            files.remove_leftovers(place)
        for number, (entry, reason) in enumerate(zip(entries, reasons, strict=True), 1):
            why_not = _take(opened, entry, next(targets), done) if reason is None else reason
            if why_not:
                done.left_out.append((entry.filename[:200], why_not))
            progress(number, len(entries))
        for place in places:
            files.sync_folder(place)
    return done


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    with BufferedReader(files.open_read(archive)) as file:
        try:
            opened = zipfile.ZipFile(file)
        except Exception as error:
            raise UserError(f"the ZIP is damaged: {_damage_in(error)}", "make it again and drop it") from error
        with opened:
            yield opened


def _check_whole(entries: Sequence[zipfile.ZipInfo], reasons: Sequence[str | None], limits: UploadLimits) -> None:
    total = sum(entry.file_size for entry, reason in zip(entries, reasons, strict=True) if reason is None)
    if len(entries) > limits.files or total > limits.session_bytes:
        raise TooLarge(f"the ZIP holds {len(entries)} files with {total} bytes, too much", "make several smaller ones")
    for entry in entries:
        # One bad name, and nothing is written: such a ZIP was made to do harm.
        if ".." in PurePosixPath(entry.filename.replace("\\", "/")).parts or entry.filename.startswith(("/", "\\")):
            raise NotAllowed(f"the ZIP holds a file that leads out of it: {entry.filename[:100]!r}", "pack it again")


def _reasons(entries: Sequence[zipfile.ZipInfo], packed: int, limits: UploadLimits) -> list[str | None]:
    """Why each entry is left out; empty = not worth reporting; None = it is taken."""
    found: list[str | None] = []
    room = limits.unpacked_ratio * max(packed, 1_000_000)
    for entry in entries:
        reason = _why_not(entry)
        if reason is None:
            most = limits.unpacked_ratio * max(min(entry.compress_size, packed), SMALL_BYTES)
            if entry.file_size > min(most, room):
                reason = GROWS
            else:
                room -= entry.file_size
        found.append(reason)
    return found


def _why_not(entry: zipfile.ZipInfo) -> str | None:
    name = PurePosixPath(entry.filename)
    if not name.parts:
        return "it has no name"
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "a link or a device"
    if entry.flag_bits & 1:
        return "encrypted"
    return _not_wanted(name)


def _not_wanted(name: PurePosixPath) -> str | None:
    if name.parts[0] == "__MACOSX" or name.name.startswith("."):
        return ""
    if name.suffix.lower() not in TAKEN:
        return "not a photo"
    try:
        safe_name(str(name))
    except NotAllowed as error:
        return error.message
    return None


def _take(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, done: Unpacked) -> str | None:
    """Unpack an entry, or return why it cannot be unpacked."""
    try:
        is_new = not _is_there(opened, entry, target) and _write(opened, entry, target)
    except _Damaged as damage:
        return str(damage)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return "a file and a folder of one name"
    if is_new:
        done.photos += 1
    else:
        done.already_there += 1
    return None


def _is_there(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> bool:
    """Whether the target has exactly this content: another photo may have the same check sum."""
    if not _fits(target, _content(entry)):
        return False
    with BufferedReader(files.open_read(target)) as file:
        return all(piece == file.read(len(piece)) for piece in _pieces(opened, entry)) and not file.read(1)


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> bool:
    """Unpack an entry; returns whether it is new."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = files.temporary_name(target.parent)
    try:
        with BufferedWriter(files.create(part)) as file:
            file.writelines(_pieces(opened, entry))
            file.flush()
            os.fsync(file.fileno())
        _, is_new = settle(part, target)
    finally:
        part.unlink(missing_ok=True)
    return is_new


def _content(entry: zipfile.ZipInfo) -> tuple[int, int]:
    """Size and check sum."""
    return entry.file_size, entry.CRC


def _fits(path: Path, content: tuple[int, int]) -> bool:
    """Whether a file has this size and check sum."""
    size, wanted = content
    if path.is_symlink() or not path.is_file() or path.stat().st_size != size:
        return False
    crc = 0
    with BufferedReader(files.open_read(path)) as file:
        while piece := file.read(PIECE):
            crc = zlib.crc32(piece, crc)
    return crc == wanted


def _pieces(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of an entry, up to the size that the ZIP states."""
    size = 0
    for piece in _unpacked(opened, entry):
        size += len(piece)
        if size > entry.file_size:
            raise _Damaged("it is larger than the ZIP says")
        yield piece


def _unpacked(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        if entry.compress_type == zipfile.ZIP_BZIP2:
            yield from _pieces_of_bz2(opened, entry)
        else:
            yield from _pieces_of_others(opened, entry)
    except Exception as error:
        raise _Damaged(f"it cannot be unpacked: {_damage_in(error)}") from error


def _pieces_of_others(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with opened.open(entry) as packed:
        while piece := packed.read(PIECE):
            yield piece


def _pieces_of_bz2(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """We unpack bz2 ourselves: :mod:`zipfile` turns 4 kB of hostile bz2 into gigabytes in memory."""
    as_it_is = copy.copy(entry)
    as_it_is.compress_type, as_it_is.file_size = zipfile.ZIP_STORED, entry.compress_size
    del as_it_is.CRC  # it is the check sum of the unpacked content
    crc, decoder = 0, bz2.BZ2Decompressor()
    with opened.open(as_it_is) as packed:
        while not decoder.eof:
            data = packed.read(PIECE) if decoder.needs_input else b""
            if decoder.needs_input and not data:
                raise EOFError("the data ends early")
            piece = decoder.decompress(data, PIECE)
            crc = zlib.crc32(piece, crc)
            yield piece
    if crc != entry.CRC:
        raise zipfile.BadZipFile("the check sum is wrong")


def _damage_in(error: Exception) -> str:
    """What is wrong with the data. :mod:`zipfile` and its decoders raise a dozen kinds of errors on damaged data.

    A failing disk is not damage to the ZIP: that error is raised again.
    """
    # Decoders raise OSError without a number, and seeking before the beginning of the file is an invalid argument.
    if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
        raise error
    return (str(error) or type(error).__name__)[:200]
