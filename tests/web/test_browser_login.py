"""The login in a real browser: by a link from a page of another site, by the form, by a code."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from web_browser import IN_A_BROWSER, SECONDS, Server, opened
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER


@contextmanager
def webmail(link: str) -> Iterator[str]:
    """The address of another site whose page holds a link."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<link rel="icon" href="data:,"><a href="{link}">the photos</a>'.encode())

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"  # for a browser another site than 127.0.0.1
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_login_link_in_a_mail_opens_the_albums(browser: Any, tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    context = browser.new_context()
    try:
        page = context.new_page()
        with webmail(server.url) as mail:
            page.goto(mail)
            page.click("text=the photos")
            page.wait_for_selector(".drop-zone .steps", timeout=10_000)
    finally:
        context.close()
        server.stop()


def own_address() -> str | None:
    """The address of this machine on its network; asking for the way there sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address: str = way.getsockname()[0]
    return None if address.startswith("127.") else address


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "network"])
def test_the_form_takes_the_token(browser: Any, tmp_path: Path, host: str) -> None:
    name = own_address() if host == "network" else host
    if name is None:
        pytest.skip("this machine is on no network")
    server = Server(tmp_path / "home", *(["--host", "0.0.0.0"] if host == "network" else []))
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"http://{name}:{urlsplit(server.address).port}/#/")
        page.fill("input[name=token]", "wrong")
        page.click("button")
        page.wait_for_selector("text=This access code is wrong")
        page.fill("input[name=token]", server.token or "")
        page.press("input[name=token]", "Enter")
        page.wait_for_selector(".drop-zone .steps", timeout=10 * SECONDS)
        (cookie,) = context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        assert (server.token or "") not in cookie["value"]
    finally:
        context.close()
        server.stop()


def test_the_login_leads_back_to_where_the_user_was(browser: Any, tmp_path: Path) -> None:
    page = browser.new_context().new_page()
    with opened(page, tmp_path / "home", make_album(tmp_path / "album", photos=3)) as server:
        before = urlsplit(page.url).fragment
        page.context.clear_cookies()  # as after a restart, which makes up another token
        page.click("nav >> text=People")
        page.fill("input[name=token]", server.token or "")
        page.click("button")
        page.wait_for_url(f"**#{before.replace('photos', 'people')}")
        page.wait_for_selector("nav >> text=People")
        page.context.close()


def test_a_change_that_the_login_lost_is_said(browser: Any, tmp_path: Path) -> None:
    page = browser.new_context().new_page()
    with opened(page, tmp_path / "home", make_album(tmp_path / "wedding", photos=3)) as server:
        page.context.clear_cookies()
        page.locator(".grid").focus()
        page.keyboard.press("4")
        page.get_by_label("Access code").fill(server.token or "")
        page.keyboard.press("Enter")
        page.locator(".toast", has_text="Your last change was lost").wait_for()
        page.reload()
        page.wait_for_selector(".cell img.here")
        assert page.locator(".toast").count() == 0
        assert page.locator(".cell .stars").count() == 0
        page.context.close()
