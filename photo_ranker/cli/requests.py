"""Turns options that several commands share into requests to the workspace; requests about people come last."""

from __future__ import annotations

import argparse
import contextlib
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from photo_ranker.cli.console import TerminalListener, tell_log
from photo_ranker.cli.options import add_copies_option, camera_time, number_between, path_for, whole_number
from photo_ranker.core.terminal import command, counted, path_word
from photo_ranker.errors import UserError
from photo_ranker.questions import Filters
from photo_ranker.records import DEFAULT_ENGINE
from photo_ranker.workspace import AlbumRequest, EngineRequest, ExportRequest, PersonRequest, PhotosRequest, Workspace
from photo_ranker.workspace.exchange import NamesRequest

if TYPE_CHECKING:
    from photo_ranker.questions.answer import Ranking
    from photo_ranker.settings import Settings

__all__ = [
    "ChangeRequest",
    "CommonRequest",
    "PeopleRequest",
    "add_question_options",
    "album_export_of",
    "album_of",
    "album_words",
    "check_others",
    "check_stdout_is_free",
    "common_of",
    "export_of",
    "make_request",
    "note_on",
    "person_request",
    "photos_request",
    "settings_of",
    "workspace_of",
]


class CommonRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The options that every command has: how it reports, the user's settings, and the engine."""

    quiet: bool
    """No notes and no progress."""
    as_json: bool
    config: Path | None = None
    """The user's config.py; None = the defaults."""
    engine: EngineRequest = msgspec.field(default_factory=EngineRequest)
    smile: str | None = None
    """What judges smiles; None = as in the settings."""
    min_face: int | None = None
    """Smaller faces are not matched; None = as in the settings."""


def common_of(args: Namespace) -> CommonRequest:
    """The common request; options that a command does not have get their defaults."""
    words = vars(args)
    engine = EngineRequest(**{name: words[name] for name in EngineRequest.__struct_fields__ if name in words})
    return CommonRequest(
        quiet=args.quiet,
        as_json=args.json,
        config=Path(args.config) if args.config else None,
        engine=engine,
        smile=words.get("smile"),
        min_face=words.get("min_face"),
    )


def settings_of(common: CommonRequest) -> Settings:
    """The user's settings, overridden by the command line."""
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
        engine = workspace.spec.engine
        if not common.quiet:
            _tell_licence(engine, listener)
    yield workspace
    listener.finish()


def _tell_licence(engine: str, listener: TerminalListener) -> None:
    """Print the licence of a pack once per machine, even of one that the user installed."""
    from photo_ranker.core.files import cache_folder, create, private_folder
    from photo_ranker.models.insightface_engine import LICENCE, PACKS

    marker = cache_folder() / "told" / f"licence-of-{engine}"
    if engine not in PACKS or marker.exists():
        return
    listener.say(f"note: {engine}: {LICENCE}")
    with contextlib.suppress(OSError):  # then it is printed again next time
        create(private_folder(marker.parent) / marker.name).close()


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


# The options of a question (whom to look for, which photos) and the requests that they make.


def add_question_options(parser: argparse.ArgumentParser) -> None:
    """Declare whom to look for, and which photos to list."""
    _add_who(parser)
    _add_which(parser)


def _add_who(parser: argparse.ArgumentParser) -> None:
    who = parser.add_argument_group("who")
    who.add_argument(
        "--ref",
        action="append",
        default=[],
        type=path_for("--ref"),
        metavar="PHOTO",
        help="the person: a photo or a folder of photos; may be given several times",
    )
    who.add_argument(
        "--ref-face",
        type=int,
        metavar="N",
        help="if a reference shows several faces, use number N from the left (default: the largest)",
    )
    who.add_argument(
        "--ref-year",
        action="append",
        default=[],
        type=whole_number,
        metavar="YEAR",
        help="year the references were taken, if the photos do not say; once for all, or once for each --ref",
    )
    who.add_argument("--born", type=whole_number, metavar="YEAR", help="the person's year of birth: no older photos")
    who.add_argument(
        "--not-ref",
        action="append",
        default=[],
        type=path_for("--not-ref"),
        metavar="PHOTO",
        help="a look-alike who is not the person",
    )
    who.add_argument(
        "--threshold",
        default="auto",
        type=_threshold,
        metavar="X",
        help="similarity from which a match is sure, or auto (default)",
    )
    who.add_argument("--doubtful", action="store_true", help="list doubtful matches after the sure ones")


