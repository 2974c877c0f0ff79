"""``photo-ranker serve``: the app in the browser."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import stat
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from photo_ranker.cli.console import Say, say_to_stderr
from photo_ranker.cli.options import add_common, add_workers, add_zone, path_for, whole_number
from photo_ranker.cli.requests import CommonRequest, settings_of
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.web import WebOptions
    from photo_ranker.web.security import Access

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker serve wedding"""

DEFAULT_PORT = 8765

TOKEN_VARIABLE = "PHOTO_RANKER_TOKEN"  # noqa: S105 - the name of a variable

MADE_UP = ""
"""What ``--token`` without a value stands for: make a token up, since other accounts can read a command line."""

TOKEN_CHARACTERS = 200
"""Longest token; the form that asks for it takes no more."""

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - keys to look up, nothing listens here
"""Address to listen on -> address by which a browser on this machine reaches the server."""

COLLECT_EVERY = 50_000
"""New objects until the next garbage collection: a server makes garbage all day, but albums are large."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("folders", nargs="*", type=path_for("DIR"), metavar="DIR", help="albums to open")
    add("--recursive", action="store_true", help="take their subfolders too (default: the folders only)")
    add("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    add("--port", type=_port, default=DEFAULT_PORT, help=f"0 = any free one (default: {DEFAULT_PORT})")
    token = parser.add_mutually_exclusive_group()
    token.add_argument(
        "--token",
        nargs="?",
        const=MADE_UP,
        metavar="VALUE",
        help=f"what every request must carry (default: ${TOKEN_VARIABLE}, else made up and printed); "
        "other accounts of this machine can read a VALUE given here",
    )
    token.add_argument(
        "--token-file", type=path_for("--token-file"), metavar="FILE", help="read the token from a file: for scripts"
    )
    token.add_argument(
        "--no-token", action="store_true", help="let in every account of this machine; for loopback addresses only"
    )
    add("--name", action="append", default=[], metavar="HOST", help="another name that browsers may call the server by")
    add_zone(add)
    add("--no-browser", action="store_true", help="open no browser")
    add_workers(add)
    add_common(parser)


def _port(text: str) -> int:
    number = whole_number(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: those are numbers up to 65535")
    return number


class ServeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What the server shows, and who may use it."""

    folders: tuple[Path, ...]
    """Albums that are open from the start."""
    recursive: bool
    """Take subfolders of these albums too."""
    host: str
    """Address to listen on."""
    port: int
    """0 = any free one."""
    token: str | None
    """None = from the environment, else made up; :data:`MADE_UP` = made up."""
    token_file: Path | None
    """A file that holds the token."""
    no_token: bool
    """Let in every account of this machine."""
    names: tuple[str, ...]
    """Further host names by which browsers may call the server."""
    zone: str | None
    """Time zone of films; None = derived from the photos beside them."""
    open_browser: bool
    """Open the page in the user's browser."""
    workers: int
    """Processes that measure; 0 = one per processor."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        from photo_ranker.web import LOOPBACK

        return self.host in LOOPBACK


def request_of(args: argparse.Namespace) -> ServeRequest:
    """The request that the options make."""
    return ServeRequest(
        folders=tuple(args.folders),
        recursive=args.recursive,
        host=args.host,
        port=args.port,
        token=args.token,
        token_file=args.token_file,
        no_token=args.no_token,
        names=tuple(args.name),
        zone=args.tz,
        open_browser=not args.no_browser,
        workers=args.workers,
    )


def run(request: ServeRequest, common: CommonRequest) -> int:
    """Serve until Ctrl-C."""
    gc.set_threshold(COLLECT_EVERY)
    try:
        import uvicorn

        from photo_ranker.web.app import create_app
    except ModuleNotFoundError as error:
        raise UserError(f"the app needs {error.name}", "install it: pip install 'photo-ranker[web]'") from error

    token = _token(request, say_to_stderr(quiet=common.quiet))
    options = _options(request, common, token.value)
    listener = _listen(request.host, request.port)
    address = _address(_reachable(request.host), listener.getsockname()[1])
    app = create_app(options)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # a log of addresses would contain the token
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    leave, start = server.handle_exit, server.startup

    # Open pages hold a stream of events; without this the server would wait for them to close.
    def end_events_first(sig: int, frame: FrameType | None) -> None:
        app.state.workplace.is_closing = True
        leave(sig, frame)

    # Print the link only once the server is up: the user may follow it, or press Ctrl-C, at once.
    async def start_then_tell(sockets: list[socket.socket] | None = None) -> None:
        await start(sockets)
        _tell(common, address, token)
        if request.open_browser:
            here = _address(ANY_ADDRESS.get(request.host, request.host), listener.getsockname()[1])
            _open_browser(here, app.state.workplace.access)

    server.handle_exit = end_events_first  # type: ignore[method-assign]
    server.startup = start_then_tell  # type: ignore[method-assign]
    server.run(sockets=[listener])
    return 0


class _Token(msgspec.Struct, frozen=True):
    """The token that requests must carry."""

    value: str | None
    """None = everybody may use the server."""
    is_told: bool
    """Whether the printed link may contain it; a token from a file or the environment must not reach a log."""


def _token(request: ServeRequest, say: Say) -> _Token:
    import secrets

    if request.no_token:
        return _Token(None, is_told=False)
    if request.token_file:
        token = _read_token(request.token_file, say)
        return _Token(_checked(token, f"the token in {request.token_file}"), is_told=False)
    if request.token:
        say(f"note: other accounts of this machine can read --token VALUE; use --token-file or ${TOKEN_VARIABLE}")
        return _Token(_checked(request.token, "the token"), is_told=True)
    if request.token is None and (given := os.environ.get(TOKEN_VARIABLE)):
        return _Token(_checked(given, f"${TOKEN_VARIABLE}"), is_told=False)
    return _Token(secrets.token_urlsafe(18), is_told=True)


def _read_token(path: Path, say: Say) -> str:
    try:
        with path.open("r", encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            text = file.read(10_000)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UserError(f"{path} cannot be read: {reason}", "write the token into a file of its own") from error
    if sys.platform != "win32" and stat.S_ISREG(status.st_mode) and status.st_mode & 0o044:
        say(f"note: other accounts of this machine can read {path}; chmod 600 closes it")
    return text.strip()


def _checked(token: str, what: str) -> str:
    if not 0 < len(token) <= TOKEN_CHARACTERS or not token.isprintable():
        raise UserError(
            f"{what} cannot be used", f"a token is one line of 1 to {TOKEN_CHARACTERS} printable characters"
        )
    return token


def _options(request: ServeRequest, common: CommonRequest, token: str | None) -> WebOptions:
    from photo_ranker.core.files import app_home
    from photo_ranker.questions.clocks import zone_of
    from photo_ranker.web import LOOPBACK, WebOptions

    for folder in request.folders:
        if not folder.is_dir():
            raise UserError(f"there is no folder {folder}", "check the path")
    if request.zone:
        zone_of(request.zone)  # refuses a wrong zone now
    local, names = request.is_local, set(request.names)
    if token is None and not local:
        raise UserError("--no-token would let in everyone on the network", "leave it out, or leave --host out")
    if not local:
        names |= {request.host, socket.gethostname()}
    return WebOptions(
        home=app_home(),
        folders=request.folders,
        recursive=request.recursive,
        settings=settings_of(common),
        token=token,
        local=local,
        hosts=LOOPBACK | {name.lower() for name in names},
        zone=request.zone,
        workers=request.workers,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise UserError(
            f"cannot listen on {host}:{port}: {error.strerror}", "choose another --port or --host"
        ) from error
    # Connections inherit this. Without it the body of an answer waits 40 ms for the client to confirm the headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _reachable(host: str) -> str:
    """The host for the link. If we listen on all addresses, it is one that others can open: nobody can open 0.0.0.0."""
    from photo_ranker.web.security import own_address

    return (own_address(by_ipv6=":" in host) or socket.gethostname()) if host in ANY_ADDRESS else host


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def _tell(common: CommonRequest, address: str, token: _Token) -> None:
    """Print the link, even with ``--quiet``, since nobody gets in without it."""
    link = f"{address}login?token={quote(token.value, safe='')}" if token.value and token.is_told else address
    if common.as_json:
        import json

        told = {"token": token.value} if token.is_told else {}
        print(json.dumps({"url": link, "address": address, **told}), flush=True)
        return
    say = say_to_stderr(quiet=False)
    say(f"Photo Ranker is at {link}")
    if not common.quiet:
        say("Ctrl-C ends it; jobs go on at the next start")


def _open_browser(address: str, access: Access) -> None:
    """Open the page in a thread: with some browsers the call returns only when they are closed."""
    import threading
    import webbrowser

    def open_it() -> None:
        # Other accounts can see the browser's command line, so it holds a one-time code, not the token.
        webbrowser.open(f"{address}login?code={access.new_code()}")

    threading.Thread(target=open_it, daemon=True).start()
