"""Stands between two parts and does to their talk what a test has set: nothing, delay, cut, garble, silence."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

#: What can be done to an answer: status and body.
WRONG_ANSWERS: dict[str, tuple[int, bytes]] = {
    "error": (500, b'{"error": "internal"}'),
    "garbage": (200, b'{"events": [, <html>'),
    "empty": (200, b"[]"),
    "foreign": (200, b'[{"custom": {"type": "services", "ids": 7}, "text": 5}]'),
    "binary": (200, bytes(range(256))),
}
HANG_SECONDS = 30.0
#: As the app does with a bot that is late: it goes away, and the bot sees that.
GIVES_UP_SECONDS = 1.3


class Meddler:
    """A door on `port` that leads to `target`; `mode` says what happens on the way."""

    def __init__(self, port: int, target: str, slow_seconds: float = 3.0) -> None:
        self.port, self.target, self.slow_seconds = port, target, slow_seconds
        self.mode = "through"
        self._free = threading.Event()
        meddler = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                meddler.serve(self)

            def do_POST(self) -> None:
                meddler.serve(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Door)
        self._server.daemon_threads = True
        self._client = httpx.Client(timeout=GIVES_UP_SECONDS, trust_env=False, verify=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self, door: BaseHTTPRequestHandler) -> None:
        """One request, in the mode of now."""
        body = door.rfile.read(int(door.headers.get("Content-Length") or 0))
        mode = self.mode
        if mode == "slow":
            time.sleep(self.slow_seconds)
        elif mode == "hang":
            self._free.wait(HANG_SECONDS)
        if mode in ("refuse", "hang"):
            door.close_connection = True
            return
        if mode in WRONG_ANSWERS:
            self._send(door, *WRONG_ANSWERS[mode])
            return
        kept = {k: v for k, v in door.headers.items() if k.lower() not in ("host", "connection", "content-length")}
        try:
            answer = self._client.request(door.command, self.target + door.path, content=body, headers=kept)
        except httpx.HTTPError:
            door.close_connection = True
            return
        self._send(door, answer.status_code, answer.content, cut=mode == "cut")

    def set(self, mode: str) -> None:
        """Changes what happens; whoever hangs is let go."""
        self.mode = mode
        if mode != "hang":
            self._free.set()
        else:
            self._free.clear()

    def close(self) -> None:
        """The door is shut."""
        self.set("refuse")
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    @staticmethod
    def _send(door: BaseHTTPRequestHandler, status: int, body: bytes, cut: bool = False) -> None:
        try:
            door.send_response(status)
            door.send_header("Content-Type", "application/json")
            door.send_header("Content-Length", str(len(body)))
            door.end_headers()
            door.wfile.write(body[: len(body) // 2] if cut else body)
            door.wfile.flush()
        except OSError:
            pass
        if cut:
            door.close_connection = True
