"""Links for guests: what they show, what they keep to themselves, and every way in that must stay shut."""

from __future__ import annotations

import io
import json
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace
from PIL import Image

from builders import a_face
from photo_files import encoded, quarters
from photo_ranker.errors import ReferenceUnusable
from photo_ranker.images import Limits, photo_of
from photo_ranker.metadata import Ledger
from photo_ranker.records import Face
from photo_ranker.settings import Settings
from photo_ranker.web import UploadLimits, WebOptions
from photo_ranker.web.api import guest as guest_routes
from photo_ranker.web.api.guest_downloads import names_in_zip, without_place
from photo_ranker.web.app import create_app
from photo_ranker.web.guests import Guests, LinkGone, RateLimit, cookie_of
from photo_ranker.web.references import FaceReader, only_face
from photo_ranker.web.workplace import Workplace
from web_helpers import ANNA, left_by_a_kill, small_jpeg, wait

HOME = "http://127.0.0.1:8765"
TOKEN = "secret"
LIMITS = Limits.of(Settings().measure)


@pytest.fixture
def closed(options: WebOptions) -> WebOptions:
    return replace(options, token=TOKEN)


@pytest.fixture
def owner(closed: WebOptions) -> Iterator[TestClient]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with TestClient(create_app(closed), base_url=HOME, headers=headers) as client:
        yield client


@pytest.fixture
def album_id(owner: TestClient) -> str:
    return str(owner.get("/api/albums").json()["albums"][0]["id"])


def place_of(client: TestClient) -> Workplace:
    place: Workplace = client.app.state.workplace  # type: ignore[attr-defined]
    return place


def make(owner: TestClient, album: str, **ask: Any) -> dict[str, Any]:
    answer = owner.post("/api/guests", json={"album": album, "title": "Aunt Rosa", **ask})
    assert answer.status_code == 201, answer.text
    link: dict[str, Any] = answer.json()
    return link


def visitor(owner: TestClient, link: dict[str, Any]) -> TestClient:
    """A browser that has followed the link, and knows nothing else."""
    browser = TestClient(owner.app, base_url=HOME)
    assert browser.get(link["path"]).status_code == 200
    return browser


def base(link: dict[str, Any]) -> str:
    return f"/guest/{link['id']}"


