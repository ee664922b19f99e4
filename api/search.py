"""POST /api/v1/search: stateless, needs no bot."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, TypeVar

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from actions.present import service_card
from api.engine import Engine
from api.errors import ApiError, error_docs
from api.schemas import ProfileIn, SearchIn, SearchOut, answer_language
from knowledge.index import Index, SearchResult
from knowledge.text import clean, find_language, has_words

Json = dict[str, Any]
T = TypeVar("T")


class Workers:
    """Runs the search's arithmetic beside the event loop, a few at a time, so that the door always answers.

    Who cannot begin within a second is refused: a late answer to everyone helps nobody.
    """

    def __init__(self, most: int = max(2, os.cpu_count() or 2), longest_wait_seconds: float = 1.0) -> None:
        self._places = asyncio.Semaphore(most)
        self._longest_wait_seconds = longest_wait_seconds

    async def run(self, work: Callable[..., T], *arguments: Any, longest_wait_seconds: float | None = None) -> T:
        """The result of `work(*arguments)`. Raises ApiError 429 when there is too much to do."""
        try:
            await asyncio.wait_for(self._places.acquire(), longest_wait_seconds or self._longest_wait_seconds)
        except TimeoutError:
            raise ApiError(429, headers={"Retry-After": "2"}) from None
        try:
            return await to_thread.run_sync(work, *arguments)
        finally:
            self._places.release()


def build_search(engine: Engine, workers: Workers) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["search"])

    @routes.post(
        "/api/v1/search", response_model=SearchOut, responses=error_docs(400, 413, 422, 429, 503), summary="Find the right help"
    )
    async def search(asked: SearchIn) -> JSONResponse:
        """Services, topics and measures for what a person writes in their own words."""
        index = ready_index(engine)
        return JSONResponse(await workers.run(search_json, index, asked))

    return routes


def ready_index(engine: Engine) -> Index:
    """The index. Raises ApiError 503 before it is ready."""
    if engine.index is None:
        raise ApiError(503, headers={"Retry-After": "10"})
    return engine.index


def search_json(index: Index, asked: SearchIn) -> Json:
    """The answer of a search as JSON."""
    text = clean(asked.text)
    language = answer_language(asked.language or find_language(text))
    if not has_words(text):
        return {
            "language": language, "urgency": {"level": "none", "because": []}, "in_scope": False,
            "services": [], "topics": [], "measures": [], "ask": None,
        }  # fmt: skip
    profile = (asked.profile or ProfileIn()).as_profile(index.reader)
    return result_json(index, index.search(text, profile, language, asked.limit), language)


def result_json(index: Index, result: SearchResult, language: str) -> Json:
    """A search result as JSON, in a language of ours."""
    topics, measures = index.library.topics, index.library.measures
    return {
        "language": language,
        "urgency": {"level": result.urgency.level, "because": [t.in_language(language) for t in result.urgency.because]},
        "in_scope": result.in_scope,
        "services": [service_card(index, hit, language) for hit in result.services],
        "topics": [
            {"id": t.id, "title": topics[t.id].title.in_language(language), "score": round(t.score, 4), "url": f"/tema/{t.id}"}
            for t in result.topics
        ],
        "measures": [
            {
                "id": m.id, "title": measures[m.id].title.in_language(language), "status": measures[m.id].status,
                "score": round(m.score, 4), "url": f"/tiltak/{m.id}",
            }
            for m in result.measures
        ],
        "ask": {
            "slot": result.ask.slot,
            "question": result.ask.question.in_language(language),
            "options": [text.in_language(language) for _, text in result.ask.options],
        } if result.ask else None,
    }  # fmt: skip
