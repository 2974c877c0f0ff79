"""Every operation answers as ``/openapi.json`` says, whatever it is sent: schemathesis, bounded and seeded.

The apps are called in this process; no job is run, and nothing is sent over a network.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from starlette.types import ASGIApp, Receive, Scope, Send

from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from photo_ranker.web.workplace import Workplace
from web_helpers import make_album

TOKEN = "secret"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

pytestmark = pytest.mark.slow


class Forwarding:
    """What schemathesis calls: the app of the test that runs, as it answers before it is started."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":  # and no lifespan: jobs wait
            await self.app(scope, receive, send)


def described() -> Any:
    """The operations; each is tried with an app of its own."""
    with tempfile.TemporaryDirectory() as home:
        schema = schemathesis.openapi.from_dict(create_app(WebOptions(home=Path(home))).openapi())
    schema.app = FORWARDING
    schema.config.update(base_url="http://localhost")
    return schema


FORWARDING = Forwarding()
schema = described()
load_all_checks()


@pytest.fixture
def known(tmp_path: Path) -> dict[str, str]:
    """Ids that the app knows: made up ones would all end in 404."""
    options = WebOptions(home=tmp_path / "home", folders=(make_album(tmp_path / "wedding", photos=4),), token=TOKEN)
    app = create_app(options)
    app.state.workplace.is_closing = True  # the stream of events ends at once
    FORWARDING.app = app
    client = TestClient(app, base_url="http://localhost", headers=BEARER)
    album = client.get("/api/albums").json()["albums"][0]["id"]
    photo = client.get(f"/api/albums/{album}/photos").json()["photos"][0]["id"]
    face = client.get(f"/api/albums/{album}/photos/{photo}").json()["faces"][0]["face"]["id"]
    place: Workplace = app.state.workplace
    with place.everyone(place.open_albums.get(place.albums.get(album))).edit() as people:
        person = people.book.add_person([face]).id
    session = client.post("/api/albums/sessions", json={"title": "Uploads"}).json()["id"]
    job = client.post(f"/api/albums/{album}/index").json()["id"]
    ids = {"album_id": album, "photo_id": photo, "face_id": face, "person_id": person, "job_id": job}
    return {**ids, "session": session}


def checks_for(case: Any, answer: Any) -> list[Any]:
    left_out = {"positive_data_acceptance"}  # what is well formed may still be refused: a face of another person
    if has_double(case.operation.path):
        left_out.add("unsupported_method")  # GET /people/find is the person "find", who is not there: 404
    if set(case.query or {}) - {parameter.name for parameter in case.operation.query}:
        left_out.add("negative_data_rejection")  # whatever else an address asks for is not looked at
    if answer.status_code == 413:
        left_out.add("negative_data_rejection")  # so large that nobody looks at what it holds
    return [check for name, check in zip(CHECKS.get_all_names(), CHECKS.get_all(), strict=True) if name not in left_out]


def has_double(path: str) -> bool:
    """Whether the address is one of another operation too, with a name in place of an id."""
    names = path.split("/")
    others = [other.split("/") for other in schema.raw_schema["paths"] if other != path]
    return any(
        len(names) == len(other)
        and all(mine == theirs or theirs.startswith("{") for mine, theirs in zip(names, other, strict=True))
        for other in others
    )


def fill_in(case: Any, known: dict[str, str]) -> None:
    if not case.meta.generation.mode.is_positive:
        return
    ids = {**known, "album_id": known["session"]} if "/files" in case.operation.path else known
    for name in case.path_parameters or {}:
        case.path_parameters[name] = ids.get(name, case.path_parameters[name])
    if isinstance(case.body, dict) and "album" in case.body:
        case.body["album"] = known["album_id"]


@schema.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_operation(case: Any, known: dict[str, str]) -> None:
    fill_in(case, known)
    answer = case.call(headers=BEARER)
    case.validate_response(answer, checks=checks_for(case, answer), headers=BEARER)
