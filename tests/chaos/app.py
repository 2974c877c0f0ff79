"""The scenarios of the app, through its HTTP API: what was answered with 2xx holds, also after a kill."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from chaos.scenario import Failed, Scenario, visible
from chaos.steps import READY, photos_folder
from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from web_helpers import wait

__all__ = ["SCENARIOS"]

RANDOM_NAMES = (("[0-9a-f]{16}", "#"),)
"""Ids of sessions and jobs."""


@contextmanager
def running() -> Iterator[TestClient]:
    """The app over the album, as a new server would open it."""
    options = WebOptions(home=Path("data/web").absolute(), folders=(Path("album"),), workers=1)
    app = create_app(options)
    app.state.workplace.index = lambda *_, **__: None  # what is unpacked here is not measured: "index" has its own
    with TestClient(app, base_url="http://127.0.0.1:8765", raise_server_exceptions=False) as client:
        yield client


def _sent(client: TestClient, method: str, address: str, **what: Any) -> Any:
    """The answer to a request; one that is not 2xx is refused."""
    answer = client.request(method, address, **what)
    if not answer.is_success:
        raise Failed(answer.status_code, f"{method} {address}: {answer.text}")
    return answer.json() if answer.content else None


def _address(client: TestClient, *titles: str) -> str:
    found = _sent(client, "GET", "/api/albums")["albums"]
    return next(f"/api/albums/{album['id']}" for album in found if album["title"] in titles)


def new_session(client: TestClient) -> None:
    """Make a session."""
    _sent(client, "POST", "/api/albums/sessions", json={"title": "Beach"})


def upload(share: float, client: TestClient) -> None:
    """Send a part of a photo, from where the server has it."""
    data = (photos_folder() / "new.jpg").read_bytes()
    files = f"{_address(client, 'Beach')}/files"
    have = _standing(client, files)
    until = int(len(data) * share)
    if have < until:
        offer = {"name": "new.jpg", "size": len(data), "offset": have}
        _sent(client, "POST", files, params=offer, content=data[have:until])


def _standing(client: TestClient, files: str) -> int:
    data = (photos_folder() / "new.jpg").read_bytes()
    offer = {"name": "new.jpg", "size": len(data), "digest": sha256(data).hexdigest()}
    standing = _sent(client, "POST", f"{files}/standing", json={"files": [offer]})
    have: int = standing["files"][0]["have"]
    return have


def mark(stars: int, client: TestClient) -> None:
    """Give a photo stars."""
    album = _address(client, "album")
    photo = _sent(client, "GET", f"{album}/photos")["photos"][0]["id"]
    _sent(client, "PUT", f"{album}/marks", json={"marks": [{"photo": photo, "stars": stars, "flag": "pick"}]})


def name(client: TestClient) -> None:
    """Name somebody."""
    people = f"{_address(client, 'album')}/people"
    person = next(item for item in _sent(client, "GET", people)["people"] if item["number"] == 1)
    _sent(client, "PATCH", f"{people}/{person['id']}", json={"name": "Anna"})


def rename(client: TestClient) -> None:
    """Give the session another title."""
    _sent(client, "PATCH", _address(client, "Beach", "Sea"), json={"title": "Sea"})


def prefer(client: TestClient) -> None:
    """Change a setting for all albums."""
    _sent(client, "PUT", "/api/settings/min_face", json={"value": 40})


def choose(client: TestClient) -> None:
    """Choose what computes."""
    _sent(client, "PUT", "/api/machine/device", json={"value": "cpu"})


def machine(client: TestClient) -> Any:
    """What was chosen."""
    return _sent(client, "GET", "/api/machine")


def delete(client: TestClient) -> None:
    """Delete the session."""
    _sent(client, "DELETE", _address(client, "Sea"))


def job(ask: Callable[[TestClient, str], dict[str, Any]], client: TestClient) -> None:
    """Have something done by a job, and wait for it."""
    job_ended(client, ask(client, _address(client, "album")))


def job_ended(client: TestClient, asked: dict[str, Any]) -> None:
    """Wait for a job, which has to end well."""
    ended = wait(client, asked)
    if ended["state"] != "done":
        raise Failed(0, f"the job: {ended.get('problem')}")


def _copies(client: TestClient, album: str) -> dict[str, Any]:
    asked: dict[str, Any] = _sent(
        client, "POST", f"{album}/copies", json={"folder": str(Path("out/copies").absolute())}
    )
    return asked


def _sidecars(client: TestClient, album: str) -> dict[str, Any]:
    photo = _sent(client, "GET", f"{album}/photos")["photos"][0]["id"]
    asked: dict[str, Any] = _sent(client, "POST", f"{album}/xmp", json={"photos": [photo]})
    return asked


def send_zip(client: TestClient) -> None:
    """Make a session, send a ZIP with a photo into it, and wait until it is unpacked."""
    if not any(item["title"] == "Beach" for item in _sent(client, "GET", "/api/albums")["albums"]):
        new_session(client)
    data = _zip()
    files = f"{_address(client, 'Beach')}/files"
    offer = {"name": "all.zip", "size": len(data)}
    asked = {**offer, "digest": sha256(data).hexdigest()}
    have = _sent(client, "POST", f"{files}/standing", json={"files": [asked]})["files"][0]["have"]
    if have < len(data):
        _sent(client, "POST", files, params={**offer, "offset": have}, content=data[have:])
    job = max(_sent(client, "GET", "/api/jobs")["jobs"], key=lambda told: told["created_at"])
    if job["state"] == "failed":
        job = _sent(client, "POST", f"/api/jobs/{job['id']}/resume")
    job_ended(client, job)


def _zip() -> bytes:
    """The same bytes whenever it is made."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("new.jpg"), (photos_folder() / "new.jpg").read_bytes())
    return packed.getvalue()


