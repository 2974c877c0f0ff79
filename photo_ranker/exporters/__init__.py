"""Writes a ranking in the formats that people and programs read."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import msgspec

from photo_ranker.core.terminal import also, printable
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.exporters.html import PictureMaker
    from photo_ranker.questions.answer import Ranking
    from photo_ranker.ranker import RankedPhoto

__all__ = [
    "EXPORTERS",
    "FILE_EXPORTERS",
    "Exporter",
    "beside",
    "cells",
    "colour_wanted",
    "fit",
    "output_format",
    "render_print0",
    "render_table",
    "render_txt",
    "terminal_width",
    "why",
]

Render = Callable[["Ranking", "PictureMaker"], Iterator[bytes]]
"""Yields the file in pieces; only formats that show photos call the picture maker."""


class Exporter(msgspec.Struct, frozen=True):
    """One format that a ranking can be written in."""

    suffix: str
    """Suffix of its files; empty = only for the terminal."""
    media_type: str
    """For downloads from the app."""
    label: str
    """Its name in the app."""
    render: Render


# Formats with a module of their own import it on use, so that a plain list does not wait for the report's code.


def _txt(ranking: Ranking, _pictures: PictureMaker) -> Iterator[bytes]:
    return render_txt(ranking)


def _csv(ranking: Ranking, _pictures: PictureMaker) -> Iterator[bytes]:
    from photo_ranker.exporters.document import render_csv

    return render_csv(ranking)


def _json(ranking: Ranking, _pictures: PictureMaker) -> Iterator[bytes]:
    from photo_ranker.exporters.document import render_json

    return render_json(ranking)


def _jsonl(ranking: Ranking, _pictures: PictureMaker) -> Iterator[bytes]:
    from photo_ranker.exporters.document import render_jsonl

    return render_jsonl(ranking)


def _html(ranking: Ranking, pictures: PictureMaker) -> Iterator[bytes]:
    from photo_ranker.exporters.html import render

    return render(ranking, pictures)


def _table(ranking: Ranking, _pictures: PictureMaker) -> Iterator[bytes]:
    yield render_table(ranking, terminal_width(), colour=False).encode()


EXPORTERS: dict[str, Exporter] = {
    "txt": Exporter(".txt", "text/plain; charset=utf-8", "Names", _txt),
    "csv": Exporter(".csv", "text/csv; charset=utf-8", "Table", _csv),
    "json": Exporter(".json", "application/json", "Data", _json),
    "jsonl": Exporter(".jsonl", "application/jsonl", "JSON lines", _jsonl),
    "html": Exporter(".html", "text/html; charset=utf-8", "Page to show", _html),
    "table": Exporter("", "text/plain; charset=utf-8", "Table for a terminal", _table),
}
"""Name of the format, as in ``--format`` -> its exporter."""

FILE_EXPORTERS = {name: exporter for name, exporter in EXPORTERS.items() if exporter.suffix}
"""The formats of files; the table goes to terminals only."""


def output_format(output: Path | None, asked: str | None) -> str:
    """The requested format, else that of the output's suffix, else txt."""
    if asked or output is None or not output.suffix:
        return asked or "txt"
    suffix = output.suffix.lower()
    suffix = ".html" if suffix == ".htm" else suffix
    name = next((name for name, exporter in FILE_EXPORTERS.items() if exporter.suffix == suffix), None)
    if name is None:
        suffixes = ", ".join(exporter.suffix for exporter in FILE_EXPORTERS.values())
        raise UserError(f"no format is called {output.suffix}", f"end the name in {suffixes}, or say --format")
    return name


# Texts for a terminal: bare paths, and a table of one line per photo with rank, score, kind, path and reasons.


def render_txt(ranking: Ranking) -> Iterator[bytes]:
    """One path per line; names that contain a line break need :func:`render_print0`."""
    return (os.fsencode(item.path) + b"\n" for item in ranking.results)


def render_print0(ranking: Ranking) -> Iterator[bytes]:
    """Paths that each end with a zero byte, for ``xargs -0``."""
    return (os.fsencode(item.path) + b"\0" for item in ranking.results)


