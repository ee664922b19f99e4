"""Starts what docs/scaling.md describes, on loopback: a Redis, several bots and several apps, each its own process.

Needs redis-server and redis-cli. Without them such a test is skipped, and fails where VEIVISER_TESTS_NEED_REDIS is set.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from running import ROOT, free_port

BOT = ROOT / "bot"
SECRET = "a-secret-of-the-tests"
READY_SECONDS = 600


@dataclass
class Part:
    """One process of the fleet: how it is started, where it answers, and when it is ready."""

    command: list[str]
    folder: Path
    environment: dict[str, str]
    log: Path
    url: str
    is_ready: Callable[[str], bool]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it; `wait` says when it is ready."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait(self) -> None:
        """Until it is ready. Raises AssertionError with the end of its output when it is not in time."""
        ends = time.monotonic() + READY_SECONDS
        while time.monotonic() < ends and self.process and self.process.poll() is None:
            try:
                if self.is_ready(self.url):
                    return
            except (httpx.HTTPError, OSError):
                pass
            time.sleep(0.3)
        raise AssertionError(f"{self.command[0]} did not become ready:\n" + self.log.read_text(errors="replace")[-3000:])

    def kill(self) -> None:
        """As when a machine loses its power."""
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Sends a signal and waits for the end."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


@dataclass
class Fleet:
    """The running parts."""

    redis: Part
    bots: list[Part] = field(default_factory=list)
    apps: list[Part] = field(default_factory=list)

    @property
    def parts(self) -> list[Part]:
        """All of them."""
        return [self.redis, *self.bots, *self.apps]

    def say(self, app: int, text: str, id: str | None = None, **more: object) -> httpx.Response:
        """One turn through one app, by its number."""
        body = {"conversation_id": id, "text": text, "language": None, **more}
        return httpx.post(f"{self.apps[app].url}/api/v1/chat", json=body, timeout=30)

    def ask_redis(self, *words: str) -> str:
        """The answer of redis-cli."""
        command = ["redis-cli", "-p", self.redis.url.rsplit(":", 1)[1], *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()

    def keys(self, id: str) -> list[str]:
        """The keys of a conversation in Redis."""
        return self.ask_redis("--scan", "--pattern", f"*{id}*").split()

    def heal(self) -> None:
        """Starts again what has been killed."""
        dead = [part for part in self.parts if part.process is None or part.process.poll() is not None]
        for part in dead:
            part.start()
        for part in dead:
            part.wait()


@contextmanager
def running_fleet(folder: Path, bots: int = 2, apps: int = 2, minutes: float = 0.3) -> Iterator[Fleet]:
    """All parts, ready; all ended afterwards. `minutes` is how long a silent conversation is kept."""
    fleet = Fleet(redis_part(folder))
    bot_ports, app_ports = [free_port() for _ in range(bots)], [free_port() for _ in range(apps)]
    shared = {
        "VEIVISER_BOT_SECRET": SECRET,
        "VEIVISER_REDIS_URL": fleet.redis.url.replace("http", "redis") + "/0",
        "VEIVISER_CONVERSATION_MINUTES": str(minutes),
        # so that a busy machine does not decide whether the bot answers
        "VEIVISER_BOT_TIMEOUT_SECONDS": "5",
        "VEIVISER_BOT_CHANNEL_TIMEOUT_SECONDS": "4.5",
        "VEIVISER_BOT_ACTION_TIMEOUT_SECONDS": "4",
    }
    fleet.bots = [_bot(port, shared, app_ports, folder) for port in bot_ports]
    fleet.apps = [_app(port, shared, bot_ports, folder) for port in app_ports]
    try:
        later = fleet.apps[1:]  # they read the index that the first one may have to learn
        for parts in ([part for part in fleet.parts if part not in later], later):
            for part in parts:
                part.start()
            for part in parts:
                part.wait()
        yield fleet
    finally:
        for part in fleet.parts:
            part.end()


def redis_part(folder: Path) -> Part:
    """A Redis that keeps nothing on disk, not started yet. Skips the test where there is none to start."""
    if not (shutil.which("redis-server") and shutil.which("redis-cli")):
        if os.environ.get("VEIVISER_TESTS_NEED_REDIS"):
            pytest.fail("redis-server is missing (Debian package redis-server)")
        pytest.skip("needs redis-server (Debian package redis-server)")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]

    def is_ready(_: str) -> bool:
        asked = subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True, text=True, timeout=5)
        return asked.stdout.strip() == "PONG"

    return Part(command, folder, {}, folder / "redis.log", f"http://127.0.0.1:{port}", is_ready)


def _bot(port: int, shared: dict[str, str], app_ports: list[int], folder: Path) -> Part:
    command = [
        str(BOT / ".venv/bin/python"), "-m", "extensions.start", "run", "-i", "127.0.0.1", "-p", str(port), "--model", "models",
        "--endpoints", "endpoints-redis.yml", "--credentials", "credentials.yml",
    ]  # fmt: skip
    environment = {
        **shared,
        "VEIVISER_ACTION_URL": ",".join(f"http://127.0.0.1:{app}/webhook" for app in app_ports),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOG_LEVEL": "WARNING",
        "PYTHONWARNINGS": "ignore",
    }
    url = f"http://127.0.0.1:{port}"
    return Part(command, BOT, environment, folder / f"bot-{port}.log", url, lambda at: _is_200(f"{at}/webhooks/guarded/"))


def _app(port: int, shared: dict[str, str], bot_ports: list[int], folder: Path) -> Part:
    environment = {
        **shared,
        "VEIVISER_PORT": str(port),
        "VEIVISER_BOT_URL": ",".join(f"http://127.0.0.1:{bot}" for bot in bot_ports),
    }
    command = [sys.executable, "-m", "api", "run", "--no-bot"]

    def is_ready(at: str) -> bool:
        said = httpx.get(f"{at}/readyz", timeout=5)
        return said.status_code == 200 and bool(said.json()["bot"])

    return Part(command, ROOT, environment, folder / f"app-{port}.log", f"http://127.0.0.1:{port}", is_ready)


def _is_200(address: str) -> bool:
    return httpx.get(address, timeout=5).status_code == 200
