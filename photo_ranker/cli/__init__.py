"""The commands: one file each, one place that catches errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from photo_ranker.cli.error_handler import run_safely

__all__ = ["COMMANDS", "main"]

COMMANDS: dict[str, str] = {
    "rank": "the best photos of one person, best first, each with its reason",
    "index": "measure the photos of folders once, so that every question is answered at once",
    "inspect": "measure photos and show every face and its signals",
    "people": "find everyone, name them once, correct them for good",
    "best": "the best photos of each person, or of several together",
    "event": "score all photos of an event for the people who matter",
    "export": "take photos home, and write ratings and names where other programs read them",
    "forget": "remove all face data kept of a folder, and say what was removed",
    "serve": "the app in the browser: see, correct and take home",
    "models": "list, fetch or verify the model files",
    "doctor": "check this machine and say what to mend",
}
"""Command -> what it does; each lives in the module of its name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return run_safely(lambda: _dispatch(arguments))


def _dispatch(arguments: list[str]) -> int:
    from importlib import import_module

    from photo_ranker.cli.parsing import Parser, overview

    if not arguments or arguments[0] in {"-h", "--help"}:
        print(overview(COMMANDS))
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from photo_ranker import __version__

        print(f"photo-ranker {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        Parser(prog="photo-ranker").error(f"there is no command '{name}'; see photo-ranker --help")
    command = import_module(f"photo_ranker.cli.{name}")
    parser = Parser(prog=f"photo-ranker {name}", description=COMMANDS[name], epilog=command.EXAMPLE)
    command.add_arguments(parser)
    exit_code: int = command.run(parser.parse_args(arguments[1:]))
    return exit_code
