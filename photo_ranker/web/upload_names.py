"""Names of files and folders that clients send: safe ones are taken, and no file may take the place of another."""

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
"""Bytes of one name; systems take 255, and ours get a suffix while they are written."""


def safe_name(name: str) -> Path:
    """A relative path that stays below any folder it is put in and is a legal name on every system."""
    parts = PurePosixPath(name).parts
    if not parts or len(parts) > DEPTH or not all(map(_is_safe, parts)):
        raise NotAllowed(f"a file may not be called {name[:100]!r}", "rename it and try again")
    return Path(*parts)


def named_folder(text: str, *, may_be_new: bool = False) -> Path:
    """The folder of this machine that a user has named by its whole path; ``may_be_new``: or one that can be made."""
    try:
        folder = Path(text.strip().strip("\"'")).expanduser()
        there = folder.parent if may_be_new else folder
        with suppress(FileNotFoundError):
            folder.lstat()  # raises where the system could not even make it
        if folder.is_absolute() and there.is_dir():
            return folder
    except (OSError, RuntimeError, ValueError):  # too long, no such user, no name at all
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
"""Suffixes of what comes into a session."""

SAMPLE_BYTES = 16_384
"""Long enough for a camera's own facts, short enough for thousands of files; upload.js has the same figure."""

PIECE = 1 << 20

_File = TypeVar("_File")


def free_names(offered: Sequence[tuple[Path, _File]], is_same: Callable[[Path, _File], bool]) -> list[Path]:
    """Where each file goes that wants to go to a path: there, or to a numbered name where another file is there.

    What belongs to one photo gets one number: ``IMG_1_2.jpg`` with ``IMG_1_2.CR2`` and ``IMG_1_2.jpg.xmp``.
    Files that are equal have the same content; ``is_same`` says whether a file is at a path already.
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
    """Give a complete file its name, or the next one that is free; and whether it is new there."""
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
    """A check sum over the beginning, the middle and the end of a file: tells apart files of one name and size."""
    size, found = path.stat().st_size, 0
    with open_read(path) as file:
        for start in (0, size // 2, max(0, size - SAMPLE_BYTES)):
            file.seek(start)
            found = crc32(file.read(SAMPLE_BYTES), found)
    return f"{found:08x}"


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file: the same only where the content is."""
    with open_read(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _have_same_content(one: Path, other: Path) -> bool:
    """As :func:`filecmp.cmp`, which remembers by time and size, and here files come faster than clocks tick."""
    if one.stat().st_size != other.stat().st_size:
        return False
    return all(mine == theirs for mine, theirs in zip(_pieces(one), _pieces(other), strict=True))


def _pieces(path: Path) -> Iterator[bytes]:
    with BufferedReader(open_read(path)) as file:
        while piece := file.read(PIECE):
            yield piece


def _families(paths: Sequence[Path]) -> list[list[int]]:
    """The files of each photo, by their places in the list; the second of one name begins another photo."""
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
    """``IMG_1.jpg.xmp`` as ``IMG_1`` and the rest, which its photo and what belongs to it have each of their own."""
    rest = Path(name).suffix
    stem = name.removesuffix(rest)
    while (further := Path(stem).suffix).lower() in TAKEN:
        stem, rest = stem.removesuffix(further), further + rest
    return stem, rest


def _numbered(path: Path, number: int) -> Path:
    stem, rest = _split(path.name)
    return path if number == 1 else path.with_name(f"{stem}_{number}{rest}")
