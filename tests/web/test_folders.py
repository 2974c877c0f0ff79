"""Folders of the machine: listed for its users alone, named as people name them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from web_helpers import make_album, small_jpeg

HOME = "http://127.0.0.1:8765"


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    make_album(tmp_path / "me" / "Pictures" / "wedding", photos=3)
    (tmp_path / "me" / "Pictures" / ".hidden").mkdir()
    return tmp_path / "me" / "Pictures"


def test_a_folder_tells_its_subfolders_and_photos(client: TestClient, pictures: Path) -> None:
    home = client.get("/api/folders").json()
    assert (home["folder"], [one["name"] for one in home["folders"]]) == (str(pictures.parent), ["Pictures"])
    here = client.get("/api/folders", params={"folder": "~/Pictures"}).json()
    assert (here["parent"], [one["folder"] for one in here["folders"]]) == (home["folder"], [str(pictures / "wedding")])
    assert client.get("/api/folders", params={"folder": str(pictures / "wedding")}).json()["photos"] == 3
    refused = client.get("/api/folders", params={"folder": "~/nowhere"})
    assert (refused.status_code, refused.json()["detail"]) == (404, f"there is no folder {pictures.parent}/nowhere")


@pytest.mark.parametrize("typed", ["~/Pictures/wedding", ' "~/Pictures/wedding" ', "~/Pictures/wedding/"])
def test_a_folder_is_opened_as_it_was_typed(client: TestClient, pictures: Path, typed: str) -> None:
    opened = client.post("/api/albums/folders", json={"folder": typed})
    assert (opened.status_code, opened.json()["folder"]) == (201, str(pictures / "wedding"))


def test_users_of_other_machines_see_no_folder(options: WebOptions) -> None:
    with TestClient(create_app(replace(options, local=False)), base_url=HOME) as remote:
        assert remote.get("/api/folders").status_code == 403


def test_what_an_upload_left_out_is_named_until_it_arrives_or_is_done_without(client: TestClient, session: str) -> None:
    photos = {f"{number}.jpg": small_jpeg(number) for number in range(3)}
    offers: list[dict[str, Any]] = [{"name": name, "size": len(data)} for name, data in photos.items()]
    client.post(f"{session}/files/standing", json={"files": offers})
    client.post(f"{session}/files", params=offers[0], content=photos["0.jpg"])
    assert client.get(session).json()["missing"] == ["1.jpg", "2.jpg"]
    client.post(f"{session}/files", params=offers[1], content=photos["1.jpg"])
    assert client.get(session).json()["missing"] == ["2.jpg"]
    assert client.delete(f"{session}/files/missing").status_code == 204
    assert client.get(session).json()["missing"] == []


def test_a_cancelled_upload_keeps_what_is_complete_and_nothing_else(
    client: TestClient, session: str, tmp_path: Path
) -> None:
    photos = {f"{number}.jpg": small_jpeg(number) for number in range(3)}
    offers: list[dict[str, Any]] = [{"name": name, "size": len(data)} for name, data in photos.items()]
    client.post(f"{session}/files/standing", json={"files": offers})
    client.post(f"{session}/files", params=offers[0], content=photos["0.jpg"])
    for offer in offers[1:]:
        client.post(f"{session}/files", params=offer, content=photos[offer["name"]][:100])
    assert client.post(f"{session}/files/cancel", json={"names": ["0.jpg", "1.jpg"]}).status_code == 204
    assert client.get(session).json()["missing"] == ["2.jpg"], "another tab still sends it"
    there = {path.name.split(".jpg")[0] for path in (tmp_path / "home").rglob("*.jpg*")}
    assert there == {"0", "2"}
    client.delete(f"{session}/files/missing")
    assert not list((tmp_path / "home").rglob("*.part"))


def test_an_upload_that_is_cut_off_is_no_failure_of_the_server(client: TestClient, session: str) -> None:
    told = iter([{"type": "http.request", "body": small_jpeg(1)[:100], "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": f"{session}/files",
        "query_string": b"name=1.jpg&size=9999",
        "headers": [(b"host", HOME.removeprefix("http://").encode())],
    }

    async def receive() -> Any:
        return next(told)

    async def send(message: Any) -> None:
        sent.append(message)

    assert client.portal
    client.portal.call(lambda: client.app(scope, receive, send))
    assert sent[0]["status"] == 400
    standing = client.post(f"{session}/files/standing", json={"files": [{"name": "1.jpg", "size": 9999}]})
    assert standing.json()["files"][0]["have"] == 100
