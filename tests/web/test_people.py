"""People over HTTP: the library decides, the app passes on."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from web_helpers import wait


@pytest.fixture
def people(client: TestClient, album: str) -> str:
    """Address of the people, after a count."""
    job = client.post("/cluster", json={"album": album.rsplit("/", 1)[1]}).json()
    assert wait(client, job)["state"] == "done"
    return f"{album}/people"


def listed(client: TestClient, people: str, **query: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = client.get(people, params=query).json()["people"]
    return told


def test_everyone_is_found_and_named(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    assert (anna["photos"], ben["photos"]) == (6, 3)
    client.patch(f"{people}/{anna['id']}", json={"name": "Anna"})
    assert [person["name"] for person in listed(client, people)] == ["Anna", None]


def test_the_best_of_a_person_are_the_photos_the_book_says(client: TestClient, album: str, people: str) -> None:
    anna, ben = listed(client, people)
    page = client.post(f"{album}/rank", json={"people": [ben["id"]]}).json()
    assert page["total"] == 3
    both = client.post(f"{album}/rank", json={"people": [anna["id"]], "with_people": [ben["id"]]}).json()
    assert both["total"] == 3
    gone = ben["cover"]
    client.post(f"{people}/{ben['id']}/not", json={"faces": [gone]})
    assert client.post(f"{album}/rank", json={"people": [ben["id"]]}).json()["total"] == 2


def test_a_question_about_somebody_who_was_merged_is_one_about_the_merged_person(
    client: TestClient, album: str, people: str
) -> None:
    anna, ben = listed(client, people)
    client.post(f"{people}/merge", json={"into": anna["id"], "others": [ben["id"]]})
    answers = [client.post(f"{album}/rank", json={"people": [one["id"]]}).json() for one in (anna, ben)]
    assert answers[0]["total"] == 6
    assert answers[1] == answers[0]
    both = client.post(f"{album}/rank", json={"people": [anna["id"]], "with_people": [ben["id"]]})
    assert both.status_code == 200
    assert client.post(f"{album}/rank", json={"people": ["p000000000000"]}).status_code == 404


def test_a_name_that_somebody_has_is_refused_and_merging_can_be_undone(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    client.patch(f"{people}/{anna['id']}", json={"name": "Anna"})
    refused = client.patch(f"{people}/{ben['id']}", json={"name": " anna"})
    assert (refused.status_code, refused.json()["detail"]) == (409, "there is another  anna")
    assert len(listed(client, people)) == 2
    client.post(f"{people}/merge", json={"into": anna["id"], "others": [ben["id"]]})
    assert [person["faces"] for person in listed(client, people)] == [9]
    client.post(f"{people}/undo")
    assert [person["photos"] for person in listed(client, people)] == [6, 3]


def test_a_name_that_was_given_meanwhile_is_not_replaced(client: TestClient, people: str) -> None:
    anna, _ = listed(client, people)
    address = f"{people}/{anna['id']}"
    assert client.patch(address, json={"name": "Anna", "instead_of": None}).status_code == 200
    refused = client.patch(address, json={"name": "Berta", "instead_of": None})
    assert (refused.status_code, refused.json()["detail"]) == (409, "this person is now called Anna")
    assert client.patch(address, json={"name": "Anna", "instead_of": None}).status_code == 200, "they agree"
    assert client.patch(address, json={"name": "Berta", "instead_of": "Anna"}).status_code == 200
    assert client.patch(address, json={"name": "Carla"}).status_code == 200, "who does not ask replaces it"
    assert listed(client, people)[0]["name"] == "Carla"


def test_two_people_may_share_a_name(client: TestClient, people: str, album: str) -> None:
    for person in listed(client, people):
        client.patch(f"{people}/{person['id']}", json={"name": "Anna", "another": True})
    assert [(person["name"], person["photos"]) for person in listed(client, people)] == [("Anna", 6), ("Anna", 3)]
    made = client.post(f"{album}/downloads", json={"per_person": True}).json()
    with zipfile.ZipFile(io.BytesIO(client.get(made["url"]).content)) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"Anna (0)", "Anna (1)"}


def test_a_name_confirms_the_faces_that_were_seen(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    client.patch(f"{people}/{anna['id']}", json={"name": "Anna", "seen": [anna["cover"]]})
    faces = client.get(f"{people}/{anna['id']}").json()["faces"]
    assert [face["id"] for face in faces if face["confirmed"]] == [anna["cover"]]
    refused = client.patch(f"{people}/{ben['id']}", json={"name": "Ben", "seen": [anna["cover"]]})
    assert refused.status_code == 409


def test_split_merge_and_hide(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    faces = [face["id"] for face in client.get(f"{people}/{anna['id']}").json()["faces"]]
    client.post(f"{people}/{anna['id']}/split", json={"faces": faces[:2]})
    assert sorted(person["faces"] for person in listed(client, people)) == [2, 3, 4]
    new = next(person for person in listed(client, people) if person["faces"] == 2)
    client.post(f"{people}/merge", json={"into": anna["id"], "others": [new["id"]]})
    assert sorted(person["faces"] for person in listed(client, people)) == [3, 6]
    client.patch(f"{people}/{ben['id']}", json={"hidden": True})
    assert [person["id"] for person in listed(client, people)] == [anna["id"]]
    assert len(listed(client, people, hidden=True)) == 2


def test_hidden_people_are_named_in_no_sidecar(client: TestClient, album: str, people: str, folder: Path) -> None:
    anna, ben = listed(client, people)
    client.patch(f"{people}/{anna['id']}", json={"name": "Anna"})
    for change in ({"name": "Ben"}, {"hidden": True}):
        client.patch(f"{people}/{ben['id']}", json=change)
    photos = [photo["id"] for photo in client.get(f"{album}/photos?limit=100").json()["photos"]]
    ended = wait(client, client.post(f"{album}/xmp", json={"photos": photos}).json())
    assert ended["result"] == {"written": 6, "problems": []}
    written = "".join(path.read_text("utf-8") for path in folder.glob("*.xmp"))
    assert "Anna" in written
    assert "Ben" not in written


def test_an_answer_is_kept_and_can_be_undone(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    said = client.post(f"{people}/answer", json={"one": anna["cover"], "other": ben["cover"], "same": True}).json()
    assert len(listed(client, people)) == 1
    client.post(f"{people}/undo", params={"decision": said["id"]})
    assert len(listed(client, people)) == 2
    assert client.get(f"{people}/doubtful").json() == {"total": 0, "pairs": []}


def test_what_was_said_survives_a_restart_and_a_recount(client: TestClient, album: str, people: str) -> None:
    anna, _ = listed(client, people)
    client.patch(f"{people}/{anna['id']}", json={"name": "<b>Anna</b>"})
    assert wait(client, client.post(f"{people}/find").json())["state"] == "done"
    assert listed(client, people)[0]["name"] == "<b>Anna</b>"
    photo = client.get(f"{album}/photos?limit=1").json()["photos"][0]
    assert client.get(f"{album}/photos/{photo['id']}").json()["faces"][0]["name"] == "<b>Anna</b>"


def test_who_does_not_exist_is_said(client: TestClient, people: str) -> None:
    assert client.get(f"{people}/p123").status_code == 404
    assert client.patch(f"{people}/p123", json={"name": "x"}).status_code == 404
    assert client.post(f"{people}/merge", json={"into": "p1", "others": ["p2"]}).status_code == 404
    answer = client.post(f"{people}/undo")
    assert "no decision to undo" in answer.json()["detail"]


def test_the_classic_second_step_scores_the_event(client: TestClient, album: str, people: str) -> None:
    anna = listed(client, people)[0]
    client.patch(f"{people}/{anna['id']}", json={"category": "main"})
    ended = wait(client, client.post("/score", json={"album": album.rsplit("/", 1)[1]}).json())
    assert (ended["state"], ended["result"]["photos"]) == ("done", 6)
    document, scores, faces = (client.get(address) for address in ended["result"]["files"])
    assert len(document.json()["photos"]) == 6
    assert scores.text.splitlines()[0].startswith("photo")
    assert len(faces.text.splitlines()) == 10
    assert client.get(f"{album}/event/../album.json").status_code in {404, 422}


def test_people_come_in_parts_and_are_searched(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    client.patch(f"{people}/{ben['id']}", json={"name": "Ben Alm"})
    assert [person["id"] for person in listed(client, people)] == [ben["id"], anna["id"]], "the named come first"
    assert [person["id"] for person in listed(client, people, offset=1, limit=1)] == [anna["id"]]
    assert client.get(people, params={"limit": 1}).json()["total"] == 2
    assert [person["id"] for person in listed(client, people, search="alm")] == [ben["id"]]
    assert [person["id"] for person in listed(client, people, named=True)] == [ben["id"]]
    assert [person["id"] for person in listed(client, people, search=str(anna["number"]))] == [anna["id"]]
    assert listed(client, people, search="nobody") == []


def faces_of(client: TestClient, people: str, person: dict[str, Any]) -> list[str]:
    return [face["id"] for face in client.get(f"{people}/{person['id']}").json()["faces"]]


def test_only_faces_of_a_person_are_taken_from_them(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    answer = client.post(f"{people}/{anna['id']}/split", json={"faces": [anna["cover"], ben["cover"]]})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"face {ben['cover']} is not one of Person {anna['number']}'s",
    )
    assert listed(client, people) == [anna, ben], "nothing was changed"


def test_unknown_faces_are_given_to_nobody(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    before = faces_of(client, people, anna)
    for action in ("confirm", "not"):
        assert client.post(f"{people}/{anna['id']}/{action}", json={"faces": ["f00"]}).status_code == 404
    for one, other in (("f00", ben["cover"]), (anna["cover"], "f00")):
        said = {"one": one, "other": other, "same": True}
        assert client.post(f"{people}/answer", json=said).status_code == 404
    assert faces_of(client, people, anna) == before
    assert "no decision to undo" in client.post(f"{people}/undo").json()["detail"]


def test_one_face_is_no_pair(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    said = {"one": anna["cover"], "other": anna["cover"], "same": False}
    assert client.post(f"{people}/answer", json=said).status_code == 400
    assert listed(client, people) == [anna, ben]


def test_a_face_that_is_sent_twice_counts_once(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    said = client.post(f"{people}/{anna['id']}/split", json={"faces": [anna["cover"]] * 2}).json()
    assert said["text"].startswith("split 1 face from")
    assert sorted(person["faces"] for person in listed(client, people)) == [1, 3, 5]
    client.post(f"{people}/{ben['id']}/confirm", json={"faces": [anna["cover"]] * 2})
    assert sorted(person["faces"] for person in listed(client, people)) == [4, 5]


def test_a_decision_tells_what_it_overrules(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    named = client.patch(f"{people}/{anna['id']}", json={"name": "Anna"}).json()
    assert named["overruled"] == []
    client.patch(f"{people}/{ben['id']}", json={"name": "Ben"})
    moved = client.post(f"{people}/{ben['id']}/confirm", json={"faces": [anna["cover"]]}).json()
    assert moved["overruled"] == [{"id": named["id"], "text": named["text"], "faces": 1}]
    assert client.patch(f"{people}/{ben['id']}", json={"role": "groom"}).json()["overruled"] == []


def test_a_face_that_has_another_name_is_not_denied(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    client.patch(f"{people}/{ben['id']}", json={"name": "Ben"})
    refused = client.post(f"{people}/{anna['id']}/not", json={"faces": [anna["cover"], ben["cover"]]})
    assert (refused.status_code, refused.json()["advice"]) == (409, "look at the person's faces again")
    assert [person["faces"] for person in listed(client, people)] == [ben["faces"], anna["faces"]]


def test_two_facts_at_once_are_refused_and_nothing_is_changed(client: TestClient, people: str) -> None:
    anna, _ = before = listed(client, people)
    for change in ({"name": "Anna", "category": "main"}, {"role": "bride", "hidden": True}, {}):
        refused = client.patch(f"{people}/{anna['id']}", json=change)
        assert (refused.status_code, refused.json()["detail"]) == (400, "only one fact can be changed at a time")
    assert listed(client, people) == before


def test_a_year_of_birth_is_a_fact_of_a_person(client: TestClient, people: str) -> None:
    anna = listed(client, people)[0]
    assert anna["born"] is None
    said = client.patch(f"{people}/{anna['id']}", json={"born": 2009}).json()
    assert "was born in 2009" in said["text"]
    assert client.get(f"{people}/{anna['id']}").json()["person"]["born"] == 2009
    client.post(f"{people}/undo")
    assert listed(client, people)[0]["born"] is None
    assert client.patch(f"{people}/{anna['id']}", json={"born": 12}).status_code == 400


def test_what_is_no_face_is_shown_and_counted_nowhere(client: TestClient, album: str, people: str) -> None:
    anna, ben = listed(client, people)
    face = next(one for one in client.get(f"{people}/{ben['id']}").json()["faces"])
    said = client.post(f"{people}/not-a-face", json={"faces": [face["id"]]}).json()
    assert said["text"] == f"said that {face['id']} is not a face"
    assert listed(client, people)[1]["faces"] == ben["faces"] - 1
    detail = client.get(f"{album}/photos/{face['photo']}").json()
    assert [one["is_false"] for one in detail["faces"] if one["face"]["id"] == face["id"]] == [True]
    shown = client.post(f"{album}/rank", json={"people": [anna["id"]]}).json()["photos"]
    alone = [one["result"]["people_in_photo"] for one in shown if one["id"] == face["photo"]]
    assert alone == [1], "it is nobody beside Anna"
    assert client.get(f"{album}/faces/{face['id']}/picture").status_code == 200, "it can be looked at"
    client.post(f"{people}/undo", params={"decision": said["id"]})
    assert listed(client, people)[1]["faces"] == ben["faces"]


def test_it_is_a_face_after_all(client: TestClient, people: str) -> None:
    _, ben = listed(client, people)
    for is_face, verb in ((False, "not a face"), (True, "a face")):
        said = client.post(f"{people}/not-a-face", json={"faces": [ben["cover"]], "is_face": is_face}).json()
        assert said["text"] == f"said that {ben['cover']} is {verb}"
    assert wait(client, client.post(f"{people}/find").json())["state"] == "done"
    assert listed(client, people)[1]["faces"] == ben["faces"]


def test_a_face_becomes_somebody_new_and_undo_gives_it_back(client: TestClient, people: str) -> None:
    anna, ben = listed(client, people)
    client.patch(f"{people}/{anna['id']}", json={"name": "Anna"})
    taken = client.post(people, json={"faces": [anna["cover"]], "name": " Clara  B "})
    assert taken.status_code == 200
    found = {person["name"]: person["faces"] for person in listed(client, people)}
    assert found == {"Anna": 5, "Clara B": 1, None: 3}
    again = {"faces": [ben["cover"]], "name": "clara b"}
    assert client.post(people, json=again).status_code == 409
    assert client.post(people, json=again | {"another": True}).status_code == 200
    assert client.post(people, json={"faces": ["f0"], "name": "Dora"}).status_code == 404
    client.post(f"{people}/undo")
    client.post(f"{people}/undo?decision={taken.json()['id']}")
    assert {person["name"]: person["faces"] for person in listed(client, people)} == {"Anna": 6, None: 3}
