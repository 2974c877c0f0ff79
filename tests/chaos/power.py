"""What a power cut could take: names that a file got before its content was on the disk, read out of a run's calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from chaos.preload import Call

__all__ = ["unsafe"]

CHANGING = frozenset(["write", "pwrite", "pwritev", "writev", "sendfile", "copy_file_range", "ftruncate"])
NAMING = frozenset(["rename", "link"])

TEMPORARY = re.compile(r"\.tmp(/|$)|/tmp\w{8}$")
"""Nobody looks for a file under such a name."""

DERIVED = ("/cache/", "/data/web/jobs/")
"""What is made anew where it is lost, or only tells of what was done."""
DERIVED_NAMES = (".lock", ".journal", ".log")
"""A journal is for the end of a process; the metadata file that follows it is for that of the machine."""


def unsafe(calls: Iterable[Call]) -> list[str]:
    """The files that a power cut right after the run could leave without content, or without their name."""
    unsynced: set[str] = set()
    unnamed: dict[str, str] = {}
    found = []
    for call in calls:
        if call.name in CHANGING:
            unsynced.add(call.path)
        elif call.name in {"fsync", "fdatasync"}:
            unsynced.discard(call.path)
            unnamed = {path: folder for path, folder in unnamed.items() if folder != call.path}
        elif call.name in NAMING:
            unnamed[call.path] = str(PurePath(call.path).parent)
            # What lies in a folder goes along with it.
            carried = {path for path in unsynced if _is_below(path, call.origin)}
            named = {call.path + path.removeprefix(call.origin) for path in carried}
            if not TEMPORARY.search(call.path):
                found += [f"{path} got its name before its content was on the disk" for path in sorted(named)]
                named = set()
            unsynced = unsynced - carried | named
            unnamed = {path: folder for path, folder in unnamed.items() if not _is_below(path, call.origin)}
        elif call.name in {"unlink", "rmdir"}:
            unsynced.discard(call.path)
            unnamed.pop(call.path, None)
    found += [f"the content of {path} is not on the disk" for path in sorted(unsynced)]
    found += [f"the name of {path} is not on the disk" for path in sorted(unnamed)]
    return [text for text in found if not _is_derived(text)]


def _is_below(path: str, place: str) -> bool:
    return bool(place) and (path == place or path.startswith(f"{place}/"))


def _is_derived(text: str) -> bool:
    path = next(word for word in text.split(" ") if word.startswith("/"))
    return path.startswith(DERIVED) or path.endswith(DERIVED_NAMES)
