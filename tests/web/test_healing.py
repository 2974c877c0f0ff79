"""A user's own words whose file is damaged or out of reach: kept aside, said, healed, never written over."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from fastapi.testclient import TestClient

from permissions import obeyed
from photo_ranker.album import AlbumPhoto
from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.records import PhotoRecord, Stamp
from photo_ranker.web import WebOptions, storage
from photo_ranker.web.app import create_app
from photo_ranker.web.event_files import kept_labels
from photo_ranker.web.marks import Mark, Marks, mark_key
from web_helpers import make_album

HOME = "http://127.0.0.1:8765"

MARKS = b'{"schema":1,"marks":{"aa":{"flag":"pick","stars":3},"b\\"b":{"stars":5},"cc":{"flag":"reject"}}}'


def asides(path: Path) -> list[bytes]:
    return [one.read_bytes() for one in path.parent.glob(f"{path.name}.damaged-*")]


class TestMarks:
    @pytest.mark.parametrize(
        ("content", "left"),
        [
            (MARKS[:-20], {"aa": Mark("pick", 3), 'b"b': Mark(None, 5)}),
            (MARKS.replace(b"reject", b"rejekt"), {"aa": Mark("pick", 3), 'b"b': Mark(None, 5)}),
            (MARKS.replace(b'"stars":5', b'"stars":"five"'), {"aa": Mark("pick", 3), "cc": Mark("reject")}),
            (MARKS[30:], {'b"b': Mark(None, 5), "cc": Mark("reject")}),
            (MARKS.replace(b'"aa"', b'"\xff\xff"'), {'b"b': Mark(None, 5), "cc": Mark("reject")}),
            (bytes(4096), {}),
            (b"", {}),
            (b"[]", {}),
        ],
        ids=["cut", "a wrong flag", "a wrong kind", "no beginning", "no text", "zeros", "empty", "a list"],
    )
    def test_damaged_ones_are_kept_aside_and_healed(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, left: dict[str, Mark]
    ) -> None:
        path = tmp_path / "marks.json"
        path.write_bytes(content)
        marks = Marks(path)
        assert asides(path) == [content]
        assert f"marks.json was damaged: it is kept as {path}.damaged-" in marks.note
        assert "was damaged" in caplog.text
        marks.change([("new", {"stars": 1})])
        assert Marks(path)._marks == left | {"new": Mark(None, 1)}
        assert Marks(path).note == ""

    def test_a_mark_that_could_not_be_stored_is_not_kept_in_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        marks = Marks(tmp_path / "marks.json")
        marks.change([("old", {"stars": 1})])
        with monkeypatch.context() as full:
            full.setattr(storage, "write_value", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
            with pytest.raises(OSError, match="No space"):
                marks.change([("new", {"flag": "reject"})])
        assert marks._marks == {"old": Mark(None, 1)}

    def test_two_damages_within_a_second_are_both_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "marks.json"
        for content in (b"one", b"two"):
            path.write_bytes(content)
            Marks(path)
        assert sorted(asides(path)) == [b"one", b"two"]

    @pytest.mark.parametrize("content", [b'{"schema":2,"marks":{}}', b'{"schema":2,"marks":[1]}'])
    def test_those_of_a_newer_version_are_left_as_they_are(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "marks.json"
        path.write_bytes(content)
        marks = Marks(path)
        assert "schema 2" in marks.note
        with pytest.raises(NewerSchema):
            marks.change([("new", {"stars": 1})])
        assert [one.name for one in tmp_path.iterdir()] == ["marks.json"]
        assert path.read_bytes() == content

    def test_those_out_of_reach_are_not_written_over(self, tmp_path: Path) -> None:
        path = tmp_path / "marks.json"
        path.write_bytes(MARKS)
        path.chmod(0)
        with obeyed():
            marks = Marks(path)
            assert "Permission denied" in marks.note
            with pytest.raises(MetadataError, match="cannot be read"):
                marks.change([("new", {"stars": 1})])
        assert path.read_bytes() == MARKS
        path.chmod(0o600)
        marks.change([("new", {"stars": 1})])  # the disk is back
        assert set(Marks(path)._marks) == {"aa", 'b"b', "cc", "new"}

    def test_those_on_a_failing_disk_are_not_written_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "marks.json"
        path.write_bytes(MARKS)

        def fail(path: Path, **_: object) -> bytes:
            raise OSError(errno.EIO, "Input/output error", str(path))

        with monkeypatch.context() as failing:
            failing.setattr("photo_ranker.core.files.read", fail)
            marks = Marks(path)
            with pytest.raises(MetadataError, match="Input/output error"):
                marks.change([("new", {"stars": 1})])
        assert path.read_bytes() == MARKS

    def test_a_full_disk_leaves_the_damaged_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "marks.json"
        path.write_bytes(MARKS[:-20])

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as failing:
            failing.setattr("photo_ranker.core.files.os.fsync", full)
            with pytest.raises(OSError, match="No space"):
                Marks(path)
        assert [one.name for one in tmp_path.iterdir()] == ["marks.json"]
        assert path.read_bytes() == MARKS[:-20]

    def test_the_app_says_it(self, options: WebOptions, album: str) -> None:
        place = options.home / "albums" / album.rpartition("/")[2]
        (place / "marks.json").write_bytes(MARKS[:-20])
        with TestClient(create_app(options), base_url=HOME) as client:
            (note,) = client.get(album).json()["notes"]
            assert client.get(f"{album}/photos").status_code == 200
        assert "marks.json was damaged" in note
        assert "2 picks and stars of it could be read" in note


def test_an_unreadable_photo_whose_name_is_no_text_can_be_marked(tmp_path: Path) -> None:
    photo = AlbumPhoto("caf\udce9.jpg", PhotoRecord(stamp=Stamp(0, 0, "")))
    marks = Marks(tmp_path / "marks.json")
    marks.change([(mark_key(photo), {"stars": 2})])
    assert Marks(tmp_path / "marks.json").of(photo).stars == 2


class TestAlbums:
    @staticmethod
    def started(
        options: WebOptions, work: Callable[[TestClient], object] = lambda _: None
    ) -> dict[str, dict[str, str]]:
        with TestClient(create_app(options), base_url=HOME) as client:
            work(client)
            told = client.get("/api/albums").json()
            return {album["id"]: album for album in told["albums"]}

    @pytest.mark.parametrize(
        ("damage", "title"),
        [
            (lambda text: text[:-30], "Beach"),
            (lambda text: text.replace('"session"', '"sessoin"'), "Beach"),
            (lambda text: text[40:], "Recovered session"),
            (lambda _: "", "Recovered session"),
            (lambda text: "\0" * len(text), "Recovered session"),
        ],
        ids=["cut", "a wrong kind", "no beginning", "empty", "zeros"],
    )
    def test_a_session_is_healed(
        self, options: WebOptions, caplog: pytest.LogCaptureFixture, damage: Callable[[str], str], title: str
    ) -> None:
        self.started(options, lambda client: client.post("/api/albums/sessions", json={"title": "Beach"}))
        (path,) = [one for one in (options.home / "albums").rglob("album.json") if (one.parent / "photos").is_dir()]
        text = damage(path.read_text())
        path.write_text(text)
        healed = self.started(options)[path.parent.name]
        assert (healed["kind"], healed["title"]) == ("session", title)
        assert asides(path) == [text.encode()]
        assert "album.json was damaged" in caplog.text
        assert self.started(options)[path.parent.name]["title"] == title

    def test_a_deleted_session_that_is_damaged_is_not_removed(self, options: WebOptions) -> None:
        self.started(options, lambda client: client.post("/api/albums/sessions", json={"title": "Beach"}))
        (photos,) = (options.home / "albums").rglob("photos")
        (photos / "a.jpg").write_bytes(b"a photo")
        about = json.loads((photos.parent / "album.json").read_text()) | {"deleted_at": "2020-01-01T00:00:00+00:00"}
        (photos.parent / "album.json").write_text(json.dumps(about)[:-1])
        assert photos.parent.name in self.started(options)
        assert (photos / "a.jpg").exists()

    def test_a_folder_opened_since_is_healed(self, options: WebOptions, tmp_path: Path) -> None:
        other = make_album(tmp_path / "other", photos=1)
        body = {"folder": str(other), "recursive": True}
        self.started(options, lambda client: client.post("/api/albums/folders", json=body))
        (path,) = [one for one in (options.home / "albums").rglob("album.json") if str(other) in one.read_text()]
        path.write_bytes(path.read_bytes()[:-20])
        healed = self.started(options)[path.parent.name]
        assert healed["folder"] == str(other)
        assert healed["recursive"]

    def test_a_folder_that_nobody_can_tell_comes_back_when_it_is_opened(
        self, options: WebOptions, tmp_path: Path
    ) -> None:
        other = make_album(tmp_path / "other", photos=1)
        body = {"folder": str(other)}
        self.started(options, lambda client: client.post("/api/albums/folders", json=body))
        (path,) = [one for one in (options.home / "albums").rglob("album.json") if str(other) in one.read_text()]
        path.write_bytes(b"{}")
        with TestClient(create_app(options), base_url=HOME) as client:
            told = client.get("/api/albums").json()
            assert path.parent.name not in {album["id"] for album in told["albums"]}
            assert "open its folder again" in told["notes"][0]
            assert client.post("/api/albums/folders", json=body).json()["id"] == path.parent.name
        assert asides(path) == [b"{}"]

    def test_what_is_out_of_reach_is_shown_and_not_written_over(self, options: WebOptions, folder: Path) -> None:
        self.started(options, lambda client: client.post("/api/albums/sessions", json={"title": "Beach"}))
        paths = list((options.home / "albums").rglob("album.json"))
        before = {path: path.read_bytes() for path in paths}
        for path in paths:
            path.chmod(0)
        with obeyed(), TestClient(create_app(options), base_url=HOME) as client:
            told = client.get("/api/albums").json()
            assert sorted(album["title"] for album in told["albums"]) == ["Recovered session", "wedding"]
            assert len(told["notes"]) == 2
            assert "Permission denied" in told["notes"][0]
        for path in paths:
            path.chmod(0o600)
        assert {path: path.read_bytes() for path in paths} == before

    def test_changing_what_is_out_of_reach_is_refused(self, options: WebOptions) -> None:
        self.started(options, lambda client: client.post("/api/albums/sessions", json={"title": "Beach"}))
        (photos,) = (options.home / "albums").rglob("photos")
        path = photos.parent / "album.json"
        path.chmod(0)
        with obeyed():
            app = create_app(options)
        with TestClient(app, base_url=HOME) as client:
            answer = client.patch(f"/api/albums/{photos.parent.name}", json={"title": "Other"})
        assert answer.status_code == 409
        assert "cannot be read" in answer.json()["detail"]
        assert json.loads(path.read_text())["title"] == "Beach"


def test_labels_of_moments_are_healed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "moments.json"
    path.write_bytes(b'{"2024-06-01T10:00:00":"Dinner","2024-06-01T18:00:00":"Danc')
    moment = {"number": 1, "start": "2024-06-01T10:00:00", "end": "2024-06-01T11:00:00"}
    labels, notes = kept_labels([moment], {}, path)
    assert labels == {1: "Dinner"}
    assert "moments.json was damaged" in notes[0]
    assert asides(path)


def test_a_job_record_that_is_damaged_stops_nothing(options: WebOptions, caplog: pytest.LogCaptureFixture) -> None:
    jobs = options.home / "jobs"
    jobs.mkdir(parents=True)
    (jobs / "0123456789abcdef.json").write_text("{")
    with caplog.at_level(logging.WARNING), TestClient(create_app(options), base_url=HOME) as client:
        assert client.get("/api/jobs").json() == {"jobs": []}
    assert "is left out" in caplog.text
