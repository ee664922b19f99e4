"""`veiviser run`: the app and the bot together. Starts the bot, starts it again when it dies or hangs, stops both.

The bot gets its secret and the address of the actions in its environment, and listens on loopback only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from api.app import create_app, say
from api.chat import BotChannel
from api.logs import start_logs
from api.reload import findable
from api.settings import Settings

log = logging.getLogger("veiviser.supervise")
PROBE_SECONDS = 5.0
#: A bot that was ready and then is silent so many times in a row hangs.
SILENT_PROBES = 4
#: A bot that is not ready after this time will not be.
LONGEST_START_SECONDS = 180.0
LONGEST_PAUSE_SECONDS = 30.0
STOP_SECONDS = 8
#: The bot has no turn left by then, and keeps nothing that it must write.
BOT_STOP_SECONDS = 3
#: Where the bot finds an app that listens on all addresses.
_LOOPBACK_FOR = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class RunError(Exception):
    """Raised when the guide cannot be started; the message is one sentence with the remedy."""


def run(settings: Settings, with_bot: bool = True) -> int:
    """Runs until Ctrl-C or SIGTERM; turns in flight are finished first. Raises RunError."""
    start_logs(settings.log_level)
    no_dumps()
    listening = _listen(settings.host, settings.port)
    port = listening.getsockname()[1]
    if with_bot and len(settings.bot_urls) > 1:
        raise RunError("VEIVISER_BOT_URL names several bots, and `run` starts one. Start them apart and use --no-bot.")
    if with_bot:
        settings = _with_free_bot_port(settings)
    bot = Bot(settings, _address(_LOOPBACK_FOR.get(settings.host, settings.host), port)) if with_bot else None
    if bot:
        bot.check()
    say("Reading the content …")
    app = create_app(settings)
    with findable(settings.cache_dir, port):
        return asyncio.run(_serve(app, settings, listening, bot))


async def _serve(app: FastAPI, settings: Settings, listening: socket.socket, bot: Bot | None) -> int:
    server = Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=STOP_SECONDS, server_header=False)
    )
    tasks = [asyncio.create_task(_announce(app, _address(settings.host, listening.getsockname()[1]), bot))]
    if bot:
        tasks.append(asyncio.create_task(bot.keep_alive()))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C then comes as KeyboardInterrupt
            loop.add_signal_handler(number, server.handle_exit, number, None)
    try:
        await server.serve(sockets=[listening])  # ends at a signal, and finishes what it has begun
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if bot:
            await bot.stop()
    return 0


async def _announce(app: FastAPI, address: str, bot: Bot | None) -> None:
    """Says where the guide is, once it can search, and again when the bot answers."""
    while app.state.engine.index is None:
        await asyncio.sleep(0.2)
    if bot is None:
        say(f"Veiviser is ready: {address}")
        return
    say(f"Veiviser searches already: {address}  (the bot is starting; this takes 10 to 30 seconds …)")
    await bot.ready.wait()
    say(f"Veiviser is ready: {address}")


class Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again at its end, before the bot is stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


class Bot:
    """The bot's process."""

    def __init__(self, settings: Settings, app_address: str) -> None:
        self._settings, self._folder = settings, settings.bot_dir
        self._python = next(
            (p for p in (self._folder / ".venv/bin/python", self._folder / ".venv/Scripts/python.exe") if p.exists()),
            self._folder / ".venv/bin/python",
        )
        self._action_url = f"{app_address}/webhook"
        self._process: asyncio.subprocess.Process | None = None
        self.ready = asyncio.Event()

    def check(self) -> None:
        """Raises RunError when there is nothing to start."""
        if not self._python.exists():
            raise RunError("The bot's environment is missing. Run `make run`, which sets it up, or use --no-bot.")
        if not sorted((self._folder / "models").glob("*.tar.gz")):
            raise RunError("The bot has no trained model. Run `make run`, which trains it, or use --no-bot.")

    async def keep_alive(self) -> None:
        """Starts the bot, and again whenever it stops or hangs, after a pause that grows while it keeps failing."""
        attempt = 0
        while True:
            started = time.monotonic()
            self._process = await self._start()
            channel = BotChannel(self._settings.bot_url, self._settings.bot_secret, 2.0)
            try:
                why = await self._watch(self._process, channel)
            finally:
                await channel.close()
            self.ready.clear()
            attempt = 0 if time.monotonic() - started > 60 else attempt + 1
            pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** max(attempt - 1, 0))
            log.error("the bot stopped and is started again", extra={"kind": why, "seconds": pause, "attempt": attempt})
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """Ends the bot: politely, then not."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), BOT_STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _watch(self, process: asyncio.subprocess.Process, channel: BotChannel) -> str:
        """Waits until the process has ended or must be ended; says which."""
        started, silent = time.monotonic(), 0
        ended = asyncio.create_task(process.wait())
        try:
            while not ended.done():
                await asyncio.wait([ended], timeout=PROBE_SECONDS if self.ready.is_set() else 0.5)
                if ended.done():
                    break
                if await channel.answers():
                    silent = 0
                    self.ready.set()
                elif self.ready.is_set():
                    silent += 1
                if silent >= SILENT_PROBES:
                    await self.stop()
                    return "silent"
                if not self.ready.is_set() and time.monotonic() - started > LONGEST_START_SECONDS:
                    await self.stop()
                    return "never ready"
            return f"ended with {process.returncode}"
        finally:
            ended.cancel()

    async def _start(self) -> asyncio.subprocess.Process:
        where = urlsplit(self._settings.bot_url)
        endpoints = "endpoints-redis.yml" if self._settings.redis_url else "endpoints.yml"
        command = (
            str(self._python), "-m", "extensions.start", "run", "-i", "127.0.0.1", "-p", str(where.port or 5005),
            "--endpoints", endpoints, "--credentials", "credentials.yml", "--model", "models",
        )  # fmt: skip
        environment = {
            **{k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")},
            "VEIVISER_BOT_SECRET": self._settings.bot_secret,
            "VEIVISER_ACTION_URL": self._action_url,
            "VEIVISER_REDIS_URL": self._settings.redis_url,
            "VEIVISER_CONVERSATION_MINUTES": str(self._settings.conversation_minutes),
            "VEIVISER_BOT_CHANNEL_TIMEOUT_SECONDS": f"{self._settings.bot_timeout_seconds * 0.93:.2f}",
            "VEIVISER_BOT_ACTION_TIMEOUT_SECONDS": f"{self._settings.bot_timeout_seconds * 0.7:.2f}",
            "RASA_TELEMETRY_ENABLED": "false",
            "NO_PROXY": "127.0.0.1,localhost",
            "PYTHONWARNINGS": "ignore",  # old packages warn about each other at every start
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        }
        return await asyncio.create_subprocess_exec(
            *command, cwd=self._folder, env=environment, stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True, preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )  # fmt: skip


def no_dumps() -> None:
    """No core dump, and on Linux no look into the memory by other programs of the same user: words of people are in it."""
    with contextlib.suppress(ImportError):  # there is none on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        pr_set_dumpable = 4
        ctypes.CDLL(None).prctl(pr_set_dumpable, 0)


def _die_with_parent() -> None:
    """Runs in the child: the kernel ends it when we are gone, however we went."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises RunError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise RunError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Stop what uses it, or set VEIVISER_PORT to another port."
        ) from error
    listening.set_inheritable(False)
    return listening


def _with_free_bot_port(settings: Settings) -> Settings:
    """The bot's port as set; when nobody set it and it is taken, a free one. Raises RunError when the one set is taken."""
    port = urlsplit(settings.bot_url).port or 5005
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
            return settings
        except OSError:
            if "bot_url" in settings.model_fields_set:
                raise RunError(
                    f"Port {port} for the bot is taken. Stop what uses it, or set VEIVISER_BOT_URL to another port."
                ) from None
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        free = trial.getsockname()[1]
    return settings.model_copy(update={"bot_url": f"http://127.0.0.1:{free}"})


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
