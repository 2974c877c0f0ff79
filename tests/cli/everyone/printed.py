"""Every command that we print: in messages and advice, in the help, in the docs."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photo_ranker.cli import COMMANDS
from photo_ranker.cli.people import ACTIONS

__all__ = ["Printed", "in_docs", "in_help", "in_source", "written_by_hand"]

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "photo_ranker"
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

STAND_FOR = {
    "*album_words(args)": ["--photos", "wedding"],
    "*(album_words(args) if args.photos else ['DIR'])": ["--photos", "wedding"],
    "*question.faces": ["IMG_1.jpg", "IMG_9.jpg"],
    "answer": ["--same"],
    "engine": ["sface"],
    "*request.album_words": ["--photos", "wedding"],
    "*chosen": ["--engine", "sface"],
    "*everyone": ["--with", "Anna", "--with", "Ben"],
    "request.person": ["Anna"],
    "first.name": ["Anna"],
    "second.name": ["Ben"],
    "str(person.number)": ["2"],
    "str(missing)": ["Ben"],
    "path_word(root)": ["/archive"],
    "path_word(folder)": ["wedding"],
    "path_word(other)": ["wedding"],
    "path_word(folder / path)": ["wedding"],
}
"""What the arguments of ``command(...)`` may be when they are no plain words."""

BY_HAND = re.compile(rf"photo-ranker ({'|'.join(COMMANDS)})\b|\bpeople ({'|'.join(ACTIONS)}) (?!of\b)")


@dataclass(frozen=True)
class Printed:
    """One command, and where it is printed."""

    place: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place}: {' '.join(self.words)}"


def in_source() -> Iterator[Printed]:
    """The arguments of every ``command(...)``."""
    for path, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "command":
                words = [word for argument in node.args for word in _words_of(argument, path)]
                yield Printed(f"{path.relative_to(ROOT)}:{node.lineno}", tuple(words))


def written_by_hand() -> list[str]:
    """Commands in messages that ``command(...)`` has not formatted: nobody can collect and run them."""
    found = []
    for path, tree in _sources():
        exempt = {id(inner) for node in ast.walk(tree) for inner in _explained(node)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in exempt
            if is_text and BY_HAND.search(str(node.value)):  # type: ignore[attr-defined]
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")  # type: ignore[attr-defined]
    return found


def in_help() -> Iterator[Printed]:
    """The examples of every command."""
    for name in COMMANDS:
        for line in COMMANDS[name].module().EXAMPLE.splitlines():
            if "photo-ranker " in line:
                yield Printed(f"{name} --help", _split(line[line.index("photo-ranker ") :]))


def in_docs() -> Iterator[Printed]:
    """Lines of code blocks, and code within lines that is more than the name of a command."""
    for path in DOCS:
        text = path.read_text("utf-8")
        blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        spans = re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
        for line in [*lines, *(" ".join(span.split()) for span in spans)]:
            words = _split(line) if line.startswith(("photo-ranker ", "python run_rank.py ")) else ()
            if len(words) > 1 or (words and words[0] not in COMMANDS):
                yield Printed(path.name, words)


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def _words_of(argument: ast.expr, path: Path) -> list[str]:
    if isinstance(argument, ast.Constant):
        return [str(argument.value)]
    text = ast.unparse(argument)
    assert text in STAND_FOR, (
        f"{path}: say in {Path(__file__).name} what {text} may stand for, so that a test can run it"
    )
    return STAND_FOR[text]


def _explained(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings and other texts for readers of the code, and the examples, which are collected apart."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("EXAMPLE"):
        yield from ast.walk(node)


def _split(line: str) -> tuple[str, ...]:
    """The words as a shell would see them, without ``photo-ranker``, comments and redirection."""
    line = re.sub(r"\s#\s.*|\s>\s.*", "", line)
    words = shlex.split(line)
    return ("rank", *words[2:]) if words[0] == "python" else tuple(words[1:])