def _add_which(parser: argparse.ArgumentParser) -> None:
    which = parser.add_argument_group("which photos")
    which.add_argument(
        "--top", type=whole_number, default=20, metavar="N", help="number of photos; 0 = all (default: 20)"
    )
    which.add_argument("--distinct", action="store_true", help="only the best of each moment, spread over the event")
    add_copies_option(which.add_argument)
    kind = which.add_mutually_exclusive_group()
    kind.add_argument("--solo", action="store_true", help="only photos of the person alone")
    kind.add_argument("--group", action="store_true", help="only group photos")
    which.add_argument(
        "--with",
        dest="together",
        action="append",
        default=[],
        type=path_for("--with"),
        metavar="PHOTO",
        help="this person must be in the photo too",
    )
    which.add_argument("--only", action="store_true", help="nobody else in the photo, not even a passer-by")
    which.add_argument(
        "--since", type=camera_time, metavar="DATE", help="taken at or after, like 2024-06-01 or 2024-06-01T15:00"
    )
    which.add_argument("--until", type=camera_time, metavar="DATE", help="taken at or before; a day counts to its end")
    which.add_argument(
        "--min-score", type=number_between(0, 1), default=0.0, metavar="X", help="at least this score, 0 to 1"
    )
    which.add_argument(
        "--min-face",
        type=whole_number,
        metavar="PX",
        help="smaller faces are not matched (default: MIN_FACE in config.py)",
    )


def _threshold(text: str) -> float | None:
    return None if text == "auto" else number_between(-1, 1)(text)


def person_request(args: argparse.Namespace, name: str | None = None) -> PersonRequest:
    """The person whom the options of :func:`add_question_options` name."""
    request = PersonRequest(
        references=tuple(args.ref),
        reference_face=args.ref_face,
        reference_years=tuple(args.ref_year),
        born=args.born,
        not_references=tuple(args.not_ref),
        together=tuple(args.together),
        name=name,
        threshold=args.threshold,
    )
    check_others(args)
    about_references = {
        "--ref-face": args.ref_face,
        "--ref-year": args.ref_year,
        "--not-ref": args.not_ref,
        "--threshold": args.threshold,
        "--min-face": args.min_face,
    }
    given = next((word for word, value in about_references.items() if value not in (None, [])), None)
    if given and not args.ref:
        advice = "leave it out: whose each face is was decided when people were counted"
        raise UserError(f"{given} belongs to --ref, not to --person", advice)
    return request


def check_others(args: argparse.Namespace) -> None:
    """Refuse a name after ``--with``: it takes photos here, but names in the command best."""
    missing = next((path for path in args.together if not path.exists()), None)
    if missing is not None:
        by_name = command("best", *(album_words(args) if args.photos else ["DIR"]), "--with", str(missing))
        raise UserError(f"there is no file {missing}", f"--with takes a photo here; a name is taken by: {by_name}")


def photos_request(args: argparse.Namespace, top: int) -> PhotosRequest:
    """The photos that the options of :func:`add_question_options` select."""
    filters = Filters(
        kind="single" if args.solo else "group" if args.group else None,
        only=args.only,
        since=args.since,
        until=args.until,
        min_score=args.min_score,
    )
    return PhotosRequest(filters=filters, doubtful=args.doubtful, distinct=args.distinct, top=top, copies=args.copies)


def note_on(ranking: Ranking, say: Callable[[str], None], *, doubtful_listed: bool) -> None:
    """Say what the list of results does not show: unreadable, doubtful and filtered photos."""
    counts = ranking.counts
    if counts.unreadable:
        say(f"note: {counts.unreadable} of {counted(counts.photos, 'photo')} could not be read (--json lists them)")
    if not counts.matched:
        say(f"the person is in none of the {counted(counts.photos, 'photo')}")
    elif not ranking.results:
        say(f"the person is in {counted(counts.matched, 'photo')}, but none passes the filters")
    if counts.doubtful and doubtful_listed:
        found = counted(counts.doubtful, "match is doubtful and comes", "matches are doubtful and come")
        say(f"note: {found} last")
    elif counts.doubtful:
        say(f"note: {counts.doubtful} more may show the person (--doubtful lists them)")


class PeopleRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of every command about people.

    A field has the value of the option of the same name, unless :data:`_MADE` says how to make it.
    """

    album: AlbumRequest
    album_words: tuple[str, ...]
    """Options that name the same album, for commands that are shown as advice."""
    as_json: bool


class ChangeRequest(PeopleRequest, frozen=True, kw_only=True):
    """The request of every command that changes people."""

    dry_run: bool


_MADE: dict[str, Callable[[argparse.Namespace], Any]] = {
    "album": album_of,
    "album_words": lambda args: tuple(album_words(args)),
    "as_json": lambda args: args.json,
    "export": export_of,
    "names": lambda args: NamesRequest(
        references=args.references, xmp=args.xmp, labels=args.labels, guests=args.guests
    ),
}
"""Field of a request -> function that makes it from the options."""


T = TypeVar("T", bound=PeopleRequest)


def make_request(args: argparse.Namespace, kind: type[T]) -> T:
    """The request that the options of a command about people make; nothing after it sees the options."""
    words = vars(args)
    if words.get("decisions") and words["person"] is not None:
        # `show --decisions` names no person, so its first argument is a folder.
        words = words | {"person": None, "folders": [words["person"], *words["folders"]]}
        args = argparse.Namespace(**words)
    values = {name: _MADE[name](args) if name in _MADE else _frozen(words[name]) for name in kind.__struct_fields__}
    return kind(**values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
