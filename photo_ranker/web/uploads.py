"""Photos and ZIPs from a browser: straight to disk, within limits, resumed where they broke off.

A client asks how much of each file is there and under which name to send it, and sends the rest. If something of the
same name, size and sample is there, the client must ask again with a digest of the whole file: two scans may differ
where no sample looks, and only equal contents are "already here". A file that is still arriving is called
``NAME.SIZE-SAMPLE.part``, so that the rest of one photo is never appended to the beginning of another.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import AsyncIterator, Collection, Iterable
from io import BufferedWriter
from pathlib import Path

import msgspec
from starlette.concurrency import run_in_threadpool

from photo_ranker.core import files
from photo_ranker.web import UploadLimits, storage
from photo_ranker.web.problems import Conflict, NotAllowed, TooLarge
from photo_ranker.web.upload_names import TAKEN, free_names, safe_name, sample_of, settle, sha256_of_file

__all__ = ["Inbox", "Offer", "Standing", "mark_unpacked", "was_unpacked"]

RESERVE_BYTES = 500_000_000
"""Space that stays free on the disk: indexing needs room too."""


class Offer(msgspec.Struct, frozen=True):
    """A file that a client wants to send."""

    name: str
    size: int
    sample: str = ""
    """What :func:`sample_of` returns for it; empty from clients that do not send it."""
    digest: str = ""
    """What :func:`sha256_of_file` returns for it; only needed if something like the file is here."""


class Standing(msgspec.Struct, frozen=True):
    """How much of an offered file is here."""

    name: str
    size: int
    have: int
    refused: str | None = None
    """Why it is not taken at all."""
    send_as: str = ""
    """Its name here: not the offered one if another file has that."""
    compare: bool = False
    """Something like it is here, in part or whole: only the digest, which was not sent, can tell if it is the same."""


class Inbox:
    """The uploads into one session."""

    def __init__(self, photos: Path, archives: Path, limits: UploadLimits) -> None:
        self._photos, self._archives, self._limits = photos, archives, limits
        self._expected = archives.parent / "expected.json"
        self._busy: set[Path] = set()
        self._unwanted: set[Path] = set()
        files.remove_leftovers(archives, in_cache=True)
        _remove_settled(*photos.rglob("*.part"))
        self._held = _held(photos)

    def waiting(self) -> list[Path]:
        """ZIPs that are complete and still to be unpacked."""
        return sorted(path for path in self._archives.rglob("*") if path.suffix.lower() == ".zip" and _size(path))

    def standing(self, offers: Iterable[Offer]) -> list[Standing]:
        """How much of each file is already here."""
        found = [self._checked(offer) for offer in offers]
        taken = [(target, offer) for offer, target in found if isinstance(target, Path)]
        digests: dict[Path, str] = {}
        names = iter(free_names(taken, lambda path, offer: _is_same(path, offer, digests)))
        return [
            Standing(offer.name, offer.size, 0, target)
            if isinstance(target, str)
            else _standing(offer, target, next(names), digests)
            for offer, target in found
        ]

    def expect(self, told: Iterable[Standing]) -> None:
        """Note which files a client is about to send, so that those missing from an interrupted upload can be named."""
        coming = {one.send_as: one.size for one in told if one.refused is None and one.have < one.size}
        if coming:
            known = storage.read_derived(self._expected, dict[str, int]) or {}
            missing = set(self.missing())
            storage.write_value(self._expected, {n: s for n, s in known.items() if n in missing} | coming)

    def missing(self) -> list[str]:
        """Names of files that were to be sent and have not arrived."""
        known = storage.read_derived(self._expected, dict[str, int]) or {}
        return sorted(name for name, size in known.items() if not self._has_arrived(Offer(name, size)))

    def forget(self, names: Collection[str] | None = None) -> None:
        """Stop waiting for files, by default for all, and remove the beginnings of those that are not complete."""
        known = storage.read_derived(self._expected, dict[str, int]) or {}
        gone = {name: size for name, size in known.items() if names is None or name in names}
        storage.write_value(self._expected, {name: size for name, size in known.items() if name not in gone})
        targets = {self._checked(Offer(name, size))[1] for name, size in gone.items()}
        for part in [*self._photos.rglob("*.part"), *self._archives.rglob("*.part")]:
            if part.with_name(part.name.removesuffix(".part").rpartition(".")[0]) in targets:
                self._remove_part(part)

    def _remove_part(self, part: Path) -> None:
        """Remove the beginning of a file, at once or when the request that still writes it has ended."""
        self._unwanted.add(part)
        if part not in self._busy:
            part.unlink(missing_ok=True)
            self._unwanted.discard(part)

    def _has_arrived(self, offer: Offer) -> bool:
        target = self._checked(offer)[1]
        return isinstance(target, str) or _is_same(target, offer, {})

    async def receive(self, offer: Offer, offset: int, pieces: AsyncIterator[bytes]) -> Path | None:
        """Write a part of a file; returns its path when it is complete, None while something is missing."""
        target = self._target(offer)
        self._check_room(offer)
        part = _part_of(target, offer)
        if part in self._busy:
            raise Conflict(f"{offer.name} is being sent already", "wait for it to end")
        self._busy.add(part)
        self._unwanted.discard(part)
        try:
            is_complete = await self._write(offer, part, offset, pieces)
            return await run_in_threadpool(self._settled, part, target, offer) if is_complete else None
        finally:
            self._busy.discard(part)
            if part in self._unwanted:
                self._remove_part(part)

    async def _write(self, offer: Offer, part: Path, offset: int, pieces: AsyncIterator[bytes]) -> bool:
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with BufferedWriter(files.open_in_place(part)) as file:
            there = _have(os.fstat(file.fileno()).st_size, offer)
            if there != offset:
                raise Conflict(f"{offer.name} has {there} bytes here, not {offset}", "ask again what is missing")
            file.seek(offset)
            file.truncate()
            async for piece in pieces:
                there += len(piece)
                if there > offer.size:
                    file.truncate(0)
                    raise TooLarge(f"{offer.name} is longer than the {offer.size} bytes it was offered with")
                file.write(piece)
        return there == offer.size

    def _settled(self, part: Path, target: Path, offer: Offer) -> Path:
        if offer.digest and sha256_of_file(part) != offer.digest:
            part.unlink()
            raise Conflict(f"what came of {offer.name} belongs to two files", "send it again from the beginning")
        with files.open_read(part) as file:
            os.fsync(file.fileno())
        path, is_new = settle(part, target)
        files.sync_folder(path.parent)
        if is_new:
            self._held = (self._held[0] + 1, self._held[1] + offer.size)
        return path

    def _checked(self, offer: Offer) -> tuple[Offer, Path | str]:
        """The offer with the path where it would go, or why it is not taken."""
        try:
            return offer, self._target(offer)
        except (NotAllowed, TooLarge) as error:
            return offer, error.message

    def _target(self, offer: Offer) -> Path:
        name = safe_name(offer.name)
        suffix = name.suffix.lower()
        if suffix == ".zip":
            most, folder = self._limits.archive_bytes, self._archives
        elif suffix in TAKEN:
            most, folder = self._limits.file_bytes, self._photos
        else:
            raise NotAllowed(f"{offer.name} is neither a photo nor a ZIP", "drop photos, videos or ZIP files")
        if not offer.size:
            raise NotAllowed(f"{offer.name} is empty", "look at the original: it holds nothing")
        if offer.size > most:
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


def _remove_settled(*parts: Path) -> None:
    """Remove parts that already have their final name too: a server was killed, or failed, before removing them."""
    for part in parts:
        if part.is_file() and part.lstat().st_nlink > 1:
            part.unlink()


def mark_unpacked(archive: Path) -> None:
    """Remove a ZIP whose photos are unpacked, but leave a note to recognise it if it is dropped again."""
    about = f"{archive.stat().st_size} {sample_of(archive)} {sha256_of_file(archive)}"
    files.replace(_note_of(archive), [about.encode("ascii")])
    archive.unlink()


def was_unpacked(archive: Path) -> bool:
    """Whether the ZIP is gone because its photos are unpacked."""
    return _note_of(archive).exists() and not archive.exists()


def _note_of(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.unpacked")


def _standing(offer: Offer, wanted: Path, target: Path, digests: dict[Path, str]) -> Standing:
    send_as = Path(offer.name).with_name(target.name).as_posix() if target != wanted else offer.name
    part = _part_of(target, offer)
    if _is_same(target, offer, digests):
        _remove_settled(part)
        have = offer.size if offer.digest else 0
        return Standing(offer.name, offer.size, have, send_as=send_as, compare=not offer.digest)
    have = _have(_size(part), offer)
    return Standing(offer.name, offer.size, have, send_as=send_as, compare=have > 0 and not offer.digest)


def _have(size: int, offer: Offer) -> int:
    """How many bytes of a part count: of a complete one all but the last, whose arrival gives the file its name."""
    return min(size, offer.size - 1) if size <= offer.size else 0


def _is_same(path: Path, offer: Offer, digests: dict[Path, str]) -> bool:
    """Whether an offered file is already here, or was and has been unpacked; without its digest: whether it may be."""
    if _size(path) == offer.size:
        if offer.sample and sample_of(path) != offer.sample:
            return False
        if offer.digest and path not in digests:
            digests[path] = sha256_of_file(path)
        return not offer.digest or digests[path] == offer.digest
    note = _note_of(path)
    if not note.is_file() or path.exists():
        return False
    size, *sums = files.read(note).decode("ascii").split()
    asked = {check_sum for check_sum in (offer.sample, offer.digest) if check_sum}
    return int(size) == offer.size and asked <= set(sums)


def _part_of(target: Path, offer: Offer) -> Path:
    sample = f"-{offer.sample}" if offer.sample else ""
    return target.with_name(f"{target.name}.{offer.size}{sample}.part")


def _held(folder: Path) -> tuple[int, int]:
    """The number of files in a folder, and their bytes."""
    sizes = [_size(path) for path in folder.rglob("*")]
    return len(sizes), sum(sizes)


def _size(path: Path) -> int:
    try:
        found = path.lstat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
