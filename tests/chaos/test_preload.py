"""The preloaded library itself: it sees what Python writes, and lets go wrong what it is told to."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.power import unsafe
from chaos.preload import Call, State, Unavailable, compile_library, environment, read_log

EVERYTHING = """
import os, shutil, sys
os.mkdir("folder")
with open("a", "wb") as file:
    file.write(b"0123456789")
    file.flush()
    os.fsync(file.fileno())
    file.truncate(8)
os.rename("a", "folder/b")
os.link("folder/b", "c")
os.symlink("c", "d")
os.utime("c")
os.chmod("c", 0o600)
shutil.copyfile("c", "e")
os.pwrite(os.open("e", os.O_RDWR), b"x", 2)
os.writev(os.open("e", os.O_RDWR), [b"y", b"z"])
at = os.open("folder", os.O_RDONLY)
os.close(os.open("f", os.O_WRONLY | os.O_CREAT, dir_fd=at))
os.replace("f", "g", src_dir_fd=at, dst_dir_fd=at)
shutil.rmtree("folder")
os.unlink("d")
open("c").read()
"""

WRITE_TWICE = """
import os
file = os.open("a", os.O_WRONLY | os.O_CREAT)
for part in (b"01234567", b"89"):
    try:
        os.write(file, part)
    except OSError as error:
        print(error.errno)
"""


class Lab:
    """Runs scripts under the library."""

    def __init__(self, folder: Path) -> None:
        self.world = folder / "world"
        self.world.mkdir()
        self._library = compile_library(folder)
        self._state = State.make(folder / "state")
        self._log = folder / "log"

    def run(self, script: str, target: int = 0, kind: str | None = None) -> subprocess.CompletedProcess[str]:
        self._state.arm(self.world, self._log, target, kind)
        variables = {**os.environ, **environment(self._library, self._state.path)}
        command = [sys.executable, "-c", script]
        return subprocess.run(command, cwd=self.world, env=variables, capture_output=True, text=True, check=False)

    @property
    def calls(self) -> list[Call]:
        return read_log(self._log)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    try:
        yield Lab(tmp_path)
    except Unavailable as reason:
        pytest.skip(f"chaos: {reason}")


def test_what_python_writes_is_counted_and_what_it_reads_is_not(lab: Lab) -> None:
    done = lab.run(EVERYTHING)
    assert (done.returncode, done.stderr) == (0, "")
    names = [call.name for call in lab.calls]
    copying = [name for name in names if name in {"sendfile", "copy_file_range"}]
    assert copying
    assert [name for name in names if name not in copying] == [
        "mkdir", "open", "write", "fsync", "ftruncate", "rename", "link", "symlink", "utime", "chmod", "open",
        "pwrite", "writev", "open", "rename", "unlink", "unlink", "rmdir", "unlink",
    ]  # fmt: skip
    assert [(call.origin, call.path) for call in lab.calls if call.name == "rename"] == [
        ("/a", "/folder/b"), ("/f", "/folder/g"),
    ]  # fmt: skip
    assert [call.number for call in lab.calls] == list(range(1, len(names) + 1))


def test_nothing_outside_the_world_is_counted(lab: Lab) -> None:
    lab.run("open('../beside', 'w').write('x')")
    assert [call.path for call in lab.calls if "beside" not in call.path] == []


@pytest.mark.parametrize(
    ("kind", "code", "said", "left"),
    [
        (None, 0, "", b"0123456789"),
        ("eio", 0, f"{errno.EIO}\n", b"89"),
        ("enospc", 0, f"{errno.ENOSPC}\n", b"89"),
        ("before", -signal.SIGKILL, "", b""),
        ("after", -signal.SIGKILL, "", b"01234567"),
        ("torn", -signal.SIGKILL, "", b"0123"),
        ("full", 0, f"{errno.ENOSPC}\n", b"0123"),
    ],
)
def test_a_write_goes_wrong_as_ordered(lab: Lab, kind: str | None, code: int, said: str, left: bytes) -> None:
    done = lab.run(WRITE_TWICE, 2, kind)
    assert (done.returncode, done.stdout) == (code, said)
    assert (lab.world / "a").read_bytes() == left


def test_when_one_process_is_killed_the_others_die_at_their_next_call(lab: Lab) -> None:
    child = "open('b', 'w')"
    script = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); "
        "print('goes on', flush=True); open('c', 'w')"
    )
    done = lab.run(script, 1, "before")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "goes on\n")
    assert list(lab.world.iterdir()) == []


def calls(*told: tuple[str, str, str]) -> list[Call]:
    return [Call(number, name, origin, path) for number, (name, origin, path) in enumerate(told, 1)]


def test_a_name_that_comes_before_the_content_is_seen() -> None:
    write, rename = ("write", "", "/out/a.tmp"), ("rename", "/out/a.tmp", "/out/a")
    sync, sync_folder = ("fsync", "", "/out/a.tmp"), ("fsync", "", "/out")
    assert unsafe(calls(write, sync, rename, sync_folder)) == []
    assert unsafe(calls(write, rename, sync_folder)) == ["/out/a got its name before its content was on the disk"]
    assert unsafe(calls(write, sync, rename)) == ["the name of /out/a is not on the disk"]
    assert unsafe(calls(sync, write)) == ["the content of /out/a.tmp is not on the disk"]
    inside = [("write", "", "/out/.a.tmp/1"), ("rename", "/out/.a.tmp/1", "/out/.a.tmp/2")]
    folder = [("rename", "/out/.a.tmp", "/out/a"), sync_folder]
    assert unsafe(calls(*inside, ("fsync", "", "/out/.a.tmp/2"), ("fsync", "", "/out/.a.tmp"), *folder)) == []
    assert unsafe(calls(*inside, *folder)) == ["/out/a/2 got its name before its content was on the disk"]
    assert unsafe(calls(("write", "", "/cache/thumbnails/a.jpg"), write, ("unlink", "", "/out/a.tmp"))) == []
