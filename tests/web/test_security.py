"""What a hostile page, file or client may not do."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from photo_ranker.settings import Settings
from photo_ranker.web import UploadLimits, WebOptions
from photo_ranker.web.app import create_app
from photo_ranker.web.problems import NotAllowed
from photo_ranker.web.unpacking import unpack
from web_helpers import small_jpeg

HOME = "http://127.0.0.1:8765"
UP = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "/etc/passwd",
    "..\\..\\etc",
    "a/../../b",
]


class TestWhoIsAsking:
    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8765", "", "192.168.1.7:8765"])
    def test_another_host_name_is_refused(self, client: TestClient, host: str) -> None:
        answer = client.get("/api/albums", headers={"Host": host})
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://[x"},
            {"Origin": "http://127.0.0.1:9999"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
    def test_a_page_of_another_site_can_do_nothing(
        self, client: TestClient, method: str, headers: dict[str, str]
    ) -> None:
        assert client.request(method, "/api/albums", headers=headers).status_code == 403

    def test_following_a_link_to_the_app_is_fine(self, client: TestClient) -> None:
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        assert client.get("/", headers=headers).status_code == 200

    def test_a_link_leads_to_nothing_but_pages(self, client: TestClient, album: str) -> None:
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        read = [path for path, what in client.get("/openapi.json").json()["paths"].items() if "get" in what]
        assert len(read) > 15
        for path in [*read, "/openapi.json", "/static/app.css"]:
            address = path.replace("/api/albums/{album_id}", album)
            assert client.get(address, headers=headers).status_code == 403, path

    def test_the_app_itself_may(self, client: TestClient) -> None:
        headers = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}
        answer = client.post("/api/albums/sessions", json={"title": "ours"}, headers=headers)
        assert answer.status_code == 201

    def test_no_answer_lets_other_sites_read(self, client: TestClient) -> None:
        assert "access-control-allow-origin" not in client.get("/api/albums").headers


class TestToken:
    @pytest.fixture
    def remote(self, options: WebOptions) -> Iterator[TestClient]:
        with TestClient(create_app(replace(options, token="secret", local=False)), base_url=HOME) as client:
            yield client

    @pytest.mark.parametrize("path", ["/api/albums", "/openapi.json", "/docs", "/", "/api/jobs/events", "/nothing"])
    def test_every_request_needs_it(self, remote: TestClient, path: str) -> None:
        assert remote.get(path, follow_redirects=False).status_code == 401

    @pytest.mark.parametrize("wrong", ["", "Bearer", "Bearer ", "Bearer secreT", "Basic secret2"])
    def test_a_wrong_one_is_refused(self, remote: TestClient, wrong: str) -> None:
        assert remote.get("/api/albums", headers={"Authorization": wrong}).status_code == 401

    def test_programs_send_it_as_bearer(self, remote: TestClient) -> None:
        assert remote.get("/api/albums", headers={"Authorization": "Bearer secret"}).status_code == 200

    def test_a_browser_gets_a_cookie_that_is_not_the_token(self, remote: TestClient) -> None:
        answer = remote.get("/login?token=secret", follow_redirects=False)
        assert answer.headers["location"] == "/"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert "secret" not in cookie
        assert remote.get("/api/albums").status_code == 200

    def test_a_link_in_a_mail_leads_to_the_page(self, remote: TestClient) -> None:
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
        answer = remote.get("/login?token=secret", headers=headers)
        assert (answer.status_code, answer.url.path) == (200, "/")

    def test_a_page_without_it_leads_to_the_login(self, remote: TestClient) -> None:
        answer = remote.get("/", headers={"Accept": "text/html"}, follow_redirects=False)
        assert answer.headers["location"] == "/login"
        assert remote.post("/login", data={"token": "wrong"}).status_code == 401

    def test_users_of_other_machines_see_named_folders_alone(self, remote: TestClient, tmp_path: Path) -> None:
        headers = {"Authorization": "Bearer secret"}
        answer = remote.post("/api/albums/folders", json={"folder": str(tmp_path)}, headers=headers)
        assert answer.status_code == 403
        albums = remote.get("/api/albums", headers=headers).json()
        assert [album["folder"] for album in albums["albums"]] == [None]
        copy = {"folder": str(tmp_path / "out")}
        assert (
            remote.post(f"/api/albums/{albums['albums'][0]['id']}/copies", json=copy, headers=headers).status_code
            == 403
        )


class TestPaths:
    @pytest.mark.parametrize("bad", UP)
    @pytest.mark.parametrize(
        "path",
        [
            "/api/albums/{}",
            "/api/jobs/{}",
            "/static/{}",
            "{album}/photos/{}",
            "{album}/photos/{}/pictures/small",
            "{album}/photos/p0000000000000000/pictures/{}",
            "{album}/faces/{}/picture",
            "{album}/references/{}/faces/0/picture",
            "{album}/downloads/{}",
            "{album}/people/{}",
        ],
    )
    def test_no_address_leads_out(self, client: TestClient, album: str, path: str, bad: str) -> None:
        answer = client.get(path.replace("{album}", album).replace("{}", bad))
        assert answer.status_code in {404, 405, 422}
        assert b"root:" not in answer.content

    @pytest.mark.parametrize(
        "bad", [*UP, "a\x00.jpg", ".hidden.jpg", "con.jpg", "x" * 300 + ".jpg", "a:b.jpg", "a\nb.jpg"]
    )
    def test_no_file_name_leads_out(self, client: TestClient, session: str, bad: str) -> None:
        answer = client.post(f"{session}/files", params={"name": bad, "size": 3}, content=b"abc")
        assert answer.status_code == 403

    def test_names_in_a_body_are_checked_too(self, client: TestClient, album: str) -> None:
        ask = {"photos": ["../../etc/passwd"]}
        assert client.post(f"{album}/downloads", json=ask).status_code == 422
        rank: dict[str, Any] = {"references": [{"reference": "../x", "face": 0}]}
        assert client.post(f"{album}/rank", json=rank).status_code == 422
        assert client.put(f"{album}/marks", json={"marks": [{"photo": "../x"}]}).status_code == 422

    @pytest.mark.parametrize("path", ["/static/", "/static/js/", "/static", "/static/js"])
    def test_no_folder_is_listed(self, client: TestClient, path: str) -> None:
        assert client.get(path).status_code == 404


class TestUploads:
    def test_ten_gigabytes_are_refused_before_they_are_sent(self, client: TestClient, session: str) -> None:
        large = 10_000_000_000
        headers = {"Content-Length": str(large)}
        answer = client.post(f"{session}/files?name=a.zip&size={large}", content=b"x", headers=headers)
        assert answer.status_code == 413
        asked = client.post(f"{session}/files/standing", json={"files": [{"name": "a.zip", "size": large}]})
        assert "at most" in asked.json()["files"][0]["refused"]

    def test_a_body_that_hides_its_length_is_cut_off(self, options: WebOptions) -> None:
        small = replace(options, limits=UploadLimits(body_bytes=1000))
        with TestClient(create_app(small), base_url=HOME) as client:
            answer = client.post(
                "/api/albums/sessions",
                content=(b" " * 600 for _ in range(9)),
                headers={"Content-Type": "application/json"},
            )
        assert answer.status_code in {400, 413}

    def test_a_reference_is_no_larger_than_a_photo(self, options: WebOptions) -> None:
        def answer(options: WebOptions, size: int) -> int:
            client = TestClient(create_app(options), base_url=HOME)
            headers = {"Content-Length": str(size)}
            address = f"/api/albums/{'0' * 16}/references?name=a.jpg"
            return client.post(address, content=b"x", headers=headers).status_code

        assert answer(options, 900_000_000) == 413
        assert answer(options, 100_000_000) == 404  # large enough for a photo, but there is no such album
        assert answer(replace(options, settings=Settings(max_file_bytes=50_000_000)), 100_000_000) == 413

    def test_a_reference_that_hides_its_length_is_cut_off(self, options: WebOptions, album: str) -> None:
        small = replace(options, limits=UploadLimits(reference_bytes=100_000))
        with TestClient(create_app(small), base_url=HOME) as client:
            answer = client.post(f"{album}/references?name=a.jpg", content=(bytes(60_000) for _ in range(2)))
        assert answer.status_code == 413
        assert not list(options.home.rglob("references/*"))

    @pytest.mark.parametrize("word", ["files", "references"])
    def test_only_what_is_written_to_disk_may_be_large(self, client: TestClient, album: str, word: str) -> None:
        headers = {"Content-Length": "2000000"}
        for address in (f"{album}/people/{word}", f"/api/jobs/{word}"):
            assert client.patch(address, content=b"{}", headers=headers).status_code == 413
        assert client.patch(f"{album}/{word}", content=b"{}", headers=headers).status_code == 413

    def test_a_file_longer_than_offered_is_refused(self, client: TestClient, session: str) -> None:
        answer = client.post(f"{session}/files", params={"name": "a.jpg", "size": 3}, content=b"abcdef")
        assert answer.status_code == 413

    def test_what_is_no_photo_is_refused(self, client: TestClient, session: str) -> None:
        answer = client.post(f"{session}/files", params={"name": "a.html", "size": 3}, content=b"abc")
        assert answer.status_code == 403

    def test_a_folder_of_the_user_takes_no_upload(self, client: TestClient, album: str) -> None:
        answer = client.post(f"{album}/files", params={"name": "a.jpg", "size": 3}, content=b"abc")
        assert answer.status_code == 409


def a_zip(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def quiet(done: int, total: int) -> None:
    pass


class TestZips:
    @pytest.mark.parametrize("name", ["../evil.jpg", "a/../../evil.jpg", "/evil.jpg", "..\\evil.jpg"])
    def test_a_name_that_leads_out_stops_everything(self, tmp_path: Path, name: str) -> None:
        archive = a_zip(tmp_path / "a.zip", ("good.jpg", small_jpeg(1)), (name, small_jpeg(2)))
        inside = tmp_path / "inside"
        inside.mkdir()
        with pytest.raises(NotAllowed):
            unpack(archive, inside, UploadLimits(), quiet)
        assert not list(inside.iterdir())
        assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == ["a.zip", "inside"]

    def test_a_bomb_is_left_out_before_anything_is_written(self, tmp_path: Path) -> None:
        archive = a_zip(tmp_path / "a.zip", *((f"{n}.jpg", bytes(20_000_000)) for n in range(5)))
        done = unpack(archive, tmp_path / "inside", UploadLimits(), quiet)
        assert len(done.left_out) == 5
        assert not (tmp_path / "inside").exists()

    def test_a_header_that_lies_is_found_out(self, tmp_path: Path) -> None:
        archive = a_zip(tmp_path / "a.zip", ("a.jpg", bytes(50_000)))
        data = archive.read_bytes()
        archive.write_bytes(data.replace((50_000).to_bytes(4, "little"), (500).to_bytes(4, "little")))
        done = unpack(archive, tmp_path / "inside", UploadLimits(), quiet)
        assert [name for name, _ in done.left_out] == ["a.jpg"]
        assert not [path for path in (tmp_path / "inside").rglob("*") if path.is_file()]

    def test_links_are_left_out(self, tmp_path: Path) -> None:
        link = zipfile.ZipInfo("link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive = a_zip(tmp_path / "a.zip", (link, b"/etc/passwd"), ("good.jpg", small_jpeg(1)))
        done = unpack(archive, tmp_path / "inside", UploadLimits(), quiet)
        assert done.photos == 1
        assert done.left_out == [("link.jpg", "a link or a device")]
        assert [path.name for path in (tmp_path / "inside").iterdir()] == ["good.jpg"]

    def test_a_file_and_a_folder_of_one_name_do_no_harm(self, tmp_path: Path) -> None:
        archive = a_zip(tmp_path / "a.zip", ("a.jpg", small_jpeg(1)), ("a.jpg/b.jpg", small_jpeg(2)))
        done = unpack(archive, tmp_path / "inside", UploadLimits(), quiet)
        assert (done.photos, len(done.left_out)) == (1, 1)


class TestPage:
    def test_nothing_foreign_is_loaded_or_run(self, client: TestClient) -> None:
        policy = client.get("/").headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy

    @pytest.mark.parametrize("path", ["/", "/docs", "/login?token=x"])
    def test_no_script_or_style_stands_in_the_page(self, options: WebOptions, path: str) -> None:
        with TestClient(create_app(replace(options, token="t")), base_url=HOME, cookies=None) as client:
            page = client.get(path, headers={"Authorization": "Bearer t"}).text
        assert not re.search(
            r"<script(?! type=\"application/json\"|[^>]*src=\"/static)|<style|\son\w+=|style=|javascript:", page
        )
        assert not re.search(r"(src|href)=\"(https?:)?//", page)

    @pytest.mark.parametrize("path", ["/", "/api/albums", "/static/app.css", "/nowhere", "/docs"])
    def test_every_answer_carries_the_headers(self, client: TestClient, path: str) -> None:
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "content-security-policy" in headers

    def test_names_stay_text(self, client: TestClient, session: str) -> None:
        title = "<img src=x onerror=alert(1)>"
        assert client.patch(session, json={"title": title}).json()["title"] == title
        assert "<img src=x" not in client.get("/").text

    def test_an_unexpected_failure_tells_nothing_of_the_inside(
        self, options: WebOptions, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = create_app(options)

        def fail() -> None:
            raise RuntimeError("secret path /home/anna")

        with TestClient(app, base_url=HOME, raise_server_exceptions=False) as client:
            monkeypatch.setattr(app.state.workplace.albums, "entries", fail)  # which the start asks for too
            answer = client.get("/api/albums")
        assert answer.status_code == 500
        assert "anna" not in answer.text
        assert "Traceback" not in answer.text
        assert not app.debug

    def test_what_the_app_keeps_is_for_the_user_alone(
        self, client: TestClient, options: WebOptions, session: str
    ) -> None:
        client.post(f"{session}/files", params={"name": "a.jpg", "size": 3}, content=b"abc")
        for path in [options.home / "albums", *options.home.rglob("*.jpg"), *options.home.rglob("*.json")]:
            assert not path.stat().st_mode & 0o077, path


def test_a_zip_of_photos_is_read_back(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip", ("day one/a.jpg", small_jpeg(1)), ("notes.txt", b"x"), ("__MACOSX/a.jpg", b"x"))
    done = unpack(archive, tmp_path / "inside", UploadLimits(), quiet)
    assert (done.photos, done.left_out) == (1, [("notes.txt", "not a photo")])
    assert (tmp_path / "inside/day one/a.jpg").read_bytes() == small_jpeg(1)
    assert unpack(archive, tmp_path / "inside", UploadLimits(), quiet).already_there == 1
