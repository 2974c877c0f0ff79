"""Which models measure, and on what: the options that all commands share which measure or ask."""

from __future__ import annotations

import argparse
import contextlib
import os
from typing import TYPE_CHECKING

from photo_ranker.cli.console import Say, say_to_stderr, tell_log
from photo_ranker.records import DEFAULT_ENGINE, DUO
from photo_ranker.terminal import command

if TYPE_CHECKING:
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.settings import Settings

__all__ = ["add_engine_options", "spec_of"]


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    group = parser.add_argument_group("models")
    add = group.add_argument
    add(
        "--engine",
        metavar="NAME",
        help=f"what finds and knows faces: {DEFAULT_ENGINE} (default), {DUO} (a second network beside it), "
        "buffalo_l or another pack of insightface, or a folder with one; facts of several stand side by side",
    )
    add(
        "--accept-license",
        action="store_true",
        help="download the models of such a pack, which are for non-commercial research only",
    )
    add(
        "--smile",
        choices=["own", "deepface"],
        help="deepface judges smiles by its emotion happy, measured once beside our own (default: own)",
    )
    add(
        "--device",
        default="auto",
        metavar="NAME",
        help=f"auto (default), cpu, cuda, coreml, openvino or directml; {command('doctor')} says which can be used",
    )


def spec_of(args: argparse.Namespace, settings: Settings, say: Say | None = None) -> AnalyserSpec:
    """What measures, as the options say; the models of another engine are fetched if they are missing."""
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.models.devices import check_device

    check_device(args.device)
    say = say or say_to_stderr(quiet=args.quiet)
    if args.engine is None:
        from photo_ranker.models.usual import usual_engine

        return AnalyserSpec(settings.measure, engine=usual_engine(say), device=args.device)
    from photo_ranker.models.engines import named_engine
    from photo_ranker.models.packs import ACCEPTED, PACKS

    if args.accept_license:
        os.environ[ACCEPTED] = "1"
    tell_log(say)
    engine, models = named_engine(args.engine)
    spec = AnalyserSpec(settings.measure, engine=engine, models=models, device=args.device)
    spec.keys()  # whatever is missing is fetched now, once, and not by each worker
    if engine in PACKS and not args.quiet:
        _tell_licence(engine, say)
    return spec


def _tell_licence(engine: str, say: Say) -> None:
    """Once on a machine, also where a pack was put by hand."""
    from photo_ranker.core.files import create, private_folder
    from photo_ranker.core.folders import cache_folder
    from photo_ranker.models.packs import LICENCE

    told = cache_folder() / "told" / f"licence-of-{engine}"
    if told.exists():
        return
    say(f"note: {engine}: {LICENCE}")
    with contextlib.suppress(OSError):  # then it is told again
        create(private_folder(told.parent) / told.name).close()
