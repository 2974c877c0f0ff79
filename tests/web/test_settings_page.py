"""What a user changes on the settings page: kept for all albums, within its range, taken back one by one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from photo_ranker.settings import Settings
from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from photo_ranker.web.preferences import PREFERENCES, Preferences
from web_helpers import left_by_a_kill, wait

HOME = "http://127.0.0.1:8765"


def told(client: TestClient, name: str) -> tuple[float, float]:
    """The value and the usual value of a setting."""
    (one,) = [one for one in client.get("/api/settings").json() if one["name"] == name]
    return one["value"], one["usual"]


def test_a_change_is_kept_for_the_next_start_and_taken_back_alone(client: TestClient, options: WebOptions) -> None:
    usual = Settings()
    assert client.put("/api/settings/min_face", json={"value": 40}).json()["value"] == 40
    assert client.put("/api/settings/burst_seconds", json={"value": 30}).status_code == 200
    with TestClient(create_app(options), base_url=HOME) as again:
        assert told(again, "min_face") == (40, usual.match.min_face)
        assert again.put("/api/settings/min_face", json={}).json()["value"] == usual.match.min_face
        assert told(again, "burst_seconds") == (30, usual.moments.burst_seconds)


def test_what_cannot_be_is_refused_and_changes_nothing(client: TestClient) -> None:
    before = client.get("/api/settings").json()
    assert client.put("/api/settings/min_face", json={"value": -5}).status_code == 400
    assert client.put("/api/settings/max_side", json={"value": 5}).status_code == 400
    assert client.get("/api/settings").json() == before


def test_every_preference_is_a_setting_within_its_range() -> None:
    values = Settings().values()
    for one in PREFERENCES.values():
        assert one.low <= values[one.name] <= one.high
        for end in (one.low, one.high):
            assert Settings().changed(**{one.name: type(values[one.name])(end)}).values()[one.name] == end


def numbers(client: TestClient, album: str, **asked: Any) -> int:
    total: int = client.get(f"{album}/event", params=asked).json()["total"]
    return total


def test_albums_and_jobs_go_by_the_change(client: TestClient, album: str) -> None:
    score = {"album": album.rsplit("/", 1)[1]}
    wait(client, client.post("/score", json=score).json())
    assert len(client.get(f"{album}/event").json()["moments"]) == 1
    alone = numbers(client, album, distinct=True)
    client.put("/api/settings/burst_seconds", json={"value": 1})
    assert numbers(client, album, distinct=True) > alone, "what was worked out before is worked out again"
    person = client.get(f"{album}/photos").json()["photos"][0]
    face = client.get(f"{album}/photos/{person['id']}").json()["faces"][0]["face"]["id"]
    assert client.post(f"{album}/rank", json={"faces": [face]}).json()["total"] == 6
    client.put("/api/settings/min_face", json={"value": 200})
    assert client.post(f"{album}/rank", json={"faces": [face]}).json()["total"] == 0


def test_a_damaged_file_costs_the_changes_and_not_the_start(client: TestClient, options: WebOptions) -> None:
    client.put("/api/settings/min_face", json={"value": 40})
    for content in ("{", '{"min_face": 1e9}', '{"gone": 1}'):
        (options.home / "settings.json").write_text(content)
        with TestClient(create_app(options), base_url=HOME) as again:
            assert told(again, "min_face")[0] == Settings().match.min_face


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a dead process is not told from a living one")
def test_what_a_killed_change_left_goes_at_the_next_start(tmp_path: Path) -> None:
    left = left_by_a_kill(tmp_path)
    Preferences(tmp_path / "settings.json", Settings())
    assert not left.exists()
