"""Clients that ask as fast as they are answered, each one thing at a time, and note how it went.

Written here with httpx instead of taken from a load tool: a client must hold a conversation, tell an answer of the bot
from one without it, and wait as long as a 429 tells it to. It runs on the same cores as what it measures, so the figures
are those of a machine that also has something else to do.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx

#: Nobody waits longer for an answer; who must is counted as an error.
HANG_SECONDS = 10.0
#: One turn or search: how it went (bot, search, degraded, refused, error), and how long to wait before the next.
Ask = Callable[[httpx.AsyncClient], Awaitable[tuple[str, float]]]

FOLLOW_UPS = ("hva er nummeret til den første?", "er de åpne nå?", "får foreldrene mine vite det?", "noe annet?", "takk")
PLAIN_TEXTS = ("hello", "I am feeling great", "sad", "yes", "are you a bot?", "bye")


@dataclass
class Level:
    """What a number of clients met: seconds of each answered request by how it went."""

    clients: int
    seconds: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)

    def note(self, how: str, seconds: float) -> None:
        """One request is over."""
        self.times.setdefault(how, []).append(seconds)

    @property
    def counts(self) -> Counter[str]:
        """How many went how."""
        return Counter({how: len(times) for how, times in self.times.items()})

    def answered(self) -> list[float]:
        """Seconds of the requests that got what was asked for, sorted."""
        return sorted(self.times.get("bot", []) + self.times.get("search", []))

    @property
    def worst(self) -> float:
        """The longest that anybody waited for anything, in seconds."""
        return max((max(times) for times in self.times.values()), default=0.0)


def percentile(times: list[float], share: float) -> float:
    """The time that `share` of the sorted times do not exceed; 0 when there are none."""
    return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


async def press(url: str, clients: int, seconds: float, make: Callable[[int], Ask]) -> Level:
    """Lets `clients` ask for some seconds. `make(number)` gives each its way of asking."""
    level = Level(clients)
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=url, timeout=HANG_SECONDS, limits=limits, trust_env=False) as client:
        started = time.perf_counter()
        await asyncio.gather(*(_one(client, level, make(number), started + seconds) for number in range(clients)))
        level.seconds = time.perf_counter() - started
    return level


async def _one(client: httpx.AsyncClient, level: Level, ask: Ask, until: float) -> None:
    while time.perf_counter() < until:
        began = time.perf_counter()
        try:
            how, pause = await ask(client)
        except httpx.HTTPError:
            how, pause = "error", 0.5
        level.note(how, time.perf_counter() - began)
        await asyncio.sleep(max(0.0, min(pause, until - time.perf_counter())))


def searching(texts: list[str]) -> Callable[[int], Ask]:
    """Clients that search, each beginning with another text."""

    def make(number: int) -> Ask:
        own = itertools.cycle(texts[number % len(texts) :] + texts[: number % len(texts)])

        async def ask(client: httpx.AsyncClient) -> tuple[str, float]:
            response = await client.post("/api/v1/search", json={"text": next(own)})
            return _how(response, "search")

        return ask

    return make


def chatting(texts: list[str]) -> Callable[[int], Ask]:
    """Clients that hold short conversations: a need in their own words, then questions about what they are shown."""

    def make(number: int) -> Ask:
        needs = itertools.cycle(texts[number % len(texts) :] + texts[: number % len(texts)])
        script = itertools.cycle((None, *FOLLOW_UPS))
        id: str | None = None

        async def ask(client: httpx.AsyncClient) -> tuple[str, float]:
            nonlocal id
            text = next(script)
            if text is None:
                text, id = next(needs), None
            response = await client.post("/api/v1/chat", json={"conversation_id": id, "text": text})
            if response.status_code == 200:
                id = response.json()["conversation_id"]
            return _how(response, "bot")

        return ask

    return make


def chatting_plainly(prefix: str) -> Callable[[int], Ask]:
    """Clients of the plain bot's REST channel."""

    def make(number: int) -> Ask:
        turns = itertools.count()

        async def ask(client: httpx.AsyncClient) -> tuple[str, float]:
            turn = next(turns)
            sender = f"{prefix}-{number}-{turn // len(PLAIN_TEXTS)}"
            message = PLAIN_TEXTS[turn % len(PLAIN_TEXTS)]
            response = await client.post("/webhooks/rest/webhook", json={"sender": sender, "message": message})
            return ("bot" if response.status_code == 200 else "error"), 0.0

        return ask

    return make


async def one_long_talk(url: str, turns: int, need: str | None) -> list[tuple[float, str]]:
    """Seconds of each turn of one conversation, and how it went; with the plain bot when there is no `need`."""
    times: list[tuple[float, str]] = []
    texts = itertools.cycle(FOLLOW_UPS if need else PLAIN_TEXTS[:5])
    id = None
    sender = f"long-{time.monotonic_ns()}"
    async with httpx.AsyncClient(base_url=url, timeout=HANG_SECONDS, trust_env=False) as client:
        for turn in range(turns):
            text = need if need and not turn else next(texts)
            began = time.perf_counter()
            if need:
                response = await client.post("/api/v1/chat", json={"conversation_id": id, "text": text})
                how = _how(response, "bot")[0]
                id = response.json().get("conversation_id", id)
            else:
                response = await client.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
                how = "bot" if response.status_code == 200 else "error"
            times.append((time.perf_counter() - began, how))
    return times


def _how(response: httpx.Response, well: str) -> tuple[str, float]:
    if response.status_code == 429:
        return "refused", float(response.headers.get("retry-after", 1))
    if response.status_code != 200:
        return "error", 0.5
    return ("degraded" if response.json().get("degraded") else well), 0.0
