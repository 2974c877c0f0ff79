"""The commands, one file per command or family of commands, and the table that names them."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol

from photo_ranker.cli.console import run_safely
from photo_ranker.core.installation import check_memory
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from argparse import Namespace

    from photo_ranker.cli.options import Parser
    from photo_ranker.cli.requests import CommonRequest

__all__ = ["COMMANDS", "Command", "main", "parser_of", "start"]


AddArguments = Callable[["Parser"], None]
RequestOf = Callable[["Namespace"], Any]
Run = Callable[[Any, "CommonRequest"], int]


class CommandModule(Protocol):
    """The interface of a command's module."""

    @property
    def EXAMPLE(self) -> str:  # noqa: N802 - a constant of the module
        """An example, shown below the options in ``--help``."""
        ...

    @property
    def add_arguments(self) -> AddArguments:
        """Declares the options."""
        ...

    @property
    def request_of(self) -> RequestOf:
        """Turns the options into a frozen request; nothing after it sees the options."""
        ...

    @property
    def run(self) -> Run:
        """Carries out a request and returns the exit code."""
        ...


class CommandParts(NamedTuple):
    """The same interface for a command that shares its module with another."""

    EXAMPLE: str
    add_arguments: AddArguments
    request_of: RequestOf
    run: Run


class Command(NamedTuple):
    """One row of the table of commands."""

    about: str
    """One line for ``--help``."""
    module: Callable[[], CommandModule]
    """Imports the command when it is used, so that ``--help`` does not load all of them."""


def _rank() -> CommandModule:
    from photo_ranker.cli import rank

    return rank


def _index() -> CommandModule:
    from photo_ranker.cli import index

    return index


def _inspect() -> CommandModule:
    from photo_ranker.cli import inspect

    return inspect


def _people() -> CommandModule:
    from photo_ranker.cli import people

    return people


def _best() -> CommandModule:
    from photo_ranker.cli import best

    return best


def _event() -> CommandModule:
    from photo_ranker.cli import best

    return CommandParts(best.EVENT_EXAMPLE, best.add_event_arguments, best.event_request_of, best.run_event)


def _export() -> CommandModule:
    from photo_ranker.cli import export

    return export


def _library() -> CommandModule:
    from photo_ranker.cli import library

    return library


def _forget() -> CommandModule:
    from photo_ranker.cli import forget

    return forget


def _serve() -> CommandModule:
    from photo_ranker.cli import serve

    return serve


def _models() -> CommandModule:
    from photo_ranker.cli import models

    return models


def _doctor() -> CommandModule:
    from photo_ranker.cli import doctor

    return doctor


COMMANDS: dict[str, Command] = {
    "rank": Command("the best photos of one person, best first, each with its reason", _rank),
    "index": Command("measure the photos in folders once; every later question is then answered immediately", _index),
    "inspect": Command("measure photos and show every face and its signals", _inspect),
    "people": Command("find everyone, name them once, correct them for good", _people),
    "best": Command("the best photos of each person, or of several together", _best),
    "event": Command("score all photos of an event for the people who matter", _event),
    "export": Command("export photos, and write ratings and names where other programs read them", _export),
    "library": Command("one index over many folders; a million faces are then ranked immediately", _library),
    "forget": Command("remove all face data kept of a folder, and say what was removed", _forget),
    "serve": Command("the app in the browser: see, correct and export", _serve),
    "models": Command("list, fetch or verify the model files", _models),
    "doctor": Command("check this machine and say what to fix", _doctor),
}
"""Name of the command -> its entry."""

FEWER_COLLECTIONS = 1_000_000
"""New objects until the next garbage collection: a large album makes many records, and none of them is garbage.

With 50,000 a question about 10,000 measured photos took 1.2 times as long.
"""


def start(argv: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process, without freeing its objects one by one."""
    gc.set_threshold(FEWER_COLLECTIONS)
    code = main(argv)
    # Other threads must end in the ordinary way; leaving at once would cut them off.
    if threading.active_count() > 1:
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 - as sys.exit does
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return run_safely(lambda: _flushed(_dispatch(arguments)))


def _need_streams() -> None:
    """Discard what is written to a closed stderr; refuse to run without stdout, where the result goes."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open until the process ends
    if sys.stdout is None:
        raise UserError("stdout is closed, and the result goes there", "send it to a file, or to /dev/null")


def _flushed(code: int) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _dispatch(arguments: list[str]) -> int:
    _need_streams()
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(_overview({name: command.about for name, command in COMMANDS.items()}))
        return 0 if arguments else 2
    if arguments[0] == "--version":
        from photo_ranker import __version__

        print(f"photo-ranker {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        from photo_ranker.cli.options import Parser

        Parser(prog="photo-ranker").error(f"there is no command '{name}'")
    check_memory()
    from photo_ranker.cli.requests import common_of

    args, command = parser_of(name).parse_args(arguments[1:]), COMMANDS[name].module()
    return command.run(command.request_of(args), common_of(args))


def _overview(commands: dict[str, str]) -> str:
    """The text of ``photo-ranker --help``."""
    width = max(map(len, commands)) + 2
    lines = ["usage: photo-ranker COMMAND ...", ""]
    lines += [f"  {name:<{width}}{about}" for name, about in commands.items()]
    lines += ["", "photo-ranker COMMAND --help shows the options of a command, with an example."]
    return "\n".join(lines)


def parser_of(name: str) -> Parser:
    """The argument parser of a command."""
    from photo_ranker.cli.options import Parser

    about, module = COMMANDS[name]
    command = module()
    parser = Parser(prog=f"photo-ranker {name}", description=about, epilog=command.EXAMPLE)
    command.add_arguments(parser)
    return parser
