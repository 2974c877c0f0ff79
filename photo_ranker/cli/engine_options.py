"""Which models measure, and on what: the options that all commands share which measure or ask."""

from __future__ import annotations

import argparse
import contextlib
import os
from typing import TYPE_CHECKING

from photo_ranker.cli.console import Say, say_to_stderr, tell_log
from photo_ranker.records import DEFAULT_ENGINE

if TYPE_CHECKING:
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.settings import Settings

__all__ = ["spec_of"]


def spec_of(args: argparse.Namespace, settings: Settings, say: Say | None = None) -> AnalyserSpec:
    """What measures, as the options say; the models of another engine are fetched if they are missing."""
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.models.devices import check_device

    check_device(args.device)
    if args.engine == DEFAULT_ENGINE:
        return AnalyserSpec(settings.measure, device=args.device)
    from photo_ranker.models.engines import named_engine
    from photo_ranker.models.packs import ACCEPTED, PACKS

    if args.accept_license:
        os.environ[ACCEPTED] = "1"
    say = say or say_to_stderr(quiet=args.quiet)
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
