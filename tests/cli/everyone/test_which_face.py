"""The face that a word means, where several photos have one name."""

from __future__ import annotations

import os

import pytest

from builders import a_face, a_record
from people.folk import Asked, a_photo_of
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.cli import main
from photo_ranker.errors import UserError
from photo_ranker.people.faces import FaceTable
from photo_ranker.settings import Settings
from photo_ranker.workspace.which_face import find_face


def a_table(**photos: list[str]) -> FaceTable:
    """Photos by path, with their faces from the left; ``a__1`` is ./a/1.jpg."""
    return FaceTable(
        Album(
            AlbumPhoto(
                f"./{name.replace('__', '/')}.jpg",
                a_record(*(a_face(face, (10.0 + 200 * place, 20.0, 100.0, 120.0)) for place, face in enumerate(faces))),
            )
            for name, faces in photos.items()
        ),
        Settings(),
    )


@pytest.fixture
def table() -> FaceTable:
    """Anna in a/1, Ben in b/1, both in c/1; Anna in a/2 and b/2, of which one is a copy; nobody in a/3."""
    return a_table(
        a__1=["anna1"], b__1=["ben1"], c__1=["ben2", "anna2"],
        a__2=["anna3"], b__2=["anna3"], a__3=[], b__3=["ben3"],
    )  # fmt: skip


@pytest.mark.parametrize("path", ["./c/1.jpg", "c/1.jpg", os.path.realpath("c/1.jpg"), "a/../c/1.jpg"])
def test_a_path_means_its_photo(table: FaceTable, path: str) -> None:
    assert find_face(f"{path}#2", table) == "anna2"
    assert find_face(path, table, ["anna1", "anna2"]) == "anna2"
    with pytest.raises(UserError, match="shows 2 such faces"):
        find_face(path, table)
    with pytest.raises(UserError, match="there is no number 0"):
        find_face(f"{path}#0", table)


def test_a_path_goes_before_photos_that_end_in_it() -> None:
    table = FaceTable(Album(AlbumPhoto(path, a_record(a_face(path))) for path in ("x/a/1.jpg", "a/1.jpg")), Settings())
    assert find_face("a/1.jpg", table) == "a/1.jpg"


def test_a_name_that_may_be_several_photos_is_said(table: FaceTable) -> None:
    with pytest.raises(UserError, match=r"^1\.jpg may be \./a/1\.jpg, \./b/1\.jpg, \./c/1\.jpg$"):
        find_face("1.jpg", table)
    with pytest.raises(UserError, match=r"may be \./a/1\.jpg, \./c/1\.jpg$"):
        find_face("1.jpg", table, ["anna1", "anna2"])
    with pytest.raises(UserError, match=r"^none of 3 photos 1\.jpg shows such a face$"):
        find_face("1.jpg", table, ["carl1"])


def test_a_long_list_of_paths_is_cut() -> None:
    table = a_table(**{f"f{number}__1": [f"face{number}"] for number in range(30)})
    with pytest.raises(UserError, match=r"\./f7/1\.jpg and 22 more$"):
        find_face("1.jpg", table)


def test_of_several_photos_the_only_one_that_fits_is_meant(table: FaceTable) -> None:
    assert find_face("1.jpg", table, ["ben1"]) == "ben1"
    assert find_face("1.jpg#2", table) == "anna2"
    assert find_face("3.jpg", table) == "ben3"
    assert find_face("2.jpg", table) == "anna3", "copies of a photo show the same faces"


def test_the_commands_ask_back(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("anna", "ben"):
        a_photo_of(ask.album / name / "photo1.jpg", name, number=11)
    people = ask.people()
    album = [str(ask.album), "--recursive"]
    for words in (
        ["move", str(people["ben"]["number"]), "photo1.jpg", "--photos", *album],
        ["suggest", *album, "--same", "photo1.jpg", "ben0.jpg"],
    ):
        assert main(["people", *words]) == 2
        assert "photo1.jpg may be" in capfd.readouterr().err
    assert ask.people() == people


@pytest.mark.parametrize("action", ["not", "split"])
def test_the_person_decides_which_photo_a_command_means(ask: Asked, action: str) -> None:
    for name in ("anna", "ben"):
        a_photo_of(ask.album / name / "photo1.jpg", name, number=11)
    for name in ("anna", "ben"):
        number = str(ask.people()[name]["number"])
        ask.say("name", number, "--face", "photo1.jpg")
        ask.say(action, number, "photo1.jpg")
        people = ask.json("people", "list", str(ask.album), "--recursive")["people"]
        paths = next([face["path"] for face in one["faces"]] for one in people if str(one["number"]) == number)
        assert f"{ask.album}/{name}/photo1.jpg" not in paths
        assert len(paths) == 6
