"""The tracker stores keep what the bot must remember, and nothing of what was written. Runs in the bot's environment."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("rasa")
sys.path.insert(0, str(Path(__file__).parents[1] / "bot"))

from extensions import stores
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

MARKER = "sommerfuglnatt"
DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [describe_situation]
slots:
  shown: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  language: {type: any, influence_conversation: false, mappings: [{type: custom}]}
  note: {type: any, influence_conversation: false, mappings: [{type: custom}]}
"""
)


def a_tracker(turns: int, sender: str = "a" * 32) -> DialogueStateTracker:
    """A conversation of some turns, with the marker in every place where text can be."""
    events = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    for turn in range(turns):
        parsed = {
            "intent": {"name": "describe_situation", "confidence": 0.9},
            "entities": [{"entity": "note", "value": MARKER}],
            "text": MARKER,
            "intent_ranking": [{"name": "describe_situation", "confidence": 0.9}],
        }
        events += [
            UserUttered(f"{MARKER} {turn}", parsed["intent"], parsed["entities"], parsed, metadata={"said": MARKER}),
            SlotSet("language", "nn"),
            SlotSet("shown", [["politiet-112", 0.91], ["barnevernet", 0.4]]),
            SlotSet("note", f"{MARKER} er et ord med mer etter"),
            ActionExecuted("action_find_services"),
            BotUttered(f"Du skrev {MARKER}", {"custom": {"said": MARKER}}, metadata={"name": MARKER}),
            ActionExecuted("action_listen"),
        ]
    return DialogueStateTracker.from_events(sender, events, DOMAIN.slots)


def kept_after(turns: int) -> str:
    """What is kept of a conversation that was saved after each turn."""
    store = stores.MemoryTrackerStore(DOMAIN)

    async def talk() -> str:
        for turn in range(turns):
            tracker = await store.retrieve("a" * 32) or a_tracker(0)
            for event in list(a_tracker(turn + 1).events)[-7:]:
                tracker.update(event)
            await store.save(tracker)
        return store.kept["a" * 32][1]

    return asyncio.run(talk())


def test_nothing_of_what_was_written_or_said_is_kept():
    """The marker stands in the text, the entities, the metadata, a slot and the answers, and nowhere in the store."""
    assert MARKER not in stores.ForgetfulStore.serialise_tracker(a_tracker(3))


def test_slots_of_ids_numbers_and_closed_words_come_back():
    """The talk goes on where it was."""
    store = stores.MemoryTrackerStore(DOMAIN)

    async def there_and_back() -> DialogueStateTracker:
        await store.save(a_tracker(3))
        return await store.retrieve("a" * 32)

    tracker = asyncio.run(there_and_back())
    assert tracker.get_slot("language") == "nn"
    assert tracker.get_slot("shown") == [["politiet-112", 0.91], ["barnevernet", 0.4]]
    assert tracker.latest_action_name == "action_listen"
    assert tracker.latest_message.intent_name == "describe_situation"


def test_a_slot_with_free_text_is_dropped():
    """Should an action ever put words into a slot, they stop here."""
    assert stores.plain("to ord") is None
    assert stores.plain(["tema-rettigheter", "et helt utsagn", 3, None, True]) == ["tema-rettigheter", None, 3, None, True]
    assert stores.plain({"id": "ung-no", "not a key": 1}) == {"id": "ung-no"}


def test_turn_200_costs_what_turn_3_costs():
    """Old turns go, slots are folded: the record does not grow."""
    assert len(kept_after(200)) <= len(kept_after(3)) * 1.05


def test_only_the_last_turns_are_kept():
    """And they begin after a listen, so that the rules find their place."""
    events = json.loads(kept_after(9))["events"]
    assert sum(event["event"] == "user" for event in events) == stores.KEPT_TURNS
    before_first_user = events[: next(i for i, event in enumerate(events) if event["event"] == "user")]
    assert before_first_user[-1]["name"] == "action_listen"


def test_a_conversation_goes_after_its_minutes(monkeypatch):
    """VEIVISER_CONVERSATION_MINUTES after the last turn it is gone, not before; a new turn starts the time anew."""
    monkeypatch.setenv("VEIVISER_CONVERSATION_MINUTES", "10")
    now = [0.0]
    store = stores.MemoryTrackerStore(DOMAIN, clock=lambda: now[0])

    async def wait() -> list[bool]:
        seen = []
        await store.save(a_tracker(1))
        for at in (599, 601):
            now[0] = at
            seen.append(await store.retrieve("a" * 32) is not None)
        await store.save(a_tracker(1))
        now[0] = 601 + 599
        seen.append(await store.retrieve("a" * 32) is not None)
        return seen

    assert asyncio.run(wait()) == [True, False, True]
    now[0] = 601 + 601
    store.let_go()
    assert not store.kept


