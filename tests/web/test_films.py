"""A browser gets a film in the parts that it asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from photo_ranker.web.api import photos
from photo_ranker.web.api.photos import part_of
from pictures import picture
from video_files import panned, write_video
from web_films import make_film


@pytest.fixture
def film(folder: Path) -> Path:
    return make_film(folder / "dance.webm")


@pytest.fixture
def address(client: TestClient, album: str, film: Path) -> str:
    photos = client.get(f"{album}/photos").json()["photos"]
    (photo,) = [one for one in photos if one["name"] == film.name]
    assert photo["is_film"]
    return f"{album}/photos/{photo['id']}"


def test_the_whole_film_and_parts_of_it(client: TestClient, address: str, film: Path) -> None:
    data = film.read_bytes()
    whole = client.get(f"{address}/film")
    assert (whole.status_code, whole.content) == (200, data)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "video/webm"
    assert whole.headers["cache-control"].startswith("private")
    part = client.get(f"{address}/film", headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, data[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(data)}"
    beyond = client.get(f"{address}/film", headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(data)}"


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("", None),
        ("bytes=0-", (0, 1000)),
        ("bytes=900-", (900, 1000)),
        ("bytes=0-0", (0, 1)),
        ("bytes=990-5000", (990, 1000)),
        ("bytes=-100", (900, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("bytes=0-1,5-6", None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("lines=1-2", None),
    ],
)
def test_which_part_is_meant(wanted: str, part: tuple[int, int] | None) -> None:
    assert part_of(wanted, 1000) == part


def test_a_film_is_never_in_memory_as_a_whole(
    client: TestClient, address: str, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "PIECE_BYTES", 1000)
    with client.stream("GET", f"{address}/film") as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == film.read_bytes()
    assert max(map(len, pieces)) <= 1000


def test_what_is_no_film_and_what_is_gone(client: TestClient, album: str, address: str, film: Path) -> None:
    photo = client.get(f"{album}/photos").json()["photos"][1]["id"]
    refused = client.get(f"{album}/photos/{photo}/film")
    assert (refused.status_code, refused.json()["detail"]) == (409, "photo_00000.jpg is no film")
    film.unlink()
    gone = client.get(f"{address}/film")
    assert gone.status_code == 422
    assert "cannot be opened" in gone.json()["detail"]


def test_the_moment_of_the_picture_and_of_each_face_are_told(client: TestClient, address: str) -> None:
    detail = client.get(address).json()
    assert detail["moment"] == 1.0
    assert [face["at_seconds"] for face in detail["faces"]] == [1.0, 2.0]


def test_no_film_leaves_without_the_token_or_by_a_guests_link(client: TestClient, address: str) -> None:
    assert client.get(f"{address}/film", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    album = address.split("/")[3]
    link = client.post("/api/guests", json={"album": album, "title": "Rosa", "days": 3}).json()["path"]
    assert client.get(f"{link.split('?')[0]}/photos/{address.rsplit('/', 1)[1]}/film").status_code in {403, 404}


def test_a_film_is_one_before_it_is_measured(client: TestClient, album: str, folder: Path) -> None:
    write_video(folder / "new.webm", panned(picture("astronaut.png"), (320, 240), 3))
    entry = client.app.state.workplace.albums.get(album.rsplit("/", 1)[1])  # type: ignore[attr-defined]
    client.app.state.workplace.open_albums.refresh(entry.id)  # type: ignore[attr-defined]
    (photo,) = [one for one in client.get(f"{album}/photos").json()["photos"] if one["pending"]]
    assert (photo["name"], photo["is_film"]) == ("new.webm", True)
    assert client.get(f"{album}/photos/{photo['id']}/film").status_code == 200