def photos_of(browser: TestClient, link: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get(f"{base(link)}/photos").json()["photos"]
    return found


def album_place(owner: TestClient, album: str) -> Path:
    """Where the links of an album are kept."""
    return place_of(owner).albums.place(album) / "guests"


def counts_of_favourites(
    owner: TestClient, album: str, browser: TestClient, link: dict[str, Any]
) -> tuple[int, int, int]:
    """How many favourites the guest sees, the owner's filter shows, and the page "Guests" tells of."""
    return (
        browser.get(f"{base(link)}/photos").json()["favourites"],
        owner.get(f"/api/albums/{album}/photos?show=favourites").json()["total"],
        owner.get("/api/guests").json()["links"][0]["favourites"],
    )


def ben_of(owner: TestClient, album: str) -> str:
    """A person who is in every second photo."""
    place = place_of(owner)
    opened = place.open_albums.get(place.albums.get(album))
    faces = [photo.record.faces[1].id for photo in opened.album.photos if len(photo.record.faces) > 1]
    with place.everyone(opened).edit() as people:
        return people.book.add_person(faces).id


class TestWhatAGuestSees:
    def test_the_photos_and_nothing_of_the_owner(self, owner: TestClient, album_id: str, folder: Path) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        page = browser.get(f"{base(link)}/photos")
        assert page.json()["total"] == 6
        assert set(page.json()["photos"][0]) == {
            *("id", "name", "width", "height", "version"),
            *("favourite", "can_download"),
        }
        assert str(folder.parent) not in page.text
        for side in ("small", "large", "full"):
            picture = browser.get(f"{base(link)}/photos/{page.json()['photos'][0]['id']}/pictures/{side}")
            assert picture.headers["content-type"] == "image/jpeg"

    def test_rejected_photos_are_not_shown(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        photo = photos_of(browser, link)[0]["id"]
        owner.put(f"/api/albums/{album_id}/marks", json={"marks": [{"photo": photo, "flag": "reject"}]})
        assert photo not in [one["id"] for one in photos_of(browser, link)]
        assert browser.get(f"{base(link)}/photos/{photo}/pictures/small").status_code == 404

    def test_a_link_to_a_person_shows_theirs_alone(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id, person=ben_of(owner, album_id))
        browser = visitor(owner, link)
        theirs = {photo["id"] for photo in photos_of(browser, link)}
        others = {photo["id"] for photo in owner.get(f"/api/albums/{album_id}/photos").json()["photos"]} - theirs
        assert (len(theirs), len(others)) == (3, 3)
        for photo in others:
            for what in ("pictures/small", "pictures/full", "download"):
                assert browser.get(f"{base(link)}/photos/{photo}/{what}").status_code == 404
            likes = browser.put(f"{base(link)}/photos/{photo}/favourite", json={"favourite": True})
            assert likes.status_code == 404

    def test_a_link_follows_its_person_into_another(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id, person=ben_of(owner, album_id))
        browser, people = visitor(owner, link), f"/api/albums/{album_id}/people"
        face = owner.get(f"{people}/{link['person']}").json()["faces"][0]
        ben = owner.post(people, json={"faces": [face["id"]], "name": "Ben"})
        assert ben.status_code == 200, ben.text
        assert len(photos_of(browser, link)) == 2
        into = next(one["id"] for one in owner.get(people).json()["people"] if one["name"] == "Ben")
        owner.post(f"{people}/merge", json={"into": into, "others": [link["person"]]})
        assert len(photos_of(browser, link)) == 3
        assert browser.get(f"{base(link)}/photos").json()["person"] == "Ben"
        assert owner.get("/api/guests").json()["links"][0]["person_name"] == "Ben"
        owner.post(f"{people}/undo")
        assert len(photos_of(browser, link)) == 2

    def test_a_person_who_is_not_there_gets_no_link(self, owner: TestClient, album_id: str) -> None:
        ask = {"album": album_id, "title": "x", "person": "nobody"}
        assert owner.post("/api/guests", json=ask).status_code == 404

    def test_all_that_the_page_loads_is_told_and_nothing_else(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        page = browser.get(base(link)).text
        loaded, waiting = set[str](), re.findall(r'(?:href|src)="/guest/[0-9a-f]+/static/([^"]+)"', page)
        assert len(waiting) == 5
        while waiting:
            name = waiting.pop()
            loaded.add(name)
            answer = browser.get(f"{base(link)}/static/{name}")
            assert answer.status_code == 200, name
            scripts = re.findall(r'^(?:import|export) .*?"\./(\w+\.js)"', answer.text, re.MULTILINE)
            imported = {f"js/{one}" for one in scripts}
            waiting += sorted(imported - loaded)
        assert loaded == guest_routes.PAGE_FILES
        for name in ("js/main.js", "js/people.js", "../app.py", "%2e%2e/app.py", "js/../../app.py", ""):
            assert browser.get(f"{base(link)}/static/{name}").status_code == 404


class TestFavourites:
    def test_they_are_the_guests_own_and_told_to_the_owner_by_number(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        one, other = visitor(owner, link), visitor(owner, link)
        first, second = (photo["id"] for photo in photos_of(one, link)[:2])
        for browser, photo in ((one, first), (other, first), (other, second)):
            address = f"{base(link)}/photos/{photo}/favourite"
            assert browser.put(address, json={"favourite": True}).status_code == 204
        assert [photo["favourite"] for photo in photos_of(one, link)[:2]] == [True, False]
        seen = owner.get(f"/api/albums/{album_id}/photos").json()["photos"]
        assert {photo["id"]: photo["guests"] for photo in seen if photo["guests"]} == {first: 2, second: 1}
        assert {(photo["mark"]["flag"], photo["mark"]["stars"]) for photo in seen} == {(None, 0)}
        shown = owner.get(f"/api/albums/{album_id}/photos?show=favourites").json()["photos"]
        assert [photo["id"] for photo in shown] == [first, second]
        one.put(f"{base(link)}/photos/{first}/favourite", json={"favourite": False})
        assert owner.get("/api/guests").json()["links"][0]["favourites"] == 2
        assert [photo["favourite"] for photo in photos_of(one, link)[:2]] == [False, False]

    def test_they_and_the_log_last(self, owner: TestClient, album_id: str, closed: WebOptions) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        photo = photos_of(browser, link)[0]["id"]
        browser.put(f"{base(link)}/photos/{photo}/favourite", json={"favourite": True})
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with TestClient(create_app(closed), base_url=HOME, headers=headers) as again:
            (told,) = again.get("/api/guests").json()["links"]
            assert (told["title"], told["favourites"], told["state"]) == ("Aunt Rosa", 1, "open")
            assert [(visit["guest"], visit["what"]) for visit in told["visits"]] == [(1, "favourite"), (1, "opened")]
            back = TestClient(again.app, base_url=HOME, cookies=browser.cookies)
            assert back.get(f"{base(link)}/photos?only=favourites").json()["total"] == 1

    def test_they_stay_when_the_photos_are_measured(self, owner: TestClient, album_id: str, folder: Path) -> None:
        """Liked before anything is known of the photos; the guest, the filter and the page "Guests" agree."""
        with Ledger(folder, lambda _: None) as ledger:
            records = dict(ledger.records)
            for name in records:
                ledger.drop(name)
        place_of(owner).open_albums.refresh(album_id)
        link = make(owner, album_id)
        browser = visitor(owner, link)
        first, second = (photo["id"] for photo in photos_of(browser, link)[:2])
        for photo in (first, second):
            browser.put(f"{base(link)}/photos/{photo}/favourite", json={"favourite": True})
        assert counts_of_favourites(owner, album_id, browser, link) == (2, 2, 2)
        with Ledger(folder, lambda _: None) as ledger:
            for name, record in records.items():
                ledger.put(name, record)
        place_of(owner).open_albums.refresh(album_id)
        assert counts_of_favourites(owner, album_id, browser, link) == (2, 2, 2), "while the rest is measured"
        assert wait(owner, owner.post(f"/api/albums/{album_id}/index").json())["state"] == "done"
        assert counts_of_favourites(owner, album_id, browser, link) == (2, 2, 2)
        by_content = {record.stamp.hash for record in records.values()}
        file = album_place(owner, album_id) / f"{link['id']}.json"

        def kept() -> set[str]:
            (keys,) = json.loads(file.read_text())["favourites"].values()
            return set(keys)

        deadline = time.monotonic() + 20
        while not kept() <= by_content and time.monotonic() < deadline:  # done soon after the job
            time.sleep(0.05)
        assert kept() <= by_content, "renaming a file loses none"
        browser.put(f"{base(link)}/photos/{first}/favourite", json={"favourite": False})
        assert counts_of_favourites(owner, album_id, browser, link) == (1, 1, 1)

    def test_many_visits_are_one_line(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        for _ in range(3):
            browser.get(base(link))
        (visit,) = owner.get("/api/guests").json()["links"][0]["visits"]
        assert (visit["what"], visit["times"]) == ("opened", 4)

    def test_a_flood_of_changes_is_stopped(
        self, owner: TestClient, album_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(guest_routes, "likes_per_link", RateLimit(2, 60))
        link = make(owner, album_id)
        browser = visitor(owner, link)
        address = f"{base(link)}/photos/{photos_of(browser, link)[0]['id']}/favourite"
        assert [browser.put(address, json={"favourite": True}).status_code for _ in range(3)] == [204, 204, 429]


class TestWaysIn:
    def test_every_wrong_key_gets_one_answer(self, owner: TestClient, album_id: str) -> None:
        """Guessed, cut, of another link, ended, expired, of no link: nobody can tell which it was."""
        link, other = make(owner, album_id), make(owner, album_id)
        ended, expired = make(owner, album_id), make(owner, album_id)
        owner.delete(f"/api/guests/{ended['id']}")
        guests = place_of(owner).guests
        past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="seconds")
        file = guests._files[expired["id"]]
        file.link = type(file.link)(
            **{**{n: getattr(file.link, n) for n in file.link.__struct_fields__}, "expires_at": past}
        )
        key = link["path"].partition("key=")[2]
        addresses = [
            f"{base(link)}?key={'x' * 32}",
            f"{base(link)}?key={key[:-1]}",
            f"{base(link)}?key={other['path'].partition('key=')[2]}",
            f"{base(link)}?key=%F0%9F%92%A9",
            base(link),
            ended["path"],
            expired["path"],
            f"/guest/{'0' * 16}?key={key}",
            base(link)[:-2],
            f"{base(link)}.",
        ]
        answers = [TestClient(owner.app, base_url=HOME).get(address) for address in addresses]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1
        assert not any("set-cookie" in answer.headers for answer in answers)

    def test_a_link_that_ends_shuts_out_who_is_in(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        photo = photos_of(browser, link)[0]["id"]
        assert owner.delete(f"/api/guests/{link['id']}").status_code == 204
        for address in (
            "",
            "/photos",
            f"/photos/{photo}/pictures/small",
            f"/photos/{photo}/download",
            "/static/app.css",
            "/static/base.css",
        ):
            assert browser.get(base(link) + address).status_code == 404
        assert owner.get("/api/guests").json()["links"][0]["state"] == "ended"

    def test_a_cookie_opens_its_own_link_alone(self, owner: TestClient, album_id: str) -> None:
        link, other = make(owner, album_id), make(owner, album_id)
        browser = visitor(owner, link)
        (cookie,) = browser.cookies.jar
        assert cookie.path == base(link)
        forged = cookie.name.replace(link["id"], other["id"])
        thief = TestClient(owner.app, base_url=HOME, cookies={forged: str(cookie.value)})
        assert thief.get(f"{base(other)}/photos").status_code == 404

    def test_a_guest_is_nobody_elsewhere(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        everywhere = TestClient(owner.app, base_url=HOME, cookies={c.name: str(c.value) for c in browser.cookies.jar})
        described = owner.get("/openapi.json").json()["paths"]
        asked = [(method, path) for path, methods in described.items() for method in methods]
        assert len(asked) > 40
        for method, path in [
            *asked,
            ("get", "/"),
            ("get", "/docs"),
            ("get", "/openapi.json"),
            ("get", "/static/js/main.js"),
        ]:
            answer = everywhere.request(method, path.replace("{album_id}", album_id), follow_redirects=False)
            assert answer.status_code in {401, 413}, (method, path)

    @pytest.mark.parametrize(
        "what", ["/albums", "/people", "/api/albums", "/photos/p0000000000000000", "/faces/f/picture", "/marks", "/"]
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_there_is_nothing_else_below_a_link(self, owner: TestClient, album_id: str, method: str, what: str) -> None:
        link = make(owner, album_id)
        assert visitor(owner, link).request(method, base(link) + what).status_code == 404

    @pytest.mark.parametrize(
        "bad", ["../../api/albums", "..%2f..%2fapi%2falbums", "%2e%2e/%2e%2e/etc/passwd", "p" + "0" * 16]
    )
    def test_no_address_leads_out(self, owner: TestClient, album_id: str, bad: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        for address in ("/photos/{}/pictures/small", "/photos/{}/download", "/static/{}", "/{}"):
            answer = browser.get(base(link) + address.replace("{}", bad))
            assert answer.status_code in {401, 404, 422}
            assert b"root:" not in answer.content

    def test_photos_of_another_album_are_out_of_reach(self, owner: TestClient, album_id: str) -> None:
        session = owner.post("/api/albums/sessions", json={"title": "Private"}).json()["id"]
        data = small_jpeg(99)
        owner.post(f"/api/albums/{session}/files", params={"name": "a.jpg", "size": len(data)}, content=data)
        (photo,) = owner.get(f"/api/albums/{session}/photos").json()["photos"]
        link = make(owner, album_id)
        assert visitor(owner, link).get(f"{base(link)}/photos/{photo['id']}/pictures/small").status_code == 404

    def test_an_album_that_is_deleted_is_gone_for_guests(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        owner.delete(f"/api/albums/{album_id}")
        answer = browser.get(f"{base(link)}/photos")
        assert (answer.status_code, answer.json()["detail"]) == (404, "this link does not work, or no longer")

    def test_a_folder_that_is_away_is_not_named(self, owner: TestClient, album_id: str, folder: Path) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        place_of(owner).open_albums.refresh(album_id)
        folder.rename(folder.with_name("elsewhere"))
        answer = browser.get(f"{base(link)}/photos")
        assert answer.status_code == 404
        assert "wedding" not in answer.text

    def test_only_a_page_of_ours_may_change_anything(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        address = f"{base(link)}/photos/{photos_of(browser, link)[0]['id']}/favourite"
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert browser.put(address, json={"favourite": True}, headers=headers).status_code == 403
        mail = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
        assert TestClient(owner.app, base_url=HOME).get(link["path"], headers=mail).status_code == 200
        assert browser.get(f"{base(link)}/photos", headers=mail).status_code == 403

    def test_no_file_holds_what_opens_a_link(self, owner: TestClient, album_id: str, closed: WebOptions) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        (cookie,) = browser.cookies.jar
        key, secret = link["path"].partition("key=")[2], str(cookie.value).partition(".")[0]
        (path,) = closed.home.rglob("guests/*.json")
        assert path.stat().st_mode & 0o077 == 0
        kept = path.read_text()
        assert key not in kept
        assert secret not in kept
        assert json.loads(kept)["link"]["secret"] not in (key, secret)
        assert key not in owner.get("/api/guests").text
        # Nor does the cookie, should somebody see it, make the address of the link.
        assert TestClient(owner.app, base_url=HOME).get(f"{base(link)}?key={secret}").status_code == 404

    def test_a_copied_or_damaged_file_is_no_link(self, owner: TestClient, album_id: str, closed: WebOptions) -> None:
        link, damaged = make(owner, album_id), make(owner, album_id)
        path = closed.home / "albums" / album_id / "guests" / f"{link['id']}.json"
        path.with_name(f"{'0' * 16}.json").write_bytes(path.read_bytes())
        path.with_name(f"{damaged['id']}.json").write_bytes(b'{"link": {')
        again = Guests(closed.home / "albums")
        assert [one.id for one in again.all()] == [link["id"]]
        assert len(list(path.parent.glob("*.damaged-*"))) == 1
        with pytest.raises(LinkGone):
            again.enter("0" * 16, cookie_of(link["path"].partition("key=")[2]))

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a dead process is not told from a living one")
    def test_what_a_kill_has_left_goes_at_the_next_start(
        self, owner: TestClient, album_id: str, closed: WebOptions
    ) -> None:
        make(owner, album_id)
        left = left_by_a_kill(closed.home / "albums" / album_id / "guests")
        assert len(Guests(closed.home / "albums").all()) == 1
        assert not left.exists()


GPS = {1: "N", 2: (48.0, 12.0, 30.0), 3: "E", 4: (16.0, 22.0, 15.0)}
PLACE_WORDS = (b"GPS", b"Vienna", b"secret place", b"Apple", b"ftypmp4")


def photo_with_place(orientation: int = 6) -> bytes:
    """A JPEG as a phone writes it: its place in EXIF, XMP, IPTC, a comment, and in a film after the picture."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Apple"
    exif.get_ifd(0x8769)[0x9003] = "2024:06:01 10:20:30"
    exif.get_ifd(0x8825).update(GPS)
    data = encoded(quarters(), "JPEG", exif=exif.tobytes(), comment=b"secret place", quality=90)

    def segment(mark: int, body: bytes) -> bytes:
        return bytes([0xFF, mark]) + (len(body) + 2).to_bytes(2, "big") + body

    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<exif:GPSLatitude>48,12N</exif:GPSLatitude>")
    iptc = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0b\x1c\x02\x5a\0\x06Vienna")
    return data[:2] + xmp + iptc + data[2:] + b"\0\0\0\x18ftypmp42 GPS of a film"


class TestDownloads:
    def test_only_the_picture_its_turn_and_its_time_are_left(self) -> None:
        before = photo_with_place()
        assert all(word in before for word in PLACE_WORDS)
        bare = without_place(before)
        assert bare is not None
        assert not any(word in bare for word in PLACE_WORDS)
        read = photo_of(bare, ".jpg", LIMITS)
        assert (read.info.taken_at, read.info.orientation, read.info.camera) == ("2024-06-01T10:20:30", 6, None)
        with Image.open(io.BytesIO(bare)) as shown, Image.open(io.BytesIO(before)) as original:
            assert shown.getexif().get_ifd(0x8825) == {}
            assert shown.tobytes() == original.tobytes()  # not compressed again

    @pytest.mark.parametrize("broken", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", photo_with_place()[:400], b"GIF89a"])
    def test_what_is_no_whole_jpeg_is_not_passed_on(self, broken: bytes) -> None:
        assert without_place(broken) is None

    @pytest.fixture
    def album_with_place(self, owner: TestClient) -> str:
        session = str(owner.post("/api/albums/sessions", json={"title": "Trip"}).json()["id"])
        for name, data in (("a.jpg", photo_with_place()), ("b.png", encoded(quarters(), "PNG"))):
            owner.post(f"/api/albums/{session}/files", params={"name": name, "size": len(data)}, content=data)
        return session

    def test_the_place_stays_here(self, owner: TestClient, album_with_place: str) -> None:
        link = make(owner, album_with_place)
        browser = visitor(owner, link)
        sent = [browser.get(f"{base(link)}/photos/{one['id']}/download") for one in photos_of(browser, link)]
        whole = browser.get(f"{base(link)}/download?only=all")
        with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
            assert archive.namelist() == ["a.jpg", "b.jpg"]
            contents = [archive.read(name) for name in archive.namelist()]
        for content in [*(answer.content for answer in sent), *contents]:
            assert content[:2] == b"\xff\xd8"
            assert not any(word in content for word in PLACE_WORDS)
        for one in photos_of(browser, link):
            for side in ("small", "large", "full"):
                picture = browser.get(f"{base(link)}/photos/{one['id']}/pictures/{side}").content
                assert not any(word in picture for word in PLACE_WORDS)

    def test_the_owner_may_give_the_originals(self, owner: TestClient, album_with_place: str) -> None:
        link = make(owner, album_with_place, with_place=True)
        browser = visitor(owner, link)
        first = photos_of(browser, link)[0]
        assert browser.get(f"{base(link)}/photos/{first['id']}/download").content == photo_with_place()
        whole = browser.get(f"{base(link)}/download?only=all").content
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            assert archive.namelist() == ["a.jpg", "b.png"]

    def test_favourites_alone(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        liked = photos_of(browser, link)[2]
        browser.put(f"{base(link)}/photos/{liked['id']}/favourite", json={"favourite": True})
        with zipfile.ZipFile(io.BytesIO(browser.get(f"{base(link)}/download").content)) as archive:
            assert archive.namelist() == [liked["name"]]

    def test_two_files_of_one_name_are_two(self) -> None:
        assert list(names_in_zip(["a.jpg", "A.jpg", "b.jpg", "a.jpg"])) == ["a.jpg", "A_2.jpg", "b.jpg", "a_3.jpg"]


def face_of_anna(owner: TestClient, album: str) -> Face:
    place = place_of(owner)
    return place.open_albums.get(place.albums.get(album)).album.photos[0].record.faces[0]


class TestFindMe:
    @pytest.fixture
    def link(self, owner: TestClient, album_id: str) -> dict[str, Any]:
        owner.put("/api/guests/find-me", json={"album": album_id, "on": True})
        place_of(owner).face_of = lambda *_: replace_face(owner, album_id)
        return make(owner, album_id)

    def find(
        self, browser: TestClient, link: dict[str, Any], content: bytes = b"photo", query: str = "consent=1"
    ) -> Any:
        return browser.post(f"{base(link)}/find-me?{query}", content=content)

    def test_it_is_off_until_the_owner_says_so(self, owner: TestClient, album_id: str) -> None:
        link = make(owner, album_id)
        browser = visitor(owner, link)
        assert browser.get(f"{base(link)}/photos").json()["may_find"] is False
        assert self.find(browser, link).status_code == 403

    def test_it_finds_the_guest_alone_and_the_best_first(self, owner: TestClient, link: dict[str, Any]) -> None:
        answer = self.find(visitor(owner, link), link)
        assert answer.json()["total"] == 3  # Ben, who is in every second photo
        ranked = owner.post(
            f"/api/albums/{link['album']}/rank", json={"faces": [replace_face(owner, link["album"]).id]}
        ).json()
        assert [one["id"] for one in answer.json()["photos"]] == [one["id"] for one in ranked["photos"]]

    def test_unsure_matches_and_rejected_photos_are_not_shown(self, owner: TestClient, link: dict[str, Any]) -> None:
        browser = visitor(owner, link)
        best = self.find(browser, link).json()["photos"][0]["id"]
        owner.put(f"/api/albums/{link['album']}/marks", json={"marks": [{"photo": best, "flag": "reject"}]})
        assert best not in [one["id"] for one in self.find(browser, link).json()["photos"]]
        stranger = a_face("stranger", (0, 0, 90, 90), embedding=stranger_of(owner, link["album"]))
        place_of(owner).face_of = lambda *_: stranger
        assert self.find(browser, link).json()["photos"] == []

    def test_nobody_is_looked_for_without_consent(self, owner: TestClient, link: dict[str, Any]) -> None:
        browser = visitor(owner, link)
        for query in ("", "consent=0", "consent=false"):
            assert self.find(browser, link, query=query).status_code == 403

    def test_a_link_to_one_person_looks_for_nobody_else(self, owner: TestClient, link: dict[str, Any]) -> None:
        narrow = make(owner, link["album"], person=ben_of(owner, link["album"]))
        assert self.find(visitor(owner, narrow), narrow).status_code == 403

    def test_it_is_rate_limited_for_a_guest_and_for_a_link(self, owner: TestClient, link: dict[str, Any]) -> None:
        browser = visitor(owner, link)
        answers = [self.find(browser, link).status_code for _ in range(6)]
        assert answers == [200] * 5 + [429]
        # A guest who throws the cookie away is another guest, until the link itself has had enough.
        again = [self.find(visitor(owner, link), link).status_code for _ in range(36)]
        assert again[:35] == [200] * 35
        assert again[-1] == 429

    def test_a_huge_photo_is_cut_off(self, closed: WebOptions, owner: TestClient, link: dict[str, Any]) -> None:
        headers = {"Content-Length": "900000000"}
        browser = visitor(owner, link)
        assert browser.post(f"{base(link)}/find-me?consent=1", content=b"x", headers=headers).status_code == 413
        small = replace(closed, limits=UploadLimits(guest_photo_bytes=1000))
        with TestClient(create_app(small), base_url=HOME, cookies=browser.cookies) as other:
            answer = other.post(f"{base(link)}/find-me?consent=1", content=(bytes(600) for _ in range(3)))
        assert answer.status_code == 413

    @pytest.mark.parametrize(
        "broken",
        [b"", b"no photo", small_jpeg(1)[:300], b"\x89PNG\r\n\x1a\n" + bytes(50), b"II*\0" + bytes(90), bytes(5000)],
    )
    def test_a_broken_photo_is_refused_in_words(self, owner: TestClient, link: dict[str, Any], broken: bytes) -> None:
        place_of(owner).face_of = FaceReader(Settings().measure, place_of(owner).machine.spec)
        answer = self.find(visitor(owner, link), link, broken)
        assert answer.status_code == 422
        assert "photo" in answer.json()["detail"]

    def test_a_photo_of_several_people_is_refused(self) -> None:
        large, small, passer_by = (
            a_face(name, (0, 0, side, side)) for name, side in (("a", 200), ("b", 150), ("c", 40))
        )
        assert only_face([passer_by, large]) is large
        with pytest.raises(ReferenceUnusable, match="several people"):
            only_face([large, small])
        with pytest.raises(ReferenceUnusable, match="no face"):
            only_face([])


def replace_face(owner: TestClient, album: str) -> Face:
    """A face of Ben."""
    place = place_of(owner)
    photos = place.open_albums.get(place.albums.get(album)).album.photos
    return next(photo.record.faces[1] for photo in photos if len(photo.record.faces) > 1)


def stranger_of(owner: TestClient, album: str) -> bytes:
    from web_helpers import _embedding

    return _embedding(ANNA + 20, 0)