def test_nothing_outlives_its_time_when_nobody_writes(monkeypatch):
    """A timer lets go; no later request is needed."""
    monkeypatch.setattr(stores, "conversation_seconds", lambda: 0.05)
    store = stores.MemoryTrackerStore(DOMAIN)

    async def be_silent() -> int:
        await store.save(a_tracker(1))
        await asyncio.sleep(1.3)
        return len(store.kept)

    assert asyncio.run(be_silent()) == 0


def test_the_oldest_goes_when_there_are_too_many():
    """Memory has an upper bound."""
    store = stores.MemoryTrackerStore(DOMAIN, most_conversations=3)

    async def fill() -> list[str]:
        for name in "vwxyz":
            await store.save(a_tracker(1, name * 32))
        return [key[0] for key in await store.keys()]

    assert asyncio.run(fill()) == ["x", "y", "z"]


def test_forgetting_is_at_once_and_may_be_repeated():
    """Deleting a conversation that is not there is no error."""
    store = stores.MemoryTrackerStore(DOMAIN)

    async def forget() -> bool:
        await store.save(a_tracker(1))
        await store.forget("a" * 32)
        await store.forget("a" * 32)
        return await store.retrieve("a" * 32) is None

    assert asyncio.run(forget())


class FakeRedis:
    """Keeps what a Redis would; fails while `away`."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.expiry: dict[str, int] = {}
        self.away = False

    def _here(self) -> None:
        if self.away:
            raise ConnectionError("away")

    def set(self, key: str, value: str, ex: int) -> None:
        self._here()
        self.kept[key], self.expiry[key] = value, ex

    def get(self, key: str) -> "str | None":
        self._here()
        return self.kept.get(key)

    def delete(self, key: str) -> None:
        self._here()
        self.kept.pop(key, None)

    def keys(self, pattern: str) -> list[str]:
        self._here()
        return list(self.kept)


def test_redis_gets_no_text_and_an_expiry(monkeypatch):
    """Redis deletes by itself, and there is nothing to read in it before that."""
    monkeypatch.setenv("VEIVISER_CONVERSATION_MINUTES", "30")
    redis = FakeRedis()
    store = stores.RedisTrackerStore(DOMAIN, client=redis)
    asyncio.run(store.save(a_tracker(4)))
    assert list(redis.expiry.values()) == [1800]
    assert MARKER not in json.dumps(redis.kept)
    assert asyncio.run(store.keys()) == ["a" * 32]


def test_the_talk_goes_on_while_redis_is_away():
    """The turn is kept in the process until Redis answers again; then it moves back."""
    redis = FakeRedis()
    store = stores.RedisTrackerStore(DOMAIN, client=redis)

    async def outage() -> list[bool]:
        redis.away = True
        await store.save(a_tracker(2))
        during = await store.retrieve("a" * 32)
        redis.away = False
        store._away_until = 0.0
        await store.save(during)
        after = await store.retrieve("a" * 32)
        return [during is not None, after is not None, bool(redis.kept), not store.spare.kept]

    assert asyncio.run(outage()) == [True, True, True, True]


def test_forgetting_in_redis_says_so_when_it_could_not():
    """A person who asks for deletion must not be told yes when Redis was away."""
    redis = FakeRedis()
    store = stores.RedisTrackerStore(DOMAIN, client=redis)
    redis.away = True
    with pytest.raises(ConnectionError):
        asyncio.run(store.forget("a" * 32))


def test_a_redis_that_has_just_failed_is_not_waited_for_again(monkeypatch):
    """A hanging Redis costs its time limit once, not once for each turn; after a pause it is asked again."""
    redis = FakeRedis()
    store = stores.RedisTrackerStore(DOMAIN, client=redis)
    monkeypatch.setattr(stores, "REDIS_PAUSE_SECONDS", 0.05)

    async def fault() -> list[bool]:
        redis.away = True
        await store.save(a_tracker(1))
        redis.away = False
        await store.save(a_tracker(2))
        seen = [bool(redis.kept)]
        await asyncio.sleep(0.06)
        await store.save(a_tracker(3))
        return [*seen, bool(redis.kept)]

    assert asyncio.run(fault()) == [False, True]


def test_after_a_fault_the_newest_of_two_records_goes_on():
    """One bot kept a turn while Redis was away; meanwhile the talk went on through another bot. The later one counts."""
    redis = FakeRedis()
    one, other = (stores.RedisTrackerStore(DOMAIN, client=redis) for _ in range(2))

    async def fault() -> int:
        redis.away = True
        await one.save(a_tracker(1))
        redis.away = False
        one._away_until = 0.0
        later = a_tracker(1)
        later.update(SlotSet("language", "en"))
        await other.save(later)
        return (await one.retrieve("a" * 32)).get_slot("language")

    assert asyncio.run(fault()) == "en"
