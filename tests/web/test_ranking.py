"""Rankings over HTTP are those of the library."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from builders import a_face, a_record, an_embedding
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows
from photo_ranker.exporters.document import result_objects
from photo_ranker.metadata import load
from photo_ranker.models.store import sample_photo
from photo_ranker.questions import Filters
from photo_ranker.questions.answer import Question, answer
from photo_ranker.records import Face
from photo_ranker.settings import Settings
from photo_ranker.web.references import References
from second_network import FILE, needs_second_network


@pytest.fixture
def opened(folder: Path) -> Album:
    return Album(AlbumPhoto(str(folder / name), record) for name, record in sorted(load(folder).items()))


@pytest.fixture
def anna(opened: Album) -> dict[str, Any]:
    """A question for Anna by her first face."""
    return {"faces": [opened.faces[0].id]}


def names(page: dict[str, Any]) -> list[str]:
    return [photo["name"] for photo in page["photos"]]


def test_a_question_for_nobody_is_a_bad_one(client: TestClient, album: str) -> None:
    refused = client.post(f"{album}/rank", json={})

    assert (refused.status_code, refused.json()["detail"]) == (400, "no person is chosen")


@pytest.mark.parametrize(
    ("ask", "settings", "filters", "more"),
    [
        ({}, {}, {}, {}),
        ({"weights": {"single_smile": 80.0}}, {"single_smile": 80.0}, {}, {}),
        ({"kind": "single"}, {}, {"kind": "single"}, {}),
        ({"only": True}, {}, {"only": True}, {}),
        ({"until": "2024-06-01T10:00:02"}, {}, {"until": "2024-06-01T10:00:02"}, {}),
        ({"min_score": 0.7}, {}, {"min_score": 0.7}, {}),
        ({"top": 2}, {}, {}, {"top": 2}),
        ({"distinct": True, "top": 3}, {}, {}, {"distinct": True, "top": 3}),
        ({"doubtful": True}, {}, {}, {"doubtful": True}),
    ],
)
def test_the_answer_is_that_of_the_command(
    client: TestClient,
    album: str,
    opened: Album,
    anna: dict[str, Any],
    ask: Any,
    settings: Any,
    filters: Any,
    more: Any,
) -> None:
    question = Question(
        references=list(decode_unit_rows([opened.faces[0].embedding or b""])),
        filters=Filters(**filters),
        **{"top": 0, **more},
    )
    wanted = result_objects(answer(opened, question, Settings(**settings)))
    page = client.post(f"{album}/rank", json={**anna, **ask}).json()
    assert [photo["result"] for photo in page["photos"]] == wanted
    assert wanted or ask


def test_a_weight_changes_the_order(client: TestClient, album: str, anna: dict[str, Any]) -> None:
    sharpest = names(
        client.post(f"{album}/rank", json={**anna, "weights": {"single_sharpness": 90}, "kind": "single"}).json()
    )
    smiling = names(
        client.post(f"{album}/rank", json={**anna, "weights": {"single_smile": 90}, "kind": "single"}).json()
    )
    assert sharpest == smiling[::-1]


def test_pages_fit_together(client: TestClient, album: str, anna: dict[str, Any]) -> None:
    whole = names(client.post(f"{album}/rank", json=anna).json())
    parts = [names(client.post(f"{album}/rank", json={**anna, "offset": n, "limit": 2}).json()) for n in (0, 2, 4)]
    assert [name for part in parts for name in part] == whole
    assert len(whole) == 6


def test_another_person_must_be_there_too(client: TestClient, album: str, opened: Album, anna: dict[str, Any]) -> None:
    ben = next(face.id for face in opened.faces if face.box[0] > 100)
    together = client.post(f"{album}/rank", json={**anna, "with_faces": [ben]}).json()
    assert sorted(names(together)) == ["photo_00001.jpg", "photo_00003.jpg", "photo_00005.jpg"]


def test_sliders_are_the_weights_that_act(client: TestClient) -> None:
    sliders = client.get("/api/weights").json()
    assert not [one["name"] for one in sliders if one["name"].startswith("event_")]
    assert {one["group"] for one in sliders if one["name"].startswith("penalty_")} == {"both"}
    assert {one["label"] for one in sliders if one["name"] in {"single_smile", "group_good_faces"}} == {
        "Smile",
        "Everyone looks good",
    }


def test_only_weights_can_be_weighed(client: TestClient, album: str, anna: dict[str, Any]) -> None:
    for name in ("min_face", "event_main", "stars", "unheard_of"):
        answer = client.post(f"{album}/rank", json={**anna, "weights": {name: 1}})
        assert answer.status_code == 400
    assert {one["name"] for one in client.get("/api/weights").json()} >= {"single_smile", "penalty_cut"}


def test_marks_filter_are_undone_and_outlive_a_new_name(
    client: TestClient, album: str, folder: Path, anna: dict[str, Any]
) -> None:
    first, second, *_ = client.post(f"{album}/rank", json=anna).json()["photos"]
    marks = [{"photo": first["id"], "flag": "pick", "stars": 4}, {"photo": second["id"], "flag": "reject"}]
    before = client.put(f"{album}/marks", json={"marks": marks}).json()["before"]
    picks = client.post(f"{album}/rank", json={**anna, "show": "picks"}).json()
    assert names(picks) == [first["name"]]
    assert picks["photos"][0]["mark"] == {"flag": "pick", "stars": 4}
    assert second["name"] not in names(client.get(f"{album}/photos?show=unrejected").json())
    client.put(f"{album}/marks", json={"marks": before})
    assert client.post(f"{album}/rank", json={**anna, "show": "picks"}).json()["total"] == 0


def test_a_zip_holds_the_best_in_their_order(
    client: TestClient, album: str, folder: Path, anna: dict[str, Any]
) -> None:
    ask = {**anna, "top": 3, "ordered": True, "title": "Anna & Ben / 2024"}
    best = names(client.post(f"{album}/rank", json={**anna, "top": 3}).json())
    made = client.post(f"{album}/downloads", json=ask).json()
    answer = client.get(made["url"])
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Anna%20%26%20Ben%20%2F%202024.zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.namelist() == [f"{rank:03}_{name}" for rank, name in enumerate(best, 1)]
    assert [archive.read(name) for name in archive.namelist()] == [(folder / name).read_bytes() for name in best]


def test_a_photo_that_has_gone_is_left_out_of_the_zip_and_named(client: TestClient, album: str, folder: Path) -> None:
    made = client.post(f"{album}/downloads", json={}).json()
    (folder / "photo_00002.jpg").unlink()
    archive = zipfile.ZipFile(io.BytesIO(client.get(made["url"]).content))
    assert len(archive.namelist()) == 5 + 1
    assert "photo_00002.jpg" in archive.read("missing.txt").decode()
    assert archive.testzip() is None


@pytest.mark.parametrize("form", ["html", "csv", "json", "txt"])
def test_lists_are_those_of_the_exporters(client: TestClient, album: str, anna: dict[str, Any], form: str) -> None:
    made = client.post(f"{album}/downloads", json={**anna, "format": form}).json()
    answer = client.get(made["url"])
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert b"photo_00000.jpg" in answer.content


def test_pictures_are_small_kept_and_not_sent_twice(client: TestClient, album: str) -> None:
    photo = client.get(f"{album}/photos?limit=1").json()["photos"][0]
    answer = client.get(f"{album}/photos/{photo['id']}/pictures/small?v={photo['version']}")
    assert answer.content.startswith(b"\xff\xd8")
    assert "immutable" in answer.headers["cache-control"]
    again = client.get(
        f"{album}/photos/{photo['id']}/pictures/small", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    face = client.get(f"{album}/photos/{photo['id']}").json()["faces"][0]["face"]["id"]
    assert client.get(f"{album}/faces/{face}/picture").content.startswith(b"\xff\xd8")


def test_of_equally_large_faces_of_a_reference_the_one_in_most_photos_is_chosen(
    client: TestClient, album: str, opened: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, anna = (
        a_face(f"f{left:.0f}", (left, 20.0, size, 120.0), embedding=row)
        for left, size, row in ((10.0, 100.0, an_embedding(99)), (300.0, 95.0, opened.faces[0].embedding))
    )

    def chosen(*faces: Face) -> int:
        monkeypatch.setattr("photo_ranker.web.references.ReferenceReader.record", lambda *_: a_record(*faces))
        sent = client.post(
            f"{album}/references", params={"name": "both.jpg"}, content=sample_photo("t1.jpg").read_bytes()
        )
        return int(sent.json()["chosen"])

    assert chosen(stranger, anna) == 1
    assert chosen(msgspec.structs.replace(stranger, box=(10.0, 20.0, 119.0, 120.0)), anna) == 0


def test_a_reference_that_is_no_photo_is_named(client: TestClient, album: str) -> None:
    refused = client.post(f"{album}/references", params={"name": "notes.jpg"}, content=b"no photo at all")
    assert (refused.status_code, refused.json()["detail"][:11]) == (422, "notes.jpg: ")


def test_a_mark_changes_only_what_is_said(client: TestClient, album: str) -> None:
    photo = client.get(f"{album}/photos").json()["photos"][0]["id"]

    def put(**fields: Any) -> Any:
        asked = {"marks": [{"photo": photo, **fields}]}
        return client.put(f"{album}/marks", json=asked).json()["before"]

    put(stars=5)
    assert put(flag="pick") == [{"photo": photo, "flag": None}]
    assert client.get(f"{album}/photos").json()["photos"][0]["mark"] == {"flag": "pick", "stars": 5}
    client.put(f"{album}/marks", json={"marks": [{"photo": photo, "flag": None}, {"photo": photo, "stars": 2}]})
    assert client.get(f"{album}/photos").json()["photos"][0]["mark"] == {"flag": None, "stars": 2}


def test_a_reference_is_on_disk_before_the_next_piece_comes(tmp_path: Path) -> None:
    folder = tmp_path / "album/references"
    written: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield bytes(1_000_000)
            written.append(sum(path.stat().st_size for path in folder.rglob("photo*")))
        raise ConnectionError("the client has gone")

    references = References(lambda album: tmp_path / album, Settings())
    with pytest.raises(ConnectionError):
        asyncio.run(references.receive("album", "a.jpg", pieces()))
    assert written == [1_000_000, 2_000_000, 3_000_000]
    assert not list(folder.iterdir())


@needs_second_network
def test_a_reference_of_before_is_shown_to_the_second_network_when_the_album_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_ranker.web.references.usual_engine", lambda: "sface")
    references = References(lambda album: tmp_path / album, Settings())

    photo = Path(sample_photo("astronaut.png")).read_bytes()

    async def pieces() -> AsyncIterator[bytes]:
        yield photo

    kept = asyncio.run(references.receive("album", "a.png", pieces()))
    assert references.get("album", kept.id).faces[0].second_embedding is None
    assert FILE is not None
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(FILE.parent))
    monkeypatch.setattr("photo_ranker.web.references.usual_engine", lambda: "duo")
    (face,) = references.get("album", kept.id, "duo").faces
    assert face.second_embedding is not None
    assert face.embedding == kept.faces[0].embedding
