from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import photo_ranker
from permissions import obeyed
from photo_ranker.album import Album
from photo_ranker.api import Asked
from photo_ranker.models.store import sample_photo
from photo_ranker.person_finder.years import Dated
from photo_ranker.questions import Filters
from photo_ranker.workspace import AlbumRequest, Silent, Workspace
from video_files import dated, write_video


def test_the_public_names_are_sorted_and_all_there() -> None:
    assert photo_ranker.__all__ == sorted(photo_ranker.__all__)
    assert set(photo_ranker.__all__) == set(photo_ranker._HOMES)
    assert all(getattr(photo_ranker, name).__doc__ for name in photo_ranker.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        photo_ranker.nothing  # noqa: B018


def test_importing_costs_nothing() -> None:
    code = "import sys, photo_ranker; print(len([name for name in sys.modules if name.startswith('photo_ranker')]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_type_checkers_may_read_the_types() -> None:
    assert Path(photo_ranker.__file__).with_name("py.typed").is_file()


def test_rank_in_one_call(tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    for name in ("astronaut.png", "Tom_Hanks_54745.png"):
        shutil.copy(sample_photo(name), album)
    ranking = photo_ranker.rank(sample_photo("astronaut.png"), album, top=5)
    assert [Path(item.path).name for item in ranking.results] == ["astronaut.png"]
    assert ranking.counts.photos == 2


@pytest.fixture
def small_album(tmp_path: Path) -> Path:
    (tmp_path / "album").mkdir()
    for name in ("astronaut.png", "Tom_Hanks_54745.png", "t1.jpg"):
        shutil.copy(sample_photo(name), tmp_path / "album")
    return tmp_path / "album"


def test_an_open_album_is_asked_without_its_files(small_album: Path) -> None:
    reference = sample_photo("astronaut.png")
    album = photo_ranker.open_album(small_album)
    asked = photo_ranker.rank(reference, small_album)
    assert repr(album) == f"<Album of 3 photos and 8 faces, engine {album.engine}>"
    small_album.rename(small_album.with_name("elsewhere"))
    assert photo_ranker.rank(reference, album) == asked
    with pytest.raises(photo_ranker.UserError, match="the album was opened with the engine other"):
        photo_ranker.rank(reference, Album((), "other"), engine="sface")


def test_an_open_album_obeys_what_was_said_of_its_people(small_album: Path) -> None:
    album, reference = photo_ranker.open_album(small_album), sample_photo("astronaut.png")
    with Workspace().people(AlbumRequest(photos=(str(small_album),)), keep=True) as people:
        people.say_false([face for face, owner in zip(album.ids, album.owners, strict=True) if owner == 1])
    assert photo_ranker.rank(reference, album).results == photo_ranker.rank(reference, small_album).results == ()


def test_an_open_album_obeys_the_books_that_its_folders_obey(small_album: Path) -> None:
    above, reference = small_album.parent, sample_photo("astronaut.png")
    with Workspace().people(AlbumRequest(photos=(str(above),), recursive=True), keep=True) as people:
        people.say_false([people.find_face("astronaut.png")])
    # The book of an inner folder is no part of a question to the outer one.
    (small_album / ".photo_ranker_people.json").write_text('{"schema":1,"people":[],"decisions":[]}')
    album = photo_ranker.open_album(above, recursive=True)
    assert photo_ranker.rank(reference, album).results == ()
    assert photo_ranker.rank(reference, above, recursive=True).results == ()


def test_others_are_shown_by_photos_as_on_the_command_line(small_album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference, other = sample_photo("astronaut.png"), sample_photo("Tom_Hanks_54745.png")
    album = photo_ranker.open_album(small_album)
    his = [album.embeddings[face] for face, owner in enumerate(album.owners) if album.photos[owner].name == other.name]
    ben: Any
    for ben in (other, [str(other)], [his]):
        assert photo_ranker.rank(reference, album, together_with=ben).results == ()
        assert len(photo_ranker.rank(other, album, together_with=ben).results) == 1
    asked: list[photo_ranker.Question] = []
    monkeypatch.setattr("photo_ranker.api.answer", lambda _album, question, _settings: asked.append(question))
    for ben in (other, [str(other)], his):
        photo_ranker.rank(reference, album, not_references=ben)
        assert float(asked[-1].not_references[0] @ his[0]) > 0.99


def test_a_picture_in_memory_is_measured_and_looked_for(small_album: Path) -> None:
    file = sample_photo("astronaut.png")
    record = photo_ranker.measure(file.read_bytes())
    assert record.faces == photo_ranker.measure(file).faces
    album = photo_ranker.open_album(small_album)
    by_photo = photo_ranker.rank(file, album)
    for face in (record.faces[0], album.faces[1]):
        assert [item.path for item in photo_ranker.rank(face, album).results] == [by_photo.results[0].path]
    hanks = album.faces[0]
    assert len(photo_ranker.rank([file, hanks], small_album).results) == 2
    assert photo_ranker.rank(file, album, together_with=hanks).results == ()
    other = msgspec.structs.replace(record.faces[0], engine="other")
    with pytest.raises(photo_ranker.UserError, match="a face was not measured by the engine"):
        photo_ranker.rank(other, album)
    with pytest.raises(photo_ranker.UserError, match="this is of type ndarray"):
        photo_ranker.rank(album.embeddings[:1], album)


def test_a_listener_hears_the_progress_and_may_stop_it(small_album: Path) -> None:
    class Stop(Exception):
        pass

    class Bar(Silent):
        todo = 0

        def begin(self, todo: int) -> None:
            self.todo = todo

        def step(self, faces: int) -> None:
            raise Stop

    bar = Bar()
    with pytest.raises(Stop):
        photo_ranker.open_album(small_album, listener=bar)
    assert bar.todo == 3
    assert len(photo_ranker.open_album(small_album).photos) == 3


def test_type_checkers_know_what_may_be_asked() -> None:
    with pytest.raises(TypeError, match="topp"):
        photo_ranker.rank("anna.jpg", "wedding", topp=5)  # type: ignore[call-arg]  # mypy says when it is not refused
    others = {"references", "together_with", "not_references"}
    assert Asked.__annotations__.keys() | others == set(photo_ranker.Question.__struct_fields__)


def test_a_year_of_birth_leaves_the_references_their_own_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[photo_ranker.Question] = []
    monkeypatch.setattr("photo_ranker.api.answer", lambda _album, question, _settings: asked.append(question))
    reference = shutil.copy(sample_photo("astronaut.png"), tmp_path / "2012-07-01.png")
    for told in (Dated(born=1961), Dated((2013.5,))):
        photo_ranker.rank(reference, tmp_path, dated=told)
    assert [int(question.dated.references[0] or 0) for question in asked] == [2012, 2013]
    assert [question.dated.born for question in asked] == [1961, None]


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    shutil.copy(sample_photo("astronaut.png"), tmp_path / "album")
    script = tmp_path / "script.py"
    script.write_text(
        f"import photo_ranker\nprint(len(photo_ranker.rank({str(sample_photo('astronaut.png'))!r}, 'album').results))\n"
    )
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


def test_measure_gives_the_facts_or_says_why_not(tmp_path: Path) -> None:
    assert len(photo_ranker.measure(sample_photo("t1.jpg")).faces) == 6
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(photo_ranker.PhotoUnreadable, match="empty file"):
        photo_ranker.measure(tmp_path / "empty.jpg")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"top": -1}, "'-1' is not a whole number from 0 up"),
        ({"top": "5"}, "'5' is not a whole number from 0 up"),
        ({"top": True}, "'True' is not a whole number from 0 up"),
        ({"threshold": 7}, "'7' is not a number from -1 to 1"),
        ({"threshold": float("nan")}, "'nan' is not a number from -1 to 1"),
        ({"filters": {"kind": "single"}}, "filters: {'kind': 'single'} are no Filters"),
        ({"not_references": 3}, "not_references: 3 is no embedding"),
        ({"together_with": [[0.5]]}, "together_with: 0.5 is no embedding"),
        ({"together_with": ""}, "a path is empty"),
    ],
)
def test_a_bad_question_is_refused_as_on_the_command_line(question: dict[str, Any], said: str) -> None:
    with pytest.raises(photo_ranker.UserError, match=said):
        photo_ranker.rank("nowhere.jpg", "nowhere", **question)


