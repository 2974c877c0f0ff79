from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from builders import a_record
from failing_disk import failing_for
from permissions import obeyed
from photo_ranker.errors import UserError
from photo_ranker.indexing.discovery import Skipped, companions_now, gather, pick, walk
from photo_ranker.indexing.file_kinds import is_photo, pair_up

JPEG = b"\xff\xd8\xff\xe0 and so on"


def fill(folder: Path, *names: str, content: bytes = JPEG) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def names(folder: Path, *, recursive: bool = False) -> list[str]:
    return [
        os.path.relpath(listing.path_of(item.name), folder)
        for listing in walk(str(folder), recursive=recursive)
        for item in listing.items
    ]


def skipped(folder: Path, *, recursive: bool = False) -> dict[str, Skipped]:
    return {
        os.path.relpath(listing.path_of(name), folder): why
        for listing in walk(str(folder), recursive=recursive)
        for why, name in listing.skipped
    }


def test_photos_are_known_by_their_suffix_in_any_case(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "b.JPEG", "c.Heic", "d.CR3", "e.png")
    fill(tmp_path, "notes.txt", "f.docx", "x.jpg.part")
    assert names(tmp_path) == ["a.jpg", "b.JPEG", "c.Heic", "d.CR3", "e.png"]
    assert set(skipped(tmp_path).values()) == {Skipped.NO_PHOTO}


def test_a_file_without_a_suffix_is_looked_into(tmp_path: Path) -> None:
    fill(tmp_path, "photo")
    fill(tmp_path, "text", content=b"hello")
    fill(tmp_path, "nothing", content=b"")
    assert names(tmp_path) == ["photo"]
    assert skipped(tmp_path) == {"text": Skipped.NO_PHOTO, "nothing": Skipped.NO_PHOTO}


