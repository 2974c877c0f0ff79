from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from photo_ranker.models.quiet import no_stderr, no_stdout


def test_what_is_printed_meanwhile_is_dropped_from_python_and_from_c(capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    with no_stdout():
        print("chatter")
        os.write(1, b"chatter of C\n")
        print("a warning", file=sys.stderr)
    with no_stderr():
        os.write(2, b"a greeting\n")
        print("a result")
    print("after")
    assert capfd.readouterr() == ("before\na result\nafter\n", "a warning\n")


def test_threads_that_are_quiet_at_once_give_the_streams_back(capfd: pytest.CaptureFixture[str]) -> None:
    def be_quiet(seconds: float) -> None:
        with no_stdout():
            time.sleep(seconds)
            print("chatter")

    threads = [threading.Thread(target=be_quiet, args=(seconds,)) for seconds in (0.02, 0.05, 0.01, 0.03)]
    for thread in threads:
        thread.start()
        time.sleep(0.005)
    for thread in threads:
        thread.join()
    print("after")
    os.write(1, b"and from C\n")
    assert "chatter" not in (said := capfd.readouterr().out)
    assert sorted(said.splitlines()) == ["after", "and from C"]


def test_the_streams_come_back_after_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), no_stdout():
        raise ValueError("broken")
    print("after")
    assert capfd.readouterr().out == "after\n"
