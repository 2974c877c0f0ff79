"""How commands read their words: argparse, with errors in our form."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from photo_ranker.errors import UserError

__all__ = ["Parser", "add_common", "overview", "path_for", "place_for"]


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors look like all our errors."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Turn a wrong word on the command line into a one-line error with advice."""
        raise UserError(message, f"see {self.prog} --help")


def overview(commands: dict[str, str]) -> str:
    """The text of ``photo-ranker --help``."""
    width = max(map(len, commands)) + 2
    lines = ["usage: photo-ranker COMMAND ...", ""]
    lines += [f"  {name:<{width}}{about}" for name, about in commands.items()]
    lines += ["", "photo-ranker COMMAND --help shows the options of a command, with an example."]
    return "\n".join(lines)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Options that every command has."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notes on stderr")
    parser.add_argument(
        "--config", type=place_for("--config"), metavar="FILE", help="your tuning, a file like config.py"
    )


def place_for(option: str) -> Callable[[str], str]:
    """A reader of paths as they are typed; an empty one would be taken for the current folder, and is refused."""

    def read(text: str) -> str:
        if not text:
            raise UserError(f"{option} is empty", "say what it is, or leave it out; . is the current folder")
        return text

    return read


def path_for(option: str) -> Callable[[str], Path]:
    """The same, as a path."""
    read = place_for(option)
    return lambda text: Path(read(text))
