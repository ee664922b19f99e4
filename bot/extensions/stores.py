"""Tracker stores that keep what the bot must remember, and nothing of what was written.

A tracker is kept as: the slots (ids, numbers and closed words), and the last turns as intents and actions. Texts of the
person and of the bot, entities, metadata and rankings are dropped before anything is kept. So the store is small, costs
the same at turn 200 as at turn 2, and gives nothing away.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

KEPT_TURNS = 2
MOST_CONVERSATIONS = 20_000
MINUTES = 30.0
#: A Redis that has just failed is left alone for so long: waiting for it again in each turn would be the slower fault.
REDIS_PAUSE_SECONDS = 2.0
_PLAIN_WORD = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")
_STARTS = ("session_started",)


def conversation_seconds() -> float:
    """How long a silent conversation is kept: VEIVISER_CONVERSATION_MINUTES, in seconds."""
    return float(os.environ.get("VEIVISER_CONVERSATION_MINUTES") or MINUTES) * 60


def without_text(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of a tracker without any text, entity, metadata or bot message, slots folded, old turns gone."""
    slots: dict[str, Any] = {}
    start: list[dict[str, Any]] = []
    turns: list[list[dict[str, Any]]] = []
    for event in events:
        kind = event.get("event")
        if kind == "slot":
            slots[event["name"]] = plain(event.get("value"))
        elif kind == "user":
            turns.append([_intent_only(event)])
        elif kind == "action":
            kept = {key: event.get(key) for key in ("event", "timestamp", "name", "policy", "confidence")}
            (turns[-1] if turns else start).append(kept)
        elif kind in _STARTS:
            start.append({key: event.get(key) for key in ("event", "timestamp")})
    at = events[0].get("timestamp") if events else None
    filled = [{"event": "slot", "timestamp": at, "name": n, "value": v} for n, v in slots.items() if v is not None]
    head = start if not start or start[-1].get("name") == "action_listen" else [*start, _listen(at)]
    return [*head[:-1], *filled, *head[-1:], *(event for turn in turns[-KEPT_TURNS:] for event in turn)]


def plain(value: Any) -> Any:
    """The value when it is made of ids, numbers and closed words only; otherwise None in its place."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value if _PLAIN_WORD.match(value) else None
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value[:100]]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in list(value.items())[:100] if _PLAIN_WORD.match(str(k))}
    return None


def _intent_only(event: dict[str, Any]) -> dict[str, Any]:
    intent = (event.get("parse_data") or {}).get("intent") or {}
    known = {"name": intent.get("name"), "confidence": intent.get("confidence", 0.0)}
    parsed = {"intent": known, "entities": [], "text": "", "intent_ranking": []}
    kept = {key: event.get(key) for key in ("event", "timestamp", "input_channel", "message_id")}
    return {**kept, "text": "", "parse_data": parsed}


def _listen(at: Any) -> dict[str, Any]:
    return {"event": "action", "timestamp": at, "name": "action_listen", "policy": None, "confidence": None}


def _last_event_at(kept: str) -> float:
    return max((event.get("timestamp") or 0.0 for event in json.loads(kept)["events"]), default=0.0)


class ForgetfulStore(SerializedTrackerAsText, TrackerStore):
    """What the stores share: the text-free form, and no event ever sent to a broker."""

    def __init__(self, domain: Domain | None, event_broker: EventBroker | None = None, **kwargs: Any) -> None:
        super().__init__(domain, None)

    @staticmethod
    def serialise_tracker(tracker: DialogueStateTracker) -> str:
        """The tracker as JSON without any text."""
        dialogue = tracker.as_dialogue().as_dict()
        return json.dumps({"name": dialogue["name"], "events": without_text(dialogue["events"])})

    async def forget(self, sender_id: str) -> None:
        """Remove a conversation at once; unknown ones are fine."""
        raise NotImplementedError

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The same as retrieve: there is one session in a conversation."""
        return await self.retrieve(conversation_id)


