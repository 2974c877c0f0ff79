"""What lies in a folder besides plain files; nothing may hold us or be changed."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from permissions import obeyed
from photo_files import LIMITS, encoded, opened, quarters
from photo_ranker.errors import PhotoOutOfReach, PhotoUnreadable
from photo_ranker.images import open_photo
from photo_ranker.images.hashing import digests
from photo_ranker.images.video import video_digests
from photo_ranker.records import Stamp

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")


def reason(path: Path) -> str:
    with pytest.raises(PhotoUnreadable) as refused:
        open_photo(path, LIMITS)
    return refused.value.reason


def test_empty_missing_and_folder(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "folder.jpg").mkdir()
    assert reason(tmp_path / "empty.jpg") == "empty file"
    assert reason(tmp_path / "none.jpg") == "no such file"
    assert reason(tmp_path / "folder.jpg") == "is a folder"
    assert reason(tmp_path / "folder.jpg" / "none.jpg") == "no such file"


def test_a_file_used_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert "a.jpg" not in reason(tmp_path / "a.jpg" / "b.jpg")


def test_impossible_names(tmp_path: Path) -> None:
    assert reason(tmp_path / "a\0b.jpg") == "impossible file name"
    assert reason(tmp_path / ("a" * 5000)).startswith("cannot be read: file name too long")


@posix
@pytest.mark.timeout(20)
def test_a_pipe_nobody_writes_to_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    assert reason(tmp_path / "a.jpg") == "is a pipe or a device"


@posix
@pytest.mark.timeout(20)
def test_a_link_to_an_endless_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to("/dev/zero")
    assert reason(tmp_path / "a.jpg") == "is a pipe or a device"


@posix
def test_links(tmp_path: Path) -> None:
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    (tmp_path / "good.jpg").symlink_to(tmp_path / "real.jpg")
    (tmp_path / "real.jpg").write_bytes(encoded(quarters(), "JPEG"))
    assert reason(tmp_path / "loop.jpg").startswith("cannot be read")
    assert reason(tmp_path / "gone.jpg") == "no such file"
    assert open_photo(tmp_path / "good.jpg", LIMITS).info.width == 320


@posix
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.mp4"):
        (tmp_path / name).write_bytes(encoded(quarters(), "JPEG"))
        (tmp_path / name).chmod(0)
    with obeyed():
        with pytest.raises(PhotoOutOfReach, match="no permission"):
            open_photo(tmp_path / "a.jpg", LIMITS)
        with pytest.raises(PhotoOutOfReach, match="permission denied"):
            video_digests(tmp_path / "a.mp4")


def test_the_stamp_is_from_before_the_reading(tmp_path: Path) -> None:
    data = encoded(quarters(), "JPEG")
    photo = opened(tmp_path, data, "a.jpg")
    found = (tmp_path / "a.jpg").stat()
    assert photo.stamp == Stamp(len(data), found.st_mtime_ns, *digests(data))
    (tmp_path / "a.jpg").write_bytes(b"changed since")
    assert photo.stamp.size == len(data)


def test_a_growing_file_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    data = encoded(quarters(), "JPEG")
    path.write_bytes(data)
    stop = threading.Event()

    def grow() -> None:
        with path.open("ab") as file:
            while not stop.is_set():
                file.write(bytes(1000))
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        photo = open_photo(path, LIMITS)
    finally:
        stop.set()
        writer.join()
    assert photo.info.width == 320
    assert photo.stamp.size <= path.stat().st_size


@posix
def test_reading_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(quarters(), "JPEG"))
    path.chmod(0o444)
    before = path.stat()
    open_photo(path, LIMITS).picture()
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ctime_ns, before.st_size) == (
        after.st_mtime_ns,
        after.st_ctime_ns,
        after.st_size,
    )
