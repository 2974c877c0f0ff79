from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from permissions import obeyed
from photo_ranker.core import files
from photo_ranker.core.files import cache_folder, is_made, let_go, locked, make_folder, try_take
from photo_ranker.errors import FileRefused

posix = pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")

OPENERS: dict[str, Callable[[Path], object]] = {
    "read": files.read,
    "append": files.append,
    "open_in_place": files.open_in_place,
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
@pytest.mark.parametrize("opener", ["append", "open_in_place"])
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


@posix
def test_a_new_file_has_the_usual_mode_and_never_replaces(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        files.write_new(tmp_path / "new", [b"one", b"two"])
    finally:
        os.umask(before)
    assert (tmp_path / "new").read_bytes() == b"onetwo"
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("new", "link"):
        with pytest.raises(FileExistsError):
            files.write_new(tmp_path / name, [b"three"])
    assert {path.name for path in tmp_path.iterdir()} == {"new", "link"}


@posix
def test_a_folder_that_may_not_be_looked_into_can_be_written(tmp_path: Path) -> None:
    with obeyed():
        tmp_path.chmod(0o333)
        files.remove_leftovers(tmp_path)
        files.replace(tmp_path / "ours", [b"text"])
        tmp_path.chmod(0o755)
    assert files.read(tmp_path / "ours") == b"text"


def test_what_is_put_aside_replaces_nothing(tmp_path: Path) -> None:
    names = []
    for text in (b"1", b"2", b"3"):
        (tmp_path / "ours").write_bytes(text)
        names.append(files.put_aside(tmp_path / "ours"))
    assert [path.read_bytes() for path in names] == [b"1", b"2", b"3"]
    assert all(path.name.startswith("ours.damaged-2") for path in names)
    assert not (tmp_path / "ours").exists()


@posix
@pytest.mark.parametrize("mode", [None, files.PRIVATE])
def test_a_link_makes_way_and_what_it_leads_to_stays(mode: int | None, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    (tmp_path / "ours").symlink_to("photo.jpg")
    files.replace(tmp_path / "ours", [b"text"], mode=mode)
    assert (tmp_path / "photo.jpg").read_bytes() == b"a photo"
    assert (tmp_path / "ours").read_bytes() == b"text"
    assert (tmp_path / "ours").stat().st_mode & 0o777 != 0o777


@posix
def test_pipes_and_folders_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "made").write_bytes(b"text")
    for name in ("pipe", "folder"):
        with pytest.raises(FileRefused):
            files.replace(tmp_path / name, [b"text"])
        with pytest.raises(FileRefused):
            files.put_in_place(tmp_path / "made", tmp_path / name)
    assert {path.name for path in tmp_path.iterdir()} == {"pipe", "folder", "made"}


@posix
@pytest.mark.timeout(20)
def test_a_pipe_that_nobody_reads_is_refused_and_a_slow_reader_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileRefused, match="nobody reads"):
        files.open_stream(tmp_path / "pipe")
    found: list[bytes] = []
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reading, True)
    with files.open_stream(tmp_path / "pipe") as pipe, os.fdopen(reading, "rb") as end:
        reader = threading.Thread(target=lambda: found.append(end.read()))
        reader.start()
        pipe.write(bytes(1_000_000))
        pipe.close()
        reader.join()
    assert len(found[0]) == 1_000_000


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


HOLD = """
import sys, time
from pathlib import Path
from photo_ranker.core.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def work() -> None:
        with locked(tmp_path / "lock"):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_whoever_waits_is_told_once_and_a_killed_holder_lets_go(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline().strip() == b"held"
    told = []

    def on_wait() -> None:
        told.append("waiting")
        threading.Timer(0.2, holder.kill).start()

    with holder, locked(tmp_path / "lock", on_wait):
        assert told == ["waiting"]


def test_nobody_is_told_who_does_not_wait(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", lambda: pytest.fail("waited")):
        pass


def test_the_lock_is_let_go_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "lock"):
        raise ZeroDivisionError
    with (tmp_path / "lock").open("a+b") as handle:
        assert try_take(handle)
        let_go(handle)


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PHOTO_RANKER_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("plain_environment")
@pytest.mark.parametrize(
    ("platform", "inside"),
    [("linux", ".cache"), ("darwin", "Library/Caches"), ("win32", "AppData/Local")],
)
def test_each_system_has_its_place(platform: str, inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == Path.home() / inside / "photo-ranker"


@pytest.mark.usefixtures("plain_environment")
@pytest.mark.parametrize(("platform", "name"), [("linux", "XDG_CACHE_HOME"), ("win32", "LOCALAPPDATA")])
def test_the_systems_own_word_for_it_counts(
    platform: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(name, str(tmp_path))
    assert cache_folder() == tmp_path / "photo-ranker"


def test_the_user_has_the_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"


def test_a_folder_of_made_pictures_is_known_again(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "crops", 0o700)
        assert is_made(str(tmp_path / "crops"))
    assert not is_made(str(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
def test_nothing_is_made_through_what_was_planted_there(tmp_path: Path) -> None:
    mark = tmp_path / ".photo_ranker_made"
    mark.symlink_to("nowhere")
    with pytest.raises(FileRefused):
        make_folder(tmp_path)
    assert not (tmp_path / "nowhere").exists()
    assert not is_made(str(tmp_path))
    mark.unlink()
    os.mkfifo(mark)
    with pytest.raises(FileRefused):
        make_folder(tmp_path)
