"""What several apps remember together, in Redis: whose turn it is in a conversation, and a few closed values.

One turn of a conversation at a time, whichever apps its turns come to. The lease of a turn is short and renewed while
the turn goes on, so that an app that dies holds nobody up for long. While Redis is away each app goes on by itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError

from api.conversations import LONGEST_WAIT_SECONDS, BusyError, Conversation, Conversations
from knowledge.profile import Profile

log = logging.getLogger("veiviser.shared")
LEASE_SECONDS = 2.0
POLL_SECONDS = 0.05
#: Longest wait for Redis, and how long it is left alone after it has failed.
REDIS_SECONDS = 0.5
PAUSE_SECONDS = 2.0
_LOST = (RedisError, OSError, asyncio.TimeoutError)


def open_redis(url: str) -> Redis:
    """A client that fails quickly. Nothing is asked yet. Raises ValueError when the address is wrong."""
    return Redis.from_url(
        url, decode_responses=True, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )  # fmt: skip


class SharedConversations(Conversations):
    """Conversations of all apps that ask the same Redis."""

    def __init__(self, minutes: float, redis: Redis) -> None:
        super().__init__(minutes)
        self._redis, self._keep_seconds = redis, max(1, int(minutes * 60))
        self._away_until = float("-inf")
        #: Conversations that went on here while Redis was away; what we know of them is newer than what it knows.
        self._apart: set[str] = set()

    @asynccontextmanager
    async def turn(self, id: str) -> AsyncIterator[Conversation]:
        """The conversation, alone among all apps. Raises ApiError 429 as for one app."""
        async with super().turn(id) as conversation:
            lease = await self._lease(id)
            if lease is None:
                self._apart.add(id)
                yield conversation
                return
            renewing = asyncio.create_task(_keep(lease))
            try:
                if id not in self._apart:
                    await self._read(id, conversation)
                yield conversation
                await self._write(id, conversation)
            finally:
                renewing.cancel()
                with suppress(*_LOST):
                    await lease.release()

    async def forget(self, id: str) -> None:
        """Nothing is left of it, here and in Redis; while that is away, it goes there when its time is over."""
        await super().forget(id)
        self._apart.discard(id)
        with suppress(*_LOST):
            await self._redis.delete(_key(id))

    async def close(self) -> None:
        """Lets go of the connections."""
        await self._redis.aclose()

    def _prune(self) -> None:
        super()._prune()
        self._apart.intersection_update(self._all)

    async def _lease(self, id: str) -> Lock | None:
        """The right to the next turn; None while Redis is away. Raises ApiError 429 when another app has it for too long."""
        if time.monotonic() < self._away_until:
            return None
        lease = Lock(self._redis, f"veiviser:turn:{id}", LEASE_SECONDS, POLL_SECONDS, blocking_timeout=LONGEST_WAIT_SECONDS)
        try:
            taken = await lease.acquire()
        except _LOST as error:
            self._lost(error)
            return None
        if not taken:
            raise BusyError
        return lease

    async def _read(self, id: str, conversation: Conversation) -> None:
        try:
            kept = await self._redis.get(_key(id))
        except _LOST as error:
            self._lost(error)
            return
        known = json.loads(kept) if kept else {}
        conversation.turns = known.get("turns", 0)
        conversation.language, conversation.asked_language = known.get("language"), known.get("asked_language")
        conversation.profile = Profile(**known.get("profile", {}))

    async def _write(self, id: str, conversation: Conversation) -> None:
        try:
            await self._redis.set(_key(id), json.dumps(_closed(conversation)), ex=self._keep_seconds)
        except _LOST as error:
            self._lost(error)
            self._apart.add(id)
            return
        self._apart.discard(id)
        if not conversation.waiting:
            await super().forget(id)  # Redis has it: another app may delete it there, and then nobody must know it

    def _lost(self, error: BaseException) -> None:
        log.warning("Redis does not answer; this app goes on by itself", extra={"kind": type(error).__name__})
        self._away_until = time.monotonic() + PAUSE_SECONDS


def _key(id: str) -> str:
    return f"veiviser:talk:{id}"


def _closed(conversation: Conversation) -> dict[str, Any]:
    profile = {name: value for name, value in asdict(conversation.profile).items() if value is not None}
    return {
        "turns": conversation.turns, "language": conversation.language, "asked_language": conversation.asked_language,
        "profile": profile,
    }  # fmt: skip


async def _keep(lease: Lock) -> None:
    """Renews the lease until it is cancelled or lost."""
    with suppress(LockError, *_LOST):
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            await lease.reacquire()
