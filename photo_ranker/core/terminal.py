"""Text for a person at a terminal or in a spreadsheet: names cleaned, and commands that can be pasted into a shell."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any, Protocol

__all__ = [
    "SILENT",
    "Listener",
    "Silent",
    "Step",
    "Watcher",
    "also",
    "cell",
    "command",
    "counted",
    "csv_line",
    "csv_lines",
    "escaped",
    "path_cell",
    "path_fields",
    "path_word",
    "paths_fields",
    "printable",
    "shown",
]

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of control characters, direction marks, lone surrogates and line ends."""

_JOINERS = "\u200c\u200d"
"""Harmless though in the category Cf: they shape letters, and Persian names and family emoji need them."""

_RAW_IN_JSON = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
"""The characters of :data:`_HARMFUL` up to U+FFFF; those above are harmless (tags, musical notation)."""


def printable(text: str) -> str:
    """Replace with U+FFFD all characters that could move the cursor, break the line, or hide or reorder text.

    Everything that a command prints for a person goes through here: names of files, people and cameras come from
    others. JSON, plain paths in a pipe and ``--print0`` stay exact.
    """
    if text.isprintable():  # true of nearly all names, and ten times as fast
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_harmful(char) else char for char in text)


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 photo", "1,200 photos"; ``plural`` where adding an s is wrong."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def also(count: int, one: str, many: str) -> str:
    """A suffix for the name of a photo: " +4 copies"; empty for 0."""
    return f" +{counted(count, one, many)}" if count else ""


def escaped(json: bytes) -> bytes:
    """The same JSON document with harmful characters as escapes; JSON itself requires escapes only below U+0020."""
    if json.isascii() and b"\x7f" not in json:
        return json
    return _RAW_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", json.decode()).encode()


def csv_line(values: Iterable[Any]) -> bytes:
    """A line of a CSV file."""
    return csv_lines([values])


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Lines of a CSV file."""
    import csv

    lines: list[str] = []
    # The writer quotes \r and \n only if they are part of its line end, and a name may hold either of them.
    csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n").writerows(rows)
    return "".join([line.removesuffix("\r\n") + "\n" for line in lines]).encode()


_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a cell that begins with one of these."""


def cell(text: str) -> str:
    """The same text for a cell of a CSV file; a quote before a formula makes it text."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def path_cell(path: str) -> str:
    """The same path for a cell of a CSV file; with ``./`` before it, it is still that path."""
    return f"./{path}" if path.startswith(_FORMULA) else path


def shown(path: str) -> str:
    """A path as valid Unicode; bytes that are not valid UTF-8 become U+FFFD."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "replace")


def path_fields(path: str) -> dict[str, str]:
    """A path as text, with its bytes in base64 if they are not valid UTF-8."""
    text = shown(path)
    return {"path": path} if text == path else {"path": text, "path_bytes": _in_base64(path)}


def paths_fields(name: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """Paths as text under a name, with the bytes of all in base64 if some are not valid UTF-8."""
    texts = list(map(shown, paths))
    return {name: texts} if texts == list(paths) else {name: texts, f"{name}_bytes": list(map(_in_base64, paths))}


def _in_base64(path: str) -> str:
    from base64 import b64encode

    return b64encode(os.fsencode(path)).decode("ascii")


def command(*words: str) -> str:
    """Format a command of ours so that it can be pasted into a shell, whatever its words are.

    Words in capitals (DIR, PERSON) are placeholders that the reader fills in.
    """
    return " ".join(["photo-ranker", *map(_quoted, words)])


def path_word(path: str | os.PathLike[str]) -> str:
    """A path as a word of a command, even if it looks like an option."""
    text = os.fspath(path)
    return f".{os.sep}{text}" if text.startswith("-") else text


def _quoted(word: str) -> str:
    if printable(word) == word:
        return shlex.quote(word)
    # bash, zsh and ksh turn $'\x1b' into the byte, which must not reach the terminal as it is.
    chars = (chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}" for byte in os.fsencode(word))
    return f"$'{''.join(chars)}'"


def _is_harmful(char: str) -> bool:
    return unicodedata.category(char) in _HARMFUL and char not in _JOINERS


# How runs and the workspace report notes and progress. No heavy imports: wrong options are refused at once.


class Watcher(Protocol):
    """Receives the notes and the progress of a run that measures photos."""

    def say(self, line: str) -> None:
        """Receive a note for the user."""
        ...

    def begin(self, todo: int) -> None:
        """``todo`` photos will be measured."""
        ...

    def step(self, faces: int) -> None:
        """One photo is measured; it has this number of faces."""
        ...

    def end(self) -> None:
        """No more steps come."""
        ...


Step = Callable[[int, int], None]
"""Called with how many things are done, and how many there are."""


class Listener(Watcher, Protocol):
    """Receives notes and progress: a terminal shows them, a job of the app stores them."""

    def progress(self, unit: str) -> AbstractContextManager[Step]:
        """Report work that is counted in this unit, such as files."""
        ...

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        """Report unreadable photos: the reason of each, and the number of all photos."""
        ...


class Silent:
    """Ignores everything; a base for a listener that wants only some of it."""

    def say(self, line: str) -> None:
        pass

    def begin(self, todo: int) -> None:
        pass

    def step(self, faces: int) -> None:
        pass

    def end(self) -> None:
        pass

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:  # noqa: ARG002 - nobody is told
        yield lambda _done, _total: None

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        pass


SILENT: Listener = Silent()
"""Ignores everything; has no state, so one serves everybody."""
