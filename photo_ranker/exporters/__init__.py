"""The answer in the forms that people and programs read; one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.answer import Ranking
    from photo_ranker.exporters.html import PictureMaker

__all__ = ["EXPORTERS", "Exporter", "format_of"]

Exporter = Callable[["Ranking", "PictureMaker"], Iterator[bytes]]
"""Gives the file piece by piece; only what shows photos asks for pictures."""


def _lazily(name: str, function: str = "render", *, shows_photos: bool = False) -> Exporter:
    """The exporter of a module that is loaded when it is used: a plain list must not wait for the page's code."""

    def render(ranking: Ranking, pictures: PictureMaker) -> Iterator[bytes]:
        exporter = getattr(import_module(f"photo_ranker.exporters.{name}"), function)
        pieces: Iterator[bytes] = exporter(ranking, pictures) if shows_photos else exporter(ranking)
        return pieces

    return render


EXPORTERS: dict[str, Exporter] = {
    "txt": _lazily("txt"),
    "csv": _lazily("csv"),
    "json": _lazily("json"),
    "jsonl": _lazily("jsonl"),
    "html": _lazily("html", shows_photos=True),
    "table": _lazily("table", "render_plain"),
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
