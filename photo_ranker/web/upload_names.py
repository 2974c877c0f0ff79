"""Names of files and folders that clients send: safe ones are accepted, and no file replaces another."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BufferedReader
from itertools import count
from pathlib import Path, PurePosixPath
from typing import TypeVar
from zlib import crc32

from photo_ranker.core import files
from photo_ranker.core.files import open_read
from photo_ranker.core.names import is_legal_name
from photo_ranker.images import PHOTO_SUFFIXES, RAW_SUFFIXES, VIDEO_SUFFIXES
from photo_ranker.web.problems import NotAllowed, NotHere

__all__ = ["TAKEN", "free_names", "named_folder", "safe_name", "sample_of", "settle", "sha256_of_file"]


DEPTH = 8
LENGTH = 200
"""Most bytes of one name; systems allow 255, and our files have a suffix while they are written."""


def safe_name(name: str) -> Path:
    """A relative path that stays below any folder it is put in and is a legal name on every system."""
    parts = PurePosixPath(name).parts
    if not parts or len(parts) > DEPTH or not all(map(_is_safe, parts)):
        raise NotAllowed(f"a file may not be called {name[:100]!r}", "rename it and try again")
    return Path(*parts)


def named_folder(text: str, *, may_be_new: bool = False) -> Path:
    """The folder of this machine whose full path a user has given; with ``may_be_new`` it need not exist yet."""
    try:
        folder = Path(text.strip().strip("\"'")).expanduser()
        there = folder.parent if may_be_new and folder.is_absolute() else folder
        with suppress(FileNotFoundError):
            folder.lstat()  # raises if the system could not even create it
        if folder.is_absolute() and there.is_dir():
            return folder
    except (OSError, RuntimeError, ValueError):  # too long, no such user, not a name
        there = Path(text)
    raise NotHere(f"there is no folder {there}"[:500], "give its whole path; ~ is your home folder")


def _is_safe(part: str) -> bool:
    return (
        is_legal_name(part)
        and not part.startswith(".")
        and len(part.encode("utf-8", "surrogatepass")) <= LENGTH
        and part.isprintable()
    )


TAKEN = PHOTO_SUFFIXES | RAW_SUFFIXES | VIDEO_SUFFIXES | {".xmp"}
"""Suffixes of the files that a session accepts."""

SAMPLE_BYTES = 16_384
"""Long enough for a camera's metadata, short enough for thousands of files; upload.js has the same figure."""

PIECE = 1 << 20

_File = TypeVar("_File")


def free_names(offered: Sequence[tuple[Path, _File]], is_same: Callable[[Path, _File], bool]) -> list[Path]:
    """Where each file goes: to its path, or to a numbered name if another file is there.

    What belongs to one photo gets the same number: ``IMG_1_2.jpg`` with ``IMG_1_2.CR2`` and ``IMG_1_2.jpg.xmp``.
    Files that compare equal have the same content; ``is_same`` says whether a file is at a path already.
    """
    names = [path for path, _ in offered]
    promised: dict[Path, _File] = {}

    def is_good(path: Path, file: _File) -> bool:
        if path in promised:
            return promised[path] == file
        return not os.path.lexists(path) or is_same(path, file)

    for family in _families(names):
        members = [offered[at] for at in family]
        number = next(n for n in count(1) if all(is_good(_numbered(path, n), file) for path, file in members))
        for at, (path, file) in zip(family, members, strict=True):
            names[at] = _numbered(path, number)
            promised[names[at]] = file
    return names


def settle(part: Path, wanted: Path) -> tuple[Path, bool]:
    """Give a complete file its name, or the next free one; returns the path, and whether the file is new there."""
    numbers = count(1)
    while True:
        path = _numbered(wanted, next(numbers))
        if path.is_file() and not path.is_symlink() and _have_same_content(part, path):
            part.unlink()
            return path, False
        with suppress(FileExistsError):
            files.put_new(part, path)
            return path, True


def sample_of(path: Path) -> str:
    """A check sum of the beginning, middle and end of a file: tells apart files of the same name and size."""
    size, crc = path.stat().st_size, 0
    with open_read(path) as file:
        for start in (0, size // 2, max(0, size - SAMPLE_BYTES)):
            file.seek(start)
            crc = crc32(file.read(SAMPLE_BYTES), crc)
    return f"{crc:08x}"


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file, which is the same only for the same content."""
    with open_read(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _have_same_content(one: Path, other: Path) -> bool:
    """Like :func:`filecmp.cmp` but without its cache by time and size: here files arrive faster than clocks tick."""
    if one.stat().st_size != other.stat().st_size:
        return False
    return all(mine == theirs for mine, theirs in zip(_pieces(one), _pieces(other), strict=True))


def _pieces(path: Path) -> Iterator[bytes]:
    with BufferedReader(open_read(path)) as file:
        while piece := file.read(PIECE):
            yield piece


def _families(paths: Sequence[Path]) -> list[list[int]]:
    """The files of each photo, by their indices in the list; a repeated name begins another photo."""
    families: list[list[int]] = []
    latest: dict[tuple[Path, str], tuple[list[int], set[Path]]] = {}
    for at, path in enumerate(paths):
        key = path.parent, _split(path.name)[0]
        if key not in latest or path in latest[key][1]:
            latest[key] = [], set()
            families.append(latest[key][0])
        latest[key][0].append(at)
        latest[key][1].add(path)
    return families


def _split(name: str) -> tuple[str, str]:
    """``IMG_1.jpg.xmp`` as ``IMG_1``, which a photo shares with what belongs to it, and the rest, which differs."""
    rest = Path(name).suffix
    stem = name.removesuffix(rest)
    while (further := Path(stem).suffix).lower() in TAKEN:
        stem, rest = stem.removesuffix(further), further + rest
    return stem, rest


def _numbered(path: Path, number: int) -> Path:
    stem, rest = _split(path.name)
    return path if number == 1 else path.with_name(f"{stem}_{number}{rest}")
