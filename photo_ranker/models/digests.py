"""Caches digests of large model files, so that checking a key does not read 300 MB."""

from __future__ import annotations

import contextlib
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from photo_ranker.core import files
from photo_ranker.core.folders import cache_folder
from photo_ranker.errors import FileRefused

__all__ = ["digest_of"]


def digest_of(path: Path) -> str:
    """The SHA-256 of a file as 64 hex digits; computed again if its size or time has changed."""
    found = path.stat()
    return _digest(path.absolute(), found.st_size, found.st_mtime_ns)


@lru_cache
def _digest(path: Path, size: int, mtime_ns: int) -> str:
    kept = _read().get(str(path))
    if isinstance(kept, list) and kept[:2] == [size, mtime_ns] and len(kept) == 3:
        return str(kept[2])
    with files.open_read(path, follow=True) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # Without a writable cache the file is read again next time.
    with contextlib.suppress(OSError, FileRefused):
        others = {other: entry for other, entry in _read().items() if Path(other).exists()}
        _write({**others, str(path): [size, mtime_ns, digest]})
    return digest


def _place() -> Path:
    return cache_folder() / "digests.json"


def _read() -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, FileRefused):
        kept = json.loads(files.read(_place()))
        if isinstance(kept, dict):
            return kept
    return {}


def _write(kept: dict[str, Any]) -> None:
    place = _place()
    files.tidy_cache(files.private_folder(place.parent))
    files.replace(place, [json.dumps(kept).encode()], sync="none")
