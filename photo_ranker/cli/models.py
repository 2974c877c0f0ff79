"""``photo-ranker models``: list, fetch or verify the model files, and remove what one engine has measured."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from photo_ranker.cli.console import (
    EXIT_OK,
    EXIT_USER,
    Say,
    say_to_stderr,
    tell_log,
    write_exact,
    write_json,
    write_line,
)
from photo_ranker.cli.options import add_common, add_engine_options
from photo_ranker.cli.requests import CommonRequest, workspace_of
from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError
from photo_ranker.records import DEFAULT_ENGINE, DUO, PhotoRecord

if TYPE_CHECKING:
    from photo_ranker.models.store import StoredFile

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker models fetch   # on a machine with a network; copy the folder that it names
  PHOTO_RANKER_MODELS=FOLDER photo-ranker models verify   # on a machine without one
  photo-ranker models fetch --engine buffalo_l --accept-license
  photo-ranker models prune buffalo_l ~/Pictures --recursive   # takes its facts out of the folders' files"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("what", choices=("list", "fetch", "verify", "prune"), help="list the files, fetch or verify them, or see below")
    add("words", nargs="*", metavar="WORD", help="of prune: the engine, then the folders")
    add("--recursive", action="store_true", help="of prune: take subfolders too")
    add("--dry-run", action="store_true", help="of prune: only say what would be removed")
    add("--samples", action="store_true", help="the photos for the demo and the tests too")
    add_engine_options(parser)
    add_common(parser)


class ModelsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with the model files."""

    what: Literal["list", "fetch", "verify"]
    """``verify`` fails if a file is missing or damaged; ``list`` does not."""
    samples: bool
    """Include the photos for the demo and the tests."""


def request_of(args: argparse.Namespace) -> ModelsRequest | PruneRequest:
    """The request that the options make; only ``prune`` takes further words."""
    if (args.what == "prune") != bool(args.words):
        raise UserError("prune, and only prune, takes an engine and folders", f"see {command('models', '--help')}")
    if args.what == "prune":
        engine, *folders = args.words
        return PruneRequest(
            engine=engine, folders=tuple(folders), recursive=args.recursive, dry_run=args.dry_run, as_json=args.json
        )
    return ModelsRequest(what=args.what, samples=args.samples)


def run(request: ModelsRequest | PruneRequest, common: CommonRequest) -> int:
    """Carry out the request and print the state of every file."""
    say = say_to_stderr(quiet=common.quiet)
    if isinstance(request, PruneRequest):
        return run_prune(request, say)
    if request.what == "fetch":
        _fetch(request, common, say)
    files = [_file_object(file, folder) for file, folder in _files(samples=request.samples)]
    if request.what == "verify":
        files += _prepared()
    packs = _packs()
    if common.as_json:
        import json

        write_exact(json.dumps({"files": files, "packs": packs}, indent=2))
    else:
        for file in files:
            write_line(f"{file['state']:<8} {file['bytes'] / 1e6:5.1f} MB  {file['path']}")
            write_line(f"{'':18} {file['purpose']} ({file['licence']})")
        for pack in packs:
            write_line(f"{'ready':<8} {pack['bytes'] / 1e6:5.1f} MB  {pack['path']}")
            write_line(f"{'':18} --engine {pack['name']} ({pack['licence']})")
    return EXIT_USER if request.what == "verify" and any(map(_fails_verification, files)) else EXIT_OK


def _fails_verification(file: dict[str, Any]) -> bool:
    return bool(file["state"] == "damaged" or (file["state"] == "missing" and not file["optional"]))


def _files(*, samples: bool) -> list[tuple[StoredFile, Path]]:
    from photo_ranker.models.store import MODELS, OPTIONAL, SAMPLES, models_folder, samples_folder

    files = [(file, models_folder()) for file in (MODELS | OPTIONAL).values()]
    return files + [(file, samples_folder()) for file in SAMPLES.values() if samples]


def _packs() -> list[dict[str, Any]]:
    """The installed packs of insightface."""
    from photo_ranker.models.insightface_engine import LICENCE, PACKS, files_in, packs_folder

    found = [(folder, files_in(folder)) for folder in sorted(packs_folder().glob("*"))]
    return [
        {
            "name": folder.name,
            "path": str(folder),
            "bytes": sum(path.stat().st_size for path in files),
            "licence": LICENCE if folder.name in PACKS else "your own pack",
        }
        for folder, files in found
        if files
    ]


def _fetch(request: ModelsRequest, common: CommonRequest, say: Say) -> None:
    """Fetch all files, then load the models once, which prepares them and shows that they run here."""
    from photo_ranker.models.engines import fetch_second_network
    from photo_ranker.models.store import OPTIONAL, get

    tell_log(say)
    for file, folder in _files(samples=request.samples):
        if file.name not in OPTIONAL:
            get(file, folder)
    has_second = fetch_second_network(say)
    with workspace_of(common) as workspace:
        spec = workspace.spec
        if has_second and spec.engine == DEFAULT_ENGINE:  # prepares the second network too
            spec = msgspec.structs.replace(spec, engine=DUO)
        spec.open()


def _file_object(file: StoredFile, folder: Path) -> dict[str, Any]:
    from photo_ranker.models.store import OPTIONAL, look

    found = look(file, folder)
    return {
        "name": file.name,
        "state": found.state,
        "path": str(found.path),
        "bytes": file.size_bytes,
        "sha256": file.sha256,
        "purpose": file.purpose,
        "licence": file.licence,
        "sources": [str(source) for source in file.sources],
        "optional": file.name in OPTIONAL,
    }


def _prepared() -> list[dict[str, Any]]:
    """The prepared files, which are the ones that are loaded; files that do not exist yet are left out."""
    from photo_ranker.models.prepared import PREPARED_SHA256, is_as_prepared, prepared_path
    from photo_ranker.models.store import MODELS, OPTIONAL

    known = MODELS | OPTIONAL
    return [
        {
            "name": path.name,
            "state": "ready" if is_as_prepared(name) else "damaged",
            "path": str(path),
            "bytes": path.stat().st_size,
            "sha256": sha256,
            "purpose": f"{known[name].purpose}; made ready to run",
            "licence": known[name].licence,
            "sources": [],
            "optional": name in OPTIONAL,
        }
        for name, sha256 in PREPARED_SHA256.items()
        if (path := prepared_path(name)).is_file()
    ]


# ``photo-ranker models prune``: removes what one engine has measured from metadata files.


class PruneRequest(msgspec.Struct, frozen=True, kw_only=True):
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
    """Remove an engine's measurements from folders; names and other engines' measurements stay."""
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

    # The folder of packs also holds locks and broken downloads: only a folder with models is an engine.
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
    from photo_ranker.metadata import Ledger, load
    from photo_ranker.records import without_engine

    if dry_run or not _measured_by(load(folder), engine):
        return [len(record.faces_by(engine)) for record in _measured_by(load(folder), engine).values()]
    with Ledger(folder, say) as ledger:
        doomed = _measured_by(ledger.records, engine)
        for name, record in doomed.items():
            ledger.put(name, without_engine(record, engine))
    return [len(record.faces_by(engine)) for record in doomed.values()]


def _measured_by(records: dict[str, PhotoRecord], engine: str) -> dict[str, PhotoRecord]:
    """The records that hold measurements of the engine."""
    from photo_ranker.records import without_engine

    return {name: record for name, record in records.items() if without_engine(record, engine) != record}
