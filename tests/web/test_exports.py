"""Exports in folders, and what users of other machines are told of this one."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from builders import a_record
from photo_ranker.core.words import words_of
from photo_ranker.exporters import EXPORTERS, FILE_EXPORTERS
from photo_ranker.metadata import Ledger
from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from photo_ranker.web.questions import DownloadAsk
from web_helpers import small_jpeg, wait

HOME = "http://127.0.0.1:8765"


def zip_of(client: TestClient, album: str, **ask: Any) -> list[str]:
    made = client.post(f"{album}/downloads", json=ask)
    assert made.status_code == 201, made.json()
    with zipfile.ZipFile(io.BytesIO(client.get(made.json()["url"]).content)) as archive:
        return archive.namelist()


@pytest.fixture
def people(client: TestClient, album: str) -> list[dict[str, Any]]:
    """Anna and Ben, who have their names."""
    assert wait(client, client.post(f"{album}/people/find").json())["state"] == "done"
    found: list[dict[str, Any]] = client.get(f"{album}/people").json()["people"]
    for person, name in zip(found, ("Anna", "Ben"), strict=True):
        client.patch(f"{album}/people/{person['id']}", json={"name": name})
    return found


def test_a_folder_for_each_person_best_first(client: TestClient, album: str, people: list[dict[str, Any]]) -> None:
    names = zip_of(client, album, per_person=True, ordered=True)
    assert [name for name in names if name.startswith("Ben/")] == [
        "Ben/001_photo_00005.jpg", "Ben/002_photo_00003.jpg", "Ben/003_photo_00001.jpg"
    ]  # fmt: skip
    assert len([name for name in names if name.startswith("Anna/")]) == 6
    best = zip_of(client, album, per_person=True, top=1)
    assert {Path(name).parent.name for name in best} == {"Anna", "Ben"}
    assert len(best) == 2


def test_nobody_with_a_name_is_said(client: TestClient, album: str) -> None:
    refused = client.post(f"{album}/downloads", json={"per_person": True})
    assert (refused.status_code, refused.json()["detail"]) == (404, "nobody in this album has a name yet")


def test_a_folder_for_each_event(client: TestClient, album: str) -> None:
    assert {Path(name).parent.name for name in zip_of(client, album, per_event=True)} == {"2024-06-01 10.00"}


@pytest.mark.usefixtures("cake")
def test_the_cake_comes_along(client: TestClient, album: str, people: list[dict[str, Any]]) -> None:
    anna = people[0]["id"]
    assert "cake.jpg" not in zip_of(client, album, people=[anna])
    assert "cake.jpg" in zip_of(client, album, people=[anna], with_context=True)
    assert "Ben 2024-06-01 10.00/cake.jpg" in zip_of(client, album, per_person=True, per_event=True, with_context=True)


@pytest.mark.usefixtures("cake")
def test_photos_without_faces_come_along_near_or_all(
    client: TestClient, album: str, people: list[dict[str, Any]]
) -> None:
    late = {"people": [people[1]["id"]], "since": "2024-06-01T10:00:05"}
    assert "cake.jpg" in zip_of(client, album, **late, with_context="near")
    assert "cake.jpg" in zip_of(client, album, **late, with_context="all")
    assert client.post(f"{album}/downloads", json={**late, "with_context": "some"}).status_code == 422


def test_an_export_is_shown_before_it_is_written(client: TestClient, album: str, tmp_path: Path) -> None:
    target = tmp_path / "best"
    packed = client.post(f"{album}/exports/preview", json={"max_faces": 1}).json()
    assert (packed["folder"], packed["photos"], packed["names"]) == (
        None, 3, ["photo_00000.jpg", "photo_00002.jpg", "photo_00004.jpg"]
    )  # fmt: skip
    assert packed["bytes"] > 1000
    asked = {"words": "0004", "folder": str(target), "ordered": True}
    told = client.post(f"{album}/exports/preview", json=asked).json()
    assert (told["folder"], told["files"], told["there"], told["names"]) == (str(target), 1, 0, ["001_photo_00004.jpg"])
    assert not target.exists()
    wait(client, client.post(f"{album}/copies", json=asked).json())
    again = client.post(f"{album}/exports/preview", json=asked).json()
    assert (again["files"], again["there"], again["bytes"], again["names"]) == (1, 1, 0, [])


@pytest.fixture
def cake(folder: Path, client: TestClient, album: str) -> None:
    """A photo without faces."""
    (folder / "cake.jpg").write_bytes(small_jpeg(99))
    with Ledger(folder, lambda _: None) as ledger:
        ledger.put("cake.jpg", msgspec.structs.replace(a_record(), taken_at="2024-06-01T10:00:03"))


def test_files_that_are_gone_are_said_before_and_in_the_zip(
    client: TestClient, album: str, folder: Path, tmp_path: Path
) -> None:
    ask = {"photos": [photo["id"] for photo in client.get(f"{album}/photos").json()["photos"]]}
    (folder / "photo_00002.jpg").unlink()
    for where in ({}, {"folder": str(tmp_path / "out")}):
        told = client.post(f"{album}/exports/preview", json={**ask, **where}).json()
        assert (told["photos"], told["files"], told["missing"]) == (6, 5, 1)
    names = zip_of(client, album, **ask)
    assert len(names) == 6
    assert names[-1] == "missing.txt"


def test_a_copy_has_the_same_folders(
    client: TestClient, album: str, people: list[dict[str, Any]], tmp_path: Path
) -> None:
    job = client.post(f"{album}/copies", json={"folder": str(tmp_path / "out"), "per_person": True}).json()
    assert wait(client, job)["result"]["done"] == 9
    assert len(list((tmp_path / "out" / "Ben").glob("*.jpg"))) == 3


@pytest.fixture
def remote(options: WebOptions) -> Iterator[TestClient]:
    """A user of another machine."""
    with TestClient(
        create_app(replace(options, local=False, token="secret")),
        base_url=HOME,
        headers={"Authorization": "Bearer secret"},
    ) as client:
        yield client


def test_every_format_comes_as_what_the_table_of_exporters_says(
    client: TestClient, album: str, people: list[dict[str, Any]]
) -> None:
    formats = get_args(DownloadAsk.model_fields["format"].annotation)
    assert set(formats) - {"zip"} <= FILE_EXPORTERS.keys()
    for form in formats:
        made = client.post(f"{album}/downloads", json={"people": [people[0]["id"]], "format": form}).json()
        wanted = FILE_EXPORTERS[form].media_type if form != "zip" else "application/zip"
        assert client.get(made["url"]).headers["content-type"] == wanted


def test_the_page_calls_formats_as_the_table_of_exporters_does(client: TestClient) -> None:
    texts = {key.removeprefix("export."): text for key, text in words_of("en").texts.items()}
    offered = re.findall(r'^  \["(\w+)", t\("export\.\1"\)', client.get("/static/js/export.js").text, re.MULTILINE)
    assert offered == ["zip", "html", "csv", "json"]
    assert [texts[name] for name in offered[1:]] == [EXPORTERS[name].label for name in offered[1:]]


def test_users_of_other_machines_see_no_path(remote: TestClient, folder: Path, tmp_path: Path) -> None:
    album = f"/api/albums/{remote.get('/api/albums').json()['albums'][0]['id']}"
    wait(remote, remote.post(f"{album}/people/find").json())
    wait(remote, remote.post("/score", json={"album": album.rsplit("/", 1)[1]}).json())
    person = remote.get(f"{album}/people").json()["people"][0]["id"]
    said = [
        ranked := remote.post(f"{album}/rank", json={"people": [person]}).text,
        remote.get(f"{album}/event").text,
        remote.get(f"{album}/event/event.json").text,
        remote.get(f"{album}/event/photo_scores.csv").text,
        remote.get(f"{album}/event/face_data.csv").text,
        remote.get("/api/jobs").text,
    ]
    for form in ("html", "csv", "json", "txt"):
        made = remote.post(f"{album}/downloads", json={"people": [person], "format": form}).json()
        said.append(remote.get(made["url"]).text)
    assert "data:image/jpeg;base64," in said[-4], "the page still shows the photos"
    folder.rename(tmp_path / "gone")
    wait(remote, job := remote.post(f"{album}/index").json())
    gone = remote.get(album)
    assert (gone.status_code, gone.json()["detail"]) == (404, "the folder wedding is not there")
    said += [gone.text, remote.get(f"/api/jobs/{job['id']}").text]
    assert all(str(tmp_path) not in text for text in said)
    assert json.loads(ranked)["photos"][0]["result"]["path"].startswith("photo_000")


def test_the_machines_own_users_are_told_paths(client: TestClient, album: str, folder: Path) -> None:
    wait(client, client.post(f"{album}/people/find").json())
    person = client.get(f"{album}/people").json()["people"][0]["id"]
    result = client.post(f"{album}/rank", json={"people": [person]}).json()["photos"][0]["result"]
    assert Path(result["path"]).parent == folder.resolve()


def test_sidecars_tell_the_names_that_were_confirmed_or_all(
    client: TestClient, album: str, people: list[dict[str, Any]]
) -> None:
    anna = people[0]
    client.post(f"{album}/people/undo")
    client.post(f"{album}/people/undo")
    client.patch(f"{album}/people/{anna['id']}", json={"name": "Anna", "seen": [anna["cover"]]})
    few, many = (
        client.post(f"{album}/xmp/preview", json={"all_names": all_names}).json() for all_names in (False, True)
    )
    assert [sorted({name for file in told["files"] for name in file["names"]}) for told in (few, many)] == [
        ["Anna"]
    ] * 2
    assert [sum(bool(file["names"]) for file in told["files"]) for told in (few, many)] == [1, 6]


def test_a_preview_of_sidecars_writes_nothing(client: TestClient, album: str, folder: Path) -> None:
    photo = client.get(f"{album}/photos?limit=1").json()["photos"][0]
    client.put(f"{album}/marks", json={"marks": [{"photo": photo["id"], "stars": 4}]})
    told = client.post(f"{album}/xmp/preview", json={"photos": [photo["id"]]}).json()
    assert (told["photos"], [(file["name"], file["stars"]) for file in told["files"]]) == (
        1,
        [(f"{photo['name']}.xmp", 4)],
    )
    assert not list(folder.glob("*.xmp"))
