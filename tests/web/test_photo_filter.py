"""One filter for photos, the best of a person, events and exports: marks, quality, people, faces, time, words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from photo_ranker.web.photo_filter import timeline
from web_helpers import make_album, small_jpeg, wait

# Photos 0 to 5 (see web_helpers): each of Anna is sharper and smiles less; Ben is in every second one.


@pytest.fixture
def people(client: TestClient, album: str) -> dict[str, str]:
    """Name -> id of the people of the album."""
    wait(client, client.post(f"{album}/people/find").json())
    found = client.get(f"{album}/people").json()["people"]
    for person, name in zip(found, ("Anna", "Ben"), strict=True):
        client.patch(f"{album}/people/{person['id']}", json={"name": name})
    return {name: person["id"] for person, name in zip(found, ("Anna", "Ben"), strict=True)}


def numbers(page: dict[str, Any]) -> list[int]:
    return [int(photo["name"].rsplit("_", 1)[1].removesuffix(".jpg")) for photo in page["photos"]]


def shown(client: TestClient, album: str, **asked: Any) -> list[int]:
    answer = client.get(f"{album}/photos", params=asked)
    assert answer.status_code == 200, answer.text
    return numbers(answer.json())


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"max_faces": 1}, [0, 2, 4]),
        ({"min_faces": 2}, [1, 3, 5]),
        ({"max_faces": 0}, []),
        ({"sharpness": "bad"}, [0, 1, 2, 3]),
        ({"sharpness": "good", "max_faces": 1}, [4]),
        ({"since": "2024-06-01T10:00:02", "until": "2024-06-01T10:00:03"}, [2, 3]),
        ({"words": "PHOTO 0004"}, [4]),
        ({"words": "0004 0003"}, []),
        ({"sort": "faces"}, [1, 3, 5, 0, 2, 4]),
        ({"sort": "sharpness", "max_faces": 1}, [4, 2, 0]),
        ({"sort": "name"}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_photos_by_quality_faces_time_and_words(
    client: TestClient, album: str, asked: dict[str, Any], wanted: list[int]
) -> None:
    assert shown(client, album, **asked) == wanted


def test_people_and_their_names(client: TestClient, album: str, people: dict[str, str]) -> None:
    assert shown(client, album, with_people=people["Ben"]) == [1, 3, 5]
    assert shown(client, album, with_people=[people["Anna"], people["Ben"]]) == [1, 3, 5]
    assert shown(client, album, words="ben 0003") == [3]
    merged = {"into": people["Anna"], "others": [people["Ben"]]}
    assert client.post(f"{album}/people/merge", json=merged).status_code == 200
    assert shown(client, album, with_people=people["Ben"]) == shown(client, album, with_people=people["Anna"])


def test_marks_filter_and_sort(client: TestClient, album: str) -> None:
    ids = [photo["id"] for photo in client.get(f"{album}/photos").json()["photos"]]
    marks = [{"photo": ids[4], "stars": 5}, {"photo": ids[2], "stars": 3}, {"photo": ids[0], "flag": "reject"}]
    client.put(f"{album}/marks", json={"marks": marks})
    assert shown(client, album, sort="stars") == [4, 2, 1, 3, 5, 0]
    assert shown(client, album, show="starred", sort="name") == [2, 4]
    client.put(f"{album}/marks", json={"marks": [{"photo": ids[1], "stars": 4}]})
    assert shown(client, album, show="starred", sort="stars") == [4, 1, 2]


def test_the_best_and_events_take_the_same_filter(client: TestClient, album: str, people: dict[str, str]) -> None:
    ask = {"people": [people["Anna"]]}
    best = client.post(f"{album}/rank", json=ask).json()
    few = client.post(f"{album}/rank", json={**ask, "max_faces": 1, "words": "photo"}).json()
    assert numbers(few) == [number for number in numbers(best) if number % 2 == 0]
    by_time = client.post(f"{album}/rank", json={**ask, "sort": "time", "offset": 1, "limit": 2}).json()
    assert numbers(by_time) == [1, 2]
    ranks = {number: rank for rank, number in enumerate(numbers(best), 1)}
    assert [photo["result"]["rank"] for photo in by_time["photos"]] == [ranks[1], ranks[2]]
    wait(client, client.post("/score", json={"album": album.rsplit("/", 1)[1]}).json())
    event = client.get(f"{album}/event", params={"max_faces": 1, "sort": "time"}).json()
    assert (event["total"], numbers(event)) == (3, [0, 2, 4])


def test_of_a_photo_that_is_not_measured_nobody_knows_the_faces(client: TestClient, album: str, folder: Path) -> None:
    (folder / "zz_new_9999.jpg").write_bytes(small_jpeg(99))
    client.app.state.workplace.open_albums.refresh(album.rsplit("/", 1)[1])  # type: ignore[attr-defined]
    assert shown(client, album, max_faces=0) == []
    assert shown(client, album, sharpness="bad") == [0, 1, 2, 3]
    assert shown(client, album, sort="faces")[-1] == 9999, "an order leaves nothing out"


def test_an_export_takes_what_is_shown(client: TestClient, album: str) -> None:
    made = client.post(f"{album}/downloads", json={"words": "0004", "sort": "time"}).json()
    with zipfile.ZipFile(io.BytesIO(client.get(made["url"]).content)) as archive:
        assert archive.namelist() == ["photo_00004.jpg"]


def test_an_unknown_person_and_a_bad_date_are_named(client: TestClient, album: str) -> None:
    assert client.get(f"{album}/photos", params={"with_people": "nobody"}).status_code == 404
    assert client.get(f"{album}/photos", params={"since": "yesterday"}).status_code == 400
    assert client.get(f"{album}/photos", params={"sort": "beauty"}).status_code == 422


def test_the_timeline_tells_of_what_passes_and_each_part_is_a_filter(client: TestClient, album: str) -> None:
    told = client.get(f"{album}/timeline", params={"max_faces": 1, "since": "2024-06-01T10:00:04"}).json()
    assert (told["unit"], told["undated"]) == ("minute", 0)
    assert told["parts"] == [{"since": "2024-06-01T10:00", "until": "2024-06-01T10:00", "photos": 3}]
    part = told["parts"][0]
    assert shown(client, album, since=part["since"], until=part["until"]) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("times", "unit", "first", "last"),
    [
        (["2024-06-01T10:00:00", "2024-06-01T10:01:00"], "minute", "2024-06-01T10:00", "2024-06-01T10:01"),
        ([f"2024-06-01T{hour:02}:{minute:02}:00" for hour in range(9, 12) for minute in range(40)], "hour",
         "2024-06-01T09", "2024-06-01T11"),
        ([f"2024-02-{day:02}T{hour:02}:00:00" for day in range(1, 29) for hour in range(9, 20)], "day",
         "2024-02-01", "2024-02-28"),
        ([f"2024-{month:02}-{day:02}T10:00:00" for month in (1, 2) for day in range(1, 29)] + ["2024-03-01T1"] * 9
         + [f"2023-{month:02}-01T10:00:00" for month in range(1, 13)], "month", "2023-01-01", "2024-03-31"),
        ([f"{year}-{month:02}-01T10:00:00" for year in range(2000, 2010) for month in range(1, 13)], "year",
         "2000-01-01", "2009-12-31"),
    ],
)  # fmt: skip
def test_a_timeline_has_the_finest_parts_of_which_there_are_not_too_many(
    times: list[str], unit: str, first: str, last: str
) -> None:
    told = timeline([*times, None])
    assert (told.unit, told.undated) == (unit, 1)
    assert (told.parts[0].since, told.parts[-1].until) == (first, last)
    assert sum(part.photos for part in told.parts) == len(times)


def test_what_a_photo_was_taken_with(client: TestClient, session: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0110] = "X100"
    exif.get_ifd(0x8769).update(
        {
            0x829A: IFDRational(1, 250),
            0xA434: "23mm F2",
            0x8827: 400,
            0x829D: IFDRational(28, 10),
            0x920A: IFDRational(23),
        }
    )
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (9, 99, 9)).save(file, "JPEG", exif=exif)
    data = file.getvalue()
    client.post(f"{session}/files", params={"name": "a.jpg", "size": len(data)}, content=data)
    (photo,) = client.get(f"{session}/photos").json()["photos"]
    told = client.get(f"{session}/photos/{photo['id']}/shot").json()
    assert told == {
        "camera": "X100",
        "lens": "23mm F2",
        "exposure_seconds": pytest.approx(0.004),
        "aperture": 2.8,
        "iso": 400,
        "focal_mm": 23.0,
    }
    plain = make_album(tmp_path / "plain", photos=1)
    opened = client.post("/api/albums/folders", json={"folder": str(plain)}).json()
    (photo,) = client.get(f"/api/albums/{opened['id']}/photos").json()["photos"]
    told = client.get(f"/api/albums/{opened['id']}/photos/{photo['id']}/shot").json()
    assert set(told.values()) == {None}
