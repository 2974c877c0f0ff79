from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from photo_ranker.core.leftovers import Owner, this_process, write_owner
from photo_ranker.errors import FileRefused, MetadataError
from photo_ranker.metadata import lock as lock_module
from photo_ranker.metadata.lock import FolderLock, is_held, lock_of

HOLD = """
import sys, time
from pathlib import Path
from photo_ranker.metadata.lock import FolderLock
with FolderLock(Path(sys.argv[1]), print):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""

COUNT = """
import sys
from pathlib import Path
from photo_ranker.metadata.lock import FolderLock
number = Path(sys.argv[1], "number")
for _ in range(40):
    with FolderLock(Path(sys.argv[1]), lambda _: None):
        number.write_text(str(int(number.read_text()) + 1))
"""


def holder(folder: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def leave_behind(folder: Path, owner: Owner) -> None:
    with lock_of(folder).open("wb+") as file:
        write_owner(file, owner)


def stranger(**facts: object) -> Owner:
    return msgspec.structs.replace(this_process(), **facts)


def test_the_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    with FolderLock(tmp_path, print):
        assert lock_of(tmp_path).exists()
        assert lock_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.iterdir())


def test_a_look_tells_a_run_at_work_from_a_lock_left_behind(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    with holder(tmp_path, 60) as other:
        assert is_held(tmp_path)
        other.kill()
    assert lock_of(tmp_path).exists()
    assert not is_held(tmp_path)
    leave_behind(tmp_path, stranger(machine="another"))
    assert is_held(tmp_path)


def test_who_waits_is_told_for_whom_and_goes_on_afterwards(tmp_path: Path) -> None:
    said: list[str] = []
    with holder(tmp_path, 0.5) as other, FolderLock(tmp_path, said.append):
        assert other.wait(5) == 0
    assert said == [
        f"waiting: another run of photo-ranker on this machine (process {other.pid}) is at work on {tmp_path}"
    ]


@pytest.mark.timeout(20)
def test_a_thread_does_not_wait_for_itself(tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "album")
    with (
        FolderLock(tmp_path / "album", print),
        pytest.raises(MetadataError, match="the same thread is at work on"),
        FolderLock(tmp_path / "link", print),
    ):
        pass
    with FolderLock(tmp_path / "album", print):
        pass


def test_the_lock_of_a_killed_process_holds_nobody_up(tmp_path: Path) -> None:
    with holder(tmp_path, 60) as other:
        other.kill()
    assert lock_of(tmp_path).exists()
    said: list[str] = []
    with FolderLock(tmp_path, said.append):
        assert not said


def test_many_processes_never_hold_it_together(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0")
    counters = [subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path)]) for _ in range(4)]
    assert [counter.wait() for counter in counters] == [0] * 4
    assert (tmp_path / "number").read_text() == "160"


def test_two_threads_never_hold_it_together(tmp_path: Path) -> None:
    order = []

    def late() -> None:
        with FolderLock(tmp_path, lambda _: None):
            order.append("second")

    with FolderLock(tmp_path, print):
        thread = threading.Thread(target=late)
        thread.start()
        time.sleep(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_process_of_another_machine_is_believed_alive_until_its_lock_rests(tmp_path: Path) -> None:
    leave_behind(tmp_path, stranger(machine="far", host="far"))
    said: list[str] = []
    started = time.monotonic()
    with FolderLock(tmp_path, said.append, dead_seconds=0.4):
        assert time.monotonic() - started > 0.4
    assert "on far" in said[0]


def test_the_number_of_a_dead_process_may_belong_to_another_by_now(tmp_path: Path) -> None:
    if this_process().started is None:
        pytest.skip("this system does not tell when a process started")
    leave_behind(tmp_path, stranger(started=1))
    said: list[str] = []
    with FolderLock(tmp_path, said.append):
        assert not said


def test_where_the_system_has_no_locks_the_owner_alone_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(_: object) -> bool:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(lock_module, "try_take", no_locks)
    said: list[str] = []
    with holder(tmp_path, 0.5) as other, FolderLock(tmp_path, said.append):
        assert other.wait(5) == 0
    assert len(said) == 1
    leave_behind(tmp_path, stranger(pid=_dead_process()))
    with FolderLock(tmp_path, said.append):
        assert len(said) == 1


def test_a_lock_file_without_a_name_is_given_a_moment(tmp_path: Path) -> None:
    lock_of(tmp_path).write_bytes(b"")
    with FolderLock(tmp_path, lambda _: None):
        pass
    assert not lock_of(tmp_path).exists()


def test_a_machine_that_slept_too_long_notices_that_another_took_over(tmp_path: Path) -> None:
    with FolderLock(tmp_path, print) as lock:
        lock.check()
        leave_behind(tmp_path, stranger(machine="far", host="far"))
        with pytest.raises(MetadataError, match="on far"):
            lock.check()
    assert lock_of(tmp_path).exists(), "the lock of another is not ours to remove"


@pytest.mark.skipif(os.name == "nt", reason="a folder in use is not renamed there")
def test_a_folder_that_has_gone_is_not_said_to_be_taken_over(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    with FolderLock(tmp_path / "card", print) as lock:
        (tmp_path / "card").rename(tmp_path / "elsewhere")
        with pytest.raises(MetadataError, match="card is not there any more"):
            lock.check()


def test_the_owner_touches_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "BEAT_SECONDS", 0.02)
    with FolderLock(tmp_path, print):
        os.utime(lock_of(tmp_path), (1, 1))
        time.sleep(0.3)
        assert lock_of(tmp_path).stat().st_mtime > 1


@pytest.mark.skipif(os.name == "nt", reason="links as on POSIX")
def test_a_link_in_place_of_the_lock_leads_the_owner_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "BEAT_SECONDS", 0.02)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    os.utime(photo, (1, 1))
    with FolderLock(tmp_path, print) as lock:
        lock_of(tmp_path).unlink()
        lock_of(tmp_path).symlink_to("photo.jpg")
        time.sleep(0.2)
        with pytest.raises(FileRefused):
            lock.check()
    assert lock_of(tmp_path).is_symlink(), "what another has put there is not ours to remove"
    assert (photo.read_bytes(), photo.stat().st_mtime) == (b"a photo", 1)


def _dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.skipif(os.name == "nt", reason="a lock that is held cannot be emptied there")
def test_a_lock_that_could_not_be_removed_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(Path, "unlink", fail)
        with FolderLock(tmp_path, print):
            pass
    assert len(list(tmp_path.iterdir())) == 1
    started = time.monotonic()
    with FolderLock(tmp_path, print):
        assert time.monotonic() - started < 20
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_lock_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lock_module, "write_owner", full)
    with pytest.raises(OSError, match="No space"):
        FolderLock(tmp_path, print).__enter__()
    assert not list(tmp_path.iterdir())
