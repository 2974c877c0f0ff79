"""The words of a command -> requests to the workspace: what several commands have in common."""

from __future__ import annotations

import contextlib
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import tell_log
from photo_ranker.cli.listener import TerminalListener
from photo_ranker.errors import UserError
from photo_ranker.records import DEFAULT_ENGINE
from photo_ranker.terminal import path_word
from photo_ranker.workspace import AlbumRequest, EngineRequest, ExportRequest, Workspace

if TYPE_CHECKING:
    from photo_ranker.settings import Settings

__all__ = [
    "album_export_of",
    "album_of",
    "album_words",
    "check_stdout_is_free",
    "export_of",
    "settings_of",
    "workspace_of",
]


def settings_of(args: Namespace) -> Settings:
    """The user's tuning, with what the command line says on top."""
    from photo_ranker.tuning import load_settings

    words = vars(args)
    settings = load_settings(Path(args.config) if args.config else None)
    if smile := words.get("smile"):
        settings = settings.changed(smile_by_deepface=smile == "deepface")
    if words.get("min_face") is None:
        return settings
    return settings.changed(min_face=args.min_face)


@contextmanager
def workspace_of(args: Namespace) -> Iterator[Workspace]:
    """The workspace of a command; it tells the terminal what it does, and a warning last."""
    listener = TerminalListener(quiet=args.quiet)
    engine = EngineRequest(engine=args.engine, device=args.device, accept_license=args.accept_license)
    workspace = Workspace(settings_of(args), engine, listener)
    if args.engine not in {"", DEFAULT_ENGINE}:
        tell_log(listener.say)
        found = workspace.spec.engine
        if not args.quiet:
            _tell_licence(found, listener)
    yield workspace
    listener.finish()


def _tell_licence(engine: str, listener: TerminalListener) -> None:
    """Once on a machine, also where a pack was put by hand."""
    from photo_ranker.core.files import create, private_folder
    from photo_ranker.core.folders import cache_folder
    from photo_ranker.models.packs import LICENCE, PACKS

    told = cache_folder() / "told" / f"licence-of-{engine}"
    if engine not in PACKS or told.exists():
        return
    listener.say(f"note: {engine}: {LICENCE}")
    with contextlib.suppress(OSError):  # then it is told again
        create(private_folder(told.parent) / told.name).close()


def album_of(args: Namespace) -> AlbumRequest:
    """The album that the options of :func:`photo_ranker.cli.options.add_album_options` name."""
    words = vars(args)
    return AlbumRequest(
        photos=_sources(args),
        library=words.get("library"),
        exact=words.get("exact", False),
        recursive=args.recursive,
        workers=args.workers,
        no_cache=args.no_cache,
        retry_failed=args.retry_failed,
        zone=args.tz,
        clocks=tuple(args.clock),
    )


def _sources(args: Namespace) -> tuple[str, ...]:
    """The folders and photos of a command, wherever they stand in it."""
    return (*(vars(args).get("folders") or ()), *(args.photos or ()))


def album_words(args: Namespace) -> list[str]:
    """The words that ask the same album in another command."""
    words = ["--photos", *map(path_word, dict.fromkeys(_sources(args)))]
    if args.recursive:
        words.append("--recursive")
    for option in ("engine", "config"):
        value = getattr(args, option)
        if value:
            words += [f"--{option}", path_word(value)]
    return words


def export_of(args: Namespace) -> ExportRequest:
    """Where the options of :func:`photo_ranker.cli.options.add_export_options` put photos."""
    return ExportRequest(
        to=args.to,
        way=args.way,
        zip=args.zip,
        ordered=args.ordered,
        per_event=args.per_event,
        with_context=args.with_context,
        frames=args.frames,
        dry_run=args.dry_run,
    )


def album_export_of(args: Namespace) -> ExportRequest:
    """The same, where ``--dry-run`` has nothing else to show."""
    request = export_of(args)
    if request.dry_run and not request.makes_album and request.frames is None:
        raise UserError("--dry-run shows how photos are taken home", "add --to DIR, --zip FILE or --frames DIR")
    request.check_has_place()
    return request


def check_stdout_is_free(request: ExportRequest, others: Mapping[str, object]) -> None:
    """Refuse a ZIP file on stdout beside anything else that is printed there."""
    word = next((word for word, is_given in others.items() if is_given), None)
    if word and request.is_to_stdout and not request.dry_run:
        raise UserError(f"--zip - and {word} would both fill stdout", "give one of them a file")
