"""`veiviser run`: starts, starts again, stops, and says in one sentence what hinders it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import supervise
from api.settings import Settings
from api.supervise import Bot, RunError

ROOT = Path(__file__).parent.parent
#: Stands in for `python -m rasa run …`: says that it is there, and what it was started with.
STAND_IN = """
import http.server, json, os, sys, time
time.sleep(1.5)
port = int(sys.argv[sys.argv.index("-p") + 1])
assert sys.argv[sys.argv.index("-i") + 1] == "127.0.0.1"
class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({k: os.environ.get(k) for k in ("VEIVISER_BOT_SECRET", "VEIVISER_ACTION_URL",
            "VEIVISER_CONVERSATION_MINUTES", "RASA_TELEMETRY_ENABLED")} | {"pid": os.getpid(), "argv": sys.argv}).encode()
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", port), Door).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture
def bot_dir(tmp_path: Path) -> Path:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path / "stand_in.py"} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "m.tar.gz").touch()
    return tmp_path


async def ask(settings: Settings) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer: dict[str, Any] = (await client.get(f"{settings.bot_url}/webhooks/guarded/")).json()
        return answer


def with_bot(bot_dir: Path, scenario: Any) -> None:
    settings = Settings(bot_dir=bot_dir, bot_url=f"http://127.0.0.1:{free_port()}", bot_secret="a-secret-of-the-tests")

    async def run() -> None:
        bot = Bot(settings, "http://127.0.0.1:8000")
        bot.check()
        alive = asyncio.create_task(bot.keep_alive())
        try:
            await asyncio.wait_for(bot.ready.wait(), 20)
            await scenario(bot, settings)
        finally:
            alive.cancel()
            await bot.stop()
            await asyncio.gather(alive, return_exceptions=True)

    asyncio.run(run())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "PROBE_SECONDS", 0.2)
    monkeypatch.setattr(supervise, "SILENT_PROBES", 2)
    monkeypatch.setattr(supervise, "BOT_STOP_SECONDS", 1)


def test_the_bot_gets_its_secret_in_the_environment_only(bot_dir: Path) -> None:
    """Loopback, no telemetry, no secret on the command line."""

    async def scenario(bot: Bot, settings: Settings) -> None:
        started = await ask(settings)
        assert started["VEIVISER_BOT_SECRET"] == settings.bot_secret
        assert started["VEIVISER_ACTION_URL"] == "http://127.0.0.1:8000/webhook"
        assert started["VEIVISER_CONVERSATION_MINUTES"] == "30.0"
        assert started["RASA_TELEMETRY_ENABLED"] == "false"
        assert settings.bot_secret not in " ".join(started["argv"])
        assert "--enable-api" not in started["argv"]

    with_bot(bot_dir, scenario)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_bot_that_dies_or_hangs_is_started_again(bot_dir: Path, blow: signal.Signals) -> None:
    """Whatever happened to it, there is a new one soon."""

    async def scenario(bot: Bot, settings: Settings) -> None:
        before = (await ask(settings))["pid"]
        os.kill(before, blow)
        for _ in range(200):
            await asyncio.sleep(0.1)
            if not bot.ready.is_set():
                break
        await asyncio.wait_for(bot.ready.wait(), 20)
        after = (await ask(settings))["pid"]
        assert after != before
        await asyncio.sleep(2)
        assert (await ask(settings))["pid"] == after

    with_bot(bot_dir, scenario)


def test_stopping_leaves_nothing_behind(bot_dir: Path) -> None:
    """The bot's process ends with the guide."""
    seen: list[int] = []

    async def scenario(bot: Bot, settings: Settings) -> None:
        seen.append((await ask(settings))["pid"])

    with_bot(bot_dir, scenario)
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


@pytest.mark.parametrize(("gone", "said"), [(".venv/bin/python", "environment"), ("models/m.tar.gz", "trained model")])
def test_what_is_missing_is_named_with_the_remedy(bot_dir: Path, gone: str, said: str) -> None:
    """A missing environment or model is one sentence that names the command."""
    (bot_dir / gone).unlink()
    with pytest.raises(RunError, match=said) as caught:
        Bot(Settings(bot_dir=bot_dir), "http://127.0.0.1:8000").check()
    assert "make run" in str(caught.value)


def environment(**more: str) -> dict[str, str]:
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "VEIVISER_CACHE_DIR": str(ROOT / ".cache" / "tests"),
        "VEIVISER_PORT": str(free_port()), **more,
    }  # fmt: skip


