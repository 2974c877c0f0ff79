"""Uploads and long work: nothing is lost, whatever ends."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Event, Timer
from typing import Any

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from photo_ranker.exporters.albums import Wanted
from photo_ranker.settings import Settings
from photo_ranker.web import WebOptions, job_runner, storage
from photo_ranker.web.api.jobs import job_out
from photo_ranker.web.app import create_app
from photo_ranker.web.job_process import Call, ask_to_rest, copy_job, packed
from photo_ranker.web.job_runner import Job
from photo_ranker.web.workplace import Workplace
from web_helpers import make_album, small_jpeg, wait

HOME = "http://127.0.0.1:8765"


def a_zip(count: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            archive.writestr(f"day/{number}.jpg", small_jpeg(number))
    return file.getvalue()


def test_a_photo_arrives_in_pieces_and_is_not_sent_again(client: TestClient, session: str, options: WebOptions) -> None:
    data = small_jpeg(1)
    offer: dict[str, Any] = {"name": "trip/a.jpg", "size": len(data)}
    send = f"{session}/files"
    assert client.post(send, params=offer, content=data[:100]).json()["complete"] is False
    assert client.post(f"{send}/standing", json={"files": [offer]}).json()["files"][0]["have"] == 100
    assert client.post(send, params={**offer, "offset": 50}, content=data[50:]).status_code == 409
    assert client.post(send, params={**offer, "offset": 100}, content=data[100:]).json()["complete"] is True
    offer["digest"] = hashlib.sha256(data).hexdigest()
    assert client.post(f"{send}/standing", json={"files": [offer]}).json()["files"][0]["have"] == len(data)
    assert next(options.home.rglob("a.jpg")).read_bytes() == data


def test_a_zip_is_unpacked_by_a_job_and_known_when_dropped_again(
    client: TestClient, session: str, options: WebOptions
) -> None:
    data = a_zip(3)
    offer: dict[str, Any] = {"name": "all.zip", "size": len(data)}
    sent = client.post(f"{session}/files", params=offer, content=data).json()
    ended = wait(client, sent["job"])
    assert (ended["state"], ended["result"]["photos"]) == ("done", 3)
    assert len(list(options.home.rglob("photos/day/*.jpg"))) == 3
    assert not list(options.home.rglob("*.zip"))
    (told,) = client.post(f"{session}/files/standing", json={"files": [offer]}).json()["files"]
    assert (told["have"], told["compare"]) == (0, True)
    offer["digest"] = hashlib.sha256(data).hexdigest()
    assert client.post(f"{session}/files/standing", json={"files": [offer]}).json()["files"][0]["have"] == len(data)


def test_a_damaged_zip_fails_with_words(client: TestClient, session: str) -> None:
    sent = client.post(f"{session}/files", params={"name": "bad.zip", "size": 3}, content=b"abc").json()
    ended = wait(client, sent["job"])
    assert ended["state"] == "failed"
    assert "the ZIP is damaged" in ended["problem"]["detail"]


def test_a_copy_goes_where_the_user_says_and_overwrites_nothing(
    client: TestClient, album: str, tmp_path: Path, folder: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "photo_00000.jpg").write_bytes(b"mine")
    job = client.post(f"{album}/copies", json={"folder": str(out)}).json()
    assert wait(client, job)["result"]["done"] == 6
    assert (out / "photo_00000.jpg").read_bytes() == b"mine"
    assert (out / "photo_00000_2.jpg").read_bytes() == (folder / "photo_00000.jpg").read_bytes()
    again = client.post(f"{album}/copies", json={"folder": str(out)}).json()
    assert wait(client, again)["result"]["already_there"] == 6


def test_events_tell_the_jobs(options: WebOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(options)
    place = app.state.workplace
    with TestClient(app, base_url=HOME) as client:
        place.is_closing = False
        original = place.jobs.all

        def once() -> Any:
            place.is_closing = True  # the stream ends after its first event
            return original()

        monkeypatch.setattr(place.jobs, "all", once)
        answer = client.get("/api/jobs/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith('event: jobs\ndata: {"jobs":[]}')


@pytest.fixture
def quiet(options: WebOptions) -> TestClient:
    """An app whose jobs never begin."""
    return TestClient(create_app(options), base_url=HOME)


def test_the_same_work_is_asked_for_once(quiet: TestClient) -> None:
    album = quiet.get("/api/albums").json()["albums"][0]["id"]
    one, other = (quiet.post(f"/api/albums/{album}/index").json() for _ in range(2))
    assert one["id"] == other["id"]


def test_a_job_is_cancelled_and_taken_up_again(quiet: TestClient) -> None:
    album = quiet.get("/api/albums").json()["albums"][0]["id"]
    job = quiet.post(f"/api/albums/{album}/index").json()
    assert quiet.post(f"/api/jobs/{job['id']}/cancel").json()["state"] == "cancelled"
    assert quiet.post(f"/api/jobs/{job['id']}/cancel").status_code == 409
    assert quiet.post(f"/api/jobs/{job['id']}/resume").json()["state"] == "queued"


def test_a_job_of_a_killed_server_goes_on(options: WebOptions, tmp_path: Path) -> None:
    data = a_zip(2)
    with TestClient(create_app(options), base_url=HOME) as client:
        session = client.post("/api/albums/sessions", json={"title": "x"}).json()["id"]
    place = options.home / "albums" / session
    archive = place / "archives" / "all.zip"
    archive.parent.mkdir()
    archive.write_bytes(data)
    params = {"archive": str(archive), "folder": str(place / "photos")}
    left = Job("0123456789abcdef", "unpack", session, "2024-06-01T10:00:00", params, "running")
    storage.write_value(options.home / "jobs" / f"{left.id}.json", left)
    with TestClient(create_app(options), base_url=HOME) as client:
        ended = wait(client, {"id": left.id})
    assert (ended["state"], ended["restarts"], ended["result"]["photos"]) == ("done", 1, 2)


def test_a_zip_whose_job_a_kill_took_is_unpacked_by_the_next_server(options: WebOptions) -> None:
    with TestClient(create_app(options), base_url=HOME) as client:
        session = client.post("/api/albums/sessions", json={"title": "x"}).json()["id"]
    archive = options.home / "albums" / session / "archives" / "all.zip"
    archive.parent.mkdir()
    archive.write_bytes(a_zip(2))
    with TestClient(create_app(options), base_url=HOME) as client:
        (job,) = client.get("/api/jobs").json()["jobs"]
        assert wait(client, job)["result"]["photos"] == 2
    assert not archive.exists()


def test_a_zip_whose_job_was_cancelled_is_unpacked_when_it_is_dropped_again(quiet: TestClient) -> None:
    session = quiet.post("/api/albums/sessions", json={"title": "x"}).json()["id"]
    send, data = f"/api/albums/{session}/files", a_zip(2)
    offer: dict[str, Any] = {"name": "all.zip", "size": len(data), "digest": hashlib.sha256(data).hexdigest()}
    job = quiet.post(send, params=offer, content=data).json()["job"]
    quiet.post(f"/api/jobs/{job['id']}/cancel")
    quiet.post(f"{send}/standing", json={"files": [offer]})
    assert [job["state"] for job in quiet.get("/api/jobs").json()["jobs"]] == ["cancelled", "queued"]


def test_what_a_zip_held_is_measured_though_a_run_had_begun(options: WebOptions) -> None:
    place = Workplace(options)
    entry = place.albums.new_session("x")
    began = place.index(entry)
    place._job_ended(Job("0123456789abcdef", "unpack", entry.id, "2024-06-01T10:00:00", {}, "done"))
    assert [job.kind for job in place.jobs.all() if job.id != began.id] == ["index"]


def test_a_job_whose_process_dies_says_so(options: WebOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photo_ranker.web.job_runner.CHILD", ["-c", "import os; os._exit(9)"])
    with TestClient(create_app(replace(options)), base_url=HOME) as client:
        album = client.get("/api/albums").json()["albums"][0]["id"]
        ended = wait(client, client.post(f"/api/albums/{album}/index").json())
    assert ended["state"] == "failed"
    assert "exit code 9" in ended["problem"]["detail"]


def spare_of(place: Workplace) -> subprocess.Popen[bytes]:
    """The process that waits for the next job."""
    end = time.monotonic() + 30
    while place.jobs._spare is None or place.jobs._spare.poll() is not None:
        assert time.monotonic() < end
        time.sleep(0.02)
    return place.jobs._spare


def test_in_a_quiet_moment_the_process_of_the_next_job_is_begun(
    options: WebOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_ranker.web.job_runner.WAIT_SECONDS", 0.05)
    with TestClient(create_app(options), base_url=HOME) as client:
        place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
        album = client.get("/api/albums").json()["albums"][0]["id"]
        dead = spare_of(place)
        dead.kill()
        dead.wait()
        first = spare_of(place)
        assert wait(client, client.post("/score", json={"album": album}).json())["state"] == "done"
        assert (dead.returncode, first.wait(30)) == (-9, 0), "the one that lived did the job"
        last = spare_of(place)
    assert last.returncode == 0, "it ends with the server"


def test_no_process_is_begun_beside_a_short_job(options: WebOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    begin = job_runner._process

    def counted(log: Any) -> subprocess.Popen[bytes]:
        begun.append(begin(log))
        return begun[-1]

    monkeypatch.setattr(job_runner, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(job_runner, "CHILD", ["-c", "import sys; sys.stdin.readlines()"])
    monkeypatch.setattr(job_runner, "_process", counted)
    with TestClient(create_app(options), base_url=HOME) as client:
        place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
        album = client.get("/api/albums").json()["albums"][0]["id"]
        spare_of(place)
        job = client.post("/score", json={"album": album}).json()["id"]
        time.sleep(0.5)
        assert len(begun) == 1, "the one that waited, which is at work now"
        client.post(f"/api/jobs/{job}/cancel")
        spare_of(place)
        assert len(begun) == 2


def test_no_process_ahead_is_no_harm(options: WebOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    begin: Any = subprocess.Popen
    refused = Event()

    def refuse(*words: Any, stderr: Any, **rest: Any) -> Any:
        if stderr == subprocess.DEVNULL:
            refused.set()
            raise OSError(12, "Cannot allocate memory")
        return begin(*words, stderr=stderr, **rest)

    monkeypatch.setattr("photo_ranker.web.job_runner.WAIT_SECONDS", 0.05)
    monkeypatch.setattr("photo_ranker.web.job_runner.subprocess.Popen", refuse)
    with TestClient(create_app(options), base_url=HOME) as client:
        album = client.get("/api/albums").json()["albums"][0]["id"]
        assert refused.wait(30)
        assert wait(client, client.post("/score", json={"album": album}).json())["state"] == "done"


def test_a_process_that_was_begun_ahead_writes_into_the_log_of_its_job(
    options: WebOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("photo_ranker.web.job_runner.WAIT_SECONDS", 0.05)
    with TestClient(create_app(options), base_url=HOME) as client:
        place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
        entry = place.albums.entries()[0]
        spare_of(place)
        entry.path.rename(tmp_path / "away")
        job = wait(client, job_out(place.count_people(entry), place).model_dump())
    assert job["state"] == "failed"
    assert "the job failed" in (options.home / "jobs" / f"{job['id']}.log").read_text()


def test_the_measuring_rests_when_pictures_are_asked_for(options: WebOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(job_runner, "CHILD", ["-c", "import sys; sys.stdin.readlines()"])
    monkeypatch.setattr(job_runner, "ask_to_rest", lambda _: rests.append(time.monotonic()))
    with TestClient(create_app(options), base_url=HOME) as client:
        place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
        album = client.get("/api/albums").json()["albums"][0]["id"]
        photo = client.get(f"/api/albums/{album}/photos").json()["photos"][0]["id"]

        def picture() -> None:
            assert client.get(f"/api/albums/{album}/photos/{photo}/pictures/small").status_code == 200

        picture()
        job = client.post(f"/api/albums/{album}/index").json()["id"]
        while not place.jobs._processes:
            time.sleep(0.01)
        place.jobs._rests_from = 0.0
        picture()
        picture()
        assert len(rests) == 1, "once in a while: it must come to an end too"
        time.sleep(job_runner.REST_EVERY_SECONDS)
        picture()
        assert len(rests) == 2
        client.post(f"/api/jobs/{job}/cancel")


def test_a_word_to_rest_before_the_order_is_no_order(options: WebOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_runner, "WAIT_SECONDS", 0.05)
    with TestClient(create_app(options), base_url=HOME) as client:
        place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
        album = client.get("/api/albums").json()["albums"][0]["id"]
        ask_to_rest(spare_of(place))
        assert wait(client, client.post("/score", json={"album": album}).json())["state"] == "done"


SLOW_TABLE = """
import json, sys, time
from pathlib import Path

