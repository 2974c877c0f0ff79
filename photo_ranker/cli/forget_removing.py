"""Removing files for ``photo-ranker forget``, also those of a run that is at work meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.forget_kinds import Finding, is_facts
from photo_ranker.errors import NotSaved

if TYPE_CHECKING:
    from photo_ranker.cli.console import Say

__all__ = ["remove_files"]


def remove_files(doomed: Iterable[Finding], say: Say) -> list[Finding]:
    """Remove files; those that went. A run that is at work there is waited for, and what it wrote goes too."""
    by_folder: dict[Path, list[Finding]] = {}
    for finding in doomed:
        by_folder.setdefault(finding[1].parent, []).append(finding)
    gone = []
    for folder, findings in by_folder.items():
        try:
            gone += _remove_in(folder, findings, say)
        except OSError as error:
            raise NotSaved(f"{folder} cannot be cleaned: {error.strerror}", "check its permissions") from error
    _remove_empty_places(by_folder)
    return gone


def _remove_in(folder: Path, findings: list[Finding], say: Say) -> list[Finding]:
    from photo_ranker.core.files import remove_leftovers
    from photo_ranker.metadata import FolderLock
    from photo_ranker.metadata.lock import is_held, lock_of

    others = [(kind, path) for kind, path in findings if not is_facts(path)]
    if len(others) == len(findings):
        return _unlink(others)
    kind, lock = next(kind for kind, path in findings if is_facts(path)), lock_of(folder)
    left_behind = [(kind, lock)] if lock.exists() and not is_held(folder) else []
    # A run that is at work would write everything again; what it has written when it lets us in was not there before.
    with FolderLock(folder, say):
        remove_leftovers(folder)
        facts = [(kind, path) for path in sorted(folder.iterdir()) if is_facts(path) and path != lock]
        gone = _unlink([*facts, *others])
    return [*gone, *(finding for finding in left_behind if not lock.exists())]


def _unlink(findings: list[Finding]) -> list[Finding]:
    for _, path in findings:
        path.unlink(missing_ok=True)
    return findings


def _remove_empty_places(folders: Iterable[Path]) -> None:
    from photo_ranker.core.folders import app_home, cache_folder
    from photo_ranker.library.places import LIBRARY_NAME

    ours = (cache_folder(), app_home())
    for folder in sorted(folders, reverse=True):  # what is inside comes first
        place = folder
        while (
            place.is_dir()
            and (any(map(place.is_relative_to, ours)) or LIBRARY_NAME in place.parts)
            and not any(place.iterdir())
        ):
            place.rmdir()
            place = place.parent
