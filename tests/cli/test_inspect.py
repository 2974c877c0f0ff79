"""What is measured of a photo, shown and painted; never over a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from photo_ranker.cli import main
from photo_ranker.models.store import sample_photo

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return Path(shutil.copy(sample_photo("astronaut.png"), tmp_path))


def test_a_painting_is_a_new_file(photo: Path) -> None:
    target = photo.with_name("faces.jpg")
    assert main(["inspect", str(photo), "--draw", str(target), "--quiet"]) == 0
    assert target.read_bytes().startswith(b"\xff\xd8")


def test_a_file_that_is_there_is_never_painted_over(photo: Path, capsys: Capture) -> None:
    original = Path(shutil.copy(sample_photo("t1.jpg"), photo.parent))
    link = photo.with_name("link.jpg")
    link.symlink_to("nowhere.jpg")
    before = original.read_bytes()
    for target in (original, photo, link):
        assert main(["inspect", str(photo), "--draw", str(target)]) == 2
        assert f"error: {target} exists; it is left as it is" in capsys.readouterr().err
    assert original.read_bytes() == before
    assert not link.exists()


def test_a_painting_needs_a_folder_and_a_picture_s_name(photo: Path, capsys: Capture) -> None:
    for name, said in (("nodir/z.jpg", "there is no folder"), ("z.doc", "cannot write a picture named")):
        assert main(["inspect", str(photo), "--draw", str(photo.parent / name)]) == 2
        assert said in capsys.readouterr().err


def test_a_painting_that_cannot_be_written_is_said(photo: Path, capsys: Capture) -> None:
    assert main(["inspect", str(photo), "--draw", str(photo.with_name("z" * 300 + ".jpg"))]) == 2
    assert "File name too long" in capsys.readouterr().err


def test_each_photo_is_an_object_on_a_line_of_its_own(photo: Path, capsys: Capture) -> None:
    broken = photo.with_name("broken.jpg")
    broken.write_bytes(b"no photo")
    assert main(["inspect", str(photo), "--json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert (one["path"], len(one["faces"])) == (str(photo), 1)
    assert main(["inspect", str(photo), str(broken), "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == one
    assert set(second) == {"path", "unreadable"}


def test_nothing_readable_is_a_failure(photo: Path, capsys: Capture) -> None:
    broken = photo.with_name("broken.jpg")
    broken.touch()
    assert main(["inspect", str(broken)]) == 1
    assert capsys.readouterr().out == f"{broken}: unreadable: empty file\n"
    assert main(["inspect", str(broken), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"path": str(broken), "unreadable": "empty file"}
    assert main(["inspect", str(broken), str(photo)]) == 0
