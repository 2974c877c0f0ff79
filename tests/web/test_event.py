"""The scored event: its photos, its moments, and what a user says they were."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from photo_ranker.people.store import load_book
from photo_ranker.settings import Settings
from photo_ranker.web.event_files import kept_labels, write_event
from photo_ranker.web.open_albums import load_album
from photo_ranker.web.workplace import Workplace
from web_helpers import following, wait


def scored(client: TestClient, album: str, **ask: Any) -> dict[str, Any]:
    job = client.post("/score", json={"album": album.rsplit("/", 1)[1], **ask}).json()
    return wait(client, job)


def test_photos_come_best_first_with_their_reasons(client: TestClient, album: str) -> None:
    assert client.get(f"{album}/event").json()["is_scored"] is False
    assert client.get(f"{album}/event/event.json").status_code == 404
    assert scored(client, album)["state"] == "done"
    page = client.get(f"{album}/event").json()
    assert page["total"] == 6
    assert [photo["result"]["rank"] for photo in page["photos"]] == [1, 2, 3, 4, 5, 6]
    values = [photo["result"]["score"] for photo in page["photos"]]
    assert values == sorted(values, reverse=True)
    assert set(page["photos"][0]["result"]["scores"]) == {"technical", "composition", "expression", "context"}
    document = client.get(f"{album}/event/event.json").json()
    assert [photo["photo_id"] for photo in document["photos"]] == [photo["id"] for photo in page["photos"]]
    assert all(identity["thumbnail"].startswith(f"{album}/faces/") for identity in document["identities"])
    rest = client.get(f"{album}/event", params={"offset": 4}).json()
    assert [photo["id"] for photo in rest["photos"]] == [photo["id"] for photo in page["photos"][4:]]


def test_no_table_tells_of_another_scoring_than_the_document(client: TestClient, album: str) -> None:
    scored(client, album)
    place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
    entry = place.albums.get(album.rsplit("/", 1)[1])
    opened, home = load_album(entry), place.albums.place(entry.id)
    tables = [home / "event" / name for name in ("photo_scores.csv", "face_data.csv")]
    before = [client.get(f"{album}/event/{table.name}").content for table in tables]
    _, write_tables = write_event(opened, load_book(entry.path), Settings(), home, {})
    assert not any(map(Path.exists, tables))
    write_tables()
    assert [path.read_bytes() for path in tables] == before


def test_an_album_whose_people_were_counted_is_scored_and_says_when_that_is_of_yesterday(
    client: TestClient, album: str
) -> None:
    entry = album.rsplit("/", 1)[1]
    wait(client, client.post("/cluster", json={"album": entry}).json())
    wait(client, following(client, "event"))
    page = client.get(f"{album}/event").json()
    assert (page["is_scored"], page["is_current"], page["total"]) == (True, True, 6)
    person = client.get(f"{album}/people").json()["people"][0]
    for change in ({"name": "Anna"}, {"category": "main"}):
        answer = client.patch(f"{album}/people/{person['id']}", json=change)
        assert answer.status_code == 200, answer.text
        assert client.get(f"{album}/event").json()["is_current"] is False
        assert scored(client, album)["state"] == "done"
        assert client.get(f"{album}/event").json()["is_current"] is True


def test_what_a_moment_was_is_kept_until_it_is_taken_away(client: TestClient, album: str) -> None:
    scored(client, album, moments={1: "Dinner"})
    assert client.get(f"{album}/event").json()["moments"][0]["label"] == "Dinner"
    scored(client, album)
    page = client.get(f"{album}/event", params={"moment": 1}).json()
    assert (page["total"], page["moments"][0]["label"]) == (6, "Dinner")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{album}/event/photo_scores.csv").text)))
    assert {row["moment_label"] for row in rows} == {"Dinner"}
    scored(client, album, moments={1: ""})
    assert client.get(f"{album}/event").json()["moments"][0]["label"] is None
    assert client.get(f"{album}/event", params={"moment": 2}).json()["total"] == 0


def test_a_label_goes_with_its_time_and_not_with_its_number(tmp_path: Path) -> None:
    dinner = {"number": 1, "start": "2024-06-01T19:00:00", "end": "2024-06-01T21:00:00"}
    breakfast = {"number": 1, "start": "2024-06-01T08:00:00", "end": "2024-06-01T09:00:00"}
    path = tmp_path / "moments.json"
    assert kept_labels([dinner], {1: "Dinner"}, path) == ({1: "Dinner"}, [])
    assert kept_labels([breakfast, {**dinner, "number": 2}], {}, path) == ({2: "Dinner"}, [])
