"""Sources are only read: watched from inside, and with files and folders that nobody may write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

MAKE = """
import os, sys
from pathlib import Path
from photo_ranker.exporters.albums import Wanted, archive_names, carry, plan_album
from photo_ranker.exporters.writing import zip_stream

photos, album, way = os.path.realpath(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
def watch(event, args):
    names = [os.fsdecode(each) for each in args if isinstance(each, (str, bytes, os.PathLike))]
    inside = [name for name in names if os.path.realpath(os.path.dirname(name)).startswith(photos)]
    if not inside:
        return
    harmless = event in {"os.scandir", "os.listdir", "glob.glob", "glob.glob/2", "pathlib.Path.glob", "os.link",
                         "os.symlink"}
    if event == "open" and not args[2] & WRITES or harmless and inside[0] == names[0]:
        return
    if event == "open" or event.startswith(("os.", "shutil.")):
        print("touched:", event, args, flush=True)
        os._exit(9)
if os.getuid() == 0:
    os.setuid(65534)
sys.addaudithook(watch)
wanted = [Wanted(os.path.join(photos, "a.jpg"), ("a.xmp",)), Wanted(os.path.join(photos, "b.jpg"))]
if way == "zip":
    album.write_bytes(b"".join(zip_stream(archive_names(wanted))))
else:
    done = carry(plan_album(wanted, album, way))
    assert (done.done, done.failed) == (3, []), done
"""


pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions and users as on POSIX")


@pytest.fixture
def photos() -> Iterator[Path]:
    # Root is above permissions, so the work is done by nobody, who may not enter pytest's own folder.
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield photos_in(Path(place))


def photos_in(place: Path) -> Path:
    folder, out = place / "photos", place / "out"
    folder.mkdir()
    out.mkdir()
    out.chmod(0o777)
    for name in ("a.jpg", "a.xmp", "b.jpg"):
        (folder / name).write_bytes(name.encode())
        # Linux lets only the owner make hard links to a file that cannot be written.
        if os.getuid() == 0:
            os.chown(folder / name, 65534, 65534)
        (folder / name).chmod(0o444)
    return folder


def make(photos: Path, way: str) -> subprocess.CompletedProcess[str]:
    out = photos.parent / "out"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment["PHOTO_RANKER_CACHE"] = str(out / "cache")
    command = [sys.executable, "-c", MAKE, str(photos), str(out / "album"), way]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("way", ["copy", "hardlink", "symlink", "zip"])
def test_read_only_photos_and_folders_do_for_all_but_move(photos: Path, way: str) -> None:
    photos.chmod(0o555)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in photos.iterdir()}
    done = make(photos, way)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in photos.iterdir()} == before
    if way != "zip":
        assert (photos.parent / "out" / "album" / "a.xmp").read_bytes() == b"a.xmp"
    photos.chmod(0o755)


def test_a_move_out_of_a_read_only_folder_is_refused_beforehand(photos: Path) -> None:
    photos.chmod(0o555)
    assert "nothing can be moved out of" in make(photos, "move").stderr
    assert len(list(photos.iterdir())) == 3
    photos.chmod(0o755)


def test_the_watch_sees_what_a_move_does(photos: Path) -> None:
    if os.getuid() == 0:
        os.chown(photos, 65534, 65534)
    done = make(photos, "move")
    assert (done.returncode, done.stdout[:18]) == (9, "touched: os.remove")
