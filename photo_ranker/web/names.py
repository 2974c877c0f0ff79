"""Names that clients give to files and folders: taken as they are where that is safe, refused where it is not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path, PurePosixPath

from photo_ranker.core.file_names import is_legal_name
from photo_ranker.web.problems import NotAllowed, NotHere

__all__ = ["named_folder", "safe_name"]

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
        folder = Path(text).expanduser()
        there = folder.parent if may_be_new else folder
        with suppress(FileNotFoundError):
            folder.lstat()  # raises where the system could not even make it
        if folder.is_absolute() and there.is_dir():
            return folder
    except (OSError, RuntimeError, ValueError):  # too long, no such user, no name at all
        there = Path(text)
    raise NotHere(f"there is no folder {there}"[:500], "give its whole path")


def _is_safe(part: str) -> bool:
    return (
        is_legal_name(part)
        and not part.startswith(".")
        and len(part.encode("utf-8", "surrogatepass")) <= LENGTH
        and part.isprintable()
    )
