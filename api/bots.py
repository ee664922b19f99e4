"""Several bots behind one door: a turn goes to one that answers and has the least to do, and to another when that one dies.

Any bot can serve any turn, for what a conversation knows lies in Redis. A bot keeps nothing of a turn that it did not
finish, so the same turn may be given to another one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from api.chat import BotChannel, BotError

#: Ways to fail that leave time for another bot; after a timeout there is none.
_AT_ONCE = ("down", "busy")


class Bots:
    """What BotChannel is for one bot, for all of them."""

    def __init__(self, channels: Sequence[BotChannel]) -> None:
        self._channels = list(channels)

    def deadline(self) -> float:
        """Until when a turn that begins now may wait for a bot, in seconds of the monotonic clock."""
        return self._channels[0].deadline()

    async def say(self, id: str, message: str, until: float | None = None) -> list[dict[str, Any]]:
        """The messages of a bot to one message of a conversation, at the latest `until`. Raises BotError when none can."""
        until = self.deadline() if until is None else until
        failure = BotError("down")
        for channel in sorted(self._channels, key=lambda c: (c.doubtful, c.turns, random.random())):  # noqa: S311
            try:
                return await channel.say(id, message, until)
            except BotError as error:
                failure = error
                if error.way not in _AT_ONCE:
                    break
        raise failure

    async def forget(self, id: str) -> None:
        """Makes every bot forget a conversation; each may hold it from a time when Redis was away."""
        await asyncio.gather(*(channel.forget(id) for channel in self._channels))

    async def answers(self) -> bool:
        """Is any bot there with its model loaded?"""
        return any(await asyncio.gather(*(channel.answers() for channel in self._channels)))

    async def keep_forgetting(self, minutes: float) -> None:
        """Runs beside the app: deletions that could not be made are tried again."""
        await asyncio.gather(*(channel.keep_forgetting(minutes) for channel in self._channels))

    async def keep_asking(self) -> None:
        """Runs beside the app: bots that failed are asked how they are."""
        await asyncio.gather(*(channel.keep_asking() for channel in self._channels))

    async def close(self) -> None:
        """Lets go of the connections."""
        await asyncio.gather(*(channel.close() for channel in self._channels))
