"""Several bots behind one door."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from pydantic import ValidationError

from api.bots import Bots
from api.chat import BotChannel, BotError
from api.settings import Settings


class TwoBots:
    """Two stand-ins for bots by their host name; `broken` says how one fails."""

    def __init__(self) -> None:
        self.broken: dict[str, Exception | int] = {}
        self.heard: list[str] = []
        self.forgotten: list[str] = []
        self.bots = Bots([BotChannel(f"http://{name}", "s", 1.0, httpx.MockTransport(self._answer)) for name in ("one", "two")])

    def say(self, times: int = 1) -> None:
        """Some turns, one after the other."""

        async def talk() -> None:
            for _ in range(times):
                assert await self.bots.say("a" * 22, "hei")

        asyncio.run(talk())

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        host, fault = request.url.host, self.broken.get(request.url.host)
        if isinstance(fault, Exception):
            raise fault
        if request.method == "GET":
            return httpx.Response(200)
        if request.url.path.endswith("/forget"):
            self.forgotten.append(f"{host} {json.loads(request.content)['sender']}")
            return httpx.Response(204)
        self.heard.append(host)
        return httpx.Response(fault or 200, json=[{"text": "Hei!"}])


@pytest.fixture
def two() -> TwoBots:
    """Two bots that are well."""
    return TwoBots()


def test_turns_are_shared_among_the_bots(two: TwoBots) -> None:
    """Bots that have nothing to do take turns by chance."""
    two.say(40)
    assert set(two.heard) == {"one", "two"}


def test_a_bot_that_has_less_to_do_is_asked_first() -> None:
    """While one bot is busy with a turn the next one goes to the other."""
    both = TwoBots()

    async def talk() -> None:
        first, second = both.bots._channels
        async with first._places.one():
            for _ in range(5):
                await both.bots.say("a" * 22, "hei")
        assert second.turns == 0

    asyncio.run(talk())
    assert both.heard == ["two"] * 5


@pytest.mark.parametrize("fault", [httpx.ConnectError("refused"), httpx.ReadError("died in the turn")])
def test_when_one_bot_dies_the_other_answers_the_same_turn(two: TwoBots, fault: Exception) -> None:
    """Also when it dies in the middle of it, for it has kept nothing of it."""
    two.broken["one"] = fault
    two.say(10)
    assert two.heard == ["two"] * 10


def test_a_bot_that_answered_with_an_error_is_not_asked_elsewhere(two: TwoBots) -> None:
    """What breaks one bot would break the next; the search answers instead."""
    two.broken = {"one": 500, "two": 500}
    with pytest.raises(BotError, match="error"):
        two.say()
    assert len(two.heard) == 1


def test_when_no_bot_is_there_it_is_known_at_once(two: TwoBots) -> None:
    """The turn is answered without them."""
    two.broken = {"one": httpx.ConnectError("refused"), "two": httpx.ConnectError("refused")}
    with pytest.raises(BotError, match="down"):
        two.say()
    assert asyncio.run(two.bots.answers()) is False


def test_every_bot_is_told_to_forget(two: TwoBots) -> None:
    """Each may hold something from a time when Redis was away."""
    asyncio.run(two.bots.forget("a" * 22))
    assert sorted(two.forgotten) == [f"one {'a' * 22}", f"two {'a' * 22}"]


def test_several_bots_need_a_place_to_share() -> None:
    """Without Redis each bot would know another half of the talk."""
    with pytest.raises(ValidationError, match="VEIVISER_BOT_URL names several bots"):
        Settings(bot_url="http://one:5005, http://two:5005/")
    shared = Settings(bot_url="http://one:5005, http://two:5005/", redis_url="redis://127.0.0.1:6379/0")
    assert shared.bot_urls == ("http://one:5005", "http://two:5005")
    with pytest.raises(ValidationError, match="redis://"):
        Settings(redis_url="127.0.0.1:6379")


def test_the_address_of_redis_is_not_shown() -> None:
    """It may hold a password."""
    assert "geheim" not in repr(Settings(redis_url="redis://:geheim@127.0.0.1:6379/0"))
