"""The sample album: small, free, with two people, bursts and a thing, and gone when it is removed."""

from __future__ import annotations

import errno
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.indexing import IndexOptions, refresh
from photo_ranker.person_finder import find_person
from photo_ranker.settings import Settings
from photo_ranker.web import WebOptions, album_list
from photo_ranker.web.album_list import FOLDER_NAME, write_sample

FACES = {"eileen": 5, "grace": 5, "both": 2}


def test_every_photo_that_is_shipped_says_that_it_is_free() -> None:
    folder = files("photo_ranker.web").joinpath("sample_photos")
    told = folder.joinpath("README.md").read_text("utf-8")
    photos = [one for one in folder.iterdir() if one.name != "README.md"]
    assert sorted(one.name for one in photos) == ["coffee.jpg", "collins.jpg", "hopper.jpg"]
    for photo in photos:
        (line,) = [line for line in told.splitlines() if line.startswith(f"| {photo.name} ")]
        assert "public domain" in line or "CC0" in line
    assert sum(len(one.read_bytes()) for one in photos) < 250_000


def test_its_people_are_found_and_its_photos_have_times(tmp_path: Path) -> None:
    album = write_sample(tmp_path)
    assert album == tmp_path / FOLDER_NAME
    found, report = refresh([str(album)], AnalyserSpec(device="cpu"), IndexOptions(workers=1, no_cache=True))
    assert (report.found, report.unreadable) == (13, [])
    assert all(photo.record.taken_at for photo in found.photos)
    by_name = {photo.name.split("_", 2)[2].removesuffix(".jpg"): photo for photo in found.photos}
    assert by_name["coffee"].record.faces == ()
    assert len(by_name["both"].record.faces) == 2
    for name in ("eileen", "grace"):
        number = found.photos.index(by_name[name])
        (face,) = [place for place, owner in enumerate(found.owners) if owner == number]
        finding = find_person(found, [found.embeddings[face]], settings=Settings())
        shown = {found.photos[match.photo].name for match in finding.sure}
        expected = {photo.name for key, photo in by_name.items() if key.startswith(name)}
        assert expected <= shown
        assert not {key for key in shown if "grace" in key and name == "eileen"}


def test_it_is_an_album_like_any_other_and_can_be_brought_back(client: TestClient, options: WebOptions) -> None:
    made = client.post("/api/albums/sample", json={"title": "Probealbum"}).json()
    assert (made["title"], made["kind"], made["is_sample"]) == ("Probealbum", "session", True)
    assert client.get(f"/api/albums/{made['id']}").json()["photos"] == 13
    again = client.post("/api/albums/sample", json={"title": "Sample album"}).json()
    assert (again["id"], again["title"]) == (made["id"], "Sample album")
    assert client.delete(f"/api/albums/{made['id']}").status_code == 204
    assert not [one for one in client.get("/api/albums").json()["albums"] if one["is_sample"]]
    assert client.post("/api/albums/sample", json={"title": "Sample album"}).json()["id"] == made["id"]
    assert len(list(options.home.rglob("sample_*.jpg"))) == 13


def test_a_full_disk_leaves_no_half_of_it(
    client: TestClient, options: WebOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(album_list, "_encoded", full)
    assert client.post("/api/albums/sample", json={"title": "Sample album"}).status_code == 507
    assert [one["kind"] for one in client.get("/api/albums").json()["albums"]] == ["folder"]
    assert not list(options.home.rglob(FOLDER_NAME))
