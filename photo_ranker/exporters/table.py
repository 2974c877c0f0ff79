"""The ranking for a person at a terminal: rank, score, kind, path and why, one line a photo."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from photo_ranker.terminal import also, printable

if TYPE_CHECKING:
    from photo_ranker.answer import Ranking
    from photo_ranker.ranker import RankedPhoto

__all__ = ["beside", "cells", "colour_wanted", "fit", "render", "render_plain", "terminal_width"]

_HEADER = ("#", "score", "kind", "photo")
_GAP = "  "
_MOST_PATH = 48
"""Characters of a path before it is shortened; the words of why want room too."""
_LEAST_WHY = 24
_BOLD, _DIM, _GREEN, _YELLOW, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[0m"


def render(ranking: Ranking, width: int, *, colour: bool) -> str:
    """The table, no line wider than ``width`` (from 40 characters on); empty without results."""
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
            _why(item, left - path, colour=colour),
        )
        lines.append(_GAP.join(line).rstrip())
    return "\n".join(lines) + "\n"


def render_plain(ranking: Ranking) -> Iterator[bytes]:
    """The table without colour, as wide as the terminal, for wherever it goes."""
    yield render(ranking, terminal_width(), colour=False).encode()


def terminal_width() -> int:
    """Characters in a line of the terminal, never so few that nothing fits."""
    return max(40, shutil.get_terminal_size((120, 24)).columns)


def colour_wanted(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Colour only on a terminal that can, and never against the user's NO_COLOR."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def beside(item: RankedPhoto) -> str:
    """How many files stand behind a result, as it is written after its path."""
    return also(len(item.copies), "copy", "copies") + also(len(item.alternates), "alike", "alike")


def _place(item: RankedPhoto) -> str:
    """The path, in a film the moment, and how many copies there are."""
    if item.face.at_seconds is None:
        return printable(item.path) + beside(item)
    minutes, seconds = divmod(int(item.face.at_seconds), 60)
    return f"{printable(item.path)} at {minutes}:{seconds:02}{beside(item)}"


def cells(text: str) -> int:
    """Columns that a text takes at a terminal: two for wide signs, none for combining ones."""
    return sum(0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


def fit(text: str, width: int, *, keep_end: bool = False) -> str:
    """The text in exactly ``width`` columns, shortened with an ellipsis where it must be."""
    if cells(text) > width:
        signs = list(text)
        while signs and cells("".join(signs)) > width - 1:
            signs.pop(0 if keep_end else -1)
        text = "…" + "".join(signs) if keep_end else "".join(signs) + "…"
    return text + " " * (width - cells(text))


def _score(item: RankedPhoto) -> str:
    return f"{item.score:.3f}{'?' if item.match.doubtful else ''}{'' if item.close_to is None else ' as good'}"


def _kind(item: RankedPhoto) -> str:
    return item.kind if item.kind == "single" else f"group {item.people_in_photo}"


def _why(item: RankedPhoto, width: int, *, colour: bool) -> str:
    if not item.against:
        return _paint(_listed(item.reasons, width), _GREEN, colour)
    # What speaks against a photo is the rarer word: it keeps its room when both cannot.
    against = _listed(item.against, width)
    reasons = _listed(item.reasons, width - cells(against) - len(" but "))
    if not reasons or reasons.endswith("…"):
        return _paint(against, _YELLOW, colour)
    return f"{_paint(reasons, _GREEN, colour)} but {_paint(against, _YELLOW, colour)}"


def _listed(words: Sequence[str], width: int) -> str:
    """As many of the words as fit whole, at least a piece of the first."""
    for count in range(len(words), 0, -1):
        text = ", ".join(words[:count])
        if cells(text) <= width:
            return text
    return fit(words[0], width).rstrip() if words and width > 0 else ""


def _paint(text: str, style: str, colour: bool) -> str:
    return f"{style}{text}{_RESET}" if colour and text else text
