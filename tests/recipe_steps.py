"""The recipes of CONTRIBUTING, followed in a copy of the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["ROOT", "add_below", "recipe"]

ROOT = Path(__file__).parents[1]


def recipe(title: str) -> str:
    """The text of the recipe to add something."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert f"## Recipe: add {title}\n" in text
    return text.partition(f"## Recipe: add {title}\n")[2].partition("\n## ")[0]


def add_below(path: Path, beginning: str, new: str) -> None:
    """Add a line below the only one with this beginning; a new line with the same beginning replaces it."""
    lines = path.read_text("utf-8").splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith(beginning))
    lines[place : place + 1] = [new] if new.startswith(beginning) else [lines[place], new]
    path.write_text("\n".join(lines) + "\n", "utf-8")
