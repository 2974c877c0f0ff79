"""What can be seen to be wrong with a question before anything is measured or written."""

from __future__ import annotations

import argparse
from pathlib import Path

from photo_ranker.cli.album_options import check_taking, is_taking
from photo_ranker.cli.options import album_words, check_photos
from photo_ranker.errors import UserError
from photo_ranker.terminal import command

__all__ = ["check_companions", "check_rank"]


def check_rank(args: argparse.Namespace) -> None:
    """Refuse what contradicts itself and what is not there."""
    _check_who(args)
    if args.library:
        check_photos([args.library], "--library")
    else:
        check_photos(args.photos)
    check_taking(args)
    _check_form(args)
    if args.explain:
        _check_explain(args)
    if args.output is not None and str(args.output) != "-":
        _check_output(args)


def check_companions(args: argparse.Namespace) -> None:
    """``--with`` is a photo here, and a name in the command best."""
    missing = next((path for path in args.together if not path.exists()), None)
    if missing is not None:
        by_name = command("best", *(album_words(args) if args.photos else ["DIR"]), "--with", str(missing))
        raise UserError(f"there is no file {missing}", f"--with takes a photo here; a name is taken by: {by_name}")


def _check_who(args: argparse.Namespace) -> None:
    if not args.ref and not args.person:
        raise UserError("no reference photo", "show whom to look for: --ref person.jpg")
    if args.ref and args.person:
        raise UserError("--ref and --person both say whom to look for", "give one of them")
    if args.since and args.until and args.since > args.until:
        raise UserError(f"--since {args.since} is after --until {args.until}", "exchange them")
    if args.library and (args.person or args.with_context):
        raise UserError("a library knows neither names nor photos without faces", "ask its folders: --photos DIR")
    check_companions(args)


def _check_form(args: argparse.Namespace) -> None:
    """One form, and one thing on stdout."""
    from photo_ranker.exporters import format_of

    if args.json and args.format not in {None, "json"}:
        raise UserError(f"--json and --format {args.format} are two formats", "give one of them")
    if args.print0 and (args.json or args.format not in {None, "txt"}):
        raise UserError("--print0 prints plain paths and takes no other format", "leave --json and --format out")
    if str(args.output) == "-":
        return
    if args.print0 and format_of(args.output, args.format) != "txt":
        raise UserError(f"--print0 writes plain paths, not {args.output.suffix}", "end the name of --output in .txt")
    format_of(args.output, args.format)


def _check_explain(args: argparse.Namespace) -> None:
    others = {"--output": args.output, "--format": args.format, "--print0": args.print0, "--frames": args.frames}
    if is_taking(args):
        others |= {"--to": args.to, "--zip": args.zip}
    if other := next((word for word, value in others.items() if value), None):
        raise UserError(f"--explain tells of one photo, {other} is for all", "do one after the other")


def _check_output(args: argparse.Namespace) -> None:
    from photo_ranker.exporters.writing import refuse_photo

    output: Path = args.output
    if output.is_dir():
        raise UserError(f"{output} is a folder", "give --output a file name, such as ranked.html")
    if not output.parent.is_dir():
        raise UserError(f"there is no folder {output.parent}", "make it first, or write somewhere else")
    refuse_photo(output, [*map(str, args.ref), *(args.photos or [])])
