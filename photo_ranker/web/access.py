"""Access: the token, links that work once, and the cookie that a browser keeps in place of the token."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

__all__ = ["CODE_SECONDS", "Access"]

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
        """Whether a request carries the token or the cookie; any request does where there is no token."""
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
        """A code that lets a browser in once: whatever opens a browser shows the address to all accounts."""
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
        # Not "strict": after a link in a mail a browser would leave it out on the way to the page, and ask for the
        # token. "Lax" is enough, for nothing is changed by GET and every other request must come from our own page.
        answer.set_cookie(_cookie_name(scope), self._cookie(), max_age=COOKIE_SECONDS, httponly=True, samesite="lax")

    def _cookie(self) -> str:
        return hmac.new((self._token or "").encode(), b"photo-ranker cookie", sha256).hexdigest()


def _cookie_name(scope: Scope) -> str:
    """Browsers keep cookies by host and not by port, and a user may run two servers."""
    _, port = scope.get("server") or ("", 0)
    return f"photo_ranker_{port or 0}"


def _is_same(given: str, wanted: str) -> bool:
    """Compare secrets without telling by the time taken how much of them fits."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
