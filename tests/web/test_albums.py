"""Albums, sessions and what is said when something is wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from builders import a_record
from photo_ranker.metadata import Ledger
from photo_ranker.records import VIDEO_FORMATS
from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from photo_ranker.web.job_runner import Job
from photo_ranker.web.open_albums import natural_key
from photo_ranker.web.problems import problem_of
from web_helpers import make_album, small_jpeg

HOME = "http://127.0.0.1:8765"


def titles(client: TestClient) -> list[str]:
    return [album["title"] for album in client.get("/api/albums").json()["albums"]]


def test_a_named_folder_is_an_album(client: TestClient, album: str) -> None:
    told = client.get(album).json()
    assert (told["title"], told["kind"], told["photos"], told["faces"]) == ("wedding", "folder", 6, 9)
    assert len(told["cover"]) == 4


def test_a_session_is_made_renamed_deleted_and_brought_back(client: TestClient, session: str) -> None:
    assert client.patch(session, json={"title": "Beach"}).json()["title"] == "Beach"
    assert client.delete(session).status_code == 204
    assert titles(client) == ["wedding"]
    assert client.get(session).status_code == 404
    assert client.post(f"{session}/restore").json()["title"] == "Beach"
    assert titles(client) == ["wedding", "Beach"]


def test_an_album_has_a_name_that_can_be_seen(client: TestClient, session: str) -> None:
    assert client.patch(session, json={"title": "  Beach \t"}).json()["title"] == "Beach"
    for nothing in ("", "   ", "\u00a0\n"):
        assert client.patch(session, json={"title": nothing}).status_code == 422
        assert client.post("/api/albums/sessions", json={"title": nothing}).status_code == 422
    assert client.get(session).json()["title"] == "Beach"


def test_a_full_or_failing_disk_is_no_bug_of_ours() -> None:
    for number in (errno.ENOSPC, errno.EIO):
        told = problem_of(OSError(number, os.strerror(number)))
        assert (told.status, "report" in told.advice) == (507, False)
        assert os.strerror(number) in told.detail
    assert problem_of(OSError(errno.EBADF, "Bad file descriptor")).status == 500


def test_deleting_a_folder_touches_no_photo(client: TestClient, album: str, folder: Path) -> None:
    before = sorted(folder.iterdir())
    client.delete(album)
    assert titles(client) == []
    assert sorted(folder.iterdir()) == before


def test_a_restart_forgets_nothing(options: WebOptions) -> None:
    with TestClient(create_app(options), base_url=HOME) as client:
        client.post("/api/albums/sessions", json={"title": "Kept"})
    with TestClient(create_app(options), base_url=HOME) as client:
        assert titles(client) == ["wedding", "Kept"]


def test_users_of_the_machine_open_any_folder(client: TestClient, tmp_path: Path) -> None:
    other = make_album(tmp_path / "other", photos=2)
    opened = client.post("/api/albums/folders", json={"folder": str(other)}).json()
    assert client.get(f"/api/albums/{opened['id']}").json()["photos"] == 2
    missing = client.post("/api/albums/folders", json={"folder": str(tmp_path / "nowhere")})
    assert missing.status_code == 404
    assert missing.json()["advice"] == "give its whole path; ~ is your home folder"


def test_a_folder_that_was_opened_here_is_closed_to_users_of_other_machines(
    options: WebOptions, tmp_path: Path
) -> None:
    other = make_album(tmp_path / "other", photos=2)
    with TestClient(create_app(options), base_url=HOME) as client:
        opened = client.post("/api/albums/folders", json={"folder": str(other)}).json()
    with TestClient(create_app(replace(options, local=False)), base_url=HOME) as client:
        assert client.get(f"/api/albums/{opened['id']}").status_code == 404
        assert titles(client) == ["wedding"]


def test_a_folder_that_has_gone_is_said(client: TestClient, album: str, folder: Path) -> None:
    folder.rename(folder.with_name("away"))
    answer = client.get(album)
    assert answer.status_code == 404
    assert "not there" in answer.json()["detail"]


def test_people_of_a_folder_that_has_gone_do_not_seem_unknown(client: TestClient, album: str, folder: Path) -> None:
    asked = [f"{album}/people", f"{album}/photos", album]
    assert [client.get(one).status_code for one in asked] == [200, 200, 200]
    folder.rename(folder.with_name("away"))
    for one in asked:
        answer = client.get(one)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"the folder {folder} is not there")
    folder.with_name("away").rename(folder)
    assert [client.get(one).status_code for one in asked] == [200, 200, 200]


def test_errors_have_the_words_of_the_commands(client: TestClient, album: str) -> None:
    answer = client.post(f"{album}/rank", json={"faces": ["f1"], "weights": {"single_smile": 1000}})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "setting SINGLE_SMILE is 1000.0",
        "advice": answer.json()["advice"],
    }
    assert "it must be a number from 0.0 to 100.0" in answer.json()["advice"]


def test_a_word_that_is_not_known_is_an_error(client: TestClient) -> None:
    answer = client.post("/api/albums/sessions", json={"title": "x", "tilte": "y"})
    assert answer.status_code == 422
    assert "tilte" in answer.json()["detail"]


def test_the_icon_of_the_tab_is_kept_and_nothing_else(client: TestClient) -> None:
    kept = {path: client.get(path).headers["Cache-Control"] for path in ("/static/icon.svg", "/static/app.css", "/")}
    assert kept == {"/static/icon.svg": "private, max-age=86400", "/static/app.css": "no-store", "/": "no-store"}


def test_every_address_is_documented(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    page = client.get("/docs").text
    for path, operations in described["paths"].items():
        assert path in page
        for operation in operations.values():
            assert operation["description"], path
            refused = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
            assert {"401", "403", "413", "500"} <= refused.keys(), path
            for answer in refused.values():
                assert list(answer["content"]) == ["application/problem+json"], path


def test_films_go_by_the_clock_of_where_they_were_taken(options: WebOptions, folder: Path) -> None:
    (folder / "film.mp4").write_bytes(b"film")
    film = msgspec.structs.replace(
        a_record(), taken_at="2024-06-01T08:30:00", utc_offset="+00:00", format=next(iter(VIDEO_FORMATS))
    )
    with Ledger(folder, lambda _: None) as ledger:
        ledger.put("film.mp4", film)
    with TestClient(create_app(replace(options, zone="+02:00")), base_url=HOME) as client:
        album = client.get("/api/albums").json()["albums"][0]["id"]
        photos = client.get(f"/api/albums/{album}/photos").json()["photos"]
    assert {photo["name"]: photo["taken_at"] for photo in photos}["film.mp4"] == "2024-06-01T10:30:00"


@pytest.mark.parametrize("named", ["~nobody-of-that-name/x", "/" + "a" * 4000, "relative", "/a\0b", "/nowhere/at/all"])
def test_a_folder_that_can_be_none_is_said(client: TestClient, album: str, named: str) -> None:
    for address in ("/api/albums/folders", f"{album}/copies"):
        answer = client.post(address, json={"folder": named})
        assert answer.status_code == 404, address
        assert "there is no folder" in answer.json()["detail"]


def test_photos_without_times_come_in_the_order_that_people_count_in(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    (folder / "roll").mkdir(parents=True)
    for number, name in enumerate(["10.jpg", "2.jpg", "1.jpg", "IMG_100.jpg", "img_20.jpg", "roll/1.jpg"]):
        (folder / name).write_bytes(small_jpeg(number))
    options = WebOptions(home=tmp_path / "home", folders=(folder,), recursive=True)
    with TestClient(create_app(options), base_url="http://127.0.0.1:8765") as client:
        album = client.get("/api/albums").json()["albums"][0]["id"]
        for sort in ("time", "name"):
            photos = client.get(f"/api/albums/{album}/photos?sort={sort}").json()["photos"]
            names = ["1.jpg", "2.jpg", "10.jpg", "img_20.jpg", "IMG_100.jpg", "1.jpg"]
            assert [photo["name"] for photo in photos] == names


def test_numbers_of_any_kind_have_an_order() -> None:
    names = ["a", "1", "", "1a", "a1", "01", "a01b2", "\u0662.jpg", "1" * 5000]
    assert sorted(names, key=natural_key)[:2] == ["", "01"]
    assert sorted(["b1", "a10", "a9", "A1"], key=natural_key) == ["A1", "a9", "a10", "b1"]


def test_an_album_that_a_job_fills_is_read_again_when_nobody_scrolls(
    client: TestClient, album: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_ranker.web.open_albums.REREAD_SECONDS", 0.0)
    monkeypatch.setattr("photo_ranker.web.open_albums.REREAD_SHARE", 1000.0)
    place = client.app.state.workplace  # type: ignore[attr-defined]
    photo = client.get(f"{album}/photos").json()["photos"][0]["id"]
    entry = place.albums.get(album.rpartition("/")[2])
    before = place.open_albums.get(entry)
    job = Job("1", "index", entry.id, "2026-11-26T10:00:00Z", state="running")

    assert client.get(f"{album}/photos/{photo}/pictures/small").status_code == 200
    place.follow(job)
    assert place.open_albums.get(entry) is before, "a picture was asked for just now"

    monkeypatch.setattr("photo_ranker.web.workplace.SCROLLING_SECONDS", 0.0)
    place.follow(job)
    after = place.open_albums.get(entry)
    assert after is not before
    assert after.remembered("bursts", lambda: None), "what the page will ask for is found"


def test_an_album_that_a_command_has_measured_is_read_again(
    client: TestClient, album: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_ranker.web.open_albums.REREAD_SECONDS", 0.0)
    monkeypatch.setattr("photo_ranker.web.open_albums.REREAD_SHARE", 1e9)
    place = client.app.state.workplace  # type: ignore[attr-defined]
    entry = place.albums.get(album.rpartition("/")[2])
    before = place.open_albums.get(entry)
    with Ledger(folder, lambda _: None) as ledger:
        ledger.drop("photo_00000.jpg")
    (folder / "photo_00000.jpg").unlink()
    assert client.get(album).json()["photos"] == 5
    after = place.open_albums.get(entry)
    assert after is not before
    assert place.open_albums.get(entry) is after, "nothing has changed since"
