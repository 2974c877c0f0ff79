"""Measure the package's structure: python scripts/house.py [--check] [FOLDER].

Prints a table of figures with their targets. ``--check`` judges the figures that may not get worse and exits with 1
when one does; ``make check`` runs it.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

PACKAGE = "photo_ranker"
ROOT = Path(__file__).parent.parent
COMMAND_NAMES = {"run", "add_arguments", "request_of", "start"}
"""Every command has these functions, so they count as one name each."""
DIRECTIVES = re.compile(r"#\s*(noqa(: [A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?|fmt: \w+|pragma: [\w ]+)")
"""Comments written for tools; a reason after one (`` - why``) counts as an ordinary comment."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Rule(NamedTuple):
    """What one figure should be, and what ``--check`` lets pass."""

    figure: str
    target: float | None
    kept: float | None = None
    """The limit of ``--check``; None = a figure to look at, not to keep."""
    at_least: bool = False


RULES = (
    # Lines, modules and rooms are looked at, not kept: new features add to them.
    Rule("package lines", 23_000),
    Rule("modules", 185),
    Rule("rooms", 26),
    # These limits are the figures of the package when they were set. Lower a limit as soon as its figure is lower.
    Rule("lines per module", 120, kept=140, at_least=True),
    Rule("public names defined twice", 8, kept=7),
    Rule("signatures with Namespace", 30, kept=24),
    Rule("signatures with Namespace outside cli", 0, kept=0),
    Rule("import circles", 0, kept=0),
    Rule("function lines, p95", 20, kept=20),
    Rule("function lines, longest", 45, kept=45),
    Rule("test lines / source lines", 0.8, kept=0.8, at_least=True),
    Rule("comments, % of lines", 5, kept=5, at_least=True),
)


@dataclass(frozen=True)
class Module:
    """One file of the package, parsed."""

    name: str
    """Dotted and relative to the package: ``cli.rank``; a package is named without its ``__init__``."""
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """Lines of the file, blank ones too."""
        return self.text.count("\n")

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method of the file, inner ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]


class Package:
    """All modules of a package and the figures about them."""

    def __init__(self, root: Path, package: str = PACKAGE) -> None:
        self.package = package
        self._tests = root / "tests"
        self.modules = [_module(path, root / package) for path in sorted((root / package).rglob("*.py"))]
        self._folder = root / package

    def figures(self) -> dict[str, float]:
        """Each figure by the name that :data:`RULES` gives it."""
        lines = sum(module.lines for module in self.modules)
        tests = sum(path.read_text("utf-8").count("\n") for path in self._tests.rglob("*.py"))
        namespaces = self.namespaces()
        lengths = sorted(length for length, _ in self.function_lengths()) or [0]
        return {
            "package lines": lines,
            "modules": len(self.modules),
            "rooms": len(self.rooms()),
            "lines per module": lines / len(self.modules),
            "public names defined twice": len(self.names_twice()),
            "signatures with Namespace": len(namespaces),
            "signatures with Namespace outside cli": sum(not place.startswith("cli") for place in namespaces),
            "import circles": len(self.circles()),
            "function lines, p95": lengths[(len(lengths) * 95 - 1) // 100],
            "function lines, longest": lengths[-1],
            "test lines / source lines": tests / lines,
            "comments, % of lines": 100 * sum(map(_comment_lines, self.modules)) / lines,
        }

    def rooms(self) -> set[str]:
        """Packages, and modules directly in the top package."""
        packages = {module.name for module in self.modules if module.path.name == "__init__.py"}
        return {name for name in packages if name} | {
            module.name for module in self.modules if module.path.parent == self._folder and module.name
        }

    def names_twice(self) -> dict[str, list[str]]:
        """Public name -> the modules that define it, where several do."""
        homes: dict[str, list[str]] = {}
        for module in self.modules:
            # A set, since the overloads of one function have one name.
            defined = {node.name for node in module.tree.body if isinstance(node, Function | ast.ClassDef)}
            for name in defined - COMMAND_NAMES:
                homes.setdefault(name, []).append(module.name)
        return {name: found for name, found in homes.items() if len(found) > 1 and not name.startswith("_")}

    def namespaces(self) -> list[str]:
        """Each function whose signature names ``Namespace``, as ``module:function``."""
        return [
            f"{module.name}:{function.name}"
            for module in self.modules
            for function in module.functions
            if "Namespace" in _signature(function)
        ]

    def function_lengths(self) -> list[tuple[int, str]]:
        """Lines of every function without its docstring, and where it is."""
        return [
            (_length(function), f"{module.name}:{function.name}")
            for module in self.modules
            for function in module.functions
        ]

    def circles(self) -> list[list[str]]:
        """Groups of modules that import each other; imports inside functions and for the type checker count too."""
        return _circles({module.name: self._imports(module) for module in self.modules})

    def _imports(self, module: Module) -> set[str]:
        names = {other.name for other in self.modules}
        found = {name if name in names else name.rpartition(".")[0] for name in _imported(module.tree, self.package)}
        return found & names - {module.name}


def _module(path: Path, package: Path) -> Module:
    parts = path.relative_to(package).with_suffix("").parts
    return Module(".".join(part for part in parts if part != "__init__"), path, path.read_text("utf-8"))


def _signature(function: Function) -> str:
    returns = ast.unparse(function.returns) if function.returns else ""
    return f"{ast.unparse(function.args)} {returns}"


def _length(function: Function) -> int:
    first = function.body[0]
    docstring = 0 if ast.get_docstring(function) is None else (first.end_lineno or 0) - first.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Full names below the package: ``from a.b import c`` gives ``b.c``, whether c is a module or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.removeprefix(f"{package}.") for name in names if name.startswith(f"{package}."))