def let_find(client: TestClient) -> None:
    """Let the guests of the album find themselves."""
    _sent(client, "PUT", "/api/guests/find-me", json={"album": _address(client, "album")[-16:], "on": True})


def share(client: TestClient) -> None:
    """Make a link for guests, unless there is one, and mark a favourite as a guest; the key is told this once."""
    if any(link["favourites"] for link in _sent(client, "GET", "/api/guests")["links"]):
        return
    made = _sent(client, "POST", "/api/guests", json={"album": _address(client, "album")[-16:], "title": "Anna"})
    client.get(made["path"])
    photos = f"/guest/{made['id']}/photos"
    photo = _sent(client, "GET", photos)["photos"][0]["id"]
    _sent(client, "PUT", f"{photos}/{photo}/favourite", json={"favourite": True})


def end_links(client: TestClient) -> None:
    """End all links."""
    for link in _sent(client, "GET", "/api/guests")["links"]:
        _sent(client, "DELETE", f"/api/guests/{link['id']}")


def guests(client: TestClient) -> Any:
    """Whether guests may find themselves, for whom links are, whether they work, and what guests like."""
    told = _sent(client, "GET", "/api/guests")
    links = told["links"]
    return [
        len(told["may_find"]),
        sorted({link["title"] for link in links}),
        any(link["state"] == "open" for link in links),
        sum(link["favourites"] for link in links),
    ]


def seen(client: TestClient) -> Any:
    """Titles, whole uploads, marks, names and settings."""
    albums = _sent(client, "GET", "/api/albums")["albums"]
    album = _address(client, "album")
    shown = [(item["name"], item["mark"]) for item in _sent(client, "GET", f"{album}/photos")["photos"]]
    named = [item["name"] for item in _sent(client, "GET", f"{album}/people", params={"named": True})["people"]]
    size = (photos_folder() / "new.jpg").stat().st_size
    whole = [
        item["title"]
        for item in albums
        if item["kind"] == "session" and _standing(client, f"/api/albums/{item['id']}/files") == size
    ]
    settings = {item["name"]: item["value"] for item in _sent(client, "GET", "/api/settings")}
    return [sorted(item["title"] for item in albums), sorted(map(str, shown)), sorted(named), whole, settings]


def taken(client: TestClient) -> Any:
    """What the jobs have made."""
    return [visible("out"), visible("album"), seen(client)]


SCENARIOS = (
    Scenario(
        "app",
        READY,
        (
            new_session,
            partial(upload, 0.5),
            partial(upload, 1.0),
            partial(mark, 4),
            name,
            rename,
            prefer,
            partial(mark, 5),
            delete,
        ),
        seen,
        settle=partial(mark, 5),
        opened=running,
        again=True,
        names=RANDOM_NAMES,
    ),
    Scenario(
        "app guests",
        READY,
        (let_find, share, end_links),
        guests,
        opened=running,
        is_atomic=False,
        again=True,
        names=RANDOM_NAMES,
    ),
    Scenario("app machine", READY, (choose,), machine, opened=running, again=True, names=RANDOM_NAMES),
    Scenario(
        "app ZIP",
        READY,
        (send_zip,),
        seen,
        opened=running,
        is_atomic=False,
        again=True,
        names=RANDOM_NAMES,
    ),
    Scenario(
        "app jobs",
        READY,
        (partial(job, _copies), partial(job, _sidecars)),
        taken,
        is_atomic=False,
        opened=running,
        again=True,
        names=RANDOM_NAMES,
    ),
)
