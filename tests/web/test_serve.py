"""The command that starts the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest


@contextmanager
def serving(home: Path, *words: str) -> Iterator[str]:
    """The address that the command prints."""
    command = [sys.executable, "-m", "photo_ranker.cli", "serve", "--port", "0", "--no-browser", "--json", *words]
    environment = {**os.environ, "PHOTO_RANKER_DATA": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as server:
        assert server.stdout
        yield json.loads(server.stdout.readline())["url"]
        server.terminate()


def status(address: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def test_on_this_machine_alone_there_is_no_token(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        assert "token" not in url
        assert status(url + "api/albums") == 200


@pytest.mark.parametrize("words", [["--token"], ["--token", "secret"]], ids=" ".join)
def test_a_token_closes_the_port_to_other_accounts_of_this_machine(tmp_path: Path, words: list[str]) -> None:
    with serving(tmp_path, *words) as url:
        (token,) = parse_qs(urlsplit(url).query)["token"]
        albums = url.split("login")[0] + "api/albums"
        assert token == words[1] if words[1:] else len(token) == 24
        assert status(albums) == 401
        assert status(albums, Authorization=f"Bearer {token}") == 200
