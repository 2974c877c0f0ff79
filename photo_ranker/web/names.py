"""Names that a client gives to its files: kept as they are where that is safe, refused where it is not."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from photo_ranker.core.file_names import is_legal_name
from photo_ranker.web.problems import NotAllowed

__all__ = ["safe_name"]

DEPTH = 8
LENGTH = 200
"""Bytes of one name; systems take 255, and ours get a suffix while they are written."""


def safe_name(name: str) -> Path:
    """A relative path that stays below any folder it is put in and is a legal name on every system."""
    parts = PurePosixPath(name).parts
    if not parts or len(parts) > DEPTH or not all(map(_is_safe, parts)):
        raise NotAllowed(f"a file may not be called {name[:100]!r}", "rename it and try again")
    return Path(*parts)


def _is_safe(part: str) -> bool:
    return (
        is_legal_name(part)
        and not part.startswith(".")
        and len(part.encode("utf-8", "surrogatepass")) <= LENGTH
        and part.isprintable()
    )
