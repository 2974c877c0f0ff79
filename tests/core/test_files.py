from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from photo_ranker.core import files
from photo_ranker.core.owner import process_tag
from photo_ranker.errors import FileRefused

posix = pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")

OPENERS: dict[str, Callable[[Path], object]] = {
    "read": files.read,
    "append": files.append,
    "open_lock": files.open_lock,
}


@posix
@pytest.mark.parametrize("opener", OPENERS)
def test_nothing_is_opened_through_a_link(opener: str, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    (tmp_path / "ours").symlink_to("photo.jpg")
    with pytest.raises(FileRefused, match="is a link"):
        OPENERS[opener](tmp_path / "ours")
    assert (tmp_path / "photo.jpg").read_bytes() == b"a photo"


@posix
@pytest.mark.parametrize("opener", OPENERS)
def test_a_link_to_nowhere_makes_no_file_there(opener: str, tmp_path: Path) -> None:
    (tmp_path / "ours").symlink_to("nowhere")
    with pytest.raises(FileRefused, match="is a link"):
        OPENERS[opener](tmp_path / "ours")
    assert not (tmp_path / "nowhere").exists()


@posix
@pytest.mark.parametrize("opener", OPENERS)
def test_pipes_devices_and_folders_are_refused_at_once(opener: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "pipe", tmp_path / "folder", Path("/dev/zero")):
        with pytest.raises(FileRefused):
            OPENERS[opener](path)


@posix
@pytest.mark.parametrize("opener", ["append", "open_lock"])
def test_a_file_with_several_names_is_not_written_in_place(opener: str, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    os.link(tmp_path / "photo.jpg", tmp_path / "ours")
    with pytest.raises(FileRefused, match="several names"):
        OPENERS[opener](tmp_path / "ours")
    assert (tmp_path / "photo.jpg").read_bytes() == b"a photo"


@posix
def test_a_file_with_several_names_is_read_and_replaced(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"before")
    os.link(tmp_path / "other", tmp_path / "ours")
    assert files.read(tmp_path / "ours") == b"before"
    files.replace(tmp_path / "ours", [b"after"])
    assert (tmp_path / "ours").read_bytes() == b"after"
    assert (tmp_path / "other").read_bytes() == b"before"


@posix
def test_folders_on_the_way_may_be_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    files.replace(tmp_path / "link" / "ours", [b"text"])
    assert files.read(tmp_path / "link" / "ours") == b"text"


@posix
def test_a_file_that_the_user_names_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    (tmp_path / "link.jpg").symlink_to("photo.jpg")
    assert files.read(tmp_path / "link.jpg", follow=True) == b"a photo"
    assert files.read_head(tmp_path / "link.jpg", 3, follow=True) == b"a p"


@posix
def test_a_replaced_file_is_private_or_keeps_its_mode(tmp_path: Path) -> None:
    files.replace(tmp_path / "facts", [b"1"])
    assert (tmp_path / "facts").stat().st_mode & 0o777 == 0o600
    (tmp_path / "list").touch(0o640)
    (tmp_path / "list").chmod(0o640)
    files.replace(tmp_path / "list", [b"1"], mode=None)
    assert (tmp_path / "list").stat().st_mode & 0o777 == 0o640


def test_a_failure_leaves_the_old_text_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "ours").write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), files.replacing(tmp_path / "ours") as file:  # noqa: PT012
        file.write(b"half")
        raise ZeroDivisionError
    assert (tmp_path / "ours").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["ours"]


@pytest.mark.parametrize("has_links", [True, False])
def test_publishing_never_replaces(has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no hard links on this file system")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    for name, text in (("new", b"new"), ("taken", b"new")):
        temporary = files.temporary_name(tmp_path)
        temporary.write_bytes(text)
        if name == "taken":
            (tmp_path / name).write_bytes(b"old")
            with pytest.raises(FileExistsError):
                files.publish(temporary, tmp_path / name)
        else:
            files.publish(temporary, tmp_path / name)
            assert not temporary.exists()
    assert (tmp_path / "new").read_bytes() == b"new"
    assert (tmp_path / "taken").read_bytes() == b"old"


KILLED = """
import os, signal, sys
from pathlib import Path
from photo_ranker.core import files
with files.replacing(Path(sys.argv[1]) / "ours") as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a dead process is not told from a living one")
def test_what_a_killed_process_left_goes_at_the_next_run(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    files.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_may_be_in_use_stays(tmp_path: Path) -> None:
    ours = files.temporary_name(tmp_path)
    foreign = tmp_path / f".photo-ranker-{'0' * 8}{process_tag()[8:]}-0.tmp"
    others = [tmp_path / name for name in (".fetch-x", "holiday.tmp", ".photo-ranker", "IMG_1.jpg")]
    for path in (ours, foreign, *others):
        path.touch()
    files.remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in (ours, foreign, *others)}


def test_what_others_left_goes_after_a_day(tmp_path: Path) -> None:
    foreign = tmp_path / f".photo-ranker-{'0' * 8}{process_tag()[8:]}-0.tmp"
    former = [
        tmp_path / ".photo_ranker_metadata.json.ab12.tmp",
        tmp_path / ".photo_ranker_people.json.ab12.tmp",
        tmp_path / ".photo-ranker-part-12-3",
        tmp_path / ".fetch-1",
        tmp_path / ".prepare-1",
    ]
    for path in (foreign, *former, tmp_path / "holiday.tmp"):
        path.touch()
        os.utime(path, (time.time() - 90_000,) * 2)
    files.remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.tmp"]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "pages"
    with pytest.raises(ZeroDivisionError), files.whole_folder(place) as part:
        _fail_over(part / "index.html")
    assert list(tmp_path.iterdir()) == []
    place.mkdir(0o750)
    with files.whole_folder(place) as part:
        (part / "pictures").mkdir()
        (part / "pictures" / "1.jpg").write_bytes(b"whole")
        assert list(place.iterdir()) == []
    assert (place / "pictures" / "1.jpg").read_bytes() == b"whole"
    assert os.name == "nt" or stat.S_IMODE(place.stat().st_mode) == 0o750
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_a_folder_in_which_something_lies_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not empty"), files.whole_folder(tmp_path / "pages"):
        _somebody_writes(tmp_path / "pages")
    assert (tmp_path / "pages" / "mine.txt").read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def _fail_over(path: Path) -> None:
    path.write_bytes(b"half")
    raise ZeroDivisionError


def _somebody_writes(folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.txt").write_bytes(b"mine")


FOLDER_KILLED = KILLED.replace("files.replacing(", "files.whole_folder(").replace(
    'file.write(b"half")\n    file.flush()', '(file / "1.jpg").write_bytes(b"half")'
)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a dead process is not told from a living one")
def test_the_folder_of_a_killed_process_goes_at_the_next_run(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FOLDER_KILLED, str(tmp_path)], check=False)
    assert [path.name for path in tmp_path.glob("*/*")] == ["1.jpg"]
    with files.whole_folder(tmp_path / "ours") as part:
        (part / "2.jpg").write_bytes(b"whole")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")] == ["ours/2.jpg"]


def test_a_folder_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    files.remove_leftovers(tmp_path / "nowhere")
