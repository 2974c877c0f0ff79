"""Engine and device: those that are here, what a change costs, and that albums and jobs go by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from builders import a_face, an_embedding
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.metadata import Ledger
from photo_ranker.models.engines import second_network_is_here
from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from photo_ranker.web.open_albums import engine_of
from photo_ranker.web.preferences import Machine
from photo_ranker.web.workplace import Workplace
from web_helpers import wait

HOME = "http://127.0.0.1:8765"
OTHER = "my_pack"


def place_of(client: TestClient) -> Workplace:
    place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
    return place


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of models that the user has put there; what they are is never looked at."""
    (tmp_path / "packs" / OTHER).mkdir(parents=True)
    (tmp_path / "packs" / OTHER / "det.onnx").write_bytes(b"model")
    (tmp_path / "packs" / "empty").mkdir()
    monkeypatch.setattr("photo_ranker.web.preferences.packs_folder", lambda: tmp_path / "packs")
    monkeypatch.setattr("photo_ranker.web.preferences.find_spec", lambda _: object())
    return OTHER


def test_only_what_is_here_is_offered(client: TestClient, pack: str) -> None:
    told = client.get("/api/machine").json()
    assert told["engine"]["here"] == ["sface", *(["duo"] if second_network_is_here() else []), pack]
    assert "cpu" in told["device"]["here"]
    assert (told["engine"]["value"], told["device"]["value"]) == (None, None)
    for what, name in (("engine", "buffalo_l"), ("device", "abacus")):
        refused = client.put(f"/api/machine/{what}", json={"value": name})
        assert (refused.status_code, refused.json()["detail"]) == (400, f"{name} is not on this machine")
    assert client.get("/api/machine/cost", params={"engine": "buffalo_l"}).status_code == 400


def test_a_choice_is_kept_and_taken_back_alone(client: TestClient, options: WebOptions) -> None:
    assert client.put("/api/machine/engine", json={"value": "sface"}).json()["engine"]["value"] == "sface"
    client.put("/api/machine/device", json={"value": "cpu"})
    with TestClient(create_app(options), base_url=HOME) as again:
        assert again.get("/api/machine").json()["engine"]["value"] == "sface"
        assert again.put("/api/machine/engine", json={}).json()["engine"]["value"] is None
        assert again.get("/api/machine").json()["device"]["value"] == "cpu"


def measured(folder: Path, names: list[str], engine: str) -> None:
    """As if an engine had looked at some photos."""
    keys = AnalyserSpec(engine=engine).keys()
    with Ledger(folder, lambda _: None) as ledger:
        for name in names:
            record = ledger.records[name]
            ledger.put(name, msgspec.structs.replace(record, parts=record.parts | keys))


def cost(client: TestClient, **asked: str) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/api/machine/cost", params=asked).json()
    return told


def test_the_cost_is_what_the_next_run_would_measure(client: TestClient, folder: Path) -> None:
    assert cost(client, engine="sface") == {"again": 6, "photos": 6}
    measured(folder, ["photo_00000.jpg", "photo_00003.jpg"], "sface")
    assert cost(client, engine="sface") == {"again": 4, "photos": 6}
    measured(folder, [f"photo_{number:05}.jpg" for number in range(6)], "sface")
    assert cost(client, engine="sface") == {"again": 0, "photos": 6}


def test_jobs_measure_by_the_choice(client: TestClient, album: str) -> None:
    before = {job["id"] for job in client.get("/api/jobs").json()["jobs"]}
    client.put("/api/machine/device", json={"value": "cpu"})
    assert {job["id"] for job in client.get("/api/jobs").json()["jobs"]} == before, "a device costs nothing"
    client.put("/api/machine/engine", json={"value": "sface"})
    (job,) = [job for job in client.get("/api/jobs").json()["jobs"] if job["id"] not in before]
    place = place_of(client)
    order = place.jobs._order_of(place.jobs.get(job["id"]))
    assert (order["kind"], order["engine"], order["device"]) == ("index", "sface", "cpu")
    assert wait(client, job)["state"] == "done"
    spec = place.machine.spec()
    assert (spec.engine, spec.device) == ("sface", "cpu")


def test_an_album_goes_by_an_engine_once_that_knows_all_photos(client: TestClient, album: str, folder: Path) -> None:
    """And shows each face once, though both engines have found it."""
    place = place_of(client)
    entry = place.albums.get(album.rsplit("/", 1)[1])
    place.machine.engines = lambda: ["sface", OTHER]  # type: ignore[method-assign]
    place.machine.choose("engine", OTHER)
    with Ledger(folder, lambda _: None) as ledger:
        for number, (name, record) in enumerate(sorted(ledger.records.items())):
            place.open_albums.refresh(entry.id)
            assert place.open_albums.get(entry).album.engine == "sface"
            face = a_face(f"f-other-{number}", engine=OTHER, embedding=an_embedding(number, 512))
            parts = record.parts | {f"detect:{OTHER}": "1"}
            ledger.put(name, msgspec.structs.replace(record, faces=(*record.faces, face), parts=parts))
    place.open_albums.refresh(entry.id)
    by_other = place.open_albums.get(entry).album
    assert (by_other.engine, [face.id for face in by_other.faces]) == (OTHER, [f"f-other-{n}" for n in range(6)])
    photo = client.get(f"{album}/photos").json()["photos"][1]
    assert photo["faces"] == 1
    assert len(client.get(f"{album}/photos/{photo['id']}").json()["faces"]) == 1
    place.machine.choose("engine", "sface")
    place.open_albums.refresh(entry.id)
    assert len(client.get(f"{album}/photos/{photo['id']}").json()["faces"]) == 2


def test_an_engine_whose_models_have_gone_gives_way(tmp_path: Path, pack: str, options: WebOptions) -> None:
    machine = Machine(tmp_path / "machine.json", options.settings.measure)
    machine.choose("engine", pack)
    assert machine.chosen.engine == pack
    (tmp_path / "packs" / OTHER / "det.onnx").unlink()
    assert machine.chosen.engine == ""
    (tmp_path / "machine.json").write_text("{")
    assert Machine(tmp_path / "machine.json", options.settings.measure).chosen.engine == ""


def test_no_album_is_of_the_wanted_engine_before_it_is_measured() -> None:
    assert engine_of([], "sface") == "sface"
