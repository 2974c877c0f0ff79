from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from builders import a_record
from photo_ranker.errors import PhotoUnreadable, UserError
from photo_ranker.exporters.html import GalleryPhoto, Room, write_gallery
from photo_ranker.records import PhotoRecord


def picture(path: str, record: PhotoRecord, side: int) -> bytes:
    if "broken" in path:
        raise PhotoUnreadable("damaged")
    return f"{path} {side}".encode()


def rooms(*names: str) -> list[Room]:
    return [Room("Anna", [GalleryPhoto(name, a_record(taken_at="2024-06-01T15:04:05")) for name in names])]


def test_every_link_leads_somewhere_and_nothing_leads_out(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    made = write_gallery(folder, [*rooms("a/1.jpg", "a/broken.jpg", "b/2.jpg"), *rooms("c/broken.jpg")], picture)
    assert made.photos == 2
    assert made.left_out == [("a/broken.jpg", "damaged"), ("c/broken.jpg", "damaged")]
    pages = sorted(folder.glob("*.html"))
    assert [page.name for page in pages] == ["index.html", "room-001.html"]
    for page in pages:
        text = page.read_text("utf-8")
        links = re.findall(r'(?:href|src)="([^"]+)"', text)
        assert links
        assert all((folder / link).is_file() for link in links)
        assert "http:" not in text
        assert "https:" not in text
        assert not re.search(r"<[^>]* on\w+=", text), "no inline handlers"
    assert (folder / "pictures" / "001-0001.jpg").read_bytes() == b"a/1.jpg 1600"
    assert (folder / "pictures" / "001-0003-small.jpg").read_bytes() == b"b/2.jpg 400"


def test_names_are_text_alone(tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script>'
    write_gallery(tmp_path / "pages", [Room(evil, [GalleryPhoto(f"a/{evil}.jpg", a_record())])], picture)
    for page in (tmp_path / "pages").glob("*.html"):
        assert "<script>" not in page.read_text("utf-8")


def test_a_folder_with_anything_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    for place in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(UserError, match="left as it is"):
            write_gallery(place, rooms("a.jpg"), picture)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert write_gallery(tmp_path / "empty", rooms("a.jpg"), picture).photos == 1


def test_a_gallery_that_failed_is_made_at_the_next_run(tmp_path: Path) -> None:
    def failing(path: str, record: PhotoRecord, side: int) -> bytes:
        if "2" in path:
            raise OSError(errno.EIO, "Input/output error")
        return picture(path, record, side)

    with pytest.raises(UserError, match="cannot write"):
        write_gallery(tmp_path / "pages", rooms("a/1.jpg", "a/2.jpg"), failing)
    assert list(tmp_path.iterdir()) == []
    assert write_gallery(tmp_path / "pages", rooms("a/1.jpg", "a/2.jpg"), picture).photos == 2