order = json.loads(sys.stdin.readline())
print(json.dumps({"result": {"photos": 1, "files": [], "notes": []}}), flush=True)
folder = Path(order["place"], "event")
while not folder.is_dir():
    time.sleep(0.02)
Path(folder, "face_data.csv").write_text("photo")
"""


def test_a_table_that_is_still_being_written_is_waited_for(
    options: WebOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "CHILD", ["-c", SLOW_TABLE])
    with TestClient(create_app(options), base_url=HOME) as client:
        place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
        album = place.albums.entries()[0].id
        assert wait(client, client.post("/score", json={"album": album}).json())["state"] == "done"
        Timer(0.3, (place.albums.place(album) / "event").mkdir).start()
        assert client.get(f"/api/albums/{album}/event/face_data.csv").text == "photo"
        assert client.get(f"/api/albums/{album}/event/photo_scores.csv").status_code == 404


def test_what_a_job_says_of_itself_holds_no_path(quiet: TestClient) -> None:
    album = quiet.get("/api/albums").json()["albums"][0]["id"]
    quiet.post(f"/api/albums/{album}/index")
    assert "params" not in quiet.get("/api/jobs").json()["jobs"][0]


def test_stars_go_into_sidecars_beside_the_photos(client: TestClient, album: str, folder: Path) -> None:
    photo = client.get(f"{album}/photos?limit=1").json()["photos"][0]
    client.put(f"{album}/marks", json={"marks": [{"photo": photo["id"], "stars": 4}]})
    ended = wait(client, client.post(f"{album}/xmp", json={"photos": [photo["id"]]}).json())
    assert (ended["state"], ended["result"]) == ("done", {"written": 1, "problems": []})
    assert re.search(r"xmp:Rating[=>\"]+4", (folder / f"{photo['name']}.xmp").read_text("utf-8"))


OWN_RATING = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="2"/></rdf:RDF></x:xmpmeta>"""