def test_a_busy_port_is_one_sentence() -> None:
    """It names the port and the setting, and the status is not 0."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "api", "run", "--no-bot"], env=environment(VEIVISER_PORT=port), capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert port in ended.stderr
    assert "VEIVISER_PORT" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_a_taken_port_of_the_bot_is_gone_round_unless_it_was_set() -> None:
    """Two guides on one machine do not quarrel about a port nobody chose."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(RunError, match="VEIVISER_BOT_URL"):
            supervise._with_free_bot_port(Settings(bot_url=url))
        nobody_chose = Settings().model_copy(update={"bot_url": url})
        nobody_chose.model_fields_set.discard("bot_url")
        assert supervise._with_free_bot_port(nobody_chose).bot_url != url


MARKER = "Xylofonmerke7741"


@pytest.fixture(scope="module")
def served(index: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A real process of the app without the bot (the index fixture has put the index on disk): address, folder."""
    folder = tmp_path_factory.mktemp("served")
    env = environment(TMPDIR=str(folder), VEIVISER_LOG_LEVEL="debug", VEIVISER_BOT_URL="http://127.0.0.1:9")
    address = f"http://127.0.0.1:{env['VEIVISER_PORT']}"
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "run", "--no-bot"], env=env, cwd=folder, stdout=out, stderr=out
        )
        try:
            for _ in range(1200):
                try:
                    if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)
            yield address, folder
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()


def test_what_is_written_leaves_no_trace(served: tuple[str, Path]) -> None:
    """A word sent through every door, right and wrong, stands afterwards in no output, no file and no metric."""
    address, folder = served
    with httpx.Client(base_url=address, trust_env=False, timeout=20) as client:
        id = client.post("/api/v1/chat", json={"text": f"pappa slår meg {MARKER}"}).json()["conversation_id"]
        assert client.post("/api/v1/search", json={"text": f"gifte meg bort {MARKER}"}).status_code == 200
        client.post("/api/v1/search", json={"text": [MARKER]})
        client.post("/api/v1/search", content=f'{{"text": "{MARKER}'.encode())
        client.post("/api/v1/search", json={"text": MARKER * 5000})
        client.post("/api/v1/chat", json={"payload": f"/affirm{MARKER}"})
        client.post("/api/v1/chat", json={"conversation_id": MARKER, "text": MARKER})
        client.post("/webhooks/rest/webhook", json={"sender": MARKER, "message": MARKER})
        client.post("/webhook", json={"next_action": MARKER})
        client.get(f"/api/v1/services/{MARKER}?q={MARKER}")
        client.get(f"/finn?q={MARKER}")
        client.delete(f"/api/v1/chat/{MARKER}")
        client.get("/", headers={"cookie": MARKER, "user-agent": MARKER, "referer": f"https://x/{MARKER}"})
        metrics = client.get("/metrics").text
    assert MARKER not in metrics
    assert id not in metrics
    for file in [*folder.rglob("*"), *(ROOT / ".cache" / "tests").rglob("*")]:
        if file.is_file():
            content = file.read_bytes()
            assert MARKER.encode() not in content, file
            assert id.encode() not in content, file


def test_log_lines_are_json_or_progress(served: tuple[str, Path]) -> None:
    """What is not progress for the person at the terminal is one JSON object a line."""
    _, folder = served
    lines = (folder / "out").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("Veiviser is ready: http://") for line in lines)
    for line in lines:
        if line.startswith("{"):
            assert {"time", "level", "logger", "event"} <= set(json.loads(line))


def test_a_stop_finishes_the_turn_in_hand(index: object, tmp_path: Path) -> None:
    """SIGTERM in the middle of a turn: the person still gets the answer."""
    with socket.socket() as silent:  # a bot that takes the turn and never answers
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        env = environment(VEIVISER_BOT_URL=f"http://127.0.0.1:{silent.getsockname()[1]}", VEIVISER_BOT_TIMEOUT_SECONDS="2")
        address = f"http://127.0.0.1:{env['VEIVISER_PORT']}"
        process = subprocess.Popen([sys.executable, "-m", "api", "run", "--no-bot"], env=env, stderr=subprocess.DEVNULL)
        try:
            for _ in range(1200):
                try:
                    if httpx.get(f"{address}/readyz", trust_env=False, timeout=5).status_code == 200:
                        break
                except httpx.HTTPError:
                    pass
                time.sleep(0.1)

            async def scenario() -> dict[str, Any]:
                async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=20) as client:
                    turn = asyncio.create_task(client.post("/api/v1/chat", json={"text": "de vil gifte meg bort"}))
                    await asyncio.sleep(0.5)
                    process.send_signal(signal.SIGTERM)
                    answer: dict[str, Any] = (await turn).json()
                    return answer

            answer = asyncio.run(scenario())
            assert answer["degraded"] is True
            assert answer["messages"]
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()
