"""What holds for every command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from photo_ranker.cli import COMMANDS, main

HEAVY = (
    "cv2",
    "numpy",
    "onnxruntime",
    "onnx",
    "PIL",
    "ai_edge_litert",
    "pooch",
    "tqdm",
    "sklearn",
    "fastapi",
    "ray",
    "insightface",
    "deepface",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "example" in said
    assert f"photo-ranker {command}" in said


def test_help_loads_nothing_heavy() -> None:
    words = [["--help"], *([command, "--help"] for command in COMMANDS)]
    code = (
        "import sys\nfrom photo_ranker.cli import main\n"
        f"for words in {words!r}:\n"
        "    try: main(words)\n"
        "    except SystemExit: pass\n"
        f"print('loaded:', sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_an_unknown_command_is_an_error_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rnak"]) == 2
    assert "there is no command 'rnak'" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_an_error_of_the_user(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--no-such-option"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_nothing_to_do_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert all(command in capsys.readouterr().out for command in ("rank",))


def test_every_command_is_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert [command for command in COMMANDS if f"photo-ranker {command}" not in readme] == []
