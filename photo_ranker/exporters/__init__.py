"""The answer in the forms that people and programs read; one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.errors import UserError
from photo_ranker.exporters import csv, html, json, jsonl, table, txt

if TYPE_CHECKING:
    from photo_ranker.answer import Ranking
    from photo_ranker.exporters.html import PictureMaker

__all__ = ["EXPORTERS", "Exporter", "format_of"]

Exporter = Callable[["Ranking", "PictureMaker"], Iterator[bytes]]
"""Gives the file piece by piece; only what shows photos asks for pictures."""

EXPORTERS: dict[str, Exporter] = {
    "txt": lambda ranking, _: txt.render(ranking),
    "csv": lambda ranking, _: csv.render(ranking),
    "json": lambda ranking, _: json.render(ranking),
    "jsonl": lambda ranking, _: jsonl.render(ranking),
    "html": html.render,
    "table": lambda ranking, _: table.render_plain(ranking),
}
"""Name of a format -> what writes it; the name is also the suffix of its files (a table is to be looked at)."""


def format_of(output: Path | None, asked: str | None) -> str:
    """The format that was asked for, else the one that the output's suffix names, else txt."""
    if asked or output is None:
        return asked or "txt"
    suffix = output.suffix.lower().removeprefix(".")
    suffix = "html" if suffix == "htm" else suffix
    names = [name for name in EXPORTERS if name != "table"]
    if suffix and suffix not in names:
        raise UserError(
            f"no format is called {output.suffix}", f"end the name in .{', .'.join(names)}, or say --format"
        )
    return suffix or "txt"
