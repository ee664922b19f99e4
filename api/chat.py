"""The bot's door: the only file that knows the bot's REST channel. Whatever goes wrong there is a BotError, in time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

log = logging.getLogger("veiviser.chat")
SECRET_HEADER = "X-Veiviser-Secret"  # noqa: S105  the name of the header
MOST_AT_ONCE = 32
LONGEST_WAIT_SECONDS = 0.7
PROBE_SECONDS = 2.0
#: While the bot is away it is asked so often whether it is back, and so long a turn waits for the first answer to that.
RETURN_SECONDS = 0.5
LONGEST_DOUBT_SECONDS = 0.25
_PATH = "/webhooks/guarded"


class BotError(Exception):
    """Raised when the bot does not give an answer that can be used; says which way it failed."""

    def __init__(self, way: str) -> None:
        self.way = way
        super().__init__(way)


class Places:
    """How many turns may be at the bot at once: fewer while it is slow, more while it is quick.

    So that under load some are answered in time and the rest at once, and not everyone late.
    """

    SLOW_SECONDS, QUICK_SECONDS, FEWEST = 0.9, 0.4, 2

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most, self._limit, self._taken = most, most / 4, 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def taken(self) -> int:
        """How many are in use."""
        return self._taken

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place at the bot. Raises BotError when there is none in time."""
        if self._taken >= self._limit:
            await self._wait()
        self._taken += 1
        started = time.monotonic()
        try:
            yield
        finally:
            self._taken -= 1
            self._learn(time.monotonic() - started)
            self._wake()

    async def _wait(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await asyncio.wait_for(turn, LONGEST_WAIT_SECONDS)
        except TimeoutError:
            raise BotError("busy") from None

    def _learn(self, seconds: float) -> None:
        if seconds > self.SLOW_SECONDS:
            self._limit = max(self.FEWEST, self._limit * 0.8)
        elif seconds < self.QUICK_SECONDS:
            self._limit = min(self._most, self._limit + 0.2)

    def _wake(self) -> None:
        while self._waiting and self._taken < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class BotChannel:
    """Talks with the bot. After a failure nobody waits for it until it has said, asked by `keep_asking`, that it is well."""

    def __init__(
        self, url: str, secret: str, timeout_seconds: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, headers={SECRET_HEADER: secret}, timeout=timeout_seconds, transport=transport, trust_env=False,
            limits=httpx.Limits(max_connections=MOST_AT_ONCE + 8, max_keepalive_connections=MOST_AT_ONCE),
        )  # fmt: skip
        self._timeout_seconds = timeout_seconds
        self._places = Places()
        self._doubt, self._asked = asyncio.Event(), asyncio.Event()
        self._probed_at = float("-inf")
        self._answered = False
        self._to_forget: dict[str, float] = {}

    @property
    def doubtful(self) -> bool:
        """Has it failed, and not answered since?"""
        return self._doubt.is_set()

    @property
    def turns(self) -> int:
        """How many turns are at the bot now."""
        return self._places.taken

    def deadline(self) -> float:
        """Until when a turn that begins now may wait for the bot, in seconds of the monotonic clock."""
        return time.monotonic() + self._timeout_seconds

    async def say(self, id: str, message: str, until: float | None = None) -> list[dict[str, Any]]:
        """The bot's messages to one message of a conversation, at the latest `until`. Raises BotError."""
        await self._settle()
        seconds = (self.deadline() if until is None else until) - time.monotonic()
        if seconds <= 0:
            raise BotError("late")
        try:
            async with asyncio.timeout(seconds), self._places.one():
                response = await self._client.post(f"{_PATH}/webhook", json={"sender": id, "message": message})
        except TimeoutError:
            self._failed()
            raise BotError("timeout") from None
        except httpx.HTTPError as error:
            self._failed()
            raise BotError("timeout" if isinstance(error, httpx.TimeoutException) else "down") from None
        if response.status_code != 200:
            raise BotError("error")
        try:
            messages = response.json()
        except ValueError:
            raise BotError("wrong") from None
        if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
            raise BotError("wrong")
        return messages

    async def forget(self, id: str) -> None:
        """Makes the bot forget a conversation; when it cannot now, `keep_forgetting` tries again."""
        if not await self._forget(id):
            self._to_forget[id] = time.monotonic()

    async def answers(self) -> bool:
        """Is the bot there with its model loaded? Asked at most every two seconds."""
        if time.monotonic() - self._probed_at >= PROBE_SECONDS:
            await self._ask()
        return self._answered

    async def keep_asking(self) -> None:
        """Runs beside the app: after a failure the bot is asked until it is well again, so that no turn has to find out."""
        while True:
            await self._doubt.wait()
            if await self._ask():
                self._doubt.clear()
            else:
                self._asked.set()
                await asyncio.sleep(RETURN_SECONDS)

    async def keep_forgetting(self, minutes: float) -> None:
        """Runs beside the app: what could not be forgotten yet is tried again until the bot itself lets go of it."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            oldest = time.monotonic() - minutes * 60
            for id, since in list(self._to_forget.items()):
                if since < oldest or await self._forget(id):
                    self._to_forget.pop(id, None)

    async def close(self) -> None:
        """Lets go of the connections."""
        await self._client.aclose()

    async def _forget(self, id: str) -> bool:
        try:
            response = await self._client.post(f"{_PATH}/forget", json={"sender": id}, timeout=2.0)
        except httpx.HTTPError:
            return False
        return response.is_success

    async def _ask(self) -> bool:
        self._probed_at = time.monotonic()
        try:
            response = await self._client.get(f"{_PATH}/", timeout=1.0)
            self._answered = response.status_code == 200
        except httpx.HTTPError:
            self._answered = False
        return self._answered

    async def _settle(self) -> None:
        """Goes on when the bot is well. Raises BotError while it is known not to be."""
        ends = time.monotonic() + LONGEST_DOUBT_SECONDS
        while self._doubt.is_set():
            if self._asked.is_set() or time.monotonic() > ends:
                raise BotError("down")
            await asyncio.sleep(0.01)

    def _failed(self) -> None:
        if not self._doubt.is_set():
            self._asked.clear()
            self._doubt.set()
