"""What the app remembers of conversations: one turn at a time, and a few closed values. Never text, and not for long."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from api.errors import ApiError
from knowledge.profile import Profile

MOST_WAITING = 3
LONGEST_WAIT_SECONDS = 1.5
MOST_CONVERSATIONS = 20_000
_OWN_ID = re.compile(r"^[A-Za-z0-9_-]{22}$")


class BusyError(ApiError):
    """Raised when a turn has waited too long for the one before it in its conversation."""

    def __init__(self) -> None:
        super().__init__(429, headers={"Retry-After": "2"})


def new_id() -> str:
    """A random id of 128 bits."""
    return secrets.token_urlsafe(16)


def own_or_new_id(id: str | None) -> str:
    """`id` when it has the form of ours, else a new one."""
    return id if id and _OWN_ID.match(id) else new_id()


@dataclass
class Conversation:
    """One conversation: who is waiting for a turn, and what the last turn knew."""

    used_at: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    turns: int = 0
    asked_language: str | None = None
    language: str | None = None
    profile: Profile = field(default_factory=Profile)


class Conversations:
    """By id, forgotten after some minutes of silence."""

    def __init__(self, minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = minutes * 60, clock
        self._all: OrderedDict[str, Conversation] = OrderedDict()

    def __len__(self) -> int:
        self._prune()
        return len(self._all)

    @asynccontextmanager
    async def turn(self, id: str) -> AsyncIterator[Conversation]:
        """The conversation, alone. Raises ApiError 429 when too many turns of it wait, or the wait is too long."""
        conversation = self._get(id)
        if conversation.waiting >= MOST_WAITING:
            raise ApiError(429, headers={"Retry-After": "2"})
        conversation.waiting += 1
        try:
            await asyncio.wait_for(conversation.lock.acquire(), LONGEST_WAIT_SECONDS)
        except TimeoutError:
            raise BusyError from None
        finally:
            conversation.waiting -= 1
        try:
            yield conversation
        finally:
            conversation.lock.release()

    async def keep_forgetting(self, every_seconds: float = 20.0) -> None:
        """Runs beside the app: the silent ones go also when nobody else comes."""
        while True:
            await asyncio.sleep(every_seconds)
            self._prune()

    async def forget(self, id: str) -> None:
        """Nothing is left of it."""
        self._all.pop(id, None)

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _get(self, id: str) -> Conversation:
        self._prune()
        conversation = self._all.get(id)
        if conversation is None:
            conversation = self._all[id] = Conversation(self._clock())
        conversation.used_at = self._clock()
        self._all.move_to_end(id)
        return conversation

    def _prune(self) -> None:
        """Lets go of the silent ones, and of the oldest when there are too many; never of one in a turn."""
        oldest = self._clock() - self._seconds
        for id, conversation in list(self._all.items()):
            if conversation.used_at >= oldest and len(self._all) <= MOST_CONVERSATIONS:
                break
            if not conversation.lock.locked():
                del self._all[id]
