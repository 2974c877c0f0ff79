"""Names of files: publish, rename and link without replacing another file, and names that every system takes."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import time
import unicodedata
from pathlib import Path

__all__ = [
    "NO_ACCESS",
    "NO_LINKS",
    "edit_of",
    "folded",
    "hard_link",
    "is_edit",
    "is_legal_name",
    "legal_name",
    "publish",
    "put_aside",
    "rename",
    "symbolic_link",
    "sync_folder",
]


NO_LINKS = frozenset(
    [errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EINVAL]
)
"""Errors that mean "no hard links here": which one depends on the system and the file system."""

NO_ACCESS = frozenset([errno.EACCES, errno.EPERM, errno.EROFS])
"""Errors of missing permissions."""


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file a free name; ``FileExistsError`` if it is taken. A rename would replace what is there."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))  # no hard links: reserve the name
        temporary.replace(path)
    else:
        temporary.unlink()


def rename(path: Path, new: Path) -> None:
    """Give a file another name; a file that has it is replaced."""
    path.replace(new)


def hard_link(path: Path, source: Path) -> None:
    """Make ``path`` a second name of a file; ``FileExistsError`` if it is taken."""
    os.link(source, path)


def symbolic_link(path: Path, source: Path) -> None:
    """Make ``path`` a link to a file; ``FileExistsError`` if it is taken."""
    path.symlink_to(source)


def put_aside(path: Path) -> Path:
    """Rename a damaged file of ours to a free name beside it, and return that name."""
    aside = first = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    number = 1
    while os.path.lexists(aside):
        number += 1
        aside = first.with_name(f"{first.name}-{number}")
    path.rename(aside)
    return aside


def sync_folder(folder: Path) -> None:
    """Make new names in the folder survive a power cut, where the system can sync folders."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):  # some systems refuse; the files' contents are synced anyway
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
"""Characters that Windows refuses, and those that control a terminal."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Windows opens a device when a file has one of these names, whatever its suffix."""

LIMIT_BYTES = 150
"""Longest name that we make, in bytes: systems take 255, and callers add a number and a suffix."""


def folded(name: str) -> str:
    """The same text for names that a file system may treat as equal: other case, other composition of accents."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


_EDIT = re.compile(r"(.+)_\d{2,}(\.[^.]+)\.xmp", re.IGNORECASE)


def edit_of(sidecar: str) -> str | None:
    """The photo ``IMG_1.jpg`` whose further edit may be in ``IMG_1_01.jpg.xmp``: darktable names sidecars like this.

    None for other names. If there is a photo ``IMG_1_01.jpg``, the sidecar belongs to that one.
    """
    found = _EDIT.fullmatch(sidecar)
    return found and found[1] + found[2]


def is_edit(sidecar: str, photo: str) -> bool:
    """Whether a sidecar of the photo holds a further edit, which has stars and names of its own."""
    edited = edit_of(sidecar)
    return edited is not None and folded(Path(edited).stem) == folded(Path(photo).stem)


def is_legal_name(name: str) -> bool:
    """Whether every system accepts this as the name of a file."""
    return bool(name) and not (name.endswith((".", " ")) or _FORBIDDEN.search(name) or _DEVICES.match(name))


def legal_name(text: str) -> str:
    """A person's or an event's name as the name of a folder."""
    name = _FORBIDDEN.sub("_", os.fsencode(text).decode("utf-8", "replace")).strip(" .")
    # Cut by bytes, so the last character may be incomplete: "ignore" drops it.
    name = name.encode()[:LIMIT_BYTES].decode("utf-8", "ignore").rstrip(" .")
    return name if is_legal_name(name) else f"_{name}"