_HEADER = ("#", "score", "kind", "photo")
_GAP = "  "
_MOST_PATH = 48
"""Columns of a path before it is shortened, so that the reasons have room."""
_LEAST_WHY = 24
"""Columns that the reasons get in any case."""
_BOLD, _DIM, _GREEN, _YELLOW, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[0m"


def render_table(ranking: Ranking, width: int, *, colour: bool) -> str:
    """The table, no line wider than ``width`` (40 or more); empty if there are no results."""
    if not ranking.results:
        return ""
    rows = [(str(number), _score(item), _kind(item), _place(item)) for number, item in enumerate(ranking.results, 1)]
    rank, score, kind, path = (max(cells(text) for text in column) for column in zip(_HEADER, *rows, strict=True))
    left = width - rank - score - kind - 4 * len(_GAP)
    path = min(path, max(left - _LEAST_WHY, left // 2), _MOST_PATH)
    head = (_HEADER[0].rjust(rank), fit(_HEADER[1], score), fit(_HEADER[2], kind), fit(_HEADER[3], path), "why")
    lines = [_paint(_GAP.join(head), _DIM, colour)]
    for item, texts in zip(ranking.results, rows, strict=True):
        line = (
            texts[0].rjust(rank),
            _paint(fit(texts[1], score), _BOLD, colour),
            fit(texts[2], kind),
            fit(texts[3], path, keep_end=True),
            why(item, left - path, colour=colour),
        )
        lines.append(_GAP.join(line).rstrip())
    return "\n".join(lines) + "\n"


def terminal_width() -> int:
    """Columns of the terminal, at least 40."""
    return max(40, shutil.get_terminal_size((120, 24)).columns)


def colour_wanted(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to use colour: only on a terminal that shows it, and not if NO_COLOR is set."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def beside(item: RankedPhoto) -> str:
    """What follows a result's path: how many copies and similar photos it stands for."""
    return also(len(item.copies), "copy", "copies") + also(len(item.alternates), "alike", "alike")


def _place(item: RankedPhoto) -> str:
    """The path, the time in a film, and the number of copies."""
    if item.face.at_seconds is None:
        return printable(item.path) + beside(item)
    minutes, seconds = divmod(int(item.face.at_seconds), 60)
    return f"{printable(item.path)} at {minutes}:{seconds:02}{beside(item)}"


def cells(text: str) -> int:
    """Columns of a text on a terminal: two for wide characters, none for combining ones."""
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def fit(text: str, width: int, *, keep_end: bool = False) -> str:
    """The text in exactly ``width`` columns, padded or shortened with an ellipsis."""
    if cells(text) > width:
        chars = list(text)
        while chars and cells("".join(chars)) > width - 1:
            chars.pop(0 if keep_end else -1)
        text = "…" + "".join(chars) if keep_end else "".join(chars) + "…"
    return text + " " * (width - cells(text))


def _score(item: RankedPhoto) -> str:
    return f"{item.score:.3f}{'?' if item.match.doubtful else ''}{'' if item.close_to is None else ' as good'}"


def _kind(item: RankedPhoto) -> str:
    return item.kind if item.kind == "single" else f"group {item.people_in_photo}"


def why(item: RankedPhoto, width: int = sys.maxsize, *, colour: bool = False) -> str:
    """The reasons for a photo and what is against it, in a line of this width."""
    if not item.against:
        return _paint(_listed(item.reasons, width), _GREEN, colour)
    # Words against a photo are rarer, so they stay when there is no room for both.
    against = _listed(item.against, width)
    reasons = _listed(item.reasons, width - cells(against) - len(" but "))
    if not reasons or reasons.endswith("…"):
        return _paint(against, _YELLOW, colour)
    return f"{_paint(reasons, _GREEN, colour)} but {_paint(against, _YELLOW, colour)}"


def _listed(words: Sequence[str], width: int) -> str:
    """As many of the words as fit, or the beginning of the first."""
    for count in range(len(words), 0, -1):
        text = ", ".join(words[:count])
        if cells(text) <= width:
            return text
    return fit(words[0], width).rstrip() if words and width > 0 else ""


def _paint(text: str, style: str, colour: bool) -> str:
    return f"{style}{text}{_RESET}" if colour and text else text
