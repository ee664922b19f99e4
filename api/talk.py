"""One turn of the conversation: mask, look for danger, ask the bot, and never leave the person with silence."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from actions.present import urgent_message
from api.bots import Bots
from api.chat import BotError
from api.conversations import BusyError, Conversation, Conversations, new_id, own_or_new_id
from api.engine import Engine
from api.errors import ApiError, error_docs
from api.mask import Masker
from api.messages import BotTurn, expanded, without_bot
from api.metrics import Metrics
from api.payloads import PayloadError, Payloads
from api.schemas import ChatIn, ChatOut, answer_language
from api.search import Workers
from api.sentences import sentence
from knowledge.index import Index, SearchResult
from knowledge.profile import Profile
from knowledge.text import clean, find_language, has_words
from knowledge.urgency import Urgency, find_urgency

log = logging.getLogger("veiviser.talk")
Json = dict[str, Any]
SERVICES_WITHOUT_BOT = 3
#: A turn is answered within two seconds whatever the bot does: its time runs from the arrival of the turn
#: (VEIVISER_BOT_TIMEOUT_SECONDS), and once it is slow the search that may be needed instead is made beside it.
PATIENCE_SECONDS = 0.7
AFTER_BOT_SECONDS = 0.3
#: How often forgetting waits for the turn in hand, which may be at another app, before it goes ahead.
FORGETTING_TRIES = 3


@dataclass(frozen=True)
class Said:
    """What a person said in a turn: masked text, or a payload with its intent; and what the bot is sent."""

    text: str
    message: str
    intent: str | None
    language: str | None


@dataclass(frozen=True)
class Found:
    """What a search found for a turn, and what it was made with."""

    index: Index | None
    language: str
    profile: Profile
    result: SearchResult | None


class Talk:
    """Answers turns. Handed everything it needs by app.py."""

    def __init__(
        self, engine: Engine, workers: Workers, channel: Bots, conversations: Conversations, metrics: Metrics
    ) -> None:
        self._engine, self._workers, self._channel = engine, workers, channel
        self._conversations, self._metrics = conversations, metrics
        self._readers = (engine.library, Payloads(engine.library), Masker(engine.library))

    async def answer(self, id: str | None, text: str | None, payload: str | None, language: str | None) -> Json:
        """The answer to one turn. Raises ApiError 422 and 429."""
        until = self._channel.deadline()
        said = self._read(text, payload, language)
        id = own_or_new_id(id)
        try:
            async with self._conversations.turn(id) as conversation:
                conversation.turns += 1
                answer = await self._turn(id, conversation, said, until)
        except BusyError:
            answer = await self._beside(id, said)
        if answer.pop("forget", False):
            await self.forget(id)
            answer["conversation_id"] = new_id()
        self._metrics.turn(answer)
        return answer

    async def forget(self, id: str) -> None:
        """Forgets a conversation here and at the bot; after the turn in hand, so that it cannot be kept again."""
        if own_or_new_id(id) != id:
            return
        for _ in range(FORGETTING_TRIES):
            with suppress(ApiError):
                async with self._conversations.turn(id):
                    await self._channel.forget(id)
                break
        else:
            await self._channel.forget(id)
        await self._conversations.forget(id)

    def _read(self, text: str | None, payload: str | None, language: str | None) -> Said:
        if (text is None) == (payload is None):
            raise ApiError(422, [{"field": "body", "expected": "either text or payload"}])
        wanted = answer_language(language) if language else None
        if self._readers[0] is not self._engine.library:
            self._readers = (self._engine.library, Payloads(self._engine.library), Masker(self._engine.library))
        _, payloads, masker = self._readers
        if payload is not None:
            try:
                intent, message = payloads.read(payload)
            except PayloadError:
                raise ApiError(
                    422, [{"field": "body.payload", "expected": "a payload from a button, as it was given"}]
                ) from None
            return Said("", message, intent, wanted)
        masked = masker.mask(clean(text or "")).lstrip("/ ")
        return Said(masked, masked, None, wanted)

    async def _turn(self, id: str, conversation: Conversation, said: Said, until: float) -> Json:
        if said.intent is None and not has_words(said.text):
            language = said.language or conversation.language or "nb"
            return _answer(id, language, [{"type": "text", "text": sentence("not_understood", language)}])
        danger = asyncio.create_task(self._urgency(said, in_talk=conversation.turns > 1))
        bot = asyncio.create_task(self._ask_bot(id, conversation, said, until))
        await asyncio.wait({bot}, timeout=PATIENCE_SECONDS)
        spare = None if bot.done() else asyncio.create_task(self._search(conversation, said, until))
        try:
            return await self._from_bot(id, conversation, said, await bot, await danger, until)
        except BotError as error:
            log.warning("a turn without the bot", extra={"kind": error.way})
        except Exception as error:  # noqa: BLE001  the person must get an answer whatever is broken here
            log.error("a turn failed; answering without the bot", extra={"kind": type(error).__name__})
        found = await (spare or self._search(conversation, said, until))
        return self._without_bot(id, conversation, said, await danger, found)

    async def _beside(self, id: str, said: Said) -> Json:
        """The answer to a turn that waited in vain for the one before it: from the search, without what is remembered."""
        log.warning("a turn without the bot", extra={"kind": "waited"})
        now = time.monotonic()
        found = await self._search(Conversation(now), said, now)
        return self._without_bot(id, Conversation(now), said, await self._urgency(said, in_talk=False), found)

    async def _ask_bot(self, id: str, conversation: Conversation, said: Said, until: float) -> BotTurn:
        """The bot's turn. Raises BotError."""
        if self._engine.index is None:
            raise BotError("early")
        await self._pass_language_on(id, conversation, said, until)
        return BotTurn.from_messages(await self._channel.say(id, said.message, until))

    async def _from_bot(
        self, id: str, conversation: Conversation, said: Said, turn: BotTurn, urgency: Urgency, until: float
    ) -> Json:
        """The bot's messages, the danger first. Raises BotError when nothing in them can be shown."""
        index = self._engine.index
        if index is None:
            raise BotError("early")
        language = answer_language(str(turn.state.get("language") or conversation.language or self._language(said)))
        profile = turn.profile() if turn.state else conversation.profile.updated(index.reader.read(said.text))
        messages = await self._workers.run(expanded, index, turn.shown, language, longest_wait_seconds=_left(until))
        if not messages:
            raise BotError("empty")
        conversation.language, conversation.profile = language, profile
        if turn.says_danger and urgency.level != "acute":
            urgency = Urgency("acute", ("bot",))
        if urgency.level == "acute" and not turn.calm:
            messages.insert(0, urgent_message(self._engine.library, urgency, profile, language))
        return {**_answer(id, language, messages), "forget": turn.wants_forgetting}

    async def _search(self, conversation: Conversation, said: Said, until: float) -> Found:
        """What is found without the bot; nothing when the search fails too."""
        index = self._engine.index
        language = said.language or conversation.language or self._language(said)
        profile, result = conversation.profile, None
        if index and said.text:
            try:
                profile = profile.updated(index.reader.read(said.text))
                result = await self._workers.run(
                    index.search, said.text, profile, language, SERVICES_WITHOUT_BOT,
                    longest_wait_seconds=_left(until),
                )  # fmt: skip
            except Exception as error:  # noqa: BLE001  then the numbers alone
                log.error("the search failed; giving the numbers alone", extra={"kind": type(error).__name__})
        return Found(index, language, profile, result)

    def _without_bot(self, id: str, conversation: Conversation, said: Said, urgency: Urgency, found: Found) -> Json:
        conversation.profile, conversation.language = found.profile, found.language
        language = found.language
        messages = without_bot(self._engine.library, found.index, found.result, urgency, found.profile, language)
        answer = {**_answer(id, language, messages), "degraded": True}
        return {**answer, "forget": True} if said.intent == "delete_conversation" else answer

    async def _pass_language_on(self, id: str, conversation: Conversation, said: Said, until: float) -> None:
        """Tells the bot the page's language when a conversation begins or the page changed it. Raises BotError."""
        before = conversation.asked_language
        begins = before is None and said.language != "nb"
        if said.language and said.intent != "change_language" and (begins or (before and before != said.language)):
            await self._channel.say(id, f"/change_language{json.dumps({'language': said.language})}", until)
        conversation.asked_language = said.language or before

    async def _urgency(self, said: Said, in_talk: bool) -> Urgency:
        """Danger, found here and not by the bot, so that it is never missed because the bot is away."""
        if said.intent is not None:
            return Urgency("acute", ("button",)) if said.intent == "danger" else Urgency()
        index = self._engine.index
        if index is None:
            return find_urgency(said.text)
        try:
            return await self._workers.run(lambda: index.urgency(said.text, in_talk=in_talk))
        except Exception as error:  # noqa: BLE001  a model that fails must not hide what the rules see
            log.error("the classifier of danger failed; the rules went on", extra={"kind": type(error).__name__})
            return find_urgency(said.text)

    def _language(self, said: Said) -> str:
        return said.language or answer_language(find_language(said.text) if said.text else "nb")


def build_talk(talk: Talk) -> APIRouter:
    """The routes of the conversation."""
    routes = APIRouter(tags=["chat"])

    @routes.post(
        "/api/v1/chat", response_model=ChatOut, responses=error_docs(400, 413, 422, 429), summary="One turn of the conversation"
    )
    async def chat(said: ChatIn) -> JSONResponse:
        """Never an empty answer: without the bot it is the search and the emergency numbers, with degraded true."""
        return JSONResponse(await talk.answer(said.conversation_id, said.text, said.payload, said.language))

    @routes.delete("/api/v1/chat/{conversation_id}", status_code=204, response_class=Response, summary="Forget a conversation")
    async def forget(conversation_id: str) -> Response:
        """Forgets it at once, everywhere; also when there is no such conversation."""
        await talk.forget(conversation_id)
        return Response(status_code=204)

    return routes


def _left(until: float) -> float:
    """How long a turn may wait for a worker, in seconds."""
    return max(until + AFTER_BOT_SECONDS - time.monotonic(), 0.05)


def _answer(id: str, language: str, messages: list[Json]) -> Json:
    return {"conversation_id": id, "language": language, "degraded": False, "messages": messages}
