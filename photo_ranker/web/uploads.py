"""Photos and ZIPs from a browser: straight to disk, within limits, taken up again where they broke off.

While a file comes in it is called ``NAME.part``; a client asks how much of each file is there and sends the rest.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

from photo_ranker.images import PHOTO_SUFFIXES, RAW_SUFFIXES, VIDEO_SUFFIXES
from photo_ranker.web.names import safe_name
from photo_ranker.web.options import UploadLimits
from photo_ranker.web.problems import Conflict, NotAllowed, TooLarge

__all__ = ["TAKEN", "Inbox", "Offer", "Standing", "mark_unpacked", "was_unpacked"]

TAKEN = PHOTO_SUFFIXES | RAW_SUFFIXES | VIDEO_SUFFIXES | {".xmp"}
RESERVE_BYTES = 500_000_000
"""So much of the disk stays free: indexing needs room too."""


class Offer(msgspec.Struct, frozen=True):
    """A file that a client wants to send."""

    name: str
    size: int


class Standing(msgspec.Struct, frozen=True):
    """How much of an offered file is here."""

    name: str
    size: int
    have: int
    refused: str | None = None
    """Why it is not taken at all."""


class Inbox:
    """What comes into one session."""

    def __init__(self, photos: Path, archives: Path, limits: UploadLimits) -> None:
        self._photos, self._archives, self._limits = photos, archives, limits
        self._busy: set[Path] = set()
        self._held = _held(photos)

    def standing(self, offers: Iterable[Offer]) -> list[Standing]:
        """What is here of each file already; nothing of it is read."""
        return [self._standing(offer) for offer in offers]

    async def receive(self, offer: Offer, offset: int, pieces: AsyncIterator[bytes]) -> Path | None:
        """Write a part of a file; its path when it is complete, None while something is missing."""
        target = self._target(offer)
        self._check_room(offer)
        if target in self._busy:
            raise Conflict(f"{offer.name} is being sent already", "wait for it to end")
        self._busy.add(target)
        try:
            return await self._write(offer, target, offset, pieces)
        finally:
            self._busy.discard(target)

    async def _write(self, offer: Offer, target: Path, offset: int, pieces: AsyncIterator[bytes]) -> Path | None:
        part = target.with_name(target.name + ".part")
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _open(part) as file:
            there = os.fstat(file.fileno()).st_size
            if there != offset:
                raise Conflict(f"{offer.name} has {there} bytes here, not {offset}", "ask again what is missing")
            file.seek(offset)
            async for piece in pieces:
                there += len(piece)
                if there > offer.size:
                    file.truncate(0)
                    raise TooLarge(f"{offer.name} is longer than the {offer.size} bytes it was offered with")
                file.write(piece)
        if there < offer.size:
            return None
        part.replace(target)
        self._held = (self._held[0] + 1, self._held[1] + offer.size)
        return target

    def _standing(self, offer: Offer) -> Standing:
        try:
            target = self._target(offer)
        except (NotAllowed, TooLarge) as error:
            return Standing(offer.name, offer.size, 0, error.message)
        part = target.with_name(target.name + ".part")
        have = _size(target) or _unpacked_size(target)
        if have != offer.size:
            have = _size(part)
        return Standing(offer.name, offer.size, have if have <= offer.size else 0)

    def _target(self, offer: Offer) -> Path:
        name = safe_name(offer.name)
        suffix = name.suffix.lower()
        if suffix == ".zip":
            most, folder = self._limits.archive_bytes, self._archives
        elif suffix in TAKEN:
            most, folder = self._limits.file_bytes, self._photos
        else:
            raise NotAllowed(f"{offer.name} is neither a photo nor a ZIP", "drop photos, videos or ZIP files")
        if not 0 < offer.size <= most:
            raise TooLarge(f"{offer.name} has {offer.size} bytes, at most {most} are taken", "send smaller files")
        target = folder / name
        if folder.resolve() not in target.resolve().parents:
            raise NotAllowed(f"{offer.name} lies outside the session", "rename it and try again")
        return target

    def _check_room(self, offer: Offer) -> None:
        files, size = self._held
        if files >= self._limits.files:
            raise TooLarge(f"a session takes {self._limits.files} photos", "start another session")
        if size + offer.size > self._limits.session_bytes:
            raise TooLarge(f"a session takes {self._limits.session_bytes} bytes", "start another session")
        if shutil.disk_usage(self._photos).free - offer.size < RESERVE_BYTES:
            raise TooLarge("the disk is nearly full", "free some space and drop the files again")


def mark_unpacked(archive: Path) -> None:
    """Remove a ZIP whose photos are out, but know it when it is dropped again."""
    _note_of(archive).write_text(str(archive.stat().st_size), "ascii")
    archive.unlink()


def was_unpacked(archive: Path) -> bool:
    """Whether the ZIP is gone because its photos are out."""
    return _note_of(archive).exists() and not archive.exists()


def _note_of(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.unpacked")


def _unpacked_size(archive: Path) -> int:
    note = _note_of(archive)
    return int(note.read_text("ascii")) if note.is_file() else 0


def _held(folder: Path) -> tuple[int, int]:
    """How many files there are, and their bytes."""
    sizes = [_size(path) for path in folder.rglob("*")]
    return len(sizes), sum(sizes)


def _open(part: Path) -> BinaryIO:
    # Never through a link, and only for the user's eyes.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(part, flags, 0o600), "r+b")


def _size(path: Path) -> int:
    try:
        found = path.lstat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