def test_stars_in_the_photo_itself_go_before_ours_as_in_the_command(
    client: TestClient, album: str, folder: Path
) -> None:
    photo = client.get(f"{album}/photos?limit=1").json()["photos"][0]
    path = folder / photo["name"]
    path.write_bytes(path.read_bytes() + OWN_RATING)
    client.put(f"{album}/marks", json={"marks": [{"photo": photo["id"], "stars": 4}]})
    ended = wait(client, client.post(f"{album}/xmp", json={"photos": [photo["id"]]}).json())
    assert (ended["state"], ended["result"]) == ("done", {"written": 0, "problems": []})
    assert not list(folder.glob("*.xmp"))


STUBBORN = """
import json, sys
order = json.loads(sys.stdin.buffer.readline())
if order["kind"] == "index":
    print(json.dumps({"progress": {"done": 1, "total": 2, "words": "at work"}}), flush=True)
    sys.stdin.buffer.read()
print(json.dumps({"result": {}}), flush=True)
"""
"""A child that measures until it is told to end, and says only then that all is done."""


def until(client: TestClient, job: dict[str, Any], state: str) -> None:
    end = time.monotonic() + 20
    while client.get(f"/api/jobs/{job['id']}").json()["state"] != state:
        assert time.monotonic() < end
        time.sleep(0.02)


