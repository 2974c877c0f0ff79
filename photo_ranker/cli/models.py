"""``photo-ranker models``: list, fetch or verify the model files."""

from __future__ import annotations

import argparse
import logging
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import Say, say_to_stderr, write_line
from photo_ranker.cli.error_handler import EXIT_OK, EXIT_USER
from photo_ranker.cli.parsing import add_common

if TYPE_CHECKING:
    from pathlib import Path

    from photo_ranker.models.store import StoredFile

__all__ = ["EXAMPLE", "add_arguments", "run", "tell_log"]

EXAMPLE = """example:
  photo-ranker models fetch      on a machine with a network; copy the folder that it names
  PHOTO_RANKER_MODELS=FOLDER photo-ranker models verify      on a machine without one"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=("list", "fetch", "verify"), help="say what there is, get it, or check it")
    parser.add_argument("--samples", action="store_true", help="the photos for the demo and the tests too")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Do what was asked and say how every file stands."""
    say = say_to_stderr(quiet=args.quiet)
    if args.what == "fetch":
        _fetch(say, samples=args.samples)
    files = [_standing(file, folder) for file, folder in _files(samples=args.samples)]
    if args.json:
        import json

        write_line(json.dumps({"files": files}, indent=2))
    else:
        for file in files:
            write_line(f"{file['state']:<8} {file['bytes'] / 1e6:5.1f} MB  {file['path']}")
            write_line(f"{'':18} {file['purpose']} ({file['licence']})")
    return EXIT_USER if args.what == "verify" and any(file["state"] != "ready" for file in files) else EXIT_OK


def _files(*, samples: bool) -> list[tuple[StoredFile, Path]]:
    from photo_ranker.models.samples import SAMPLES, samples_folder
    from photo_ranker.models.store import MODELS, models_folder

    files = [(file, models_folder()) for file in MODELS.values()]
    return files + [(file, samples_folder()) for file in SAMPLES.values() if samples]


def _fetch(say: Say, *, samples: bool) -> None:
    """Get every file, then load the models once: that prepares them and shows that they run here."""
    from photo_ranker.models import EngineOptions, open_engine
    from photo_ranker.models.store import get
    from photo_ranker.settings import Settings

    tell_log(say)
    for file, folder in _files(samples=samples):
        get(file, folder)
    settings = Settings()
    open_engine("sface", EngineOptions(settings.detect_side, settings.detect_threshold))


def _standing(file: StoredFile, folder: Path) -> dict[str, Any]:
    from photo_ranker.models.store import look

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
    }


def tell_log(say: Say) -> None:
    """What the store notes in its log is what a waiting user wants to know."""

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    log = logging.getLogger("photo_ranker.models")
    log.setLevel(logging.INFO)
    log.handlers = [Teller()]
