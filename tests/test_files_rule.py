"""One place opens, replaces and locks files: ``photo_ranker.core``. This test reads the code and finds others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "photo_ranker"

OF_OS = {"open", "fdopen", "replace", "rename", "renames", "link", "symlink", "mkfifo", "truncate"}
OF_SHUTIL = {"copy", "copy2", "copyfile", "move", "copytree"}
OF_TEMPFILE = {"mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile"}
OF_PATHS = {
    "read_bytes", "read_text", "write_bytes", "write_text", "rename", "touch", "symlink_to", "hardlink_to", "flock",
}  # fmt: skip
MODE = re.compile(r"[rwax][bt+]*")

# One call each; whoever adds one gives the reason.
ALLOWED = {
    ("cli/__init__.py", "open"): "devnull in place of a closed stderr",
    ("cli/console.py", "os.open"): "devnull in place of a stdout that nobody reads",
    ("images/decoders/__init__.py", "os.open"): "devnull in place of stdout, which carries the answers",
    ("images/decoders/__init__.py", "os.fdopen"): "the pipe to the parent process",
    ("indexing/worker.py", "os.open"): "devnull in place of the parent's streams",
    ("models/sessions.py", "os.open"): "devnull in place of stdout while a library talks",
    ("models/sessions.py", "open"): "devnull in place of stdout while a library talks",
    ("indexing/interfaces.py", ".read_text"): "the system's word on how many processors there are",
    ("exporters/html.py", ".read_text"): "importlib.resources: a part of the package",
    ("models/mesh.py", ".open"): "importlib.resources: a part of the package",
    ("quality/eyewear.py", ".open"): "importlib.resources: a part of the package",
    ("cli/serve.py", ".open"): "a token, which may come through a pipe: --token-file <(pass photo-ranker)",
    ("workspace/config_process.py", ".write_bytes"): "a script apart from the package; its parent made the folder",
    ("web/album_list.py", ".read_bytes"): "importlib.resources: a part of the package",
    ("web/job_process.py", "os.fdopen"): "the pipe to the server",
    ("web/job_process.py", ".write_text"): "a word to the system on how its session shares the processor",
    ("exporters/writing.py", ".open"): "a name within the ZIP",
    ("web/api/albums.py", ".rename"): "the title of an album; no file",
}


def calls_in(text: str) -> Iterator[str]:
    """Every call that opens, replaces, links or locks a file."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and (name := name_of(node)):
            yield name


def name_of(call: ast.Call) -> str | None:
    """The name of such a call; None for all other calls."""
    if isinstance(call.func, ast.Name):
        return call.func.id if call.func.id == "open" or call.func.id in OF_TEMPFILE else None
    if not isinstance(call.func, ast.Attribute):
        return None
    owner, name = ast.unparse(call.func.value), call.func.attr
    if owner in {"files", "names"}:  # the modules of core
        return None
    modules = {"os": OF_OS, "shutil": OF_SHUTIL, "tempfile": OF_TEMPFILE, "io": {"open"}, "fcntl": {"flock", "lockf"}}
    if owner in modules:
        return f"{owner}.{name}" if name in modules[owner] else None
    is_opening = name == "open" and any(is_mode(word) for word in (*call.args, *(key.value for key in call.keywords)))
    # The replace of a text takes two arguments, that of a record takes keywords.
    is_renaming = name == "replace" and len(call.args) == 1 and not call.keywords
    return f".{name}" if is_opening or is_renaming or name in OF_PATHS else None


def is_mode(word: ast.expr) -> bool:
    """Whether an argument says how a file is to be opened."""
    return isinstance(word, ast.Constant) and isinstance(word.value, str) and bool(MODE.fullmatch(word.value))


def found() -> set[tuple[str, str]]:
    """Every such call outside of core."""
    return {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in sorted(PACKAGE.rglob("*.py"))
        if PACKAGE / "core" not in path.parents
        for name in calls_in(path.read_text("utf-8"))
    }


def test_only_core_opens_replaces_and_locks_files() -> None:
    assert found() - ALLOWED.keys() == set()


def test_no_exception_is_out_of_date() -> None:
    assert ALLOWED.keys() - found() == set()


@pytest.mark.parametrize(
    "text",
    [
        "open(path)", "os.open(path, flags)", "path.open('rb')", "path.open(mode='w')", "path.read_bytes()",
        "path.write_text(text)", "os.replace(one, two)", "one.replace(two)", "part.rename(path)", "os.link(one, two)",
        "path.symlink_to(other)", "tempfile.mkstemp(dir=folder)", "NamedTemporaryFile()", "fcntl.flock(file, 2)",
        "mark.touch()", "shutil.copyfile(one, two)",
    ],
)  # fmt: skip
def test_it_finds_what_it_looks_for(text: str) -> None:
    assert list(calls_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "text.replace('a', 'b')",
        "replace(record, a=1)",
        "spec.open()",
        "record.replace(a=1)",
        "files.replace(path, [text])",
        "names.rename(one, two)",
    ],
)
def test_it_leaves_the_rest_alone(text: str) -> None:
    assert not list(calls_in(text))