class MemoryTrackerStore(ForgetfulStore):
    """Keeps conversations in this process alone; each goes some minutes after its last turn, the oldest when full."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        most_conversations: int = MOST_CONVERSATIONS,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain)
        self.most, self.clock, self.seconds = int(most_conversations), clock, conversation_seconds()
        self.kept: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._cleaner: asyncio.TimerHandle | None = None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the text-free tracker, and let go of what is too old or too much."""
        self.kept[tracker.sender_id] = (self.clock(), self.serialise_tracker(tracker))
        self.kept.move_to_end(tracker.sender_id)
        self.let_go()
        self._clean_later()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation when it is still kept."""
        kept = self.kept_text(sender_id)
        return self.deserialise_tracker(sender_id, kept) if kept else None

    def kept_text(self, sender_id: str) -> str | None:
        """The conversation as it is kept, when it still is."""
        self.let_go()
        return self.kept.get(sender_id, (0.0, None))[1]

    async def keys(self) -> Iterable[str]:
        """Ids of the conversations that are kept."""
        self.let_go()
        return list(self.kept)

    async def forget(self, sender_id: str) -> None:
        """Remove a conversation at once; unknown ones are fine."""
        self.kept.pop(sender_id, None)

    def let_go(self) -> None:
        """Drop the conversations that are too old, and the oldest when there are too many."""
        while self.kept:
            oldest, (at, _) = next(iter(self.kept.items()))
            if at + self.seconds > self.clock() and len(self.kept) <= self.most:
                break
            del self.kept[oldest]

    def _clean_later(self) -> None:
        """Wake up when the oldest conversation is due, so that nothing outlives its time when nobody writes."""
        if self._cleaner or not self.kept:
            return
        due = next(iter(self.kept.values()))[0] + self.seconds - self.clock()
        self._cleaner = asyncio.get_running_loop().call_later(max(due, 0) + 1, self._clean)

    def _clean(self) -> None:
        self._cleaner = None
        self.let_go()
        self._clean_later()


class RedisTrackerStore(ForgetfulStore):
    """Keeps conversations in Redis with an expiry there; in this process while Redis does not answer."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        host: str = "redis://127.0.0.1:6379/0",
        key_prefix: str = "veiviser:tracker:",
        client: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain)
        if client is None:
            import redis

            client = redis.Redis.from_url(host, decode_responses=True, socket_timeout=0.5, socket_connect_timeout=0.5)
        self.redis, self.prefix, self.spare = client, key_prefix, MemoryTrackerStore(domain)
        self._away_until = float("-inf")

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the text-free tracker until its expiry; a new turn starts the time anew."""
        kept = self.serialise_tracker(tracker)
        try:
            await self._ask("set", self.prefix + tracker.sender_id, kept, ex=max(1, int(conversation_seconds())))
            await self.spare.forget(tracker.sender_id)
        except Exception:  # whatever Redis says, the talk goes on
            await self.spare.save(tracker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation when it is still kept, in Redis or, while that was away, here."""
        try:
            kept = await self._ask("get", self.prefix + sender_id)
        except Exception:
            kept = None
        newest = max(filter(None, (self.spare.kept_text(sender_id), kept)), key=_last_event_at, default=None)
        return self.deserialise_tracker(sender_id, newest) if newest else None

    async def keys(self) -> Iterable[str]:
        """Ids of the conversations that are kept."""
        return [key[len(self.prefix) :] for key in await self._ask("keys", self.prefix + "*")]

    async def forget(self, sender_id: str) -> None:
        """Remove a conversation at once, everywhere. Raises when Redis does not answer, so that the caller can say so."""
        await self.spare.forget(sender_id)
        await self._ask("delete", self.prefix + sender_id)

    async def _ask(self, command: str, *args: Any, **kwargs: Any) -> Any:
        """A call of Redis, in a thread: the client blocks, and the bot must not."""
        if time.monotonic() < self._away_until:
            raise ConnectionError("Redis has just failed")
        call = getattr(self.redis, command)
        try:
            return await asyncio.get_running_loop().run_in_executor(None, lambda: call(*args, **kwargs))
        except Exception:
            self._away_until = time.monotonic() + REDIS_PAUSE_SECONDS
            raise
