"""Who may talk to the server, what a browser may do with its responses, and their language.

A page of another site must not be able to read or change anything, even on the user's own machine:
checking the Host header defeats DNS rebinding, Origin and Sec-Fetch-Site defeat cross-site requests,
and the policy keeps a page from loading or running anything that is not ours.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photo_ranker.core.words import CURRENT, LANGUAGES
from photo_ranker.errors import UserError
from photo_ranker.web import WebOptions
from photo_ranker.web.answers import problem_answer
from photo_ranker.web.problems import NotAllowed, TooLarge, problem_of

__all__ = ["CODE_SECONDS", "LANGUAGE_COOKIE", "POLICY", "Access", "Guard", "language_of", "own_address"]

# Access: the token, one-time links, and the cookie that a browser keeps in place of the token.


log = logging.getLogger(__name__)

CODE_SECONDS = 60.0
"""How long a browser may take to start."""

COOKIE_SECONDS = 30 * 24 * 3600


class Access:
    """Checks the token of a server, its one-time codes and its cookie. Thread-safe."""

    def __init__(self, token: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._token, self._clock = token, clock
        self._codes: dict[str, float] = {}
        """Code -> time at which it expires; 0 = used."""
        self._lock = threading.Lock()

    def is_allowed(self, scope: Scope) -> bool:
        """Whether a request carries the token or the cookie; always true if there is no token."""
        if self._token is None:
            return True
        headers = Headers(scope=scope)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        cookie = cookie_parser(headers.get("cookie", "")).get(_cookie_name(scope), "")
        return (scheme.lower() == "bearer" and self.is_token(bearer)) or _is_same(cookie, self._cookie())

    def is_token(self, given: str) -> bool:
        """Whether this is the token."""
        return self._token is not None and _is_same(given, self._token)

    def new_code(self) -> str:
        """A code that lets a browser in once: every account can see the address that the browser is opened with."""
        code = secrets.token_urlsafe(18)
        with self._lock:
            self._codes[code] = self._clock() + CODE_SECONDS
        return code

    def redeem(self, code: str) -> bool:
        """Use up a code; False if it is unknown, expired or used."""
        with self._lock:
            known = next((one for one in self._codes if _is_same(code, one)), None)
            if known is None:
                return False
            until, self._codes[known] = self._codes[known], 0.0
        if until == 0.0:
            log.warning(
                "the link that opened the browser was used twice. If your browser asked you for the token, "
                "another account may have been faster: restart the server"
            )
        return self._clock() < until

    def let_in(self, answer: Response, scope: Scope) -> None:
        """Set the cookie that stands for the token."""
        # Not "strict": a browser would not send it when a link in a mail is followed, and the page would ask for the
        # token. "Lax" is enough, since no GET changes an album and every other request must come from our own page.
        answer.set_cookie(_cookie_name(scope), self._cookie(), max_age=COOKIE_SECONDS, httponly=True, samesite="lax")

    def _cookie(self) -> str:
        return hmac.new((self._token or "").encode(), b"photo-ranker cookie", sha256).hexdigest()


def _cookie_name(scope: Scope) -> str:
    """Browsers keep cookies per host, not per port, and a user may run two servers."""
    _, port = scope.get("server") or ("", 0)
    return f"photo_ranker_{port or 0}"


def _is_same(given: str, wanted: str) -> bool:
    """Compare secrets in constant time, so that the time taken does not reveal how much matches."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

OPEN_TO_ALL = frozenset({"/login", "/static/base.css", "/static/app.css", "/static/icon.svg", "/static/js/theme.js"})
"""The page that asks for the token, and what it loads; nothing else is served without the token."""

UPLOAD = re.compile(r"/api/albums/[0-9a-f]{16}/(?P<what>files|references)")
"""What is written to disk piece by piece; anything else is held in memory and must be small."""

