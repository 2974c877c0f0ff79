"""Turns options that several commands share into requests to the workspace."""

from __future__ import annotations

import contextlib
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import TerminalListener, tell_log
from photo_ranker.core.terminal import path_word
from photo_ranker.errors import UserError
from photo_ranker.records import DEFAULT_ENGINE
from photo_ranker.workspace import AlbumRequest, EngineRequest, ExportRequest, Workspace

if TYPE_CHECKING:
    from photo_ranker.settings import Settings

__all__ = [
    "CommonRequest",
    "album_export_of",
    "album_of",
    "album_words",
    "check_stdout_is_free",
    "common_of",
    "export_of",
    "settings_of",
    "workspace_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonRequest:
    """The options that every command has: how it reports, the user's settings, and the engine."""

    quiet: bool
    """No notes and no progress."""
    as_json: bool
    config: Path | None = None
    """The user's config.py; None = the defaults."""
    engine: EngineRequest = field(default_factory=EngineRequest)
    smile: str | None = None
    """What judges smiles; None = as in the settings."""
    min_face: int | None = None
    """Smaller faces are not matched; None = as in the settings."""


def common_of(args: Namespace) -> CommonRequest:
    """The common request; options that a command does not have get their defaults."""
    words = vars(args)
    engine = EngineRequest(**{item.name: words[item.name] for item in fields(EngineRequest) if item.name in words})
    return CommonRequest(
        quiet=args.quiet,
        as_json=args.json,
        config=Path(args.config) if args.config else None,
        engine=engine,
        smile=words.get("smile"),
        min_face=words.get("min_face"),
    )


def settings_of(common: CommonRequest) -> Settings:
    """The user's settings, overruled by the command line."""
    from photo_ranker.workspace.tuning import load_settings

    changes: dict[str, object] = {}
    if common.smile is not None:
        changes["smile_by_deepface"] = common.smile == "deepface"
    if common.min_face is not None:
        changes["min_face"] = common.min_face
    return load_settings(common.config).changed(**changes)


@contextmanager
def workspace_of(common: CommonRequest) -> Iterator[Workspace]:
    """The workspace of a command, which reports to the terminal; a warning comes last."""
    listener = TerminalListener(quiet=common.quiet)
    workspace = Workspace(settings_of(common), common.engine, listener)
    if common.engine.engine not in {"", DEFAULT_ENGINE}:
        tell_log(listener.say)
        found = workspace.spec.engine
        if not common.quiet:
            _tell_licence(found, listener)
    yield workspace
    listener.finish()


def _tell_licence(engine: str, listener: TerminalListener) -> None:
    """Print the licence of a pack once per machine, also of one that the user installed."""
    from photo_ranker.core.files import create, private_folder
    from photo_ranker.core.folders import cache_folder
    from photo_ranker.models.insightface_engine import LICENCE, PACKS

    told = cache_folder() / "told" / f"licence-of-{engine}"
    if engine not in PACKS or told.exists():
        return
    listener.say(f"note: {engine}: {LICENCE}")
    with contextlib.suppress(OSError):  # then it is printed again next time
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
    """The folders and photos, from arguments and from ``--photos``."""
    return (*(vars(args).get("folders") or ()), *(args.photos or ()))


def album_words(args: Namespace) -> list[str]:
    """The options that name the same album in another command."""
    words = ["--photos", *map(path_word, dict.fromkeys(_sources(args)))]
    if args.recursive:
        words.append("--recursive")
    for option in ("engine", "config"):
        value = getattr(args, option)
        if value:
            words += [f"--{option}", path_word(value)]
    return words


def export_of(args: Namespace) -> ExportRequest:
    """The export that the options of :func:`photo_ranker.cli.options.add_export_options` describe."""
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
    """The export of a command whose ``--dry-run`` shows only the export."""
    request = export_of(args)
    if request.dry_run and not request.makes_album and request.frames is None:
        raise UserError("--dry-run shows what would be exported", "add --to DIR, --zip FILE or --frames DIR")
    request.check_has_place()
    return request


def check_stdout_is_free(request: ExportRequest, others: Mapping[str, object]) -> None:
    """Refuse a ZIP file on stdout if anything else is printed there."""
    word = next((word for word, is_given in others.items() if is_given), None)
    if word and request.is_to_stdout and not request.dry_run:
        raise UserError(f"--zip - and {word} would both fill stdout", "give one of them a file")
