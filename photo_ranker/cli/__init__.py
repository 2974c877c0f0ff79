"""The commands: one file each, one place that catches errors."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from photo_ranker.cli.error_handler import run_safely
from photo_ranker.errors import UserError
from photo_ranker.installation import check_memory

if TYPE_CHECKING:
    from photo_ranker.cli.parsing import Parser

__all__ = ["COMMANDS", "main", "parser_of", "start"]

COMMANDS: dict[str, str] = {
    "rank": "the best photos of one person, best first, each with its reason",
    "index": "measure the photos of folders once, so that every question is answered at once",
    "inspect": "measure photos and show every face and its signals",
    "people": "find everyone, name them once, correct them for good",
    "best": "the best photos of each person, or of several together",
    "event": "score all photos of an event for the people who matter",
    "export": "take photos home, and write ratings and names where other programs read them",
    "library": "one index over many folders, so that a million faces are ranked at once",
    "forget": "remove all face data kept of a folder, and say what was removed",
    "serve": "the app in the browser: see, correct and take home",
    "models": "list, fetch or verify the model files",
    "doctor": "check this machine and say what to mend",
}
"""Command -> what it does; each lives in the module of its name."""


FEWER_COLLECTIONS = 1_000_000
"""New objects until the next look for garbage: records of a large album are many, and none of them is garbage.

With 50,000 a warm question over 10,000 photos took 1.2 times as long.
"""


_kept: list[object] = []
"""What is not taken apart at the end: record by record that would be a tenth of a warm question's time."""


def start(argv: Sequence[str] | None = None) -> NoReturn:
    """Be the process of one command: run it and leave."""
    gc.set_threshold(FEWER_COLLECTIONS)
    code = main(argv, _kept)
    if threading.active_count() > 1:
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 - what sys.exit would do
    os._exit(code)


def main(argv: Sequence[str] | None = None, kept: list[object] | None = None) -> int:
    """Run one command and return its exit code; what it leaves in its options is kept alive in ``kept``."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return run_safely(lambda: _flushed(_dispatch(arguments, [] if kept is None else kept)))


def _need_streams() -> None:
    """A closed stderr swallows its notes; without stdout a result has nowhere to go."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as we live
    if sys.stdout is None:
        raise UserError("stdout is closed, and the result goes there", "send it to a file, or to /dev/null")


def _flushed(code: int) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _dispatch(arguments: list[str], kept: list[object]) -> int:
    from importlib import import_module

    from photo_ranker.cli.parsing import Parser, overview

    _need_streams()
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(overview(COMMANDS))
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from photo_ranker import __version__

        print(f"photo-ranker {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        Parser(prog="photo-ranker").error(f"there is no command '{name}'")
    check_memory()
    args = parser_of(name).parse_args(arguments[1:])
    kept.append(args)
    exit_code: int = import_module(f"photo_ranker.cli.{name}").run(args)
    if hasattr(args, "warning"):
        from photo_ranker.cli.warning import warn_at_the_end

        warn_at_the_end(args)
    return exit_code


def parser_of(name: str) -> Parser:
    """The parser of a command's words."""
    from importlib import import_module

    from photo_ranker.cli.parsing import Parser

    command = import_module(f"photo_ranker.cli.{name}")
    parser = Parser(prog=f"photo-ranker {name}", description=COMMANDS[name], epilog=command.EXAMPLE)
    command.add_arguments(parser)
    return parser
