from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from photo_ranker.cli.console import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EXIT_USER, run_safely
from photo_ranker.errors import PhotoUnreadable, UserError


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


def test_what_the_command_returns_is_the_exit_code() -> None:
    assert run_safely(lambda: 7) == 7


def test_an_error_of_the_user_is_two_lines_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_safely(raising(UserError("no face found in a.jpg", "try another photo"))) == EXIT_USER
    assert capsys.readouterr().err == "error: no face found in a.jpg\n  try another photo\n"


def test_an_expected_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_safely(raising(PhotoUnreadable("empty file"))) == EXIT_USER
    assert capsys.readouterr().err == "error: empty file\n"


def test_an_unexpected_error_names_a_log_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_safely(raising(ZeroDivisionError("division by zero"))) == EXIT_FAILED
    said = capsys.readouterr().err
    log = Path(said.rsplit(": ", 1)[1].strip())
    assert "Traceback" not in said
    assert "ZeroDivisionError" in log.read_text()
    log.unlink()


def test_ctrl_c_says_that_all_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_safely(raising(KeyboardInterrupt())) == EXIT_INTERRUPTED
    assert "kept" in capsys.readouterr().err


def test_a_closed_door_is_an_error_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_safely(raising(PermissionError(13, "Permission denied", "a/b.jpg"))) == EXIT_USER
    assert capsys.readouterr().err == "error: cannot open a/b.jpg: Permission denied\n  check its permissions\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", ["--help", "models list --json"])
def test_a_full_disk_is_one_clear_line(words: str) -> None:
    command = f"{sys.executable} -m photo_ranker {words} > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_USER
    said = "error: cannot write the result: No space left on device\n  make room, or write elsewhere\n"
    assert done.stderr == said


def test_a_closed_stdout_is_said_and_a_closed_stderr_is_silent() -> None:
    command = f"{sys.executable} -m photo_ranker models list"
    done = subprocess.run(["bash", "-c", f"{command} >&-"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        EXIT_USER,
        "error: stdout is closed, and the result goes there",
    )
    done = subprocess.run(["bash", "-c", f"{command} 2>&-"], capture_output=True, text=True, check=False)
    assert done.returncode == EXIT_OK
    assert "error" not in done.stdout
    done = subprocess.run(["bash", "-c", f"{command} --nonsense 2>&-"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (EXIT_USER, "")


def test_a_failing_disk_is_said_and_no_bug_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    failure = OSError(errno.EIO, "Input/output error", "album/.photo_ranker_metadata.json.journal")
    assert run_safely(raising(failure)) == EXIT_USER
    said = capsys.readouterr().err
    assert "album/.photo_ranker_metadata.json.journal: Input/output error" in said
    assert "report" not in said


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m photo_ranker --help | true"
    for _ in range(5):
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (EXIT_OK, "")