GUEST = re.compile(r"/guest/[0-9A-Za-z._-]+(?P<what>/.*)?")
"""What guests may ask for: these routes check the key of their link themselves, and do not use the token.

A link that was cut, or has the full stop of a sentence, is one too: its guest is not asked for the token.
"""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Middleware that checks every request to the app."""

    def __init__(self, app: ASGIApp, options: WebOptions, access: Access) -> None:
        self._app, self._options, self._access = app, options, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a refusal."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        CURRENT.set(language_of(headers))
        answer = self._refusal(scope, headers)
        if answer is None:
            await self._app(scope, _limited(self._most_bytes(scope), receive), _with_headers(send))
        else:
            await answer(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        try:
            self._check_host(headers)
            self._check_origin(scope, headers)
            self._check_size(scope, headers)
        except UserError as error:
            return problem_answer(problem_of(error), headers)
        return self._check_token(scope, headers)

    def _check_host(self, headers: Headers) -> None:
        name = _host_name(headers.get("host", ""))
        if name in self._options.hosts or (not self._options.local and _is_address(name)):
            return
        raise NotAllowed(f"this server is not called {name[:80]!r}", "use the address that it printed at its start")

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        if _is_foreign(headers) and not _is_plain_visit(scope, headers):
            raise NotAllowed("a page of another site may not do this", "open the app itself in the browser")

    def _check_size(self, scope: Scope, headers: Headers) -> None:
        length, most = headers.get("content-length", "0"), self._most_bytes(scope)
        if not length.isdecimal() or int(length) > most:
            raise TooLarge(f"the request has {length} bytes, at most {most} are taken", "send smaller files")

    def _most_bytes(self, scope: Scope) -> int:
        limits = self._options.limits
        guest = GUEST.fullmatch(scope["path"])
        if guest is not None:
            return limits.guest_photo_bytes if guest["what"] == "/find-me" else limits.body_bytes
        upload = UPLOAD.fullmatch(scope["path"]) if scope["method"] == "POST" else None
        if upload is None:
            return limits.body_bytes
        if upload["what"] == "files":
            return limits.archive_bytes
        return min(limits.reference_bytes, self._options.settings.measure.max_file_bytes)

    def _check_token(self, scope: Scope, headers: Headers) -> Response | None:
        if scope["path"] in OPEN_TO_ALL or GUEST.fullmatch(scope["path"]) or self._access.is_allowed(scope):
            return None
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            query = scope["query_string"].decode("ascii", "replace")
            return RedirectResponse(f"/login?{query}" if query.startswith("token=") else "/login", 303)
        missing = NotAllowed("the token is missing or wrong", "send it as Authorization: Bearer TOKEN")
        refusal = problem_answer(problem_of(missing, 401), headers)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal


def _is_foreign(headers: Headers) -> bool:
    """Whether the request comes from a page of another site; other programs send neither header."""
    origin = headers.get("origin")
    if origin is not None and _host_and_port(origin) != headers.get("host"):
        return True
    return headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}


def _is_plain_visit(scope: Scope, headers: Headers) -> bool:
    """Following a link to us is fine: it reads a page that the other site never sees."""
    return (
        scope["method"] in SAFE_METHODS
        and (scope["path"] in {"/", "/login", "/docs"} or _is_guest_page(scope["path"]))
        and headers.get("sec-fetch-mode") == "navigate"
    )


def _is_guest_page(path: str) -> bool:
    """Whether this is the page of a link for guests, which people get in mails and messages."""
    guest = GUEST.fullmatch(path)
    return guest is not None and guest["what"] is None


def _host_and_port(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # not an address, so not one of ours
        return ""


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def own_address(*, by_ipv6: bool = False) -> str | None:
    """The address by which other machines of the network reach this one; None without a network."""
    family, far = (socket.AF_INET6, "2001:db8::1") if by_ipv6 else (socket.AF_INET, "192.0.2.1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))  # sends nothing: the system only says which of its addresses it would use
            host: str = probe.getsockname()[0]
    except OSError:  # no network at all, or none of this kind
        return None
    return None if ip_address(host).is_loopback else host


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _limited(most: int, receive: Receive) -> Receive:
    """Count the bytes as they arrive, for bodies that do not state their length."""
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise TooLarge(f"the request has more than the {most} bytes that are taken", "send smaller files")
        return message

    return receive_counted


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_with_headers


LANGUAGE_COOKIE = "photo_ranker_language"
"""Set by the settings page, which is why scripts may read it; otherwise the browser's languages decide."""


def language_of(headers: Mapping[str, str]) -> str:
    """The language chosen in the settings, else the first that the browser wants and we have, else English."""
    chosen = cookie_parser(headers.get("cookie", "")).get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    wanted = sorted(_wanted(headers.get("accept-language", "")), key=lambda item: -item[1])
    return next((language for language, much in wanted if language in LANGUAGES and much > 0), "en")


def _wanted(header: str) -> list[tuple[str, float]]:
    """Languages without their country, and the weight of each: ``de-AT,en;q=0.5``."""
    found = []
    for item in header[:1000].split(","):
        match = re.fullmatch(r"\s*([a-zA-Z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", item)
        if match is not None:
            found.append((match[1].lower(), float(match[2] or 1)))
    return found
