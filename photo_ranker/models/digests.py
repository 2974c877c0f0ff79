"""Digests of large model files, kept, so that a question need not read 300 MB to know that its answer is at hand."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from photo_ranker.core.folders import cache_folder

__all__ = ["digest_of"]


def digest_of(path: Path) -> str:
    """The SHA-256 of a file as 64 hex digits; worked out anew when its size or its time has changed."""
    found = path.stat()
    return _digest(path.absolute(), found.st_size, found.st_mtime_ns)


@lru_cache
def _digest(path: Path, size: int, mtime_ns: int) -> str:
    kept = _read().get(str(path))
    if isinstance(kept, list) and kept[:2] == [size, mtime_ns] and len(kept) == 3:
        return str(kept[2])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # Where nothing can be kept, the file is read again the next time.
    with contextlib.suppress(OSError):
        others = {other: entry for other, entry in _read().items() if Path(other).exists()}
        _write({**others, str(path): [size, mtime_ns, digest]})
    return digest


def _place() -> Path:
    return cache_folder() / "digests.json"


def _read() -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads(_place().read_text("utf-8"))
        if isinstance(kept, dict):
            return kept
    return {}


def _write(kept: dict[str, Any]) -> None:
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".digests-", dir=place.parent) as folder:
        new = Path(folder, place.name)
        new.write_text(json.dumps(kept), "utf-8")
        new.replace(place)
