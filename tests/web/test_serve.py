"""The command that starts the server."""

from __future__ import annotations

import errno
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import urllib.request
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest

from photo_ranker.cli import main
from photo_ranker.cli.requests import CommonRequest
from photo_ranker.cli.serve import _listen, _open_browser, _reachable, _tell, _Token
from photo_ranker.web.security import Access, own_address

TOLD = dict[str, str]


@contextmanager
def serving(home: Path, *words: str, ends_by: int = signal.SIGTERM, **variables: str) -> Iterator[tuple[TOLD, str]]:
    """What the command prints: its document, and (once it has ended) its notes."""
    command = [sys.executable, "-m", "photo_ranker", "serve", "--port", "0", "--no-browser", "--json", *words]
    environment = {**os.environ, "PHOTO_RANKER_DATA": str(home), **variables}
    if not variables:
        environment.pop("PHOTO_RANKER_TOKEN", None)
    notes = notes_of(home)
    with (
        notes.open("wb") as errors,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors) as server,
    ):
        assert server.stdout
        try:
            yield json.loads(server.stdout.readline()), notes.read_text()
        finally:
            server.send_signal(ends_by)


def notes_of(home: Path) -> Path:
    """Where :func:`serving` keeps what the command says besides its document."""
    return home.parent / f"{home.name}.notes"


def status(address: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def assert_closed_by(address: str, token: str) -> None:
    albums = f"{address}api/albums"
    assert status(albums) == 401
    assert status(albums, Authorization="Bearer wrong") == 401
    assert status(albums, Authorization=f"Bearer {token}") == 200


@pytest.mark.parametrize("words", [[], ["--token"]], ids=["default", "--token"])
def test_other_accounts_of_this_machine_need_the_token(tmp_path: Path, words: list[str]) -> None:
    with serving(tmp_path / "home", *words) as (told, notes):
        assert len(told["token"]) == 24
        assert told["url"] == f"{told['address']}login?token={told['token']}"
        assert_closed_by(told["address"], told["token"])
        assert notes == ""


def test_a_token_on_the_command_line_works_and_is_warned_of(tmp_path: Path) -> None:
    with serving(tmp_path / "home", "--token", "a&b c") as (told, notes):
        assert parse_qs(urlsplit(told["url"]).query)["token"] == ["a&b c"]
        assert_closed_by(told["address"], "a&b c")
        assert "other accounts of this machine can read --token VALUE" in notes


def test_scripts_give_the_token_by_the_environment(tmp_path: Path) -> None:
    with serving(tmp_path / "home", PHOTO_RANKER_TOKEN="from-the-script") as (told, notes):
        assert_closed_by(told["address"], "from-the-script")
        assert "from-the-script" not in notes + str(told)


@pytest.mark.parametrize(("mode", "is_warned"), [(0o600, False), (0o644, True)])
def test_scripts_give_the_token_by_a_file(tmp_path: Path, mode: int, *, is_warned: bool) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    file.chmod(mode)
    with serving(tmp_path / "home", "--token-file", str(file), PHOTO_RANKER_TOKEN="not-this") as (told, notes):
        assert_closed_by(told["address"], "from-a-file")
        assert "from-a-file" not in notes + str(told)
        assert ("can read" in notes) is is_warned


def test_those_who_know_let_everyone_in(tmp_path: Path) -> None:
    with serving(tmp_path / "home", "--no-token", PHOTO_RANKER_TOKEN="not-used") as (told, _):
        assert told["url"] == told["address"]
        assert status(f"{told['url']}api/albums") == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_the_link_for_the_network_is_one_that_a_phone_can_open(tmp_path: Path, host: str) -> None:
    if host == "::" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    own = own_address(by_ipv6=host == "::")
    with serving(tmp_path / "home", "--host", host) as (told, _):
        assert urlsplit(told["url"]).hostname == (own or socket.gethostname().lower())
        if own:
            assert_closed_by(told["address"], told["token"])


def test_without_a_network_the_link_has_the_name_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_: socket.socket, where: tuple[str, int]) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable", where[0])

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    assert [_reachable(host) for host in ("0.0.0.0", "::")] == [socket.gethostname()] * 2
    assert _reachable("192.168.1.7") == "192.168.1.7"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-token", "--host", "0.0.0.0"], "everyone on the network"),
        (["--no-token", "--token", "x"], "not allowed with"),
        (["--token-file", "nowhere"], "nowhere cannot be read"),
        (["--token-file", os.devnull], "cannot be used"),
        (["--token", "x" * 201], "cannot be used"),
        (["--token", "two\nlines"], "cannot be used"),
    ],
)
def test_what_cannot_be_a_token_is_said(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "0", "--no-browser", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_browser_is_opened_with_a_code_and_not_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(webbrowser, "open", opened.put)
    access = Access("secret")
    _open_browser("http://127.0.0.1:1/", access)
    address = urlsplit(opened.get(timeout=10))
    assert "secret" not in address.geturl()
    (code,) = parse_qs(address.query)["code"]
    assert access.redeem(code)
    assert not access.redeem(code)


def test_the_link_is_printed_when_asked_to_be_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    for quiet in (False, True):
        common = CommonRequest(as_json=False, quiet=quiet)
        _tell(common, "http://127.0.0.1:1/", _Token("s/&", is_told=True))
        assert "http://127.0.0.1:1/login?token=s%2F%26\n" in capsys.readouterr().err


def test_whoever_reads_the_link_may_press_ctrl_c_at_once(tmp_path: Path) -> None:
    for attempt in range(3):
        with serving(tmp_path / str(attempt), ends_by=signal.SIGINT) as (_, notes):
            assert notes == ""
        assert notes_of(tmp_path / str(attempt)).read_text() == "stopped; everything measured so far is kept\n"


def test_the_body_of_an_answer_does_not_wait_for_the_client() -> None:
    """Without this option each answer on a connection that is kept takes 40 ms more."""
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
