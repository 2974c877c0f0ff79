"""The login link in a real browser, from a page of another site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from web_browser import IN_A_BROWSER, Server

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
    server = Server(tmp_path / "home", "--token", "secret")
    context = browser.new_context()
    try:
        page = context.new_page()
        with webmail(server.url) as mail:
            page.goto(mail)
            page.click("text=the photos")
            page.wait_for_selector("h1:has-text('Albums')", timeout=10_000)
    finally:
        context.close()
        server.stop()
