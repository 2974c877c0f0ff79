"""Photos out of a ZIP that nobody vouches for.

Every name is checked before anything is written; links, other file kinds and encrypted entries are left out;
bytes are counted as they are unpacked, for a header may say what it likes.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from photo_ranker.errors import UserError
from photo_ranker.web.arriving import TAKEN, free_names, settle
from photo_ranker.web.names import safe_name
from photo_ranker.web.options import UploadLimits
from photo_ranker.web.problems import NotAllowed, TooLarge

__all__ = ["Unpacked", "unpack"]

PIECE = 1 << 20


class Unpacked(msgspec.Struct):
    """What became of a ZIP."""

    photos: int = 0
    already_there: int = 0
    left_out: list[tuple[str, str]] = []
    """Name and reason."""


def unpack(archive: Path, folder: Path, limits: UploadLimits, progress: Callable[[int, int], None]) -> Unpacked:
    """Write the photos of a ZIP into a folder; those that are there are not written again, and none is replaced."""
    done = Unpacked()
    try:
        with zipfile.ZipFile(archive) as opened:
            _check_whole(opened, archive, limits)
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            reasons = list(map(_why_not, entries))
            taken = [entry for entry, reason in zip(entries, reasons, strict=True) if reason is None]
            targets = iter(
                free_names([(folder / safe_name(entry.filename), _content(entry)) for entry in taken], _is_same)
            )
            for number, (entry, reason) in enumerate(zip(entries, reasons, strict=True), 1):
                why_not = _one(opened, entry, next(targets), done) if reason is None else reason
                if why_not:
                    done.left_out.append((entry.filename[:200], why_not))
                progress(number, len(entries))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise UserError(f"the ZIP is damaged: {error}", "make it anew and drop it again") from error
    return done


def _check_whole(opened: zipfile.ZipFile, archive: Path, limits: UploadLimits) -> None:
    entries = opened.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > limits.files or total > limits.session_bytes:
        raise TooLarge(f"the ZIP holds {len(entries)} files with {total} bytes, too much", "make several smaller ones")
    if total > limits.unpacked_ratio * max(archive.stat().st_size, 1_000_000):
        raise TooLarge("the ZIP grows beyond measure when it is unpacked", "pack photos only")
    for entry in entries:
        # One bad name and nothing is written: such a ZIP was made to harm.
        if ".." in PurePosixPath(entry.filename.replace("\\", "/")).parts or entry.filename.startswith(("/", "\\")):
            raise NotAllowed(f"the ZIP holds a file that leads out of it: {entry.filename[:100]!r}", "pack it anew")


def _why_not(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry is left out; empty = of no interest to anybody; None = it is taken."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    name = PurePosixPath(entry.filename)
    if kind not in {0, stat.S_IFREG}:
        return "a link or a device"
    if entry.flag_bits & 1:
        return "encrypted"
    if name.parts[0] == "__MACOSX" or name.name.startswith("."):
        return ""
    if name.suffix.lower() not in TAKEN:
        return "not a photo"
    try:
        safe_name(entry.filename)
    except NotAllowed as error:
        return error.message
    return None


def _one(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, done: Unpacked) -> str | None:
    if _is_same(target, _content(entry)):
        done.already_there += 1
        return None
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = target.with_name(target.name + ".part")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file, opened.open(entry) as packed:
            _copy(packed, file, entry)
        _, is_new = settle(part, target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return "a file and a folder of one name"
    if is_new:
        done.photos += 1
    else:
        done.already_there += 1
    return None


def _content(entry: zipfile.ZipInfo) -> tuple[int, int]:
    """Size and check sum."""
    return entry.file_size, entry.CRC


def _is_same(path: Path, content: tuple[int, int]) -> bool:
    size, wanted = content
    if not path.is_file() or path.stat().st_size != size:
        return False
    found = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found = zlib.crc32(piece, found)
    return found == wanted


def _copy(packed: IO[bytes], file: IO[bytes], entry: zipfile.ZipInfo) -> None:
    written = 0
    while piece := packed.read(PIECE):
        written += len(piece)
        if written > entry.file_size:
            raise TooLarge(f"{entry.filename[:100]!r} is larger than the ZIP says", "make the ZIP anew")
        file.write(piece)