def cluster(client: TestClient, album: str) -> dict[str, Any]:
    job: dict[str, Any] = client.post("/cluster", json={"album": album.rsplit("/", 1)[-1]}).json()
    return job


def test_deleting_an_album_stops_its_jobs_and_no_others(
    client: TestClient, album: str, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_ranker.web.job_runner.CHILD", ["-c", STUBBORN])
    running = client.post(f"{album}/index").json()
    until(client, running, "running")
    waiting = cluster(client, album)
    other = cluster(client, session)
    client.delete(album)
    assert wait(client, other)["state"] == "done"
    client.post(f"{album}/restore")
    assert [client.get(f"/api/jobs/{job['id']}").json()["state"] for job in (running, waiting)] == ["cancelled"] * 2


def test_an_album_that_goes_while_its_index_ends_stops_no_later_job(
    client: TestClient, album: str, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_ranker.web.job_runner.CHILD", ["-c", STUBBORN])
    place = client.app.state.workplace  # type: ignore[attr-defined]
    running = client.post(f"{album}/index").json()
    until(client, running, "running")
    place.albums.delete(running["album"])  # as if the job had ended just before its cancelling
    with place.jobs._lock:  # a job is said to be running just before its process is there
        processes = list(place.jobs._processes.values())
    for process in processes:
        process.stdin.close()
    assert wait(client, cluster(client, session))["state"] == "done"
    assert [job.kind for job in place.jobs.all()] == ["index", "people", "event"]


@pytest.mark.parametrize("state", ["running", "done"])
def test_a_full_disk_fails_one_job_and_not_those_after_it(
    client: TestClient, album: str, session: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = storage.write_value

    def full(path: Path, value: Any) -> None:
        if isinstance(value, Job) and value.kind == "index" and value.state in {state, "failed"}:
            raise OSError(28, "No space left on device")
        write(path, value)

    monkeypatch.setattr("photo_ranker.web.job_runner.CHILD", ["-c", "print('{\"result\": {}}', flush=True)"])
    monkeypatch.setattr(storage, "write_value", full)
    ended = wait(client, client.post(f"{album}/index").json())
    assert (ended["state"], ended["problem"]["status"]) == ("failed", 507)
    assert wait(client, cluster(client, session))["state"] == "done"


def test_a_child_that_talks_nonsense_is_ended(
    client: TestClient, album: str, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nonsense = "import sys; print('hm', flush=True); sys.stdin.buffer.read()"
    monkeypatch.setattr("photo_ranker.web.job_runner.CHILD", ["-c", nonsense])
    for address in (album, session):
        assert wait(client, client.post(f"{address}/index").json())["state"] == "failed"
    jobs, end = client.app.state.workplace.jobs, time.monotonic() + 20  # type: ignore[attr-defined]
    while jobs._processes:  # a job has failed a moment before its process is gone
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_job_of_a_folder_that_is_not_shared_stops_no_later_one(
    options: WebOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_ranker.web.job_runner.CHILD", ["-c", "print('{\"result\": {}}', flush=True)"])
    quiet = TestClient(create_app(options), base_url=HOME)
    other = make_album(tmp_path / "other", photos=1)
    own = quiet.post("/api/albums/folders", json={"folder": str(other)}).json()["id"]
    quiet.post(f"/api/albums/{own}/index")
    with TestClient(create_app(replace(options, local=False)), base_url=HOME) as client:
        album = client.get("/api/albums").json()["albums"][0]["id"]
        assert wait(client, cluster(client, album))["state"] == "done"


@pytest.fixture
def left(options: WebOptions, tmp_path: Path) -> dict[str, str]:
    """Jobs that a user of the machine left: of a folder of their own, of a shared one, a copy of that."""
    other = make_album(tmp_path / "other", photos=1)
    quiet = TestClient(create_app(options), base_url=HOME)
    own = quiet.post("/api/albums/folders", json={"folder": str(other)}).json()["id"]
    shared = next(album["id"] for album in quiet.get("/api/albums").json()["albums"] if album["id"] != own)
    copies = quiet.post(f"/api/albums/{shared}/copies", json={"folder": str(tmp_path / "out")})
    index = {name: quiet.post(f"/api/albums/{name}/index").json()["id"] for name in (own, shared)}
    return {"own": index[own], "shared": index[shared], "copy": copies.json()["id"]}


@pytest.mark.parametrize("which", ["own", "copy"])
def test_users_of_other_machines_neither_see_nor_touch_jobs_that_are_not_theirs(
    options: WebOptions, left: dict[str, str], which: str
) -> None:
    remote = TestClient(create_app(replace(options, local=False)), base_url=HOME)  # whose jobs never begin
    assert [job["id"] for job in remote.get("/api/jobs").json()["jobs"]] == [left["shared"]]
    assert remote.get(f"/api/jobs/{left[which]}").status_code == 404
    for word in ("cancel", "resume"):
        assert remote.post(f"/api/jobs/{left[which]}/{word}").status_code == 404
    assert remote.post(f"/api/jobs/{left['shared']}/cancel").json()["state"] == "cancelled"
    here = TestClient(create_app(options), base_url=HOME)
    assert here.get(f"/api/jobs/{left[which]}").json()["state"] == "queued"
    assert len(here.get("/api/jobs").json()["jobs"]) == 3


def test_events_tell_users_of_other_machines_their_own_jobs(
    options: WebOptions, left: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(replace(options, local=False))
    place = app.state.workplace
    original: Callable[[], list[Job]] = place.jobs.all

    def once() -> list[Job]:
        place.is_closing = True
        return original()

    monkeypatch.setattr(place.jobs, "all", once)
    told = TestClient(app, base_url=HOME).get("/api/jobs/events").text
    assert re.findall(r'"id":"([0-9a-f]{16})"', told) == [left["shared"]]


def test_events_tell_that_jobs_have_gone_with_their_album(
    options: WebOptions, left: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(options)
    place = app.state.workplace
    original: Callable[[], list[Job]] = place.jobs.all
    asked = 0

    def delete_then_end() -> list[Job]:
        nonlocal asked
        asked += 1
        if asked == 1:
            place.albums.delete(original()[0].album)
        place.is_closing = asked == 2
        return original()

    monkeypatch.setattr(place.jobs, "all", delete_then_end)
    told = TestClient(app, base_url=HOME).get("/api/jobs/events").text.split("event: jobs")
    assert [event.count('"kind"') for event in told if event] == [3, 1]


def test_a_copy_does_not_tell_where_to(tmp_path: Path, folder: Path) -> None:
    words: list[str] = []
    photos = [packed(Wanted(str(folder / "photo_00000.jpg")))]
    params = {"photos": photos, "folder": str(tmp_path / "out"), "ordered": False}
    copy_job(Call("copy", params, Settings(), str(tmp_path), 1, None, {}, lambda done, total, said: words.append(said)))
    assert set(words) == {""}, "the kind of the job tells what is done"
