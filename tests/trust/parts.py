"""The parts of the guide as real processes, each of which a test may kill, hang, slow or break."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-the-trust-tests"
START_SECONDS = 300.0
CLOCK = Path(__file__).with_name("clock")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Waits until `ready`. Raises AssertionError after `seconds`."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s")


@dataclass
class Part:
    """A process with its output in a file, started in a folder of its own."""

    name: str
    command: list[str]
    folder: Path
    env: dict[str, str]
    cwd: Path
    no_disk: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder / f"{self.name}.out"

    @property
    def pid(self) -> int:
        """Its number."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> Part:
        """Starts it. With `no_disk` every write to a file fails, its output included, as on a full disk."""

        def full() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

        out = open("/dev/full", "wb") if self.no_disk else self.log.open("ab")  # noqa: SIM115  closed below
        with out:
            self.process = subprocess.Popen(
                self.command, cwd=self.cwd, env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=full if self.no_disk else None,
            )  # fmt: skip
        return self

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process and those it has started."""
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def stop(self) -> None:
        """Ends it, whatever state it is in."""
        if self.process is None or self.process.poll() is not None:
            return
        for number in (signal.SIGCONT, signal.SIGTERM):
            self.signal(number)
        try:
            self.process.wait(12)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait(10)

    def tail(self) -> str:
        """The end of what it has printed."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


class Stack:
    """App, bot and, if wanted, Redis, all on loopback; addresses between them can be led through a meddler."""

    def __init__(self, folder: Path, *, redis: bool = False, **settings: str) -> None:
        self.folder = folder
        for name in ("tmp", "home", "app"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.port, self.bot_port, self.redis_port = free_port(), free_port(), free_port()
        self.url, self.bot_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.bot_port}"
        self.action_url, self.asked_bot_url = f"{self.url}/webhook", self.bot_url
        self.settings, self.with_redis, self.parts = settings, redis, []  # type: ignore[var-annotated]

    def environment(self, **more: str) -> dict[str, str]:
        """What every part is started with: its own folders for what it might write, and no settings from outside."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("VEIVISER_") and k not in ("PYTHONPATH", "VIRTUAL_ENV")}
        return {
            **kept, "HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp"), "OMP_NUM_THREADS": "1",
            "XDG_CACHE_HOME": str(self.folder / "home"), "MPLCONFIGDIR": str(self.folder / "home"),
            "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "VEIVISER_BOT_SECRET": SECRET, **self.settings, **more,
        }  # fmt: skip

    def app(self, root: Path = ROOT, *, with_bot: bool = False, no_disk: bool = False, **more: str) -> Part:
        """The app, from `root`; with `with_bot` it starts and watches the bot itself, as on one machine."""
        env = self.environment(
            VEIVISER_PORT=str(self.port), VEIVISER_BOT_URL=self.asked_bot_url, PYTHONPATH=f"{root}:{CLOCK}",
            VEIVISER_CACHE_DIR=more.pop("VEIVISER_CACHE_DIR", str(ROOT / ".cache" / "tests")), **more,
        )  # fmt: skip
        command = [sys.executable, "-m", "api", "run", *([] if with_bot else ["--no-bot"])]
        return self._start(Part("app", command, self.folder, env, self.folder / "app", no_disk))

    def bot(self, no_disk: bool = False, **more: str) -> Part:
        """The bot, which calls its actions at `action_url`."""
        env = self.environment(
            VEIVISER_ACTION_URL=self.action_url, RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3",
            VEIVISER_REDIS_URL=f"redis://127.0.0.1:{self.redis_port}/0", PYTHONPATH=str(CLOCK), **more,
        )  # fmt: skip
        endpoints = "endpoints-redis.yml" if self.with_redis else "endpoints.yml"
        command = [
            str(ROOT / "bot/.venv/bin/python"), "-m", "extensions.start", "run", "-i", "127.0.0.1", "-p", str(self.bot_port),
            "--endpoints", endpoints, "--credentials", "credentials.yml", "--model", "models",
        ]  # fmt: skip
        return self._start(Part("bot", command, self.folder, env, ROOT / "bot", no_disk))

    def redis(self) -> Part:
        """A Redis that writes nothing to disk."""
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed"
        command = [program, "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        part = self._start(Part("redis", command, self.folder, self.environment(), self.folder / "tmp"))
        until(lambda: answers_tcp(self.redis_port), 20, "an answer of Redis")
        return part

    def _start(self, part: Part) -> Part:
        self.parts.append(part)
        return part.start()

    def wait_for_app(self) -> None:
        """Until the search is ready."""
        self._wait(lambda: httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).status_code == 200, "a ready app")

    def wait_for_bot(self) -> None:
        """Until the app says that the bot answers."""
        self._wait(lambda: bool(httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).json()["bot"]), "a ready bot")

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        def asked() -> bool:
            for part in self.parts:
                assert part.process is None or part.process.poll() is None, f"{part.name} ended:\n{part.tail()}"
            try:
                return ready()
            except (httpx.HTTPError, ValueError):
                return False

        until(asked, START_SECONDS, what)

    def stop(self) -> None:
        """Ends all parts."""
        for part in reversed(self.parts):
            part.stop()

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


def answers_tcp(port: int) -> bool:
    """Does anybody listen there?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
