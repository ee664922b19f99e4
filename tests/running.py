"""Starts the real guide, app and bot, on free ports of this machine, for tests that talk to the whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 600


@dataclass
class Running:
    """A running guide: its address, its process and the file its output goes to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def chat(self, text: str, conversation_id: str | None = None, **more: object) -> dict:
        """One turn; the JSON of the answer."""
        body = {"conversation_id": conversation_id, "text": text, "language": None, **more}
        answer = httpx.post(f"{self.url}/api/v1/chat", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def search(self, text: str, **more: object) -> dict:
        """One search; the JSON of the answer."""
        answer = httpx.post(f"{self.url}/api/v1/search", json={"text": text, **more}, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def ready(self) -> dict:
        """What /readyz says."""
        return httpx.get(f"{self.url}/readyz", timeout=10).json()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_guide(log: Path, before: tuple[str, ...] = ()) -> Iterator[Running]:
    """`veiviser run`, ready to talk; stopped as Ctrl-C would at the end. `before` are words before the command."""
    port, bot_port = free_port(), free_port()
    env = {
        **os.environ, "VEIVISER_PORT": str(port), "VEIVISER_BOT_URL": f"http://127.0.0.1:{bot_port}", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    with log.open("wb") as out:
        command = [*before, sys.executable, "-m", "api", "run"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    guide = Running(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait(guide)
        yield guide
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _wait(guide: Running) -> None:
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends:
        if guide.process.poll() is not None:
            break
        try:
            if guide.ready().get("status") == "ready" and guide.ready().get("bot"):
                return
        except httpx.HTTPError:
            pass
        time.sleep(1)
    raise AssertionError("the guide did not become ready:\n" + guide.log.read_text(errors="replace")[-3000:])
