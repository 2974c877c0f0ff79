from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from photo_ranker.core import files
from photo_ranker.core.leftovers import process_tag

ELSEWHERE = f".photo-ranker-{'0' * 8}{process_tag()[8:]}-0.tmp"
"""The temporary file of a process of another machine."""

KILLED = """
import os, signal, sys
from pathlib import Path
from photo_ranker.core import files
folder = Path(sys.argv[1])
with files.replacing(folder / "ours") as file, files.temporary_folder(folder) as work:
    file.write(b"half")
    file.flush()
    (work / "model.onnx").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a dead process is not told from a living one")
def test_what_a_killed_process_left_goes_at_the_next_run(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    files.remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_folder_goes_with_what_is_in_it(tmp_path: Path) -> None:
    with files.temporary_folder(tmp_path) as folder:
        (folder / "half").touch()
        files.remove_leftovers(tmp_path)
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_may_be_in_use_stays(tmp_path: Path) -> None:
    ours = files.temporary_name(tmp_path)
    others = [tmp_path / name for name in (ELSEWHERE, ".fetch-abcd1234", "tmpabcd1234", ".photo-ranker", "IMG_1.jpg")]
    for path in (ours, *others):
        path.touch()
    files.remove_leftovers(tmp_path, in_cache=True)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in (ours, *others)}


def outdated(path: Path, *, is_folder: bool = False) -> Path:
    if is_folder:
        path.mkdir()
        (path / "half").touch()
    else:
        path.touch()
    os.utime(path, (time.time() - 90_000,) * 2)
    return path


def test_what_others_left_goes_after_a_day(tmp_path: Path) -> None:
    former = (
        ".photo_ranker_metadata.json.ab12.tmp",
        ".photo_ranker_people.json.ab12.tmp",
        ".photo-ranker-part-12-3",
        ".photo-ranker-abcd_123",
    )
    for name in (ELSEWHERE, *former):
        outdated(tmp_path / name)
    outdated(tmp_path / ".photo-ranker-part-abcd_123", is_folder=True)
    kept = [outdated(tmp_path / name) for name in ("holiday.tmp", "tmpabcd1234")]
    kept += [outdated(tmp_path / name, is_folder=True) for name in (".fetch-abcd1234", ".photo-ranker-abcd_123x")]
    files.remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in kept}


def test_in_our_own_caches_names_that_others_give_too_are_leftovers(tmp_path: Path) -> None:
    for name in (".fetch-abcd1234", ".prepare-abcd1234", ".digests-abcd1234"):
        outdated(tmp_path / name, is_folder=True)
    outdated(tmp_path / "tmpabcd1234")
    outdated(tmp_path / "tmpabcd1234.jpeg")
    model = outdated(tmp_path / "model.onnx")
    files.remove_leftovers(tmp_path, in_cache=True)
    assert list(tmp_path.iterdir()) == [model]


@pytest.mark.skipif(os.name == "nt", reason="links as on POSIX")
def test_a_link_goes_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    link = tmp_path / f".photo-ranker-{process_tag().split('-')[0]}-999999999-1-0.tmp"
    link.symlink_to("photos")
    files.remove_leftovers(tmp_path)
    assert not link.is_symlink() or sys.platform != "linux"
    assert (tmp_path / "photos" / "a.jpg").exists()


def test_a_folder_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    files.remove_leftovers(tmp_path / "nowhere")


FOLDER = """
import os, signal, sys
from pathlib import Path
from photo_ranker.core import files
with files.whole_folder(Path(sys.argv[1]) / "ours") as part:
    (part / "1.jpg").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a dead process is not told from a living one")
def test_the_folder_of_a_killed_process_goes_at_the_next_run(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FOLDER, str(tmp_path)], check=False)
    assert [path.name for path in tmp_path.rglob("*.jpg")] == ["1.jpg"]
    with files.whole_folder(tmp_path / "ours") as part:
        (part / "2.jpg").write_bytes(b"whole")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jpg")] == ["ours/2.jpg"]
