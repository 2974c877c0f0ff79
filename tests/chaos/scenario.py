"""What a scenario is, and how its steps are taken and its results looked at."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from photo_ranker.cli import main
from photo_ranker.exporters.albums.manifest import MANIFEST_NAME
from photo_ranker.people.store import find_root, load_book

__all__ = ["Failed", "Scenario", "Step", "asked", "command", "nothing", "people", "ranking", "visible"]

Step = Callable[[Any], None]
"""Does one thing, or raises; it is given what the scenario's ``opened`` gives."""

Observer = Callable[[Any], Any]
"""What a user would see now, as JSON; it asks, and changes nothing that a user has said."""


class Failed(Exception):
    """A step that was refused: its exit code, and what was printed."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{code}: {said.strip()}")
        self.code, self.said = code, said


@contextmanager
def nothing() -> Iterator[None]:
    """Commands need nothing opened."""
    yield None


@dataclass(frozen=True)
class Scenario:
    """Something that a user does to a small world."""

    name: str
    prepare: tuple[Step, ...]
    """How the world is made, out of the photos; without faults."""
    steps: tuple[Step, ...]
    """Done one after the other while a call goes wrong; what has ended well is confirmed."""
    observe: Observer
    is_atomic: bool = True
    """Whether each step is seen as a whole or not at all. Else it may be half done, and doing it again completes it."""
    settle: Step | None = None
    """The next run where all steps are done already; by default the last step."""
    opened: Callable[[], Any] = nothing
    """A context that the steps are done in: a running app, or permissions that count for root too."""
    again: bool = False
    """Whether a step that is refused is tried once more, as a user of a running app does."""
    originals: tuple[str, ...] = ("album", "ref.jpg")
    """Whose files must keep their content."""
    is_moving: bool = False
    """Originals may lie elsewhere afterwards."""
    by_picture: bool = False
    """Originals may get other metadata; their picture stays."""
    names: tuple[tuple[str, str], ...] = ()
    """Parts of file names that no two runs give alike: pattern and what to read instead."""
    growing: tuple[str, ...] = field(default=())
    """Parts of paths of files that may hold more than counts; the reader knows how much does."""


def command(*words: str, codes: tuple[int, ...] = (0,)) -> Step:
    """A command, ended with one of these codes."""
    return partial(_command, words, codes)


def _command(words: tuple[str, ...], codes: tuple[int, ...], _: object) -> None:
    with _kept(2) as said:
        code = main(list(words))
        if code not in codes:
            raise Failed(code, f"photo-ranker {' '.join(words)}: {said()}")


def asked(*words: str) -> str:
    """What a command prints."""
    with _kept(2) as said, _kept(1) as printed:
        if code := main(list(words)):
            raise Failed(code, f"photo-ranker {' '.join(words)}: {said()}")
        return printed()


@contextmanager
def _kept(stream: int) -> Iterator[Callable[[], str]]:
    """Read what is written to stdout or stderr, by whomever."""
    with TemporaryFile(dir=os.environ["CHAOS_NOTES"]) as file:
        sys.stdout.flush()
        sys.stderr.flush()
        before = os.dup(stream)
        os.dup2(file.fileno(), stream)
        try:
            yield lambda: _text(file.fileno())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(before, stream)
            os.close(before)


def _text(file: int) -> str:
    sys.stdout.flush()
    sys.stderr.flush()
    return os.pread(file, 1 << 24, 0).decode("utf-8", "replace")


def ranking(*more: str) -> Any:
    """The best photos of the reference's person."""
    return json.loads(asked("rank", "--ref", "ref.jpg", "--photos", "album", "--json", "--top", "0", *more))


def people() -> Any:
    """Everyone with names, faces and decisions, as the file holds them."""
    book = load_book(find_root(["album"]))
    everyone = [(p.name, p.category, p.role, p.hidden, sorted(p.faces)) for p in book.people if p.faces or p.name]
    return [
        sorted(map(json.dumps, everyone)),
        [[decision.text, decision.undone is not None] for decision in book.decisions],
    ]


def visible(folder: str) -> dict[str, str]:
    """The files of a folder that a user sees, but for what an album's manifest notes on the way."""
    names = (path for path in sorted(Path(folder).rglob("*")) if not path.name.startswith("."))
    found = (path for path in names if path.is_file() and path.name != MANIFEST_NAME)
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in found}