def _circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Modules that a chain of imports leads back to, grouped with those that they reach and that reach them."""
    reached = {name: _reachable(name, imports) for name in imports}
    circles = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in imports
        if name in reached[name]
    }
    return [list(circle) for circle in sorted(circles)]


def _reachable(start: str, imports: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(imports[start])
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += imports[name]
    return seen


def _comment_lines(module: Module) -> int:
    """Lines with a comment that is not for tools alone, and lines of strings under attributes."""
    comments = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT and DIRECTIVES.sub("", token.string).strip()
    }
    return len(comments) + sum(map(_attribute_doc_lines, ast.walk(module.tree)))


def _attribute_doc_lines(node: ast.AST) -> int:
    """Lines of strings under attributes in the body of a module or a class, or of a function (``self.name``)."""
    body = node.body if isinstance(node, ast.Module | ast.ClassDef | Function) else []
    return sum(
        (after.end_lineno or 0) - after.lineno + 1
        for before, after in pairwise(body)
        if isinstance(before, ast.Assign | ast.AnnAssign) and _is_string(after)
    )


def _is_string(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def fails(rule: Rule, now: float) -> bool:
    """Whether the figure is worse than what is kept."""
    if rule.kept is None:
        return False
    return now < rule.kept if rule.at_least else now > rule.kept


def table(figures: dict[str, float]) -> str:
    """Figure, value and target, one line each."""
    rows: list[tuple[str, ...]] = [("figure", "now", "target", "kept")]
    for rule in RULES:
        sign = ">=" if rule.at_least else "<="
        limits = ["" if value is None else f"{sign} {_shown(value)}" for value in (rule.target, rule.kept)]
        rows.append((rule.figure, _shown(figures[rule.figure]), *limits))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:<{widths[0]}}  {now:>{widths[1]}}  {target:>{widths[2]}}  {kept:>{widths[3]}}".rstrip()
        for name, now, target, kept in rows
    )


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def details(package: Package) -> Iterator[str]:
    """The places behind the figures, for whoever wants to lower one."""
    for circle in package.circles():
        yield f"import circle: {' '.join(circle)}"
    for name, homes in sorted(package.names_twice().items()):
        yield f"defined twice: {name} in {', '.join(homes)}"
    for place, count in Counter(place.partition(":")[0] for place in package.namespaces()).most_common():
        yield f"signatures with Namespace: {count} in {place}"
    for length, place in sorted(package.function_lengths(), reverse=True)[:10]:
        yield f"long function: {length} lines, {place}"


def main(words: Sequence[str] | None = None) -> int:
    """Print the table; with --check fail when a kept figure got worse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="the checkout (default: this one)")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a kept figure is worse than its limit")
    parser.add_argument("--details", action="store_true", help="list what stands behind the figures")
    args = parser.parse_args(words)
    package = Package(args.folder)
    figures = package.figures()
    print(table(figures))
    if args.details:
        print(*details(package), sep="\n")
    worse = [rule for rule in RULES if args.check and fails(rule, figures[rule.figure])]
    for rule in worse:
        print(f"error: {rule.figure} is {_shown(figures[rule.figure])}, which is worse than its limit", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
