from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from photo_ranker.exporters.albums import Wanted, archive_names
from photo_ranker.exporters.writing import PIECE, zip_stream


def opened(pieces: Iterator[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def test_files_arrive_whole_under_their_names(tmp_path: Path) -> None:
    for name in ("a.jpg", "ü 日本.jpg"):
        (tmp_path / name).write_bytes(name.encode() * 100_000)
        os.utime(tmp_path / name, (10**9, 10**9))
    archive = opened(zip_stream((f"Anna/{name}", tmp_path / name) for name in ("a.jpg", "ü 日本.jpg")))
    assert archive.testzip() is None
    assert archive.namelist() == ["Anna/a.jpg", "Anna/ü 日本.jpg"]
    assert archive.read("Anna/ü 日本.jpg") == "ü 日本.jpg".encode() * 100_000
    assert archive.infolist()[0].date_time[0] == 2001
    assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED


def test_it_is_a_stream(tmp_path: Path) -> None:
    big = tmp_path / "big.jpg"
    big.write_bytes(bytes(5 * PIECE))
    pieces = zip_stream([("big.jpg", big), ("again.jpg", big)])
    assert max(len(next(pieces)) for _ in range(4)) < 2 * PIECE
    assert all(len(piece) < 2 * PIECE for piece in pieces)


def test_what_cannot_be_read_is_named_in_the_archive(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    archive = opened(zip_stream([("gone.jpg", tmp_path / "gone.jpg"), ("a.jpg", tmp_path / "a.jpg")]))
    assert archive.namelist() == ["a.jpg", "missing.txt"]
    assert archive.read("missing.txt") == b"gone.jpg: No such file or directory\n"


@pytest.mark.skipif(os.name == "nt", reason="pipes as on POSIX")
@pytest.mark.timeout(20)
def test_a_pipe_is_left_out_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    archive = opened(zip_stream([("a.jpg", tmp_path / "a.jpg")]))
    assert archive.read("missing.txt") == b"a.jpg: is a pipe or a device\n"


def test_times_that_a_zip_cannot_say(tmp_path: Path) -> None:
    for name, time in (("old.jpg", -(10**9)), ("far.jpg", 6 * 10**9)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (time, time))
    archive = opened(zip_stream((name, tmp_path / name) for name in ("old.jpg", "far.jpg")))
    assert [entry.date_time[0] for entry in archive.infolist()] == [1980, 2107]


def test_an_album_as_an_archive(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.jpg").write_bytes(folder.encode())
        (tmp_path / folder / "a.jpg.xmp").write_bytes(b"<x/>")
    wanted = [
        Wanted(str(tmp_path / folder / "a.jpg"), ("a.jpg.xmp", "gone.mov"), folder="Anna", number=number)
        for number, folder in enumerate(("one", "two"), 1)
    ]
    assert [name for name, _ in archive_names(wanted, ordered=True)] == [
        *("Anna/001_a.jpg", "Anna/001_a.jpg.xmp", "Anna/002_a.jpg", "Anna/002_a.jpg.xmp"),
    ]
    plain = list(archive_names(wanted))
    assert [name for name, _ in plain] == ["Anna/a.jpg", "Anna/a.jpg.xmp", "Anna/a_2.jpg", "Anna/a_2.jpg.xmp"]
    assert opened(zip_stream(plain)).read("Anna/a_2.jpg") == b"two"


def test_an_archive_names_the_photos_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"one")
    wanted = [Wanted(str(tmp_path / "gone.jpg"), folder="Anna"), Wanted(str(tmp_path / "a.jpg"), ("gone.mov",))]
    archive = opened(zip_stream(archive_names(wanted)))
    assert archive.namelist() == ["a.jpg", "missing.txt"]
    assert archive.read("missing.txt") == b"Anna/gone.jpg: No such file or directory\n"


@pytest.mark.skipif(os.name == "nt", reason="names of bytes as on POSIX")
def test_names_that_are_no_text_do_not_become_one(tmp_path: Path) -> None:
    paths = [os.fsdecode(os.fsencode(tmp_path) + b"/a" + sign + b".jpg") for sign in (b"\xfe", b"\xff")]
    for path in paths:
        Path(path).write_bytes(os.fsencode(path))
    assert [name for name, _ in archive_names(map(Wanted, paths))] == ["a\ufffd.jpg", "a\ufffd_2.jpg"]


def test_names_are_utf_8_also_for_readers_that_do_not_know_the_flag(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    names = ["Zoe\u0308/gr\u00f6\u00dfe.jpg", "plain.jpg"]
    data = b"".join(zip_stream((name, tmp_path / "a") for name in names))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first, second = archive.infolist()
    assert (first.filename, bool(first.flag_bits & 0x800)) == ("Zo\u00eb/gr\u00f6\u00dfe.jpg", True)
    assert first.filename.encode("utf-8") in first.extra, "and once more in the extra field for it"
    assert b"plain.jpg" not in second.extra
