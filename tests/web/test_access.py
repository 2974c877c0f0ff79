"""Who is let in: tokens, links that work once, cookies, and what is open without any of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from photo_ranker.web import WebOptions
from photo_ranker.web.app import create_app
from photo_ranker.web.security import CODE_SECONDS, Access

HOME = "http://127.0.0.1:8765"
HTML = {"Accept": "text/html,*/*"}


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def closed(options: WebOptions) -> WebOptions:
    return replace(options, token="secret")


@pytest.fixture
def client(closed: WebOptions) -> Iterator[TestClient]:
    with TestClient(create_app(closed), base_url=HOME) as client:
        yield client


def access_of(client: TestClient) -> Access:
    access: Access = client.app.state.workplace.access  # type: ignore[attr-defined]
    return access


def test_a_code_works_once(caplog: pytest.LogCaptureFixture) -> None:
    access = Access("secret")
    code = access.new_code()
    assert access.redeem(code)
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        assert not access.redeem(code)
    assert "another account may have been faster" in caplog.text
    assert code not in caplog.text


def test_a_code_works_for_a_minute() -> None:
    clock = Clock()
    access = Access("secret", clock)
    early, late = access.new_code(), access.new_code()
    clock.now += CODE_SECONDS - 1
    assert access.redeem(early)
    clock.now += 1
    assert not access.redeem(late)


@pytest.mark.parametrize("wrong", ["", "secret", "x" * 24, "é", "\udc80"])
def test_a_code_cannot_be_guessed(wrong: str) -> None:
    access = Access("secret")
    access.new_code()
    assert not access.redeem(wrong)


def test_a_code_lets_one_browser_in(client: TestClient, closed: WebOptions) -> None:
    code = access_of(client).new_code()
    assert client.get(f"/login?code={code}", headers=HTML).url.path == "/"
    assert client.get("/api/albums").status_code == 200
    other = TestClient(client.app, base_url=HOME)
    page = other.get(f"/login?code={code}", headers=HTML)
    assert page.url.path == "/login"
    assert "worked only once" in page.text
    assert other.get("/api/albums").status_code == 401


def test_a_browser_that_is_in_is_not_asked_again(client: TestClient) -> None:
    client.get("/login?token=secret")
    for address in ("/login", "/login?token=old", "/login?code=old"):
        assert client.get(address, headers=HTML).url.path == "/"


def test_the_form_takes_the_token(client: TestClient) -> None:
    page = client.get("/", headers=HTML)
    assert page.url.path == "/login"
    # Browsers send "Origin: null" with a form of a page that has no-referrer, and that is refused.
    assert page.headers["referrer-policy"] == "strict-origin"
    wrong = client.post("/login", data={"token": "secreT"}, headers={"Origin": HOME, **HTML})
    assert wrong.status_code == 401
    assert "This access code is wrong" in wrong.text
    assert client.post("/login", data={"token": "secret"}, headers={"Origin": HOME, **HTML}).url.path == "/"


@pytest.mark.parametrize("origin", ["null", "http://evil.example"])
def test_a_form_of_another_site_is_refused_with_a_page(client: TestClient, origin: str) -> None:
    answer = client.post("/login", data={"token": "secret"}, headers={"Origin": origin, **HTML})
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "a page of another site may not do this" in answer.text
    assert "set-cookie" not in answer.headers


def test_nothing_but_what_the_login_shows_is_open(client: TestClient) -> None:
    page = client.get("/login").text
    routers = client.app.state.routers  # type: ignore[attr-defined]
    paths = [route.path for router in routers for route in router.routes]
    static = [f"/static/{path.relative_to(STATIC).as_posix()}" for path in STATIC.rglob("*") if path.is_file()]
    assert len(paths) > 40
    open_to_all = {path for path in [*paths, *static] if client.get(path).status_code != 401}
    assert open_to_all == {"/login", "/static/base.css", "/static/app.css", "/static/icon.svg", "/static/js/theme.js"}
    assert all(path in page for path in open_to_all)


STATIC = Path(__file__).parents[2] / "photo_ranker" / "web" / "static"


def test_two_servers_of_one_user_keep_their_cookies_apart(closed: WebOptions, tmp_path: Path) -> None:
    second = replace(closed, token="other", home=tmp_path / "second")
    with (
        TestClient(create_app(closed), base_url=HOME) as one,
        TestClient(create_app(second), base_url="http://127.0.0.1:9000") as other,
    ):
        cookies = [client.get(f"/login?token={token}").cookies for client, token in ((one, "secret"), (other, "other"))]
        one.cookies.update(other.cookies)  # a browser sends both to either: cookies belong to a host, not a port
        other.cookies.update(one.cookies)
        assert cookies is not None
        assert [client.get("/api/albums").status_code for client in (one, other)] == [200, 200]


@pytest.mark.parametrize("address", ["/login?token=secret", "/login?token=wrong-token", "/?token=wrong-token"])
def test_no_token_is_told_on(client: TestClient, address: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "photo_ranker"):
        answer = client.get(address, headers=HTML, follow_redirects=False)
    assert answer.headers["referrer-policy"] in {"no-referrer", "strict-origin"}
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text + caplog.text + str(answer.headers.get("set-cookie"))
