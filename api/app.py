"""Wires everything together: the only place that builds things."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.bots import Bots
from api.catalogue import build_catalogue
from api.chat import BotChannel
from api.conversations import Conversations
from api.engine import Engine
from api.errors import add_error_handlers
from api.failed import FailedPages
from api.guard import Guard, PaceLimiter
from api.health import build_health
from api.metrics import Metrics, TopicCounts
from api.pages import build_pages
from api.reload import reload_on_signal
from api.rest import build_rest
from api.search import Workers, build_search
from api.settings import Settings
from api.standards import build_standards
from api.talk import Talk, build_talk
from api.webhook import Actions, build_webhook
from knowledge.index import Index
from knowledge.library import Library
from knowledge.load import load_library

log = logging.getLogger("veiviser.app")


def create_app(
    settings: Settings | None = None,
    library: Library | None = None,
    index: Index | None = None,
    bot_transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The app. What is not handed in is loaded: the library now, the index while the app already answers /healthz.

    Raises KnowledgeError when the content has mistakes. `bot_transport` stands in for the bot in tests.
    """
    settings = settings or Settings()
    engine = Engine(library or (index.library if index else load_library(freshness=settings.freshness)), index)
    workers, actors, metrics = Workers(), Workers(), Metrics(TopicCounts(settings.topic_group))
    channel = Bots([
        BotChannel(url, settings.bot_secret, settings.bot_timeout_seconds, bot_transport) for url in settings.bot_urls
    ])  # fmt: skip
    conversations = _conversations(settings)
    talk = Talk(engine, workers, channel, conversations, metrics)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(channel.keep_asking()),
            asyncio.create_task(channel.keep_forgetting(settings.conversation_minutes)),
            asyncio.create_task(conversations.keep_forgetting()),
        ]
        if engine.index is None:
            tasks.append(asyncio.create_task(_prepare(engine, settings)))
        reload_on_signal(engine, settings, say)
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await channel.close()
        await conversations.close()

    app = FastAPI(
        title="Veiviser", version="1", lifespan=running, docs_url=None, redoc_url=None,
        description="Finds the right help against negative social control, forced marriage, genital mutilation and "
        "honour-related violence in Norway. In danger now: call 112.",
    )  # fmt: skip
    app.state.engine, app.state.settings = engine, settings
    failed = FailedPages()
    add_error_handlers(app, failed)
    for routes in (
        build_search(engine, workers),
        build_talk(talk),
        build_rest(talk, settings.bot_secret),
        build_catalogue(engine),
        build_standards(engine, settings),
        build_health(engine, channel, metrics),
        build_pages(engine, settings, failed),
        build_webhook(Actions(engine), actors, settings.bot_secret),
    ):
        app.include_router(routes)
    app.add_middleware(
        CORSMiddleware, allow_origins=settings.allowed_origins, allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["content-type"], max_age=600,
    )  # fmt: skip
    app.add_middleware(
        Guard, limiter=PaceLimiter(settings.rate_limit_per_minute), metrics=metrics, max_body_bytes=settings.max_body_bytes,
        origins=settings.allowed_origins, failed=failed,
    )  # fmt: skip
    return app


def _conversations(settings: Settings) -> Conversations:
    if not settings.redis_url:
        return Conversations(settings.conversation_minutes)
    from api.shared import SharedConversations, open_redis

    return SharedConversations(settings.conversation_minutes, open_redis(settings.redis_url))


def say(line: str) -> None:
    """Progress for the person at the terminal; a terminal or a disk that takes no more is no reason to stop."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


async def _prepare(engine: Engine, settings: Settings) -> None:
    try:
        await asyncio.to_thread(engine.prepare, settings.encoder, settings.cache_dir, say)
    except Exception as error:  # noqa: BLE001  the numbers and the pages go on without the search
        log.error("the search cannot be made ready", extra={"kind": type(error).__name__})