def test_settings_are_no_dict(tmp_path: Path) -> None:
    with pytest.raises(photo_ranker.UserError, match=r"settings: \{\} are no Settings"):
        photo_ranker.open_album(tmp_path, settings={})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "duo"}, "'duo' is no kind of photo"),
        ({"min_score": 2}, "'2' is not a number from 0 to 1"),
        ({"since": "yesterday"}, "'yesterday' is not a date"),
    ],
)
def test_a_bad_filter_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(photo_ranker.UserError, match=said):
        Filters(**values)


def test_nobody_and_nowhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(photo_ranker.UserError, match="no reference photo"):
        photo_ranker.rank([], tmp_path)
    with pytest.raises(photo_ranker.UserError, match="a path is empty"):
        photo_ranker.rank("", tmp_path)
    with pytest.raises(photo_ranker.UserError, match="a path is empty"):
        photo_ranker.open_album("")


@pytest.mark.parametrize("given", [None, b"\xff\xd8", np.zeros((9, 9, 3), np.uint8), [3]])
def test_what_is_no_path_is_refused(tmp_path: Path, given: Any) -> None:
    with pytest.raises(photo_ranker.UserError, match=r"this is of type (NoneType|bytes|ndarray|int)"):
        photo_ranker.rank(given, tmp_path)
    with pytest.raises(photo_ranker.UserError, match=r"this is of type (NoneType|bytes|ndarray|int)"):
        photo_ranker.rank("anna.jpg", given)
    with pytest.raises(photo_ranker.PhotoRankerError, match=r"a path is wanted|not a photo"):
        photo_ranker.measure(given)


