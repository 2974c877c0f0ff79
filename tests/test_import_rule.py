"""Imports go one way: two branches, measuring and weighing, that meet only at the top."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "photo_ranker"

SHARED = {"errors", "records", "settings", "core"}
"""What both branches stand on."""

MEASURE = ["images", "models", "quality", "analysis", "indexing", "scaleout"]
"""Each may import those before it."""

WEIGH = [
    {"album", "metadata"},
    {"person_finder", "ranker"},
    {"questions"},
    {"people"},
    {"library"},
    {"exporters"},
]
"""Each level may import the levels before it and its own."""

TOP = {"__main__", "api", "cli", "web", "workspace", "__init__"}
"""May import all; only the top imports the top."""

FOREIGN_TO_WEIGHING = {
    "cv2",
    "onnxruntime",
    "onnx",
    "PIL",
    "pi_heif",
    "rawpy",
    "ai_edge_litert",
    "pooch",
    "ray",
    "insightface",
    "deepface",
}
"""Packages that open photos or run models."""


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@cache
def imports_of(path: Path) -> frozenset[str]:
    return frozenset(_imports_of(path))


def _imports_of(path: Path) -> Iterator[str]:
    """Every imported module of a file, also inside functions, but not those for the type checker alone."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "photo_ranker":
                yield from (f"photo_ranker.{alias.name}" for alias in node.names)
            else:
                yield str(node.module)


def rooms_imported(path: Path) -> set[str]:
    rooms = {name.split(".")[1] for name in imports_of(path) if name.startswith("photo_ranker.")}
    return {room for room in rooms if not room.startswith("__")}


def allowed(room: str) -> set[str]:
    if room in SHARED:
        return SHARED
    if room in MEASURE:
        extra = {"metadata", "album"} if room in {"indexing", "scaleout"} else set()
        return SHARED | extra | set(MEASURE[: MEASURE.index(room) + 1])
    for number, level in enumerate(WEIGH):
        if room in level:
            return SHARED.union(*WEIGH[: number + 1])
    assert room in TOP, f"{room} has no place in the house: name it in this test and in docs/ARCHITECTURE.md"
    return {path.stem for path in PACKAGE.iterdir()}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_what_its_place_allows(path: Path) -> None:
    assert rooms_imported(path) <= allowed(room_of(path))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_weighing_branch_opens_no_photo(path: Path) -> None:
    if any(room_of(path) in level for level in WEIGH) or room_of(path) in SHARED:
        assert not {name.split(".")[0] for name in imports_of(path)} & FOREIGN_TO_WEIGHING


def test_rooms_do_not_import_in_circles() -> None:
    edges = {
        room: {
            other
            for path in modules()
            if room_of(path) == room
            for other in rooms_imported(path)
            if other not in {room, *TOP}
        }
        for room in map(room_of, modules())
        if room not in TOP
    }
    while edges:
        free = [room for room, needs in edges.items() if not needs & edges.keys()]
        assert free, f"these import each other in a circle: {sorted(edges)}"
        for room in free:
            del edges[room]


def test_records_cost_little_of_a_start() -> None:
    # Defining a dataclass takes half a millisecond, a Struct a fiftieth of that, and a question needs eighty.
    made = {str(path.relative_to(PACKAGE)) for path in modules() if "\n@dataclass" in path.read_text("utf-8")}
    assert made == {
        "settings/__init__.py",  # takes flat names
        "web/problems.py",  # FastAPI describes it
    }


@pytest.mark.parametrize("path", sorted((PACKAGE / "workspace").glob("*.py")), ids=lambda path: path.name)
def test_the_workspace_knows_no_adapter(path: Path) -> None:
    assert not rooms_imported(path) & {"api", "cli", "web", "tuning"}
