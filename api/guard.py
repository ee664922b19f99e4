"""What every request passes: size, pace, headers, counting. Keeps no address and writes none."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_response
from api.failed import FailedPages
from api.metrics import Metrics
from api.webhook import LARGEST_CALL

#: Doors that the machine itself knocks on.
_UNLIMITED = frozenset({"/webhook", "/healthz", "/readyz", "/metrics"})
ROTATE_SECONDS = 600.0


class PaceLimiter:
    """So many requests a minute for each client, known only by a salted hash; the salt and all hashes go every ten minutes.

    A client may use a minute's share at once. The machine itself is not limited: a proxy in front passes on the
    address of the one who asks.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._begin()

    def wait_seconds(self, address: str | None) -> float:
        """0 when the client may go on, else how long it must wait."""
        if not self._per_minute or not address or _is_this_machine(address):
            return 0.0
        now = self._clock()
        if now - self._since > ROTATE_SECONDS:
            self._begin()
        key = hmac.new(self._salt, address.encode(), hashlib.sha256).digest()[:12]
        left, at = self._left.get(key, (float(self._per_minute), now))
        left = min(self._per_minute, left + (now - at) * self._per_minute / 60)
        self._left[key] = (max(left - 1, 0.0) if left >= 1 else left, now)
        return 0.0 if left >= 1 else (1 - left) * 60 / self._per_minute

    def _begin(self) -> None:
        self._salt, self._since = secrets.token_bytes(16), self._clock()
        self._left: dict[bytes, tuple[float, float]] = {}


class Guard:
    """ASGI middleware around the whole app."""

    def __init__(
        self, app: ASGIApp, limiter: PaceLimiter, metrics: Metrics, max_body_bytes: int, origins: tuple[str, ...],
        failed: FailedPages,
    ) -> None:  # fmt: skip
        self._app, self._limiter, self._metrics, self._max_body_bytes = app, limiter, metrics, max_body_bytes
        self._failed = failed
        self._headers = security_headers(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request, or refuses it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._serve(scope, receive, guarded_send)
        finally:
            route = getattr(scope.get("route"), "path", None) or "other"
            self._metrics.request(route, status, time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        most = LARGEST_CALL if path == "/webhook" else self._max_body_bytes
        client = scope.get("client")
        wait = 0.0 if path in _UNLIMITED else self._limiter.wait_seconds(client[0] if client else None)
        if wait:
            await self._refuse(429, {"Retry-After": str(int(wait) + 1)})(scope, receive, send)
            return
        announced = Request(scope).headers.get("content-length", "0")
        if not announced.isdigit() or int(announced) > most:
            await self._refuse(413 if announced.isdigit() else 400)(scope, receive, send)
            return
        body = await _whole_body(receive, most)
        if body is None:
            await self._refuse(413)(scope, receive, send)
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    def _refuse(self, status: int, headers: dict[str, str] | None = None) -> ASGIApp:
        async def refusal(scope: Scope, receive: Receive, send: Send) -> None:
            page = self._failed.answer(Request(scope), status, headers)
            await (page or error_response(status, headers=headers))(scope, receive, send)

        return refusal


async def _whole_body(receive: Receive, most: int) -> bytes | None:
    """The body, or None when it is larger than `most`."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(pieces)
        piece = message.get("body") or b""
        size += len(piece)
        if size > most:
            return None
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


def security_headers(origins: tuple[str, ...]) -> dict[str, str]:
    """Headers of every answer; `origins` may show the guide in a frame."""
    policy = {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
        "font-src": "'self'", "connect-src": "'self'", "manifest-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
        "frame-ancestors": " ".join(["'self'", *origins]),
    }  # fmt: skip
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