def test_a_name_that_says_nothing_is_looked_into(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg?ssl=1", "b.JPG?x=1.2&y=.txt", "c.xyz", "d.jpg", "e.jpg?ssl=1.xmp")
    fill(tmp_path, "f.jpg?ssl=1", content=b"<!doctype html>")
    fill(tmp_path, "g.v2", content=b"BM is how this text begins")
    fill(tmp_path, "h.v2", content=b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0")
    fill(tmp_path, "i.jpg?ssl=1", content=b"")
    assert names(tmp_path) == ["a.jpg?ssl=1", "c.xyz", "d.jpg", "h.v2"]
    assert skipped(tmp_path) == {
        "b.JPG?x=1.2&y=.txt": Skipped.NO_PHOTO,
        "e.jpg?ssl=1.xmp": Skipped.SIDECAR,
        "f.jpg?ssl=1": Skipped.NO_PHOTO,
        "g.v2": Skipped.NO_PHOTO,
        "i.jpg?ssl=1": Skipped.NO_PHOTO,
    }


def test_sidecars_belong_to_such_a_photo_too(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg?ssl=1", "a.jpg?ssl=1.xmp")
    (item,) = next(walk(str(tmp_path), recursive=False)).items
    assert (item.name, item.companions) == ("a.jpg?ssl=1", ("a.jpg?ssl=1.xmp",))


def test_what_programs_set_aside_is_no_photo_of_the_album(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "a.jpg_original", "a.jpg~", "b.jpg.bak", "c.jpg.old")
    assert names(tmp_path) == ["a.jpg"]
    assert set(skipped(tmp_path).values()) == {Skipped.BACKUP}


def test_only_names_that_say_nothing_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.jpg", "b.txt", "c.json", "d.xmp", "e.mp4", "f.pdf", "g.cr2", "h.jpg_original")
    fill(tmp_path, "unknown.abc", "noname")
    os.mkfifo(tmp_path / "pipe.abc")
    (tmp_path / "link.abc").symlink_to("unknown.abc")
    opened: list[str] = []
    really = os.open

    def noted(path: str, *rest: int) -> int:
        opened.append(Path(path).name)
        return really(path, *rest)

    monkeypatch.setattr(os, "open", noted)
    assert names(tmp_path) == ["a.jpg", "e.mp4", "g.cr2", "noname", "unknown.abc"]
    assert sorted(opened) == ["noname", "unknown.abc"]


def test_what_is_stored_need_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.jpg?ssl=1", "b.jpg?ssl=1")
    found = {name: (tmp_path / name).stat() for name in ("a.jpg?ssl=1", "b.jpg?ssl=1")}
    records = {name: a_record(size=one.st_size, mtime_ns=one.st_mtime_ns) for name, one in found.items()}
    (tmp_path / "b.jpg?ssl=1").write_text("hello")
    looked_at: list[str] = []

    def is_no_photo(path: str) -> bool:
        looked_at.append(Path(path).name)
        return False

    monkeypatch.setattr("photo_ranker.indexing.discovery.looks_like_photo", is_no_photo)
    (listing,) = gather([str(tmp_path)], recursive=False, known=lambda _: records)
    assert [item.name for item in listing.items] == ["a.jpg?ssl=1"]
    assert looked_at == ["b.jpg?ssl=1"]


def test_everything_else_has_its_reason(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", ".hidden.jpg", "._a.jpg", "clip.mp4", "alone.xmp")
    fill(tmp_path, "empty.jpg", "empty.mov", content=b"")
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as plug:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket must be short
        plug.bind("socket.jpg")
        os.chdir(here)
    assert names(tmp_path) == ["a.jpg", "clip.mp4"]
    assert skipped(tmp_path) == {
        ".hidden.jpg": Skipped.HIDDEN,
        "._a.jpg": Skipped.HIDDEN,
        "empty.mov": Skipped.EMPTY,
        "alone.xmp": Skipped.SIDECAR,
        "empty.jpg": Skipped.EMPTY,
        "pipe.jpg": Skipped.NO_FILE,
        "socket.jpg": Skipped.NO_FILE,
    }


def test_subfolders_are_taken_when_asked_for(tmp_path: Path) -> None:
    fill(tmp_path, "b.jpg", "a/z.jpg", "c/deep/x.jpg", "folder.jpg/y.jpg")
    assert names(tmp_path) == ["b.jpg"]
    assert set(skipped(tmp_path).values()) == {Skipped.SUBFOLDER}
    assert names(tmp_path, recursive=True) == ["b.jpg", "a/z.jpg", "c/deep/x.jpg", "folder.jpg/y.jpg"]
    assert not skipped(tmp_path, recursive=True)


def test_folders_of_systems_and_programs_are_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, "@eaDir/a.jpg", "#recycle/a.jpg", "__MACOSX/a.jpg", "Mac.photoslibrary/a.jpg", ".git/a.jpg")
    assert names(tmp_path, recursive=True) == []
    assert skipped(tmp_path, recursive=True) == {
        "@eaDir": Skipped.SYSTEM_FOLDER,
        "#recycle": Skipped.SYSTEM_FOLDER,
        "__MACOSX": Skipped.SYSTEM_FOLDER,
        "Mac.photoslibrary": Skipped.SYSTEM_FOLDER,
        ".git": Skipped.HIDDEN,
    }


def test_links_are_never_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    fill(inside, "a.jpg", "sub/b.jpg")
    fill(outside, "c.jpg")
    (inside / "copy.jpg").symlink_to(inside / "a.jpg")
    (inside / "far.jpg").symlink_to(outside / "c.jpg")
    (inside / "far").symlink_to(outside)
    (inside / "near").symlink_to(inside / "sub")
    (inside / "sub" / "up").symlink_to("..")
    (inside / "self.jpg").symlink_to("self.jpg")
    (inside / "nothing.jpg").symlink_to("missing.jpg")
    (tmp_path / "inside2").mkdir()
    (inside / "twin").symlink_to(tmp_path / "inside2")
    assert names(inside, recursive=True) == ["a.jpg", "sub/b.jpg"]
    assert skipped(inside, recursive=True) == {
        "copy.jpg": Skipped.LINK_INSIDE,
        "far.jpg": Skipped.LINK_OUTSIDE,
        "far": Skipped.LINK_OUTSIDE,
        "near": Skipped.LINK_INSIDE,
        "sub/up": Skipped.LOOP,
        "self.jpg": Skipped.LOOP,
        "nothing.jpg": Skipped.BROKEN_LINK,
        "twin": Skipped.LINK_OUTSIDE,
    }


def test_what_is_asked_for_by_name_may_be_a_link(tmp_path: Path) -> None:
    fill(tmp_path, "real/a.jpg")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "link.jpg").symlink_to("real/a.jpg")
    assert names(tmp_path / "link") == ["a.jpg"]
    assert [item.name for item in pick(str(tmp_path / "link.jpg")).items] == ["link.jpg"]


def test_names_of_all_kinds_are_found(tmp_path: Path) -> None:
    odd = [os.fsdecode(b"\xff\xfe.jpg"), "\u00e9.jpg", "e\u0301.jpg", "a\nb.jpg", "x" * 251 + ".jpg", " .jpg"]
    fill(tmp_path, *odd)
    assert sorted(names(tmp_path)) == sorted(odd)


def test_a_missing_folder_is_an_error_with_advice(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg")
    with pytest.raises(UserError, match="does not exist"):
        list(walk(str(tmp_path / "missing"), recursive=False))
    with pytest.raises(UserError, match="is not a folder"):
        list(walk(str(tmp_path / "a.jpg"), recursive=False))
    with pytest.raises(UserError, match="there is no file"):
        pick(str(tmp_path / "b.jpg"))


def test_a_subfolder_that_goes_while_we_walk_costs_itself_alone(tmp_path: Path) -> None:
    fill(tmp_path, "a/deep/x.jpg", "b/y.jpg")
    walked = walk(str(tmp_path), recursive=True)
    next(walked)
    shutil.rmtree(tmp_path / "a" / "deep")
    (above, below) = walked
    assert above.skipped == [(Skipped.CLOSED_FOLDER, "deep")]
    assert [item.name for item in below.items] == ["y.jpg"]


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_a_closed_subfolder_is_told_and_left_out(tmp_path: Path, mode: int) -> None:
    fill(tmp_path, "a.jpg", "closed/x.jpg", "open/y.jpg")
    (tmp_path / "closed").chmod(mode)
    with obeyed():
        assert names(tmp_path, recursive=True) == ["a.jpg", "open/y.jpg"]
        assert skipped(tmp_path, recursive=True) == {"closed": Skipped.CLOSED_FOLDER}


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_a_closed_folder_that_is_asked_for_is_an_error_with_advice(tmp_path: Path, mode: int) -> None:
    fill(tmp_path, "closed/inside/x.jpg")
    (tmp_path / "closed").chmod(mode)
    with obeyed():
        with pytest.raises(UserError, match="cannot be opened"):
            list(walk(str(tmp_path / "closed"), recursive=False))
        if mode != 0o111:
            with pytest.raises(UserError):
                gather([str(tmp_path / "closed" / "inside")], recursive=False)


def test_a_photo_in_a_folder_that_tells_no_names_can_be_asked_for(tmp_path: Path) -> None:
    fill(tmp_path, "closed/x.jpg", "closed/x.cr2")
    (tmp_path / "closed").chmod(0o111)
    with obeyed():
        assert [item.name for item in pick(str(tmp_path / "closed" / "x.jpg")).items] == ["x.jpg"]


def test_what_cannot_be_looked_at_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.jpg", "broken.jpg", "photo")
    (tmp_path / "photo").chmod(0)
    monkeypatch.setattr(os, "scandir", failing_for("broken.jpg"))
    with obeyed():
        (listing,) = walk(str(tmp_path), recursive=True)
    assert [item.name for item in listing.items] == ["a.jpg"]
    assert listing.skipped == [(Skipped.UNSEEN, "broken.jpg"), (Skipped.UNSEEN, "photo")]
    assert listing.unseen == {"broken.jpg", "photo"}


@pytest.mark.parametrize(
    ("files", "expected", "alone"),
    [
        (["a.jpg", "a.cr2"], {"a.jpg": ("a.cr2",)}, []),
        (["A.JPG", "a.CR2"], {"A.JPG": ("a.CR2",)}, []),
        (["a.heic", "a.jpg", "a.dng"], {"a.heic": ("a.dng",), "a.jpg": ()}, []),
        (["a.png", "a.jpg", "a.dng"], {"a.jpg": ("a.dng",), "a.png": ()}, []),
        (["a.dng", "a.cr2"], {"a.cr2": (), "a.dng": ()}, []),
        (["a.heic", "a.mov"], {"a.heic": ("a.mov",)}, []),
        (["a.png", "a.mov"], {"a.png": (), "a.mov": ()}, []),
        (["a.jpg", "a.avi"], {"a.jpg": (), "a.avi": ()}, []),
        (["a.MP4", "a.MP4.xmp", "a.THM", "b.xmp"], {"a.MP4": ("a.MP4.xmp", "a.THM")}, ["b.xmp"]),
        (["a.cr2", "a.xmp"], {"a.cr2": ("a.xmp",)}, []),
        (["a.jpg", "a.cr2", "a.xmp", "a.cr2.xmp"], {"a.jpg": ("a.cr2", "a.cr2.xmp", "a.xmp")}, []),
        (["a.jpg", "a.png", "a.png.xmp"], {"a.jpg": (), "a.png": ("a.png.xmp",)}, []),
        (["a.jpg", "a.jpg.json", "b.json"], {"a.jpg": ("a.jpg.json",)}, ["b.json"]),
        (["a.jpg", "a.jpg.supplemental-metadata.json"], {"a.jpg": ("a.jpg.supplemental-metadata.json",)}, []),
        (["a.jpg", "a.jpg.suppl.json"], {"a.jpg": ("a.jpg.suppl.json",)}, []),
        (["\u00e9.jpg", "e\u0301.xmp"], {"\u00e9.jpg": ("e\u0301.xmp",)}, []),
        (["a.jpg", "a.JPG", "a.cr2"], {"a.JPG": ("a.cr2",), "a.jpg": ()}, []),
        (["\u00e9.jpg", "e\u0301.jpg"], {"\u00e9.jpg": (), "e\u0301.jpg": ()}, []),
        (["A.JPG", "a.jpg", "A.JPG.xmp", "a.jpg.xmp"], {"A.JPG": ("A.JPG.xmp",), "a.jpg": ("a.jpg.xmp",)}, []),
        (["A.jpg", "a.jpg", "A.xmp", "a.xmp"], {"A.jpg": ("A.xmp",), "a.jpg": ("a.xmp",)}, []),
        (["a.JPG", "a.JPG.xmp", "a_01.JPG.xmp"], {"a.JPG": ("a.JPG.xmp", "a_01.JPG.xmp")}, []),
        (["a.jpg", "a.cr2", "A_12.CR2.xmp"], {"a.jpg": ("A_12.CR2.xmp", "a.cr2")}, []),
        (["a.jpg", "a_01.jpg", "a_01.jpg.xmp"], {"a.jpg": (), "a_01.jpg": ("a_01.jpg.xmp",)}, []),
        (
            ["a.jpg", "a_1.jpg.xmp", "a_01.xmp", "a_01.png.xmp"],
            {"a.jpg": ()},
            ["a_01.png.xmp", "a_01.xmp", "a_1.jpg.xmp"],
        ),
        (["IMG_1", "IMG_1.aae"], {"IMG_1": ("IMG_1.aae",)}, []),
    ],
)
def test_companions(files: list[str], expected: dict[str, tuple[str, ...]], alone: list[str]) -> None:
    for order in (files, files[::-1]):
        found, others = pair_up(order)
        assert (found, sorted(others)) == (expected, alone)


def test_sources_may_overlap(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "b.jpg", "sub/c.jpg", "sub/.hidden.jpg")
    a, sub = str(tmp_path / "a.jpg"), str(tmp_path / "sub")
    found = gather([a, str(tmp_path), sub, str(tmp_path), a, f"{sub}/.hidden.jpg"], recursive=True)
    assert [[item.name for item in listing.items] for listing in found] == [
        ["a.jpg", "b.jpg"],
        [".hidden.jpg", "c.jpg"],
    ]
    assert not any(listing.picked for listing in found)


def test_single_photos_of_one_folder_are_one_listing(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "a.cr2", "b.jpg", "c.jpg")
    (listing,) = gather([str(tmp_path / "c.jpg"), str(tmp_path / "a.jpg")], recursive=False)
    assert listing.picked
    assert [(item.name, item.companions) for item in listing.items] == [("a.jpg", ("a.cr2",)), ("c.jpg", ())]
    assert listing.path_of("a.jpg") == str(tmp_path / "a.jpg")


def test_paths_stay_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.jpg", "sub/b.jpg")
    monkeypatch.chdir(tmp_path)
    assert [gathered.path_of("x") for gathered in gather(["."], recursive=True)] == ["./x", "./sub/x"]
    assert gather(["a.jpg"], recursive=False)[0].path_of("a.jpg") == "a.jpg"
    assert gather(["./sub/"], recursive=False)[0].path_of("b.jpg") == "./sub/b.jpg"


@pytest.mark.skipif(os.name == "nt", reason="devices as on POSIX")
def test_a_device_is_no_photo_even_if_it_is_named() -> None:
    with pytest.raises(UserError, match="is no file that can hold a photo"):
        pick(os.devnull)


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("a.jpg", b"whatever", True),
        ("scan", JPEG, True),
        ("scan.1", JPEG, True),
        ("scan", b"a letter", False),
        ("film.mp4", JPEG, False),
        ("a.jpg~", JPEG, False),
        ("notes.txt", JPEG, False),
        (".a.jpg", JPEG, False),
        (".a", JPEG, False),
    ],
)
def test_one_file_is_a_photo_by_its_suffix_else_by_its_content(
    tmp_path: Path, name: str, content: bytes, is_one: bool
) -> None:
    fill(tmp_path, name, content=content)
    assert is_photo(tmp_path / name) is is_one
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / name).symlink_to(tmp_path / name)
    assert is_photo(tmp_path / "links" / name) is is_one


def test_what_is_no_file_is_no_photo(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    assert not is_photo(tmp_path / "a.jpg")
    assert not is_photo(tmp_path / "b.jpg")


def test_companions_at_this_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.jpg", "a.xmp", "b.jpg", "in/c.jpg", "in/c.xmp", "in/a.xmp")
    asked = ["a.jpg", "in/c.jpg", "b.jpg", "gone.jpg", "away/d.jpg"]
    monkeypatch.chdir(tmp_path)
    found = {"a.jpg": ("a.xmp",), "in/c.jpg": ("c.xmp",), "b.jpg": ()}
    assert companions_now(asked) == found
    whole = {str(tmp_path / path): names for path, names in found.items()}
    assert companions_now([str(tmp_path / path) for path in asked]) == whole
