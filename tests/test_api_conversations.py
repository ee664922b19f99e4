"""What the app remembers of conversations."""

from __future__ import annotations

import asyncio

from api.conversations import Conversations, new_id, own_or_new_id


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ids_are_long_and_never_the_same() -> None:
    """128 random bits, in letters that need no escaping."""
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(own_or_new_id(id) == id for id in ids)


def test_a_silent_conversation_goes() -> None:
    """After the minutes that were set nothing is left of it; one that goes on stays."""
    clock = Clock()
    conversations = Conversations(30, clock)

    async def scenario() -> None:
        async with conversations.turn("a") as first:
            first.language = "nn"
        async with conversations.turn("b"):
            pass
        clock.now += 20 * 60
        async with conversations.turn("b"):
            pass
        clock.now += 20 * 60
        assert len(conversations) == 1
        async with conversations.turn("a") as again:
            assert again.language is None

    asyncio.run(scenario())


def test_the_silent_go_also_when_nobody_else_comes() -> None:
    """A server that nobody asks keeps nothing either."""
    clock = Clock()
    conversations = Conversations(30, clock)

    async def scenario() -> None:
        async with conversations.turn("a"):
            pass
        clock.now += 31 * 60
        tidying = asyncio.create_task(conversations.keep_forgetting(every_seconds=0.01))
        await asyncio.sleep(0.05)
        tidying.cancel()
        assert not conversations._all

    asyncio.run(scenario())


def test_nothing_that_is_remembered_is_text() -> None:
    """A language, an age, a role, a place: closed values only."""
    conversations = Conversations(30)

    async def scenario() -> None:
        async with conversations.turn("a") as conversation:
            assert set(vars(conversation)) == {
                "used_at", "lock", "waiting", "turns", "asked_language", "language", "profile",
            }  # fmt: skip

    asyncio.run(scenario())