def test_measure_needs_a_path() -> None:
    with pytest.raises(photo_ranker.UserError, match="a path is empty"):
        photo_ranker.measure("")


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be set there")
def test_a_film_has_the_time_of_the_cameras_as_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        grey = np.full((120, 160, 3), 128, np.uint8)
        dated(write_video(tmp_path / "a.mp4", [grey] * 5), 3_800_000_000)
        (film,) = photo_ranker.open_album(tmp_path).photos
    finally:
        monkeypatch.undo()
        time.tzset()
    # 2024-05-31T11:33:20 in UTC, in which films store it.
    assert (film.record.taken_at, film.record.utc_offset) == ("2024-05-31T20:33:20", "+09:00")


def test_a_folder_that_is_not_there_and_a_time_that_ends_before_it_begins_are_refused(tmp_path: Path) -> None:
    with pytest.raises(photo_ranker.UserError, match=r"there is no folder or photo .*nowhere"):
        photo_ranker.open_album(tmp_path / "nowhere")
    with pytest.raises(photo_ranker.UserError, match="2024-06-02 is after"):
        photo_ranker.rank("a.jpg", tmp_path, filters=Filters(since="2024-06-02", until="2024-06-01"))


def test_a_reference_that_cannot_be_reached_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with obeyed(), pytest.raises(photo_ranker.UserError, match=r"a.jpg cannot be opened: Permission denied"):
        photo_ranker.rank(closed / "a.jpg", tmp_path)
    closed.chmod(0o700)
    with pytest.raises(photo_ranker.UserError, match="cannot be opened: File name too long"):
        photo_ranker.rank("x" * 5000, tmp_path)
