"""What several apps remember together, with a real Redis and no other process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from fleet import Part, redis_part

from api.conversations import new_id
from api.errors import ApiError
from api.shared import LEASE_SECONDS, PAUSE_SECONDS, SharedConversations, open_redis
from knowledge.profile import Profile

Scenario = Callable[[SharedConversations, SharedConversations], Awaitable[None]]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Part]:
    """A running Redis."""
    part = redis_part(tmp_path)
    part.start()
    part.wait()
    yield part
    part.end()


def with_two_apps(redis: Part, scenario: Scenario, minutes: float = 30) -> None:
    """Runs a scenario with what two apps would hold."""

    async def run() -> None:
        apps = [SharedConversations(minutes, open_redis(redis.url.replace("http", "redis"))) for _ in range(2)]
        try:
            await scenario(*apps)
        finally:
            for app in apps:
                await app.close()

    asyncio.run(run())


def test_what_one_app_learned_the_other_knows(redis: Part) -> None:
    """Language, age, role and place go with the conversation; the app keeps no copy when Redis has it."""
    known = Profile(role="professional", profession="teacher", age=44, in_norway=False, country="PK")

    async def scenario(one: SharedConversations, other: SharedConversations) -> None:
        id = new_id()
        async with one.turn(id) as conversation:
            conversation.turns, conversation.language, conversation.profile = 1, "nn", known
        assert len(one) == 0
        async with other.turn(id) as conversation:
            assert (conversation.turns, conversation.language, conversation.profile) == (1, "nn", known)

    with_two_apps(redis, scenario)


def test_one_turn_at_a_time_among_all_apps(redis: Part) -> None:
    """Turns that count up in two apps at once count right: no turn begins before the one before it is written."""

    async def scenario(one: SharedConversations, other: SharedConversations) -> None:
        id, inside = new_id(), 0

        async def count(app: SharedConversations) -> None:
            nonlocal inside
            async with app.turn(id) as conversation:
                inside += 1
                assert inside == 1
                conversation.turns += 1
                await asyncio.sleep(0.02)
                inside -= 1

        for _ in range(10):
            await asyncio.gather(count(one), count(other), count(one), count(other))
        async with one.turn(id) as conversation:
            assert conversation.turns == 40

    with_two_apps(redis, scenario)


def test_a_turn_may_last_longer_than_its_lease(redis: Part) -> None:
    """The lease is renewed while the turn goes on; who waits in vain is told to come again."""

    async def scenario(one: SharedConversations, other: SharedConversations) -> None:
        id = new_id()
        async with one.turn(id):
            await asyncio.sleep(LEASE_SECONDS * 1.3)
            with pytest.raises(ApiError) as refused:
                async with other.turn(id):
                    raise AssertionError("two turns at once")
            assert refused.value.status == 429

    with_two_apps(redis, scenario)


def test_an_app_that_dies_in_a_turn_holds_nobody_up_for_long(redis: Part) -> None:
    """Its lease ends by itself, with what was known before that turn."""

    async def scenario(one: SharedConversations, other: SharedConversations) -> None:
        id = new_id()
        async with one.turn(id) as conversation:
            conversation.turns = 7
        lease = await one._lease(id)
        assert lease, "taken and never renewed, as by a process that is gone"
        started = time.monotonic()
        while True:
            try:
                async with other.turn(id) as conversation:
                    assert conversation.turns == 7
                break
            except ApiError:
                assert time.monotonic() - started < LEASE_SECONDS + 2

    with_two_apps(redis, scenario)


def test_forgetting_through_one_app_is_forgetting_in_all(redis: Part) -> None:
    """Nothing is left in Redis, nor in the other app."""

    async def scenario(one: SharedConversations, other: SharedConversations) -> None:
        id = new_id()
        for app in (one, other):
            async with app.turn(id) as conversation:
                conversation.turns += 1
        await other.forget(id)
        assert await one._redis.dbsize() == 0
        async with one.turn(id) as conversation:
            assert conversation.turns == 0

    with_two_apps(redis, scenario)


def test_redis_deletes_a_silent_conversation(redis: Part) -> None:
    """After the minutes that were set it is gone, with nobody asking for it."""

    async def scenario(one: SharedConversations, other: SharedConversations) -> None:
        async with one.turn(new_id()):
            pass
        assert await one._redis.dbsize() == 1
        await asyncio.sleep(1.6)
        assert await other._redis.dbsize() == 0

    with_two_apps(redis, scenario, minutes=1 / 60)


def test_while_redis_is_away_an_app_goes_on_by_itself(redis: Part) -> None:
    """No turn fails or waits for long, and what was said meanwhile is known when Redis is back."""

    async def scenario(one: SharedConversations, other: SharedConversations) -> None:
        id = new_id()
        async with one.turn(id) as conversation:
            conversation.turns = 1
        redis.kill()
        started = time.monotonic()
        for turns in range(2, 12):
            async with one.turn(id) as conversation:
                conversation.turns = turns
        assert time.monotonic() - started < 1.5
        redis.start()
        await asyncio.to_thread(redis.wait)
        await asyncio.sleep(PAUSE_SECONDS)
        async with one.turn(id) as conversation:
            assert conversation.turns == 11
        async with other.turn(id) as conversation:
            assert conversation.turns == 11

    with_two_apps(redis, scenario)
