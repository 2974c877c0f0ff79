"""``photo-ranker models prune``: removes what one engine has measured from metadata files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import Say, write_json, write_line
from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.records import PhotoRecord

__all__ = ["PruneRequest", "run_prune"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRequest:
    """The engine whose measurements are removed, and the folders."""

    engine: str
    """Its name in records."""
    folders: tuple[str, ...]
    """Their metadata files are changed, photos are not."""
    recursive: bool
    """Take subfolders too."""
    dry_run: bool
    as_json: bool

    def __post_init__(self) -> None:
        """Refuse missing folders."""
        missing = next((folder for folder in self.folders if not Path(folder).is_dir()), None)
        if not self.folders or missing is not None:
            what = "no folder to prune" if missing is None else f"there is no folder {missing}"
            raise UserError(what, f"say it like: {command('models', 'prune', 'ENGINE', 'DIR')}")


def run_prune(request: PruneRequest, say: Say) -> int:
    """Remove an engine's measurements from folders; names and those of other engines stay."""
    engine, dry_run = request.engine, request.dry_run
    faces = photos = 0
    for folder in _folders(request.folders, recursive=request.recursive):
        found = _prune(folder, engine, say, dry_run=dry_run)
        faces, photos = faces + sum(found), photos + len(found)
    if not photos:
        _must_be_known(engine)
    if request.as_json:
        write_json({"schema": 1, "dry_run": dry_run, "engine": engine, "faces": faces, "photos": photos})
    else:
        done = "would be removed" if dry_run else "removed"
        write_line(f"{done}: what {engine} has measured in {counted(photos, 'photo')}, {counted(faces, 'face')}")
    return 0


def _must_be_known(engine: str) -> None:
    """Refuse an unknown engine: one that has measured nothing here may be mistyped."""
    from photo_ranker.models.engines import ENGINES
    from photo_ranker.models.insightface_engine import files_in, packs_folder

    # Locks and broken downloads lie there too: only a folder with models is an engine.
    known = {
        *ENGINES,
        *(folder.name for folder in packs_folder().glob("*") if files_in(folder) or files_in(folder / folder.name)),
    }
    if engine not in known:
        raise UserError(
            f"there is no engine '{engine}', and nothing in these folders is its work",
            f"known are {', '.join(sorted(known))}; --recursive takes subfolders too",
        )


def _folders(words: Sequence[str], *, recursive: bool) -> Iterator[Path]:
    for word in dict.fromkeys(words):
        if not recursive:
            yield Path(word)
            continue
        yield from (Path(folder) for folder, _, _ in os.walk(word))


def _prune(folder: Path, engine: str, say: Say, *, dry_run: bool) -> list[int]:
    """Remove the engine from one folder; returns the number of its faces per photo."""
    from photo_ranker.analysis.parts import without_engine
    from photo_ranker.metadata import Ledger, load

    if dry_run or not _pruned(load(folder), engine):
        return [len(record.faces_by(engine)) for record in _pruned(load(folder), engine).values()]
    with Ledger(folder, say) as ledger:
        doomed = _pruned(ledger.records, engine)
        for name, record in doomed.items():
            ledger.put(name, without_engine(record, engine))
    return [len(record.faces_by(engine)) for record in doomed.values()]


def _pruned(records: dict[str, PhotoRecord], engine: str) -> dict[str, PhotoRecord]:
    """The photos that the engine has measured."""
    from photo_ranker.analysis.parts import without_engine

    return {name: record for name, record in records.items() if without_engine(record, engine) != record}
