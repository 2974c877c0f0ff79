"""Writes a ranking in the formats that people and programs read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.exporters.html import PictureMaker
    from photo_ranker.questions.answer import Ranking

__all__ = ["EXPORTERS", "FILE_EXPORTERS", "Exporter", "output_format"]

Render = Callable[["Ranking", "PictureMaker"], Iterator[bytes]]
"""Yields the file in pieces; only formats that show photos call the picture maker."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format that a ranking can be written in."""

    suffix: str
    """Suffix of its files; empty = only for the terminal."""
    media_type: str
    """For downloads from the app."""
    label: str
    """Its name in the app."""
    render: Render


# Each imports its module on use: a plain list must not wait for the report's code.


def _txt(ranking: Ranking, _pictures: PictureMaker) -> Iterator[bytes]:
    from photo_ranker.exporters.table import render_txt

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
    from photo_ranker.exporters.table import render_plain

    return render_plain(ranking)


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
