"""``photo-ranker serve``: the app in the browser."""

from __future__ import annotations

import argparse
import gc
import socket
from types import FrameType
from typing import TYPE_CHECKING

from photo_ranker.cli.console import Say, say_to_stderr
from photo_ranker.cli.options import settings_of, whole_number
from photo_ranker.cli.parsing import add_common, path_for
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.web.options import WebOptions

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """example:
  photo-ranker serve wedding"""

DEFAULT_PORT = 8765

MADE_UP = ""
"""A token on the command line can be read by every account of this machine; one that is made up cannot."""

COLLECT_EVERY = 50_000
"""New objects until the next look for garbage: a server makes some all day, and albums are large."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("folders", nargs="*", type=path_for("DIR"), metavar="DIR", help="albums to open")
    add("--recursive", action="store_true", help="take their subfolders too (default: the folders only)")
    add("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    add("--port", type=_port, default=DEFAULT_PORT, help=f"0 = any free one (default: {DEFAULT_PORT})")
    add(
        "--token",
        nargs="?",
        const=MADE_UP,
        help="every request must carry it; made up if none is given, or when other machines can reach the server",
    )
    add("--name", action="append", default=[], metavar="HOST", help="another name that browsers may call the server by")
    add("--tz", metavar="ZONE", help="where films were taken, whose clocks count in UTC: Europe/Lisbon, +02:00")
    add("--no-browser", action="store_true", help="open no browser")
    add(
        "--workers", type=whole_number, default=0, metavar="N", help="processes that measure (default: one a processor)"
    )
    add_common(parser)


def _port(text: str) -> int:
    number = whole_number(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: those are numbers up to 65535")
    return number


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    gc.set_threshold(COLLECT_EVERY)
    try:
        import uvicorn

        from photo_ranker.web.app import create_app
    except ModuleNotFoundError as error:
        raise UserError(f"the app needs {error.name}", "install it: pip install 'photo-ranker[web]'") from error

    say = say_to_stderr(quiet=args.quiet)
    options = _options(args)
    listener = _listen(args.host, args.port)
    address = _address(args.host, listener.getsockname()[1], options.token)
    app = create_app(options)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # addresses are nobody's business, and the first holds the token
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    _tell(args, say, address)
    server = uvicorn.Server(config)
    leave = server.handle_exit

    def end_events_first(sig: int, frame: FrameType | None) -> None:
        app.state.workplace.is_closing = True
        leave(sig, frame)

    server.handle_exit = end_events_first  # type: ignore[method-assign]
    server.run(sockets=[listener])
    return 0


def _options(args: argparse.Namespace) -> WebOptions:
    import secrets

    from photo_ranker.clocks import zone_of
    from photo_ranker.core.folders import app_home
    from photo_ranker.web.options import LOOPBACK, WebOptions

    for folder in args.folders:
        if not folder.is_dir():
            raise UserError(f"there is no folder {folder}", "check the path")
    if args.tz:
        zone_of(args.tz)  # says now what is wrong with it
    local = args.host in LOOPBACK
    names = {args.host, socket.gethostname(), *args.name} if not local else set(args.name)
    return WebOptions(
        home=app_home(),
        folders=tuple(args.folders),
        recursive=args.recursive,
        settings=settings_of(args),
        token=args.token or (None if local and args.token is None else secrets.token_urlsafe(18)),
        local=local,
        hosts=LOOPBACK | {name.lower() for name in names},
        zone=args.tz,
        workers=args.workers,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise UserError(
            f"cannot listen on {host}:{port}: {error.strerror}", "choose another --port or --host"
        ) from error


def _address(host: str, port: int, token: str | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"login?token={token}" if token else "")


def _tell(args: argparse.Namespace, say: Say, address: str) -> None:
    if args.json:
        import json

        print(json.dumps({"url": address}), flush=True)
    else:
        say(f"Photo Ranker is at {address}")
        say("Ctrl-C ends it; jobs go on at the next start")
    if not args.no_browser:
        import threading
        import webbrowser

        threading.Timer(0.5, webbrowser.open, (address,)).start()
