"""The bot's door: the only file that knows the bot's REST channel. Whatever goes wrong there is a BotError, in time."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import httpx

log = logging.getLogger("veiviser.chat")
SECRET_HEADER = "X-Veiviser-Secret"  # noqa: S105  the name of the header
MOST_AT_ONCE = 32
LONGEST_WAIT_SECONDS = 1.5
PROBE_SECONDS = 2.0
_PATH = "/webhooks/guarded"


class BotError(Exception):
    """Raised when the bot does not give an answer that can be used; says which way it failed."""

    def __init__(self, way: str) -> None:
        self.way = way
        super().__init__(way)


class BotChannel:
    """Talks with the bot. After a failure the bot is asked how it is before anybody waits for it again."""

    def __init__(
        self, url: str, secret: str, timeout_seconds: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, headers={SECRET_HEADER: secret}, timeout=timeout_seconds, transport=transport, trust_env=False,
            limits=httpx.Limits(max_connections=MOST_AT_ONCE + 8, max_keepalive_connections=MOST_AT_ONCE),
        )  # fmt: skip
        self._timeout_seconds = timeout_seconds
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._doubtful = False
        self._probed_at = float("-inf")
        self._answered = False
        self._to_forget: dict[str, float] = {}

    async def say(self, id: str, message: str) -> list[dict[str, Any]]:
        """The bot's messages to one message of a conversation. Raises BotError."""
        if self._doubtful and not await self.answers():
            raise BotError("down")
        try:
            await asyncio.wait_for(self._places.acquire(), LONGEST_WAIT_SECONDS)
        except TimeoutError:
            raise BotError("busy") from None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.post(f"{_PATH}/webhook", json={"sender": id, "message": message})
        except TimeoutError:
            self._doubt()
            raise BotError("timeout") from None
        except httpx.HTTPError as error:
            self._doubt()
            raise BotError("timeout" if isinstance(error, httpx.TimeoutException) else "down") from None
        finally:
            self._places.release()
        if response.status_code != 200:
            raise BotError("error")
        try:
            messages = response.json()
        except ValueError:
            raise BotError("wrong") from None
        if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
            raise BotError("wrong")
        self._doubtful = False
        return messages

    async def forget(self, id: str) -> None:
        """Makes the bot forget a conversation; when it cannot now, `keep_forgetting` tries again."""
        if not await self._forget(id):
            self._to_forget[id] = time.monotonic()

    async def answers(self) -> bool:
        """Is the bot there with its model loaded? Asked at most every two seconds."""
        if time.monotonic() - self._probed_at >= PROBE_SECONDS:
            self._probed_at = time.monotonic()
            try:
                response = await self._client.get(f"{_PATH}/", timeout=1.0)
                self._answered = response.status_code == 200
            except httpx.HTTPError:
                self._answered = False
            if self._answered:
                self._doubtful = False
        return self._answered

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

    def _doubt(self) -> None:
        self._doubtful = True
        self._probed_at = float("-inf")
