"""What many tests need: the real content, the real index (learned once and kept on disk), and a quick small index."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
from starlette.testclient import TestClient
from threadpoolctl import threadpool_limits

from knowledge.encoders import Vectors, load_encoder
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import load_library
from knowledge.phrases import VARIETIES, Phrases
from knowledge.profile import ProfileReader

CACHE = Path(__file__).parent.parent / ".cache" / "tests"
#: One thread for linear algebra: on small matrices more threads only wait for each other.
threadpool_limits(1)


class LetterEncoder:
    """A stand-in for a real encoder: letter triples counted into a few boxes. Quick, and always the same."""

    WIDTH = 96
    name = "letter-triples"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1 (an empty text gets zeros)."""
        out = np.zeros((len(texts), self.WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()} "
            for start in range(len(padded) - 2):
                out[row, zlib.crc32(padded[start : start + 3].encode("utf-8", "replace")) % self.WIDTH] += 1
        return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), dtype=np.float32)


@pytest.fixture(scope="session")
def library() -> Library:
    """The content as it stands in knowledge/."""
    return load_library()


@pytest.fixture(scope="session")
def index(library: Library) -> Index:
    """The real search. Learned in about a minute the first time, then read from .cache/tests.

    Kept under a key of the content, the encoder and the code that learns, as the app keeps its own.
    """
    from api.engine import load_index

    return load_index(library, load_encoder(), CACHE, say=print)


@pytest.fixture(scope="session")
def letters_index(library: Library) -> Index:
    """A small index: all entries, few phrases, no model. For what does not depend on how good the search is."""
    few = {id: first_phrases(phrases, 4) for id, phrases in library.phrases.items()}
    signals = {name: first_phrases(phrases, 12) for name, phrases in library.signals.items()}
    return Index.from_library(replace(library, phrases=few, signals=signals), LetterEncoder())


@pytest.fixture(scope="session")
def reader(library: Library) -> ProfileReader:
    """Reads what a text says of the person."""
    return ProfileReader(library.places)


def first_phrases(phrases: Phrases, count: int) -> Phrases:
    """At most `count` phrases of each variety."""
    return Phrases(**{variety: getattr(phrases, variety)[:count] for variety in VARIETIES})


class FakeBot:
    """Stands in for the bot's process: answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.forgotten: list[str] = []
        self.secrets: set[str | None] = set()
        self.down = False
        self.seconds = 0.0
        self.status = 200
        self.raw: bytes | None = None
        self.says: Callable[[str], list[dict[str, object]]] = lambda message: [text_message("Hei!")]

    @property
    def messages(self) -> list[str]:
        """What it was sent, in order."""
        return [turn["message"] for turn in self.heard]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        """The channel's three addresses."""
        self.secrets.add(request.headers.get("X-Veiviser-Secret"))
        if self.down:
            raise httpx.ConnectError("refused")
        if request.method == "GET":
            return httpx.Response(200, json={"status": "ok"})
        body = json.loads(request.content)
        if request.url.path.endswith("/forget"):
            self.forgotten.append(body["sender"])
            return httpx.Response(204)
        self.heard.append(body)
        await asyncio.sleep(self.seconds)
        if self.raw is not None:
            return httpx.Response(self.status, content=self.raw)
        return httpx.Response(self.status, json=self.says(body["message"]))


def text_message(text: str) -> dict[str, object]:
    """A message as the bot's channel gives it."""
    return {"recipient_id": "x", "text": text}


def custom_message(**custom: object) -> dict[str, object]:
    """A message for the app."""
    return {"recipient_id": "x", "custom": custom}


@pytest.fixture
def bot() -> FakeBot:
    """A bot that says hello."""
    return FakeBot()


@pytest.fixture
def make_client(letters_index: Index, bot: FakeBot) -> Iterator[Callable[..., TestClient]]:
    """Makes a client of an app with the fake bot; settings as keywords, `index` for another index."""
    from api.app import create_app
    from api.settings import Settings

    opened: list[TestClient] = []

    def make(index: Index | None = None, address: str = "203.0.113.7", **settings: object) -> TestClient:
        chosen = Settings(**{"rate_limit_per_minute": 0, "bot_secret": "a-secret-of-the-tests", **settings})
        app = create_app(chosen, index=index or letters_index, bot_transport=httpx.MockTransport(bot.handle))
        client = TestClient(app, client=(address, 50000), raise_server_exceptions=False)
        opened.append(client)
        return client.__enter__()

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(make_client: Callable[..., TestClient]) -> TestClient:
    """A client of an app with the fake bot and a small index."""
    return make_client()
