"""Reading the content again while the guide runs: SIGHUP in the app, `veiviser reload` from a terminal. All or nothing.

A running app holds a lock on a small file in the cache folder that says its process id; the kernel lets go of the lock
however the app ends, so that an old file never leads to somebody else's process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from api.engine import Engine, Say
from api.settings import Settings
from knowledge.load import load_library
from knowledge.mistakes import KnowledgeError

log = logging.getLogger("veiviser.reload")
LONGEST_RELOAD_SECONDS = 900.0
_LOOPBACK_FOR = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104


class ReloadError(Exception):
    """Raised when the content was not read again; the message is one sentence with the remedy."""


def reload_on_signal(engine: Engine, settings: Settings, say: Say) -> None:
    """SIGHUP reads the content again; content with mistakes changes nothing."""
    busy: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        try:
            await asyncio.to_thread(engine.reload, settings.encoder, settings.cache_dir, say)
            log.info("content reloaded", extra={"version": engine.version})
        except KnowledgeError as error:
            log.error(
                "the new content has mistakes and is not used; see `veiviser check`", extra={"count": len(error.mistakes)}
            )
        except Exception as error:  # noqa: BLE001
            log.error("the new content cannot be used; the old one stays", extra={"kind": type(error).__name__})

    def begin() -> None:
        task = asyncio.get_running_loop().create_task(reload())
        busy.add(task)
        task.add_done_callback(busy.discard)

    with suppress(NotImplementedError, RuntimeError, ValueError, AttributeError):  # not on Windows, not in a test's thread
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, begin)


@contextmanager
def findable(cache_dir: Path, port: int) -> Iterator[None]:
    """While inside, `veiviser reload` finds this process. A folder that cannot be written only takes that away."""
    file = None
    try:
        import fcntl

        cache_dir.mkdir(parents=True, exist_ok=True)
        file = _file(cache_dir, port).open("a+")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
    except (OSError, ImportError) as error:
        log.warning("`veiviser reload` will not find this process; send it SIGHUP", extra={"kind": type(error).__name__})
    try:
        yield
    finally:
        if file:
            with suppress(OSError):
                _file(cache_dir, port).unlink()
            with suppress(OSError):
                file.close()


def running_app(cache_dir: Path, port: int) -> int | None:
    """The process id of the app on `port`, or None when none runs."""
    import fcntl

    with suppress(OSError, ValueError), _file(cache_dir, port).open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read())
    return None


def reload_running_app(settings: Settings) -> str:
    """Makes the running app read the content again; says what came of it. Raises KnowledgeError and ReloadError."""
    load_library()  # so that every mistake is seen here, and the app is not even asked
    pid = running_app(settings.cache_dir, settings.port)
    if pid is None:
        raise ReloadError(f"No guide runs here on port {settings.port}. Set VEIVISER_PORT to its port, or send it SIGHUP.")
    before = _state(settings)
    os.kill(pid, signal.SIGHUP)
    ends = time.monotonic() + LONGEST_RELOAD_SECONDS
    while time.monotonic() < ends:
        time.sleep(0.2)
        after = _state(settings)
        if after["reloads"] == before["reloads"]:
            continue
        if after["reload_problem"]:
            raise ReloadError(f"The new content is not used, the old one stays: {after['reload_problem']}")
        same = " (as before)" if after["content_version"] == before["content_version"] else ""
        return f"The guide on port {settings.port} uses version {after['content_version']}{same}."
    raise ReloadError("The guide has not said that it is done; look at its log.")


def _state(settings: Settings) -> dict[str, Any]:
    """What /readyz says. Raises ReloadError when it says nothing."""
    host = _LOOPBACK_FOR.get(settings.host, settings.host)
    try:
        answer = httpx.get(f"http://{host}:{settings.port}/readyz", timeout=20, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        raise ReloadError(f"The guide on port {settings.port} does not answer.") from None
    return dict(answer)


def _file(cache_dir: Path, port: int) -> Path:
    return cache_dir / f"running-{port}.pid"
