"""Draws where the time of one photo goes, from the figures of ``make bench``.

``python -m bench.speed_picture "12 megapixels=camera.json" "web photos=web.json" > docs/speed.svg``, where each file
was written by ``make bench ARGS='--json FILE'``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from bench.bare import REST

__all__ = ["Bar", "bar_of", "drawn", "main"]

STAGES = {
    REST: ("reading, hash, EXIF", "#8c8c8c"),
    "decode": ("decoding", "#b8860b"),
    "detect": ("detection", "#3b7dd8"),
    "identity": ("identity", "#7d5bbe"),
    "mesh": ("mesh and look", "#c2517a"),
    "signals": ("sharpness and light", "#3a9a6a"),
}
"""Stage of the bench -> its label and colour; each colour can be told from a white and from a black page."""
BY_FACE = frozenset({"identity", "mesh"})
"""Stages whose figures are of one face."""

WIDTH, LEFT, ROW, BAR = 760, 10, 64, 26
"""px of the picture, its margin, a row and the bar in it."""
_STYLE = "text{font:13px sans-serif;fill:#1f1f1f}@media(prefers-color-scheme:dark){text{fill:#e6e6e6}}"


class Bar(NamedTuple):
    """One kind of photo."""

    label: str
    faces: float
    """Faces that a photo shows."""
    milliseconds: dict[str, float]
    """Stage -> its time for one photo, on one core."""


def bar_of(label: str, figures: dict[str, Any]) -> Bar:
    """The bar of what the bench has measured."""
    faces, stages = float(figures["faces a photo"]), figures["stages"]
    return Bar(label, faces, {name: stages[name] * (faces if name in BY_FACE else 1) for name in STAGES})


def drawn(bars: Sequence[Bar]) -> str:
    """The picture as SVG, readable on light and on dark pages."""
    scale = (WIDTH - 2 * LEFT) / max(sum(bar.milliseconds.values()) for bar in bars)
    height = ROW * len(bars) + 60
    lines = [part for number, bar in enumerate(bars) for part in _row(bar, ROW * number, scale)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">',
            "<title>Where the time of one photo goes, on one core</title>",
            f"<style>{_STYLE}</style>",
            *lines,
            *_legend(ROW * len(bars) + 18),
            "</svg>\n",
        ]
    )


def _row(bar: Bar, top: int, scale: float) -> Iterator[str]:
    total = sum(bar.milliseconds.values())
    title = f"{bar.label}, {bar.faces:.1f} faces: {total:.0f} ms of one core"
    yield f'<text x="{LEFT}" y="{top + 18}">{escape(title)}</text>'
    left = float(LEFT)
    for stage, (label, colour) in STAGES.items():
        width = bar.milliseconds[stage] * scale
        yield (
            f'<rect x="{left:.1f}" y="{top + 26}" width="{width:.1f}" height="{BAR}" fill="{colour}">'
            f"<title>{escape(label)}: {bar.milliseconds[stage]:.1f} ms</title></rect>"
        )
        if width > 24:
            middle = left + width / 2
            yield (
                f'<text x="{middle:.1f}" y="{top + 44}" text-anchor="middle" style="fill:#fff">'
                f"{bar.milliseconds[stage]:.0f}</text>"
            )
        left += width


def _legend(top: int) -> Iterator[str]:
    for number, (label, colour) in enumerate(STAGES.values()):
        left, row = LEFT + 250 * (number % 3), top + 20 * (number // 3)
        yield f'<rect x="{left}" y="{row - 11}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{left + 18}" y="{row}">{escape(label)}</text>'


def main(words: Sequence[str]) -> None:
    """Print the picture of the figures in these files, each given as LABEL=FILE."""
    named = [word.partition("=") for word in words]
    print(drawn([bar_of(label, json.loads(Path(file).read_text("utf-8"))) for label, _, file in named]), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
